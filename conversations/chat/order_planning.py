"""Which desk tool comes next for what a shopper wants done with an order: one step, from all that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from conversations.chat.briefs import Brief
from conversations.chat.calls import Call
from conversations.chat.intents.folding import fold
from conversations.chat.naming import is_named
from conversations.chat.order_facts import (
    Listed,
    Piece,
    last_call,
    listed_orders,
    meant_pieces,
    meant_variant,
    order_read,
    other_methods,
    pieces_read,
    product_of,
    says,
    variants_read,
    was_called,
)
from conversations.chat.order_requests import OrderRequest
from conversations.chat.outcomes import Called

ORDERS_SHOWN = 5
AGAIN_CHARS_MAX = 200
_PROPOSED = (
    "cancel_order",
    "change_address",
    "change_payment_method",
    "change_items",
    "return_items",
    "exchange_items",
)
_ENDS = (*_PROPOSED, "ask_address", "choose_items", "offer_sign_in")
_UNKNOWN = ("not_authenticated", "order_not_found")
# Which orders come into question when none was named.
_STATES = {
    "order_cancel": "not_sent",
    "order_address": "not_sent",
    "order_payment": "not_sent",
    "order_return": "delivered",
}
_SENT = ("processed", "delivered", "return_requested", "returned", "exchange_requested", "exchanged")
Steps = Callable[[OrderRequest, str, Sequence[Called]], list[Call]]


def desk_calls(brief: Brief, called: Sequence[Called]) -> list[Call]:
    """Return the next call; none when the shopper must be told or asked something."""
    request = brief.request
    if request is None or any(call.name in _ENDS and not call.result.error for call in called):
        return []
    if called and called[-1].result.error:
        return _after_refusal(brief, called)
    if request.intent == "order_status":
        return [] if called else [Call("order_status", {"order_number": request.order_number})]
    if request.intent == "order_list":
        return [] if called else [Call("find_my_orders", {"limit": ORDERS_SHOWN})]
    number = order_meant(request, called)
    return _STEPS[request.intent](request, number, called) if number else _find(request, called)


def order_meant(request: OrderRequest, called: Sequence[Called]) -> str:
    """Return the number of the order that is meant, as the desk writes it; empty when it is not clear yet."""
    if request.order_number:
        # Numbers taken over from elsewhere carry letters and are written with the sign; ours go with or without.
        return f"#{request.order_number.removeprefix('#')}"
    orders = listed_orders(called)
    if request.is_last:
        return orders[0].number if orders else ""
    if len(orders) == 1 and last_call(called, "find_my_orders").arguments.get("state") != "any":  # type: ignore[union-attr]
        return orders[0].number
    named = [order for order in orders if _holds(order, request.said)]
    return named[0].number if len(named) == 1 else ""


def _holds(order: Listed, said: str) -> bool:
    """Whether an order holds something that was named."""
    return any(is_named(line.title, said) for line in order.card.lines)


def _find(request: OrderRequest, called: Sequence[Called]) -> list[Call]:
    """Look for the orders that come into question; when there are none of that kind, for any."""
    wanted = "any" if request.is_last else _STATES.get(request.intent, "open")
    asked = [call.arguments.get("state") for call in called if call.name == "find_my_orders"]
    if wanted == "open":  # not sent and delivered alike: what can be changed there differs, not whether
        states = [state for state in ("not_sent", "delivered") if state not in asked]
        if not asked or (states and not listed_orders(called)):
            return [Call("find_my_orders", {"state": states[0], "limit": ORDERS_SHOWN})]
        return []
    if not asked:
        return [Call("find_my_orders", {"state": wanted, "limit": 1 if request.is_last else ORDERS_SHOWN})]
    if asked == [wanted] and wanted != "any" and not listed_orders(called):
        return [Call("find_my_orders", {"state": "any", "limit": ORDERS_SHOWN})]
    return []


def _after_refusal(brief: Brief, called: Sequence[Called]) -> list[Call]:
    """A guest is offered to sign in; whether the shopper is one, the list of his orders tells."""
    error = called[-1].result.error
    if error == "not_authenticated":
        return [Call("offer_sign_in", {"again": brief.text[:AGAIN_CHARS_MAX]})]
    if error == "order_not_found" and not was_called(called, "find_my_orders"):
        return [Call("find_my_orders", {"limit": ORDERS_SHOWN})]
    return []


def _cancel(request: OrderRequest, number: str, _called: Sequence[Called]) -> list[Call]:
    return [Call("cancel_order", {"order_number": number, "reason": request.reason})] if request.reason else []


def _address(_request: OrderRequest, number: str, _called: Sequence[Called]) -> list[Call]:
    return [Call("ask_address", {"order_number": number})]


def _payment(request: OrderRequest, number: str, called: Sequence[Called]) -> list[Call]:
    if not was_called(called, "order_details"):
        return [Call("order_details", {"order_number": number})]
    ref = method_meant(request, called)
    return [Call("change_payment_method", {"order_number": number, "payment_method": ref})] if ref else []


def method_meant(request: OrderRequest, called: Sequence[Called]) -> str:
    """Return the reference of the payment method that was named, or of the only other one; empty when unclear."""
    methods, folded = other_methods(called), fold(request.said)
    named = [ref for ref, words in methods if any(says(folded, part) for part in _method_words(words))]
    if len(named) == 1:
        return named[0]
    return methods[0][0] if len(methods) == 1 else ""


def _method_words(words: str) -> list[str]:
    head, _comma, _balance = words.partition(", ")
    name, _dots, last4 = head.partition(" •••• ")
    same = {
        "gift card": ["gift card", "礼物卡", "礼品卡"],
        "礼物卡": ["gift card", "礼品卡"],
        "礼品卡": ["gift card", "礼物卡"],
    }
    return [part for part in (name, last4, *same.get(fold(name), ())) if part]


def _return(request: OrderRequest, number: str, called: Sequence[Called]) -> list[Call]:
    if not was_called(called, "order_details"):
        return [Call("order_details", {"order_number": number})]
    pieces = meant_pieces(pieces_read(called), request.said)
    if pieces is None:
        return [Call("choose_items", {"order_number": number, "act": "return"})]
    return [Call("return_items", {"order_number": number, "variants": [piece.sku for piece in pieces]})]


def _swap(request: OrderRequest, number: str, called: Sequence[Called]) -> list[Call]:
    """Change what was not sent, exchange what was: the order's state decides, whatever the shopper calls it."""
    order = order_read(called)
    if order is None:
        return [Call("order_details", {"order_number": number})]
    act = "exchange" if order.state in _SENT else "change"
    pieces = meant_pieces(pieces_read(called), request.said)
    # Each product is looked up in a round of its own, and a turn has only so many: several go by the card.
    if pieces is None or len({product_of(called, piece) for piece in pieces}) > 1:
        return _swap_by_card(request, number, called, act)
    if not was_called(called, "look_up_product"):
        product = product_of(called, pieces[0])
        return [Call("look_up_product", {"product": str(product)})] if product else []
    new = [meant_variant(piece, variants_read(called), request.said) for piece in pieces]
    if not all(new):
        return [Call("choose_items", {"order_number": number, "act": act})]
    return [_swap_call(number, act, pieces, new)]


def _swap_by_card(request: OrderRequest, number: str, called: Sequence[Called], act: str) -> list[Call]:
    """Take what the card's answer names in full; else show the card."""
    pieces = meant_pieces(pieces_read(called), request.said) or []
    new = [sku for piece in pieces if (sku := _behind_arrow(piece, request.said))]
    if pieces and len(new) == len(pieces):
        return [_swap_call(number, act, pieces, new)]
    return [Call("choose_items", {"order_number": number, "act": act})]


def _behind_arrow(piece: Piece, said: str) -> str:
    """Return the SKU in brackets behind the arrow of a piece: the card's own answer."""
    for item in said.rsplit("\n", 1)[-1].replace("；", ";").split(";"):
        kept, arrow, new = item.partition("→")
        if arrow and piece.sku in kept and "(" in new:
            return new.rsplit("(", 1)[1].partition(")")[0].strip()
    return ""


def _swap_call(number: str, act: str, pieces: Sequence[Piece], new: Sequence[str]) -> Call:
    name = "exchange_items" if act == "exchange" else "change_items"
    return Call(name, {"order_number": number, "variants": [piece.sku for piece in pieces], "new_variants": list(new)})


_STEPS: Mapping[str, Steps] = {
    "order_cancel": _cancel,
    "order_address": _address,
    "order_payment": _payment,
    "order_return": _return,
    "order_items": _swap,
    "order_exchange": _swap,
}


_ASKED_BY = {
    **dict.fromkeys(_PROPOSED, "confirm"),
    "ask_address": "address",
    "choose_items": "items",
    "offer_sign_in": "",
}


def asked_for(request: OrderRequest, called: Sequence[Called]) -> str:
    """Return what the shopper is asked by this turn's reply; empty when it asks nothing of him."""
    last = called[-1] if called else None
    if (last and last.result.error) or request.intent in ("order_status", "order_list"):
        return ""
    if last and last.name in _ASKED_BY:
        return _ASKED_BY[last.name]
    if not order_meant(request, called):
        return "order" if _may_choose(request, called) else ""
    if request.intent == "order_cancel":
        return "reason"
    return "method" if request.intent == "order_payment" and other_methods(called) else ""


def _may_choose(request: OrderRequest, called: Sequence[Called]) -> bool:
    """Whether the orders that were found are of the kind that comes into question."""
    call = last_call(called, "find_my_orders")
    if call is None or not listed_orders(called):
        return False
    return call.arguments.get("state") != "any" or request.is_last


def request_after(brief: Brief, called: Sequence[Called]) -> OrderRequest | None:
    """Return what is known of the request after this turn, for the next message."""
    request = brief.request
    if request is None:
        return None
    number = request.order_number or order_meant(request, called) or _told_of(called)
    return replace(request, order_number=number.removeprefix("#"), is_last=False, asked=asked_for(request, called))


def _told_of(called: Sequence[Called]) -> str:
    """Return the one order that order_status told of."""
    call = last_call(called, "order_status")
    cards = [card for card in call.result.cards if card.kind == "order"] if call else []
    return cards[0].number if len(cards) == 1 else ""
