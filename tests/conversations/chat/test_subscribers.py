from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.orders.models import Order
from catalog.outbox.subscribers import Event
from conversations.chat.handoffs import hand_off, resume_double, take_over
from conversations.chat.models import Conversation, Handoff, Message
from conversations.chat.subscribers import on_order_cancelled, on_order_message, on_order_paid
from tests.conversations.chat.shop import Shop, make_conversation


def _order(shop: Shop, **fields: Any) -> Order:
    defaults = {
        "number": "1042",
        "state": "paid",
        "currency": "TWD",
        "subtotal_minor": 98_000,
        "total_minor": 98_000,
        "placed_at": timezone.now(),
        "creator": shop.creator,
    }
    return Order.objects.create(merchant=shop.merchant, shopper=shop.shopper, **{**defaults, **fields})


def _event(order: Order, topic: str) -> Event:
    payload = {"order_id": order.pk, "order": order.number, "source_ref": order.source_ref}
    return Event(1, topic, str(order.reference), payload, order.merchant_id, timezone.now())


def test_an_order_paid_is_said_once_in_the_language_of_its_conversation(shop: Shop) -> None:
    conversation = make_conversation(shop, language="zh-hant")
    order = _order(shop, source_ref=f"conversation:{conversation.pk}")

    on_order_paid(_event(order, "order.paid"))
    on_order_paid(_event(order, "order.paid"))

    message = Message.objects.get()
    assert (message.conversation_id, message.speaker, message.language) == (conversation.pk, "system", "zh-hant")
    assert "#1042" in message.text
    assert (message.cards[0]["kind"], message.cards[0]["total"]["text"]) == ("order", "NT$980")


@pytest.mark.parametrize("source_ref", ["page:no-3-serum", "conversation:not-an-id", ""])
def test_an_order_from_elsewhere_is_said_where_the_shopper_last_talked_to_the_creator(
    shop: Shop, source_ref: str
) -> None:
    make_conversation(shop, surface="live", place="room")
    conversation = make_conversation(shop)
    order = _order(shop, source_ref=source_ref, state="cancelled")

    on_order_cancelled(_event(order, "order.cancelled"))

    assert Message.objects.get().conversation_id == conversation.pk
    assert Message.objects.get().text == "Order #1042 is cancelled."


def test_each_parcel_and_each_refund_is_said_once(shop: Shop) -> None:
    conversation = make_conversation(shop)
    order = _order(shop, source_ref=f"conversation:{conversation.pk}")

    def tell(topic: str, key: str, **facts: Any) -> None:
        event = replace(_event(order, topic), key=f"{order.reference}:{key}")
        on_order_message(replace(event, payload={**event.payload, **facts}))

    for key, minor in (("a", 5000), ("b", 700), ("a", 5000)):
        tell("order.refunded", key, amount_minor=minor, currency="TWD")
    for _ in range(2):
        tell("order.sent", "1", tracking=["TW123"])
        tell("order.return_received", "")

    assert list(Message.objects.order_by("sequence").values_list("text", "speaker")) == [
        ("NT$50 of order #1042 has been sent back to you.", "system"),
        ("NT$7 of order #1042 has been sent back to you.", "system"),
        ("Order #1042 is on its way. Tracking: TW123.", "system"),
        ("Your return of order #1042 has arrived. Thank you.", "system"),
    ]


def test_an_order_of_a_shopper_who_never_talked_is_said_nowhere(shop: Shop) -> None:
    on_order_paid(_event(_order(shop), "order.paid"))

    assert not Message.objects.exists()


def test_asking_for_a_person_twice_opens_one_handoff(shop: Shop) -> None:
    conversation = make_conversation(shop)

    first = hand_off(conversation_id=conversation.pk, reason="asked")
    again = hand_off(conversation_id=conversation.pk, reason="health")

    assert first == again
    assert Conversation.objects.get().owner == "waiting"


def test_a_person_takes_over_and_gives_back(shop: Shop) -> None:
    conversation = make_conversation(shop)
    user = User.objects.create_user("ling")

    hand_off(conversation_id=conversation.pk, reason="asked")
    taken = take_over(conversation_id=conversation.pk, user=user)
    assert take_over(conversation_id=conversation.pk, user=user) == taken
    assert Conversation.objects.get().owner == "person"
    resume_double(conversation_id=conversation.pk)
    resume_double(conversation_id=conversation.pk)

    assert Conversation.objects.get().owner == "double"
    assert Handoff.objects.get().state == "closed"
    assert Message.objects.filter(speaker="system").count() == 1
