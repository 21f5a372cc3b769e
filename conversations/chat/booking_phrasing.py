"""What the offline model says of an appointment, from what the tools returned."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.chat.booking_planning import said_by, slots_shown, times_meant
from conversations.chat.booking_requests import Booking
from conversations.chat.briefs import Brief
from conversations.chat.outcomes import Called
from conversations.chat.saying import say
from tools.results import CartCard, OrderCard, ProductCard


def booking_answer(brief: Brief, booking: Booking, called: Sequence[Called]) -> str:
    """Return the reply to a message about an appointment."""
    last = called[-1] if called else None
    if last is None:
        return say(brief, "booking_no_service")
    if last.result.error:
        return _refused(brief, last)
    match last.name:
        case "choose_slot":
            return _in_cart(brief, last)
        case "free_slots":
            return _times(brief, booking, called)
        case "my_appointments":
            return _listed(brief, booking, last)
    return say(brief, "order_sign_in" if last.name == "offer_sign_in" else "booking_confirm")


def _refused(brief: Brief, last: Called) -> str:
    if last.result.error == "which_service":
        names = [card.title for card in last.result.cards if isinstance(card, ProductCard)]
        mark = "、" if brief.language.startswith("zh") else "; "
        return say(brief, "booking_which", names=mark.join(names))
    if last.result.error == "no_services":
        return say(brief, "booking_no_service")
    if last.result.error == "not_here":
        return say(brief, "order_private")
    return last.result.text.split("\n")[0]


def _times(brief: Brief, booking: Booking, called: Sequence[Called]) -> str:
    card = slots_shown(called)
    if card is None or not card.days:
        return say(brief, "booking_full", product=card.title if card else "")
    said_one = said_by(brief, booking).is_something and not times_meant(brief, booking, card)
    return say(brief, "booking_other_times" if said_one else "booking_times", product=card.title)


def _in_cart(brief: Brief, last: Called) -> str:
    card = next(card for card in last.result.cards if isinstance(card, CartCard))
    when = next((line.when for line in reversed(card.lines) if line.when), "")
    return say(brief, "booking_in_cart", when=when, total=card.total.text)


def _listed(brief: Brief, booking: Booking, last: Called) -> str:
    if not any(isinstance(card, OrderCard) for card in last.result.cards):
        return say(brief, "booking_none")
    return say(brief, "booking_listed" if booking.act == "list" else "booking_which_order")
