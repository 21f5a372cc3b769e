"""What a turn came to, as close_turn stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tools.results import AnyCard, ProductCard, RoutineCard, ToolResult

LIST_TOOLS = (
    "search_products",
    "recommend_products",
    "recommend_routine",
    "compare_products",
    "similar_products",
    "bought_together",
)
CARDS_MAX = 10
_ASKING = ("confirm", "items", "address", "sign_in", "slots")


@dataclass(frozen=True, slots=True)
class Called:
    """One tool call: what was asked, what came back, how long it took."""

    name: str
    arguments: Mapping[str, Any]
    result: ToolResult
    error: str = ""
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The reply and everything that stands behind it. `afterword` is a second message (the connection broke)."""

    text: str
    language: str
    state: Literal["done", "held_back", "stopped", "failed"] = "done"
    cards: tuple[AnyCard, ...] = ()
    chips: tuple[str, ...] = ()
    calls: tuple[Called, ...] = ()
    needs: Mapping[str, Any] = field(default_factory=dict)
    shown_product_ids: tuple[int, ...] = ()
    trace: Mapping[str, Any] = field(default_factory=dict)
    model_name: str = ""
    persona_version: int | None = None
    afterword: str = ""
    note_for_person: tuple[str, str] = ("", "")  # (reason, summary) of a question left at the desk
    asked_person: bool = False  # this very turn asked for a person, so its own reply may still be said


def cards_of(calls: tuple[Called, ...]) -> tuple[AnyCard, ...]:
    """Return the cards of a turn's tools: content first, each product once, the latest cart only."""
    kept: dict[str, AnyCard] = {}
    for call in calls:
        for card in call.result.cards:
            kept[_key(card)] = _better(kept.pop(_key(card), None), card)
    if any(card.kind in ("cart", "confirm") for card in kept.values()):
        # A time was chosen: the list it was chosen from has served.
        kept = {key: card for key, card in kept.items() if card.kind != "slots"}
    cards = sorted(kept.values(), key=lambda card: card.kind != "content")
    if any(card.kind in _ASKING for card in cards):
        # The question says all that matters of the order; what was read to ask it is no answer.
        cards = [card for card in cards if card.kind not in ("order", "checkout")]
    return tuple(cards[:CARDS_MAX])


def shown_ids(calls: tuple[Called, ...], before: tuple[int, ...]) -> tuple[int, ...]:
    """Return the list that "the second one" refers to from now on; a look at one of the list keeps the list."""
    listed: list[int] = []
    single: list[int] = []
    for call in calls:
        products = [product.product_id for product in products_in(call.result.cards)]
        if not call.result.error:  # "nothing cheaper" shows one again; the list stays what it was
            (listed if call.name in LIST_TOOLS else single).extend(products)
    if listed:
        return tuple(dict.fromkeys(listed))
    if single and not set(single) <= set(before):
        return tuple(dict.fromkeys(single))
    return before


def products_in(cards: tuple[AnyCard, ...]) -> tuple[ProductCard, ...]:
    """Return the product cards, those inside a routine or a comparison too."""
    found: list[ProductCard] = []
    for card in cards:
        if isinstance(card, ProductCard):
            found.append(card)
        elif isinstance(card, RoutineCard):
            found.extend(step.product for step in card.steps)
        elif card.kind == "comparison":
            found.extend(card.products)
    return tuple(found)


def _key(card: AnyCard) -> str:
    if card.kind == "product":
        return f"product:{card.product_id}"
    if card.kind == "order":
        return f"order:{card.reference}"
    return f"content:{card.content_id}:{card.start_s}" if card.kind == "content" else card.kind


def _better(old: AnyCard | None, new: AnyCard) -> AnyCard:
    """Keep a product's reason when a later tool shows it without one."""
    if isinstance(old, ProductCard) and isinstance(new, ProductCard) and old.reason and not new.reason:
        return old
    return new
