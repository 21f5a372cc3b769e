"""Which tools the offline model calls for an appointment, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from conversations.chat.booking_requests import Booking
from conversations.chat.briefs import Brief
from conversations.chat.calls import Call
from conversations.chat.intents.folding import fold
from conversations.chat.intents.slots import ordinals_in
from conversations.chat.intents.times import SaidTime, fitting, said_time
from conversations.chat.outcomes import Called
from tools.results import OrderCard, SlotsCard, SlotTime

NAME_CHARS_MAX = 200
AGAIN_CHARS_MAX = 200


def booking_calls(brief: Brief, booking: Booking, called: Sequence[Called]) -> list[Call]:
    """Return the next call; none when the shopper is to be asked or told."""
    last = called[-1] if called else None
    if last is not None and last.result.error:
        return _after_refusal(brief, last)
    if booking.act == "book":
        return _book(brief, booking, last)
    if last is None and not booking.order_number:
        return [Call("my_appointments", {})]
    number = booking.order_number or _only_order(called)
    if booking.act == "list" or not number:
        return [Call("my_appointments", {})] if last is None else []
    return _change(brief, booking, f"#{number.removeprefix('#')}", last)


def booking_after(brief: Brief, called: Sequence[Called]) -> Booking | None:
    """Return what is known after this turn, for the next message."""
    booking, card = brief.booking, slots_shown(called)
    if booking is None:
        return None
    if card is None or called[-1].name != "free_slots":
        return replace(booking, waits=False)
    return replace(booking, product_id=card.product_id, order_number=card.order_number, waits=bool(card.days))


def slots_shown(called: Sequence[Called]) -> SlotsCard | None:
    """Return the card of free times that was looked up last."""
    cards = [card for call in called for card in call.result.cards if isinstance(card, SlotsCard)]
    return cards[-1] if cards else None


def said_by(brief: Brief, booking: Booking) -> SaidTime:
    """Return the day and time that the shopper said."""
    return said_time(fold(booking.said), today=timezone.now().astimezone(brief.clock).date())


def times_meant(brief: Brief, booking: Booking, card: SlotsCard) -> list[SlotTime]:
    """Return the free times that fit what was said; none when nothing was said or nothing fits."""
    times = [at for day in card.days for at in day.times]
    said = said_by(brief, booking)
    if said.is_something:
        return [times[place] for place in fitting(said, [datetime.fromisoformat(at.starts_at) for at in times])]
    places = ordinals_in(fold(booking.said))
    if len(places) == 1 and -1 <= places[0] <= len(times) and times:
        return [times[places[0] - 1 if places[0] > 0 else -1]]
    return []


def _after_refusal(brief: Brief, last: Called) -> list[Call]:
    if last.result.error == "not_authenticated":
        return [Call("offer_sign_in", {"again": brief.text[:AGAIN_CHARS_MAX]})]
    return []


def _book(brief: Brief, booking: Booking, last: Called | None) -> list[Call]:
    if last is None:
        day = said_by(brief, booking).day
        known = _service_of(booking)
        return [Call("free_slots", {**known, **({"from_day": day.isoformat()} if day else {})})]
    card = slots_shown([last])
    if last.name != "free_slots" or card is None:
        return []
    meant = times_meant(brief, booking, card)
    if len(meant) != 1:
        return []
    return [Call("choose_slot", {"product_id": card.product_id, "starts_at": meant[0].starts_at})]


def _service_of(booking: Booking) -> dict[str, object]:
    """Return the service that was shown before, else what the shopper called it."""
    return {"product_id": booking.product_id} if booking.product_id else {"name": booking.said[:NAME_CHARS_MAX]}


def _change(brief: Brief, booking: Booking, number: str, last: Called | None) -> list[Call]:
    if booking.act == "cancel":
        done = last is not None and last.name == "cancel_appointment"
        return [] if done else [Call("cancel_appointment", {"order_number": number})]
    if last is None or last.name == "my_appointments":
        day = said_by(brief, booking).day
        return [Call("free_slots", {"order_number": number, **({"from_day": day.isoformat()} if day else {})})]
    card = slots_shown([last])
    if last.name != "free_slots" or card is None:
        return []
    meant = times_meant(brief, booking, card)
    return (
        [Call("move_appointment", {"order_number": number, "starts_at": meant[0].starts_at})] if len(meant) == 1 else []
    )


def _only_order(called: Sequence[Called]) -> str:
    """Return the number of the one order that has an appointment; empty when there are several, or none."""
    cards = [card for call in called if call.name == "my_appointments" for card in call.result.cards]
    orders = [card for card in cards if isinstance(card, OrderCard)]
    return orders[0].number if len(orders) == 1 else ""
