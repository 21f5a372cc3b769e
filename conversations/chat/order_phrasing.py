"""Words the answers of the order desk from its tools' results, and offers the follow-ups that answer its questions."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.chat.briefs import Brief
from conversations.chat.order_facts import last_call, listed_orders, other_methods
from conversations.chat.order_planning import asked_for, order_meant
from conversations.chat.order_requests import OrderRequest
from conversations.chat.outcomes import Called
from conversations.chat.saying import say
from conversations.chat.wording import chip
from tools.results import OrderCard

CHIPS_MAX = 4
_FORMS = {
    "address": "order_address_form",
    "items": "order_items_form",
    "reason": "order_reason",
    "method": "order_method",
}
_ALIKE = {"order_exchange": "order_items"}  # said of both


def desk_answer(brief: Brief, request: OrderRequest, called: Sequence[Called]) -> str:
    """Return the reply to what a shopper wants of the order desk."""
    if not brief.ctx.may_write:
        return say(brief, "order_private")
    if last_call(called, "offer_sign_in") is not None:
        return say(brief, "order_sign_in")
    if request.intent in ("order_status", "order_list"):
        return _told(brief, request, called)
    if called and called[-1].result.error:
        return _refused(brief, called)
    return _asked(brief, request, called)


def _asked(brief: Brief, request: OrderRequest, called: Sequence[Called]) -> str:
    """Ask what is missing, or say that there is nothing to ask for."""
    asked = asked_for(request, called)
    order = order_meant(request, called)
    if asked == "confirm":
        return say(brief, "order_confirm_unclear" if _was_unclear(brief) else "order_confirm", order=order)
    if asked:
        key = f"order_which_{request.intent}" if asked == "order" else _FORMS[asked]
        return say(brief, key, order=order)
    if not order:
        return _none_fits(brief, request, called)
    return say(brief, "order_no_method" if request.intent == "order_payment" else "order_not_here", order=order)


def _told(brief: Brief, request: OrderRequest, called: Sequence[Called]) -> str:
    """Tell of one order, or list them all."""
    status = last_call(called, "order_status")
    card = next((card for card in status.result.cards if isinstance(card, OrderCard)), None) if status else None
    if card is not None:
        return say(brief, "order_status", order=card.number, status=card.state_text, total=card.total.text)
    if request.intent == "order_list":
        return say(brief, "orders_listed" if listed_orders(called) else "orders_none")
    return say(brief, "order_none" if request.order_number or listed_orders(called) else "orders_none")


def _none_fits(brief: Brief, request: OrderRequest, called: Sequence[Called]) -> str:
    if last_call(called, "find_my_orders") is not None and not listed_orders(called):
        return say(brief, "orders_none")
    return say(brief, f"order_no_such_{_ALIKE.get(request.intent, request.intent)}")


def _refused(brief: Brief, called: Sequence[Called]) -> str:
    """Return the desk's own sentence: it says what helps."""
    result = called[-1].result
    if result.error == "order_not_found":
        return say(brief, "order_none")
    return say(brief, "tool_failed") if result.error == "tool_failed" else result.text.split("\n")[0]


def _was_unclear(brief: Brief) -> bool:
    return brief.pending_operation == "order.cancel"


def desk_chips(brief: Brief, request: OrderRequest, called: Sequence[Called]) -> tuple[str, ...]:
    """Return what answers the question that was asked: the orders' numbers, the two reasons, the payment methods."""
    asked = asked_for(request, called)
    if asked == "order":
        return tuple(order.number for order in listed_orders(called)[:CHIPS_MAX])
    if asked == "reason":
        return chip("no_longer_needed", brief.language), chip("by_mistake", brief.language)
    if asked == "method":
        return tuple(words.partition(", ")[0] for _ref, words in other_methods(called)[:CHIPS_MAX])
    return ()
