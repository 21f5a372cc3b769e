"""What the shop tells the funnel, joined exactly by link ids."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.accounts.models import Merchant
from catalog.outbox.subscribers import Event
from conversations.funnel.links import click, make_link
from conversations.funnel.models import FunnelEvent, ProductLink
from conversations.funnel.services import record
from conversations.funnel.steps import Step
from conversations.funnel.subscribers import on_cart_changed, on_checkout_started, on_order_paid

AT = datetime(2026, 11, 16, 12, 30, 15, 123456, tzinfo=UTC)
SHOPPER, TALK, ROOM = uuid.UUID(int=5), uuid.UUID(int=9), uuid.UUID(int=10)


def event(merchant: Merchant, payload: dict[str, Any], *, number: int = 1, key: str = "7") -> Event:
    return Event(number, "topic", key, payload, merchant.pk, AT)


def addition(**changes: Any) -> dict[str, Any]:
    return {
        "cart": 1,
        "variant_id": 2,
        "product_id": 4,
        "quantity": 1,
        "delta": 1,
        "link_id": "",
        "shopper": str(SHOPPER),
        "creator_id": 3,
        "source_ref": "",
        "at": AT.isoformat(),
        **changes,
    }


def order(**changes: Any) -> dict[str, Any]:
    return {
        "order_id": 77,
        "order": "ref-77",
        "shopper": str(SHOPPER),
        "creator_id": 3,
        "source_ref": "",
        "link_ids": [],
        "product_ids": [4],
        "amount_minor": 98_000,
        "currency": "TWD",
        "is_test": True,
        "at": AT.isoformat(),
        **changes,
    }


def link_of(merchant: Merchant, **fields: Any) -> ProductLink:
    defaults: dict[str, Any] = {
        "product_id": 4,
        "shopper_id": SHOPPER,
        "creator_id": 3,
        "surface": "live",
        "room_id": ROOM,
    }
    return make_link(merchant=merchant, **{**defaults, **fields})


def steps() -> list[str]:
    return list(FunnelEvent.objects.order_by("occurred_at", "step").values_list("step", flat=True))


def test_an_addition_is_recorded_once_at_its_own_time(in_scope: Merchant) -> None:
    on_cart_changed(event(in_scope, addition()))
    on_cart_changed(event(in_scope, addition()))

    added = FunnelEvent.objects.get()
    assert (added.step, added.occurred_at, added.shopper_id, added.creator_id) == ("cart_added", AT, SHOPPER, 3)
    on_cart_changed(event(in_scope, addition(), number=2))
    assert FunnelEvent.objects.count() == 2


@pytest.mark.parametrize("delta", [0, -1])
def test_taking_out_of_the_cart_is_no_step(in_scope: Merchant, delta: int) -> None:
    on_cart_changed(event(in_scope, addition(delta=delta)))

    assert steps() == []


def test_the_link_tells_where_an_addition_began(in_scope: Merchant) -> None:
    link = link_of(in_scope)
    click(link=link, at=AT.replace(hour=11))

    on_cart_changed(event(in_scope, addition(link_id=link.pk, creator_id=None)))

    assert steps() == ["product_clicked", "cart_added"]
    added = FunnelEvent.objects.get(step=Step.CART_ADDED)
    assert (added.link_id, added.creator_id, added.surface, added.room_id) == (link.pk, 3, "live", ROOM)


def test_adding_from_the_card_is_a_click_on_it_at_the_same_moment(in_scope: Merchant) -> None:
    link = link_of(in_scope)

    for number in (1, 1, 2):
        on_cart_changed(event(in_scope, addition(link_id=link.pk), number=number))

    clicked = FunnelEvent.objects.get(step=Step.PRODUCT_CLICKED)
    assert (clicked.link_id, clicked.occurred_at) == (link.pk, AT)
    assert FunnelEvent.objects.filter(step=Step.CART_ADDED, link_id=link.pk).count() == 2


def test_adding_by_name_takes_the_link_last_made_in_that_conversation(in_scope: Merchant) -> None:
    link_of(in_scope, surface="direct", room_id=None, conversation_id=TALK)
    newest = link_of(in_scope, surface="direct", room_id=None, conversation_id=TALK)
    link_of(in_scope, surface="direct", room_id=None, conversation_id=uuid.uuid4())

    on_cart_changed(event(in_scope, addition(source_ref=f"conversation:{TALK}")))

    added = FunnelEvent.objects.get(step=Step.CART_ADDED)
    assert (added.link_id, added.surface, added.conversation_id) == (newest.pk, "direct", TALK)


def test_a_link_passed_on_to_a_friend_is_not_the_friends_click(in_scope: Merchant) -> None:
    link = link_of(in_scope, shopper_id=uuid.uuid4())

    on_cart_changed(event(in_scope, addition(link_id=link.pk)))

    assert steps() == ["cart_added"]
    assert FunnelEvent.objects.get().link_id == link.pk


def test_without_a_link_the_conversation_tells_the_surface(in_scope: Merchant) -> None:
    record(
        merchant=in_scope,
        step=Step.ENQUIRY_SENT,
        shopper_id=SHOPPER,
        dedupe_key="e",
        occurred_at=AT.replace(hour=10),
        creator_id=3,
        surface="content",
        conversation_id=TALK,
    )
    on_cart_changed(event(in_scope, addition(source_ref=f"conversation:{TALK}", creator_id=None)))

    added = FunnelEvent.objects.get(step=Step.CART_ADDED)
    assert (added.surface, added.creator_id, added.conversation_id) == ("content", 3, TALK)


def test_checkout_and_payment_are_recorded_once_an_order_with_amount_and_links(in_scope: Merchant) -> None:
    first, second = link_of(in_scope), link_of(in_scope, product_id=6)
    payload = order(link_ids=[first.pk, second.pk, first.pk, ""])
    for number in (1, 2):
        on_checkout_started(event(in_scope, payload, number=number, key="ref-77"))
        on_order_paid(event(in_scope, payload, number=number + 2, key="ref-77"))

    assert steps() == ["checkout_started", "order_paid"]
    paid = FunnelEvent.objects.get(step=Step.ORDER_PAID)
    assert (paid.order_id, paid.amount_minor, paid.currency, paid.is_test) == (77, 98_000, "TWD", True)
    assert (paid.link_id, paid.link_ids, paid.surface, paid.occurred_at) == (
        first.pk,
        [first.pk, second.pk],
        "live",
        AT,
    )


def test_an_order_from_nowhere_is_still_recorded(in_scope: Merchant) -> None:
    on_order_paid(event(in_scope, order(creator_id=None, source_ref="conversation:not-a-uuid"), key="ref-1"))

    paid = FunnelEvent.objects.get()
    assert (paid.creator_id, paid.surface, paid.conversation_id) == (None, "", None)
