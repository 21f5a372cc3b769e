"""An appointment by words: asked for, chosen, paid, moved and cancelled, in English and both Chinese scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync

from catalog.accounts.models import Merchant
from catalog.orders.appointment_models import AppointmentState, BookedSlot, Service
from catalog.orders.models import Cart, LedgerEntry, Order
from catalog.outbox.worker import drain
from catalog.search.backend import backend
from conversations.chat import hands
from conversations.chat.models import Conversation
from conversations.chat.protocol import Act, Acted, Confirm
from conversations.chat.services import open_conversation
from tests.catalog.buying import Buying
from tests.catalog.orders.appointments.booking import Booking, at, make_booking, pay, the_appointment, weekday_to_come
from tests.conversations.chat.shop import Heard, ask, make_persona
from tests.factories import make_creator, make_variant


@pytest.fixture
def booking(in_scope: Merchant) -> Iterator[Booking]:
    """A shopper in front of a skin consultation."""
    backend().clear()
    yield make_booking(in_scope)
    backend().clear()


def conversation(booking: Booking, *, language: str = "en", surface: str = "direct") -> Conversation:
    """A conversation of the shopper with a creator of the shop."""
    creator = make_creator(booking.merchant)
    make_persona(creator, templates={})
    return open_conversation(
        merchant=booking.merchant,
        creator=creator,
        shopper=booking.shopper,
        surface=surface,
        language=language,
        currency="TWD",
    )


def kinds(heard: Heard) -> list[str]:
    """The cards under a reply."""
    return [card["kind"] for card in heard.reply.cards]


def listed(heard: Heard) -> list[str]:
    """The times on the card, as they are sent back."""
    [card] = [card for card in heard.reply.cards if card["kind"] == "slots"]
    return [each["starts_at"] for day in card["days"] for each in day["times"]]


def press(talk: Conversation, act: str, **details: Any) -> Acted:
    """Press a card's button."""
    frame = Act.model_validate({"type": "act", "client_id": uuid4().hex, "act": act, **details})
    kept = async_to_sync(hands.press)(conversation=talk, frame=frame)
    assert isinstance(kept.frame, Acted)
    return kept.frame


def local(at_: datetime) -> str:
    """A time as the shop lists it."""
    return (at_ + timedelta(hours=8)).replace(tzinfo=None).isoformat() + "+08:00"


@pytest.mark.parametrize(
    ("language", "asks", "says"),
    [
        ("en", "Can I book the skin consultation?", "{month} {day} at 11 am please"),
        ("zh-hant", "我想預約 skin consultation", "{m}月{day}日早上十一點"),
        ("zh-hans", "我想预约 skin consultation", "{m}月{day}号上午11点"),
    ],
)
def test_a_time_is_asked_for_chosen_in_words_and_ordered_by_an_exact_yes(
    booking: Booking, language: str, asks: str, says: str
) -> None:
    day = weekday_to_come()
    talk = conversation(booking, language=language)

    shown = ask(talk, asks)
    chosen = ask(talk, says.format(month=f"{day:%b}", m=day.month, day=day.day))

    assert kinds(shown) == ["slots"]
    assert local(at(11)) in listed(shown)
    assert kinds(chosen) == ["cart"]
    [line] = chosen.reply.cards[0]["lines"]
    assert (line["quantity"], line["total"]["minor"]) == (1, 98000)
    assert "11:00–12:00" in line["when"]
    assert "11:00–12:00" in chosen.reply.text
    assert BookedSlot.objects.count() == 0  # nothing is promised before the shopper's own yes

    asked = ask(talk, "check out" if language == "en" else "結帳" if language == "zh-hant" else "结账")
    assert kinds(asked) == ["confirm"]
    assert not Order.objects.exists()
    done = ask(talk, "yes" if language == "en" else "是的")

    assert done.turn.trace["confirmation"] == "executed"
    row = the_appointment(Order.objects.get())
    assert (row.starts_at, row.state, row.order.language) == (at(11), AppointmentState.HELD, language)


def test_a_time_said_at_once_goes_into_the_cart_and_one_that_is_taken_does_not(booking: Booking) -> None:
    day = weekday_to_come()
    booking.book(at(11), shopper=booking.another())
    talk = conversation(booking)

    taken = ask(talk, f"Book the skin consultation on {day.isoformat()} at 11:00")
    free = ask(talk, f"Book the skin consultation on {day.isoformat()} at 12:00")

    assert kinds(taken) == ["slots"]
    assert "not free" in taken.reply.text
    assert local(at(11)) not in listed(taken)
    assert kinds(free) == ["cart"]
    assert "12:00–13:00" in free.reply.cards[0]["lines"][0]["when"]


def test_the_buttons_show_times_choose_one_and_say_when_it_is_gone(booking: Booking) -> None:
    talk = conversation(booking)

    shown = press(talk, "cart_add", variant_id=booking.variant.pk)
    chosen = press(talk, "slot", variant_id=booking.variant.pk, at=local(at(11)))
    booking.book(at(12), shopper=booking.another())
    gone = press(talk, "slot", variant_id=booking.variant.pk, at=local(at(12)))
    nonsense = press(talk, "slot", variant_id=booking.variant.pk, at="noon")
    later = press(talk, "slots", variant_id=booking.variant.pk, at=(weekday_to_come() + timedelta(7)).isoformat())

    assert [card.kind for card in shown.cards] == ["slots"]
    assert (chosen.error, [card.kind for card in chosen.cards]) == ("", ["cart"])
    assert (gone.error, [card.kind for card in gone.cards]) == ("slot_taken", ["slots"])
    assert nonsense.error == "slot_unreadable"
    assert later.cards[0].days[0].day == (weekday_to_come() + timedelta(7)).isoformat()
    assert Cart.objects.get(shopper=booking.shopper).lines.get().chosen_slot.starts_at == at(11)


@pytest.mark.parametrize(
    ("language", "asks", "yes"),
    [("en", "move my appointment to {day} at 12:00", "yes"), ("zh-hant", "我的預約改到{day} 12:00", "是的")],
)
def test_an_appointment_moves_after_the_shoppers_own_yes(booking: Booking, language: str, asks: str, yes: str) -> None:
    order = booking.book(at(10))
    talk = conversation(booking, language=language)

    asked = ask(talk, asks.format(day=weekday_to_come().isoformat()))

    assert kinds(asked) == ["confirm"]
    assert any("10:00–11:00" in fact for fact in asked.reply.cards[0]["facts"])
    assert any("12:00–13:00" in fact for fact in asked.reply.cards[0]["facts"])
    assert the_appointment(order).starts_at == at(10)

    done = ask(talk, yes)

    assert done.turn.trace["confirmation"] == "executed"
    row = the_appointment(order)
    assert (row.starts_at, row.state, row.moves) == (at(12), AppointmentState.BOOKED, 1)
    assert BookedSlot.objects.count() == 1


def test_the_card_of_times_moves_an_appointment_by_its_buttons(booking: Booking) -> None:
    order = booking.book(at(10))
    talk = conversation(booking)
    shown = ask(talk, "can I reschedule my appointment?")
    [card] = [card for card in shown.reply.cards if card["kind"] == "slots"]

    asked = press(talk, "slot", variant_id=card["variant_id"], at=local(at(11)), order_number=card["order_number"])
    [question] = asked.cards
    frame = Confirm(type="confirm", action_id=question.action_id, accept=True)
    done = async_to_sync(hands.confirm)(conversation=talk, frame=frame)

    assert card["order_number"] == f"#{order.number}"
    assert local(at(10)) in [each["starts_at"] for day in card["days"] for each in day["times"]]
    assert done.frame.outcome == "executed"
    assert the_appointment(order).starts_at == at(11)


@pytest.mark.parametrize(
    ("language", "asks", "yes"), [("en", "please cancel my appointment", "yes"), ("zh-hant", "我要取消預約", "是的")]
)
def test_a_cancelled_appointment_is_paid_back_and_its_time_is_free(
    booking: Booking, language: str, asks: str, yes: str
) -> None:
    order = booking.book(at(10))
    talk = conversation(booking, language=language)

    asked = ask(talk, asks)
    assert kinds(asked) == ["confirm"]
    done = ask(talk, yes)

    assert done.turn.trace["confirmation"] == "executed"
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert the_appointment(order).state == AppointmentState.CANCELLED
    assert [(row.kind, row.amount_minor) for row in LedgerEntry.objects.all()] == [
        ("payment", 98000),
        ("refund", 98000),
    ]
    assert BookedSlot.objects.count() == 0


def test_only_the_appointment_of_a_larger_order_is_cancelled_and_once(booking: Booking) -> None:
    cream = make_variant(booking.merchant, price=50000, requires_shipping=False)
    booking.choose(at(10))
    cart = Buying(booking.merchant, booking.shopper, cream).add()
    order = pay(booking.place(cart))
    talk = conversation(booking)

    ask(talk, "cancel my appointment")
    ask(talk, "yes")
    again = ask(talk, f"cancel the appointment of order #{order.number}")

    order.refresh_from_db()
    assert order.state == "paid"
    assert [(row.kind, row.amount_minor) for row in LedgerEntry.objects.all()] == [
        ("payment", 148000),
        ("refund", 98000),
    ]
    assert again.turn.trace["tools"][-1]["error"] == "appointment_not_found"


def test_a_day_before_it_is_too_late_and_nothing_is_proposed(booking: Booking) -> None:
    order = booking.book(at(10))
    Service.objects.update(change_hours=24 * 30)
    talk = conversation(booking)

    moved = ask(talk, f"move my appointment to {weekday_to_come().isoformat()} at 12:00")
    cancelled = ask(talk, "cancel my appointment")
    whole = ask(talk, f"cancel order #{order.number}, I no longer need it")

    for heard in (moved, cancelled, whole):
        assert heard.turn.trace["tools"][-1]["error"] == "too_late_to_change"
        assert "confirm" not in kinds(heard)
    assert "720 hours" in cancelled.reply.text
    assert the_appointment(order).state == AppointmentState.BOOKED


def test_a_guest_is_asked_to_sign_in_and_a_live_room_tells_nothing(booking: Booking) -> None:
    guest = ask(conversation(booking), "show my appointments")

    assert kinds(guest) == ["sign_in"]


def test_after_payment_the_conversation_shows_the_time(booking: Booking) -> None:
    talk = conversation(booking)
    cart = booking.choose(at(10))
    Cart.objects.filter(pk=cart.pk).update(source_ref=f"conversation:{talk.pk}")
    cart.refresh_from_db()
    pay(booking.place(cart))
    drain()

    said = talk.messages.filter(speaker="system").last()
    assert said is not None
    assert "is booked for you" in said.text
    assert "10:00–11:00" in said.cards[0]["lines"][0]["when"]
    assert [step[0] for step in said.cards[0]["steps"]] == ["Ordered", "Paid"]


def test_words_of_a_shop_without_services_are_read_as_before(booking: Booking) -> None:
    Service.objects.update(is_active=False)
    talk = conversation(booking)

    heard = ask(talk, "can I book an appointment?")

    assert heard.turn.trace["intent"] != "booking"
    assert "slots" not in kinds(heard)
