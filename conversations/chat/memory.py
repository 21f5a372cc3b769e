"""What the double remembers: the last messages, and what the shopper told as typed needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from catalog.languages import ENGLISH, TRADITIONAL, to_traditional
from catalog.money import Money
from catalog.products.needs import Needs
from conversations.chat.intents import Reading
from conversations.chat.intents.folding import CHINESE, fold
from conversations.chat.intents.slots import said_words
from conversations.chat.models import Conversation, Message, Speaker
from tools.things import ingredients_within

_FROM_SLOT = {
    "skin_type": "skin_types",
    "concern": "concerns",
    "category": "categories",
    "avoid": "avoid",
    "activity": "activities",
}
# What a change of category takes back: these were said about the product, not about the person.
_OF_THE_PRODUCT = ("concerns", "budget_min", "budget_max", "text")
_ADDED_TO = ("avoid", "uses")  # an allergy told earlier still holds
_USES = re.compile(
    r"\bi(?:'m| am|'ve been| have been)? (?:\w+ ){0,2}?(?:use|using|apply|wear|on)\b"
    r"|(?:(?:已经|本来|平常|目前|现在|晚上|早上|一直)[有都也]?|有在?|正?在)(?:用|擦|使用)"
)
_DOLLARS = ("TWD", "HKD", "SGD", "AUD", "CAD")
_INTENTS_WITH_NEEDS = ("recommend", "refine", "routine", "compare", "details", "opinion", "content", "health")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One remembered message. `shown` are (product id, title) of the cards under it."""

    by_shopper: bool
    text: str
    shown: tuple[tuple[int, str], ...] = ()


def recent(*, conversation: Conversation, before_sequence: int) -> tuple[Spoken, ...]:
    """Return the last HISTORY_MESSAGES messages before a sequence number, oldest first."""
    rows = Message.objects.filter(conversation=conversation, sequence__lt=before_sequence).order_by("-sequence")
    return tuple(
        Spoken(
            by_shopper=row.speaker == Speaker.SHOPPER,
            text=row.text,
            shown=tuple((card["product_id"], card["title"]) for card in row.cards if card.get("kind") == "product"),
        )
        for row in reversed(rows[: settings.HISTORY_MESSAGES])
    )


def remembered(*, needs: Mapping[str, Any], reading: Reading, text: str, currency: str) -> dict[str, object]:
    """Return the needs after this message: what was said now replaces, a new category clears what belonged to the old.

    Messages that are not about products (an order, a policy) change nothing.
    """
    known = Needs.from_json(needs)
    if reading.intent not in _INTENTS_WITH_NEEDS:
        return known.to_json()
    changed = _heard(reading, text, currency)
    clear: tuple[str, ...] = ()
    categories = changed.get("categories")
    if categories and known.categories and set(known.categories) != set(categories):  # type: ignore[call-overload]
        clear = _OF_THE_PRODUCT
    for name in _ADDED_TO:
        if name in changed:
            changed[name] = [*getattr(known, name), *changed[name]]  # type: ignore[misc]
    merged = known.merge(changed, clear)
    is_chinese = reading.language != ENGLISH
    # Their own word is said back in the language it was said in; in another one the shop's word stands.
    spoken = {value: word for value, word in merged.words.items() if bool(CHINESE.search(word)) == is_chinese}
    return replace(merged, words=spoken).to_json()


def _heard(reading: Reading, text: str, currency: str) -> dict[str, object]:
    slots = reading.slots
    heard: dict[str, object] = {ours: slots[slot] for slot, ours in _FROM_SLOT.items() if slot in slots}
    for name in ("budget_min", "budget_max"):
        if name in slots:
            heard[name] = Money.parse(str(slots[name]), _currency(slots.get("currency", ""), text, currency))
    if uses := _used(fold(text)):
        heard["uses"] = uses
    words = said_words(fold(text))
    if reading.language == TRADITIONAL:
        words = {value: to_traditional(word) for value, word in words.items()}
    if words:
        heard["words"] = words
    return heard


def _used(text: str) -> list[str]:
    """Return the ingredients that a folded text says the shopper uses already."""
    clauses = [clause for clause in re.split(r"[,，.。;；!！?？\n]| but ", text) if _USES.search(clause)]
    return list(dict.fromkeys(value for clause in clauses for value in ingredients_within(clause)))


def _currency(named: str, text: str, currency: str) -> str:
    """Return the currency that was meant: a bare $ is the dollar of the shop."""
    if not named or (named == "USD" and currency in _DOLLARS and "us" not in fold(text)):
        return currency
    return named
