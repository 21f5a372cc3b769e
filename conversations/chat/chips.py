"""The two or three follow-ups under a reply, in its language."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.chat.asking import asks_skin
from conversations.chat.briefs import Brief
from conversations.chat.order_phrasing import desk_chips
from conversations.chat.outcomes import Called, products_in
from conversations.chat.wording import chip
from conversations.personas.wording import phrases_in

CHIPS_MAX = 3
_AFTER = {
    "cart_add": ("checkout", "suggest"),
    "booking": ("checkout", "cart"),
    "cart_show": ("checkout", "suggest"),
    "cart_remove": ("checkout", "suggest"),
    "policy_shipping": ("suggest", "returns"),
    "policy_returns": ("suggest", "shipping"),
    "policy_other": ("suggest", "shipping"),
    "greet": ("suggest", "shipping"),
    "injection": ("suggest", "shipping"),
    "out_of_scope": ("suggest", "shipping"),
    "discount": ("suggest", "shipping"),
    "opinion": ("suggest",),
}
_BROKEN = {"search_down": ("again", "cart"), "cut": ("again", "person")}
_PERSON = ("is_bot", "health", "not_understood", "for_creator", "no_answer", "order_status")


def chips_for(brief: Brief, called: Sequence[Called], intent: str) -> tuple[str, ...]:
    """Return what the shopper may want next; none where it cannot be done."""
    if not brief.ctx.may_write:
        return ()
    if brief.request is not None and (answers := desk_chips(brief, brief.request, called)):
        return answers
    if intent in ("greet", "small_talk", "out_of_scope") and brief.persona is not None:
        suggested = phrases_in(brief.persona.suggested_questions, brief.language)[:CHIPS_MAX]
        if suggested:
            return tuple(suggested)
    return tuple(chip(key, brief.language) for key in _keys(brief, called, intent)[:CHIPS_MAX])


def _keys(brief: Brief, called: Sequence[Called], intent: str) -> list[str]:
    products = len({card.product_id for call in called for card in products_in(call.result.cards)})
    if intent in _BROKEN:
        return list(_BROKEN[intent])
    if intent == "recommend" and products and asks_skin(brief):
        return ["oily", "dry", "sensitive"]
    if products == 1:
        return ["add_it", "others"]
    if products > 1:
        return ["add_first", "cheaper"] if intent == "compare" else ["cheaper", "compare", "add_first"]
    if intent in _PERSON:
        return ["person", "suggest"]
    return list(_AFTER.get(intent, ()))
