"""Why a product fits, in one short line that names the shopper's own words; English and Chinese.

Reasons are read in the conversation's language, which is not the request's, and are built of parts: so they stand here
as patterns, and not in the message files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.languages import ENGLISH, SIMPLIFIED, to_simplified
from catalog.money import Money
from catalog.products.needs import Needs
from catalog.products.selectors import ProductView
from catalog.products.vocabulary import is_listed, is_stated_when_free, names, word
from catalog.products.wishes import wish_of
from catalog.search.analysis import fold

_BETWEEN_CHINESE = re.compile(r"(?<=[\u3000-\u9fff]) (?=[\u3000-\u9fff])")
_PAIR = re.compile(r"(?=(?<![a-z-])([a-z]{3,} [a-z]{3,})(?![a-z]))")
_NOT_CITED = frozenset({"conflicts_with", "avoid_in_pregnancy", "kind", "step"})
_PARTS_MIN, _PARTS_MAX = 2, 3
_CHARACTERS_MAX = {"en": 80, "zh": 40}  # two lines of a card


@dataclass(frozen=True, slots=True)
class Pattern:
    """A part of a reason in English and Traditional Chinese; `{}` is a word or several."""

    en: str
    zh: str

    def say(self, language: str, *given: str) -> str:
        """Return the part in `language`."""
        if language == ENGLISH:
            return self.en.format(*given)
        # Chinese sets a space between itself and Latin letters, none between its own characters.
        said = _BETWEEN_CHINESE.sub("", self.zh.format(*given))
        return to_simplified(said) if language == SIMPLIFIED else said


class Helping(Protocol):
    """A relation by which a value answers a need: ("key_ingredients", "niacinamide") → ("concerns", "shine")."""

    @property
    def subject(self) -> tuple[str, str]:
        """What the product states, or a group that contains it."""

    @property
    def object(self) -> tuple[str, str]:
        """What is needed."""


SUITS = Pattern("suits {}", "適合 {}")
EASES = Pattern("helps with {}", "改善 {}")
MADE_FOR = Pattern("made for {}", "適合 {}")
GOOD_FOR = Pattern("good for {}", "適合 {}")
CONTAINS = Pattern("with {}", "含 {}")
USED_FOR = Pattern("{} is used for {}", "{} 常用於 {}")
SAYS = Pattern("says “{}”", "提到「{}」")
COMES_IN = Pattern("comes in {}", "有 {}")
WITHIN = Pattern("within {}", "在 {} 以內")
_FACTS: dict[str, Pattern] = {
    "spf": Pattern("SPF {}", "SPF {}"),
    "waterproof_mm": Pattern("waterproof to {} mm", "防水 {} mm"),
    "capacity_l": Pattern("{} l", "容量 {} 公升"),
    "people": Pattern("sleeps {}", "{} 人用"),
    "comfort_c": Pattern("comfortable to {} °C", "舒適溫標 {} °C"),
    "weight_g": Pattern("{} g", "重 {} 公克"),
    "size_ml": Pattern("{} ml", "{} ml"),
}


def reason(
    *, product: ProductView, needs: Needs, language: str, chosen: str = "", helping: Sequence[Helping] = ()
) -> str:
    """Return the line that says why `product` answers `needs`; it cites the product's attributes only.

    `chosen` is the label of the variant that the words choose; `helping` are relations of the attribute graph.
    """
    parts = [COMES_IN.say(language, chosen)] if chosen else []
    parts += _met(product, needs, language)
    parts += [USED_FOR.say(language, *_spoken(each, needs, language)) for each in helping]
    if len(parts) == bool(chosen):
        parts += _told(product, needs, language)
    if len(parts) < _PARTS_MIN:
        parts += _facts(product, language, more=bool(parts))
    if (
        len(parts) < _PARTS_MAX
        and needs.budget_max
        and product.price
        and _same_or_less(product.price, needs.budget_max)
    ):
        parts.append(WITHIN.say(language, str(needs.budget_max)))
    return _line(parts, language)


def listed(words: Sequence[str], language: str) -> str:
    """Return "a, b and c" or "a、b、c"."""
    if language != ENGLISH:
        return "、".join(words)
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def values(product: ProductView, name: str) -> tuple[str, ...]:
    """Return an attribute of a product as a tuple of text."""
    given = product.attributes.get(name)
    if given is None or given == "":
        return ()
    return tuple(str(each) for each in given) if isinstance(given, list) else (str(given),)


def said(needs: Needs, attribute: str, value: str, language: str) -> str:
    """Return the shopper's own word for a value, or ours."""
    return needs.words.get(value) or word(attribute, value, language)


def _met(product: ProductView, needs: Needs, language: str) -> list[str]:
    """Return the parts that answer what the shopper asked for."""
    parts = []
    skin = _agreeing(product, needs, "skin_types", needs.skin_types, language)
    if not skin and needs.skin_types and "all" in values(product, "skin_types"):
        skin = [word("skin_types", "all", language)]
    if skin:
        if language == ENGLISH and all(each.endswith(" skin") for each in skin):
            skin = [*(each.removesuffix(" skin") for each in skin[:-1]), skin[-1]]
        parts.append(SUITS.say(language, listed(skin, language)))
    if concerns := _agreeing(product, needs, "concerns", needs.concerns, language):
        parts.append(EASES.say(language, listed(concerns[:2], language)))
    if activities := _agreeing(product, needs, "activity", needs.activities, language):
        parts.append(MADE_FOR.say(language, listed(activities, language)))
    parts += [word("free_from", each, language) for each in needs.avoid if each in values(product, "free_from")]
    return parts + [CONTAINS.say(language, each) for each in _asked_ingredients(product, needs, language)]


def _spoken(edge: Helping, needs: Needs, language: str) -> tuple[str, str]:
    name, value = edge.subject
    return word(name, value, language), said(needs, *edge.object, language)


def _told(product: ProductView, needs: Needs, language: str) -> list[str]:
    """Return what the product's own words share with the shopper's: a value, else two words that stand together."""
    messages = [fold(message) for message in needs.messages]
    wanted = " ".join(messages)
    stated = [
        word(name, value, language)
        for name in product.attributes
        if name not in _NOT_CITED
        for value in values(product, name)
        if len(value) > 2 and fold(value).replace("_", " ") in wanted
    ]
    if stated:
        return [SAYS.say(language, each) for each in stated[:1]]
    text = fold(f"{product.title} {product.description}")
    pairs = [pair for message in messages for pair in _PAIR.findall(message) if pair in text and _is_telling(pair)]
    return [SAYS.say(language, pair) for pair in list(dict.fromkeys(pairs))[:2]]


def _is_telling(pair: str) -> bool:
    return len(wish_of([pair]).telling) > 1


def _agreeing(product: ProductView, needs: Needs, attribute: str, wanted: Sequence[str], language: str) -> list[str]:
    has = values(product, attribute)
    return [said(needs, attribute, value, language) for value in wanted if value in has]


def _asked_ingredients(product: ProductView, needs: Needs, language: str) -> list[str]:
    text = " ".join(needs.messages).lower()
    return [
        word("key_ingredients", value, language)
        for value in values(product, "key_ingredients")
        if any(name.lower() in text for name in names("key_ingredients", value))
    ]


def _facts(product: ProductView, language: str, *, more: bool) -> list[str]:
    """Return what can be said of a product beside what was asked, or (`more` False) when nothing was."""
    parts = [] if more else _purpose(product, language)
    parts += [
        word("free_from", each, language) for each in values(product, "free_from")[:2] if is_stated_when_free(each)
    ]
    parts += [
        word(name, each, language)
        for name in ("texture", "finish")
        for each in values(product, name)
        if is_listed(name, each)
    ]
    return parts + [
        pattern.say(language, each) for name, pattern in _FACTS.items() for each in values(product, name)[:1]
    ]


def _purpose(product: ProductView, language: str) -> list[str]:
    for name, pattern in (("concerns", EASES), ("suits", GOOD_FOR), ("activity", MADE_FOR)):
        if given := values(product, name):
            return [pattern.say(language, listed([word(name, each, language) for each in given[:2]], language))]
    return []


def _line(parts: Sequence[str], language: str) -> str:
    """Return the first parts that fit on a card, as a sentence without full stop."""
    longest = _CHARACTERS_MAX["en" if language == ENGLISH else "zh"]
    # A part that is itself a list needs a stronger mark between parts.
    separator = ", " if language == ENGLISH else "，" if any("、" in part for part in parts) else "、"
    kept: list[str] = []
    for part in list(dict.fromkeys(parts))[:_PARTS_MAX]:
        if not kept or len(separator.join([*kept, part])) <= longest:
            kept.append(part)
    line = separator.join(kept)
    return line[:1].upper() + line[1:]


def _same_or_less(price: Money, limit: Money) -> bool:
    return price.currency == limit.currency and price.minor <= limit.minor
