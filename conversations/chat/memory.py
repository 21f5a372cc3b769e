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
from catalog.products.safety import allergens_in, pregnancy_in
from catalog.products.wishes import wish_of
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
_OF_THE_PRODUCT = ("concerns", "budget_min", "budget_max", "text", "said")
_ADDED_TO = ("avoid", "uses")  # an allergy told earlier still holds
_USES = re.compile(
    r"\bi(?:'m| am|'ve been| have been)? (?:\w+ ){0,2}?(?:use|using|apply|wear|on)\b"
    r"|(?:(?:已经|本来|平常|目前|现在|晚上|早上|一直)[有都也]?|有在?|正?在)(?:用|擦|使用)"
)
_DOLLARS = ("TWD", "HKD", "SGD", "AUD", "CAD")
_INTENTS_WITH_NEEDS = ("recommend", "refine", "routine", "compare", "details", "opinion", "content", "health")
_MAY_BE_A_WISH = ("out_of_scope", "small_talk", "stock", "price", "policy_shipping", "discount")
_TELLING_WORDS = 5
_MAY_TELL = ("out_of_scope", "stock", "price", "small_talk", "greet", "affirm", "deny", "policy_other")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One remembered message. `shown` are (product id, title) of the cards under it."""

    by_shopper: bool
    text: str
    shown: tuple[tuple[int, str], ...] = ()
    has_routine: bool = False


def recent(*, conversation: Conversation, before_sequence: int) -> tuple[Spoken, ...]:
    """Return the last HISTORY_MESSAGES messages before a sequence number, oldest first."""
    rows = Message.objects.filter(conversation=conversation, sequence__lt=before_sequence).order_by("-sequence")
    return tuple(
        Spoken(
            by_shopper=row.speaker == Speaker.SHOPPER,
            text=row.text,
            has_routine=any(card.get("kind") == "routine" for card in row.cards),
            shown=tuple((card["product_id"], card["title"]) for card in row.cards if card.get("kind") == "product"),
        )
        for row in reversed(rows[: settings.HISTORY_MESSAGES])
    )


def remembered(*, needs: Mapping[str, Any], reading: Reading, text: str, currency: str) -> dict[str, object]:
    """Return the needs after this message: what was said now replaces, a new category clears what belonged to the old.

    Messages that are not about products (an order, a policy) change nothing.
    """
    known = _with_limits(Needs.from_json(needs), text)
    if reading.intent not in _INTENTS_WITH_NEEDS and not _is_a_wish(reading, text):
        # What no rule knows may still tell of the product: "Huawei!!"
        return (known.hears(text) if reading.intent in _MAY_TELL else known).to_json()
    changed = _heard(reading, text, currency)
    clear: tuple[str, ...] = ()
    categories = changed.get("categories")
    if categories and known.categories and set(known.categories) != set(categories):  # type: ignore[call-overload]
        clear = _OF_THE_PRODUCT
    for name in _ADDED_TO:
        if name in changed:
            changed[name] = [*getattr(known, name), *changed[name]]  # type: ignore[misc]
    merged = known.merge(changed, clear).hears(text)
    is_chinese = reading.language != ENGLISH
    # Their own word is said back in the language it was said in; in another one the shop's word stands.
    spoken = {value: word for value, word in merged.words.items() if bool(CHINESE.search(word)) == is_chinese}
    return replace(merged, words=spoken).to_json()


def _with_limits(known: Needs, text: str) -> Needs:
    """Return the needs with the allergies and the pregnancy that a message tells of, whatever else it is about."""
    is_pregnant = pregnancy_in(text)
    return replace(
        known,
        allergies=tuple(dict.fromkeys((*known.allergies, *allergens_in(text)))),
        is_pregnant=known.is_pregnant if is_pregnant is None else is_pregnant,
    )


def _is_a_wish(reading: Reading, text: str) -> bool:
    """Whether a message that was read as something else describes a product all the same, by many words that tell."""
    return reading.intent in _MAY_BE_A_WISH and len(wish_of([text]).telling) >= _TELLING_WORDS


def _heard(reading: Reading, text: str, currency: str) -> dict[str, object]:
    slots = reading.slots
    heard: dict[str, object] = {ours: slots[slot] for slot, ours in _FROM_SLOT.items() if slot in slots}
    for name in ("budget_min", "budget_max"):
        if name in slots:
            heard[name] = Money.parse(str(slots[name]), _currency(slots.get("currency", ""), text, currency))
    if allergies := allergens_in(text):
        heard["avoid"] = [each for each in heard.get("avoid", ()) if each not in allergies]  # type: ignore[attr-defined]
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
