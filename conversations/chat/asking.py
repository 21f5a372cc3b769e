"""The one question of the offline model: asked once, when its answers would change what is shown."""

from __future__ import annotations

from catalog.products.vocabulary import word
from conversations.chat.briefs import Brief
from conversations.chat.saying import say
from tools.results import ToolResult


def question(brief: Brief, result: ToolResult) -> str:
    """Return at most one question, once a conversation, when its answer would change what is shown."""
    if asks_skin(brief) or result.asks == "skin_types":
        return say(brief, "clarify_skin")
    if result.asks == "budget":
        return say(brief, "clarify_budget")
    if not result.answers:
        return ""
    answers = [word(result.asks, value, brief.language) for value in result.answers]
    return say(brief, "clarify_choice", answers=(", " if brief.language == "en" else "、").join(answers))


def asks_skin(brief: Brief) -> bool:
    """Whether the kind of skin is unknown where it counts, and was not asked before."""
    needs = brief.needs
    outdoors = needs.get("activities") or set(needs.get("categories", ())) & _OUTDOOR
    is_first = not any(not spoken.by_shopper for spoken in brief.history)
    watching = brief.ctx.watching.content_id is not None
    return is_first and not watching and not needs.get("skin_types") and not outdoors and _sells_skincare(brief)


_OUTDOOR = {"tent", "sleeping_bag", "backpack", "jacket", "boots", "stove", "lamp", "bottle", "mat", "poles"}
_SKINCARE = {"cleanser", "toner", "serum", "moisturiser", "sunscreen", "mask", "eye", "exfoliant", "oil"}


def _sells_skincare(brief: Brief) -> bool:
    return bool(set(brief.needs.get("categories", ())) & _SKINCARE or brief.needs.get("concerns"))
