"""Recording steps: once, inside and outside transactions."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.products.models import ContentItem
from conversations.funnel.models import FunnelEvent
from conversations.funnel.services import (
    BadViewId,
    NewEvent,
    content_viewed,
    conversation_opened,
    record,
    record_all,
    room_viewed,
)
from conversations.funnel.steps import Step
from tests.factories import make_creator, make_merchant, make_shopper

AT = datetime(2026, 11, 16, 12, 30, 15, 123456, tzinfo=UTC)


def ask(merchant: Merchant, key: str = "enquiry:1") -> bool:
    return record(
        merchant=merchant,
        step=Step.ENQUIRY_SENT,
        shopper_id=uuid.UUID(int=5),
        dedupe_key=key,
        occurred_at=AT,
        creator_id=3,
        surface="direct",
        conversation_id=uuid.UUID(int=9),
    )


def test_a_step_is_kept_with_its_exact_time_and_ids(in_scope: Merchant) -> None:
    assert ask(in_scope) is True

    event = FunnelEvent.objects.get()
    assert (event.step, event.occurred_at, event.creator_id, event.surface) == ("enquiry_sent", AT, 3, "direct")
    assert (event.shopper_id, event.conversation_id) == (uuid.UUID(int=5), uuid.UUID(int=9))


def test_the_same_key_is_recorded_once_and_leaves_the_callers_transaction_whole(in_scope: Merchant) -> None:
    ask(in_scope)
    with transaction.atomic():
        ask(in_scope, "enquiry:2")
        assert ask(in_scope) is False
        ask(in_scope, "enquiry:3")

    kept = FunnelEvent.objects.values_list("dedupe_key", flat=True)
    assert sorted(kept) == ["enquiry:1", "enquiry:2", "enquiry:3"]


def test_two_merchants_may_use_the_same_key(in_scope: Merchant) -> None:
    other = make_merchant()
    assert ask(in_scope) is True
    assert ask(other) is True
    with merchant_scope(other):
        assert FunnelEvent.objects.count() == 1


def test_a_broken_row_is_an_error_and_not_a_repeat(in_scope: Merchant) -> None:
    with pytest.raises(IntegrityError):
        record(merchant=in_scope, step=None, shopper_id=uuid.UUID(int=5), dedupe_key="x")

    assert FunnelEvent.objects.count() == 0


def test_an_event_is_never_changed(in_scope: Merchant) -> None:
    ask(in_scope)
    event = FunnelEvent.objects.get()
    with pytest.raises(ValueError, match="never changed"):
        event.save()


def test_many_are_recorded_at_once_and_repeats_are_ignored(in_scope: Merchant) -> None:
    events = [
        NewEvent(step=Step.PRODUCT_SHOWN, shopper_id=uuid.UUID(int=n), dedupe_key=f"shown:{n}", product_id=4)
        for n in range(3)
    ]
    record_all(merchant=in_scope, events=events[:2])
    record_all(merchant=in_scope, events=events)

    assert FunnelEvent.objects.filter(product_id=4).count() == 3


def test_a_view_is_recorded_once_for_each_view_id(in_scope: Merchant) -> None:
    creator, shopper = make_creator(in_scope), make_shopper(in_scope)
    content = ContentItem.objects.create(
        merchant=in_scope, creator=creator, slug="routine", kind="video", published_at=timezone.now()
    )
    seen = [
        content_viewed(merchant=in_scope, content=content, shopper=shopper, view_id=view_id)
        for view_id in ("view-0001", "view-0001", "view-0002")
    ]

    assert seen == [True, False, True]
    assert set(FunnelEvent.objects.values_list("creator_id", "content_id", "surface")) == {
        (creator.pk, content.pk, "content")
    }
    for bad in ("", "short", "a" * 65, "has space1"):
        with pytest.raises(BadViewId, match="view_id"):
            content_viewed(merchant=in_scope, content=content, shopper=shopper, view_id=bad)
    assert FunnelEvent.objects.count() == 2


def test_a_room_is_viewed_once_each_time_it_is_opened(in_scope: Merchant) -> None:
    room, shopper = uuid.uuid4(), make_shopper(in_scope)
    seen = [
        room_viewed(merchant=in_scope, room_id=room, epoch=epoch, creator_id=1, shopper_id=shopper.pk)
        for epoch in (1, 1, 2)
    ]
    assert seen == [True, False, True]


def test_opening_the_doubles_own_page_is_a_view(in_scope: Merchant) -> None:
    conversation, shopper = uuid.uuid4(), make_shopper(in_scope)
    seen = [
        conversation_opened(
            merchant=in_scope,
            conversation_id=conversation,
            creator_id=1,
            shopper_id=shopper.pk,
            surface="direct",
        )
        for _ in range(2)
    ]
    assert seen == [True, False]
    assert FunnelEvent.objects.get().step == Step.CONTENT_VIEWED
