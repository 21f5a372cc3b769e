"""What this turn's tools returned, as words a sentence may use; every number in a reply comes from here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from catalog.products.vocabulary import word
from conversations.chat.briefs import Brief
from conversations.chat.intents.folding import fold
from conversations.chat.naming import is_named
from conversations.chat.outcomes import Called, products_in
from conversations.personas.claims import claims_in, every_claim
from tools.results import ContentCard, ProductCard

Values = dict[str, str]

_PASSAGE = re.compile(r"^(policy|content|opinion|note) “(.+?)”(?: at (\d+:\d\d))?: (.+)$", re.MULTILINE)
_FACT_LINE = re.compile(r"^facts: (.*)$", re.MULTILINE)
ABOUT_LINE = re.compile(r"^about: (.+)$", re.MULTILINE)
ADDED_LINE = re.compile(r"^Added \d+ × “(.+?)”")
CLASH_LINE = re.compile(r"^conflict: (.+?) \| not together with: (.+)$", re.MULTILINE)
SIDES = re.compile(r"^first: (.+)\nsecond: (.+)$", re.MULTILINE)
UNKNOWN_LINE = re.compile(r"^unknown: (.+)$", re.MULTILINE)
NOTE_LINE = re.compile(r"^the creator says: (.+)$", re.MULTILINE)

# Which fact a question about details asks for: words -> attribute.
_ASKED_FACTS = (
    (r"ingredient|contain|made of|成分|含", "key_ingredients"),
    (r"spf|系数", "spf"),
    (r"how heavy|weigh|多重|重量", "weight_g"),
    (r"waterproof|防水", "waterproof_mm"),
    (r"how warm|comfort|temperature|几度|舒适|保暖", "comfort_c"),
    (r"capacity|litre|liter|容量|公升", "capacity_l"),
    (r"how many people|几人", "people"),
    (r"texture|质地", "texture"),
)

QUOTE_CHARS_MAX = 160

_UNITS = {"weight_g": " g", "waterproof_mm": " mm", "comfort_c": " °C", "capacity_l": " l"}


def products_of(called: Sequence[Called]) -> list[ProductCard]:
    """Return the products shown, each once, with its reason."""
    kept: dict[int, ProductCard] = {}
    for call in called:
        for card in products_in(call.result.cards):
            if card.product_id not in kept or card.reason:
                kept[card.product_id] = card
    return list(kept.values())


def moment_of(called: Sequence[Called]) -> ContentCard | None:
    """Return the first moment of content."""
    return next((card for call in called for card in call.result.cards if isinstance(card, ContentCard)), None)


def values_of(brief: Brief, called: Sequence[Called]) -> Values:
    """Return what the sentences may name, from this turn's results."""
    shown = products_of(called)
    values: Values = {"need": _need(brief, called), "count": str(len(shown)) if shown else ""}
    if shown:
        first = shown[0]
        values |= {
            "product": first.title,
            "price": price_text(first),
            "reason": first.reason,
            "left": str(first.left or ""),
        }
    if len(shown) > 1:
        values |= {"second_product": shown[1].title, "second_price": price_text(shown[1])}
    if moment := moment_of(called):
        values |= {
            "content_title": moment.title,
            "second_text": _clock(moment.start_s),
            "quote": quotable(brief, moment.quote),
        }
    return values


def _need(brief: Brief, called: Sequence[Called]) -> str:
    heard: Mapping[str, str] = next((call.result.heard for call in called if call.result.heard), {})
    parts = [heard[name] for name in ("skin_types", "concerns", "activities") if heard.get(name)]
    if brief.language == "en" and parts:
        parts[0] = parts[0].replace(" skin, ", ", ")  # "oily, sensitive skin"
    return (", " if brief.language == "en" else "、").join(parts)


def price_text(card: ProductCard) -> str:
    """Return the price as it stands on the card, or nothing."""
    return card.price.text if card.price else ""


def _clock(second: int | None) -> str:
    return "" if second is None else f"{second // 60}:{second % 60:02d}"


def quotable(brief: Brief, text: str) -> str:
    """Return a quote short enough to say, none that says what the double must not."""
    claims = every_claim(brief.persona.forbidden_claims) if brief.persona else ()
    return "" if claims_in(text, claims) else cut(text, QUOTE_CHARS_MAX)


def cut(text: str, limit: int) -> str:
    """Return whole sentences of `text` up to `limit` characters; the first one always."""
    kept: list[str] = []
    length = 0
    for part in re.split(r"(?<=[.!?])(?<!\bNo\.)(?<!\bvs\.)(?=\s)|(?<=[。！？])", text):
        length += len(part)
        if kept and length > limit:
            break
        kept.append(part)
    return "".join(kept).strip()[: limit * 2]


def product_meant(brief: Brief, called: Sequence[Called]) -> ProductCard | None:
    """Return the product that is meant; a search must have found it by its name."""
    if called and called[-1].name == "product_details" and not called[-1].result.error:
        return next(iter(products_of(called[-1:])), None)
    return next((card for card in products_of(called) if is_named(card.title, brief.text)), None)


def asked_fact(brief: Brief, text: str) -> str:
    """Return the one attribute a question asks for, in the reader's words."""
    line = _FACT_LINE.search(text)
    facts = dict(part.split(": ", 1) for part in line.group(1).split("; ") if ": " in part) if line else {}
    asked = fold(brief.text)
    for words, name in _ASKED_FACTS:
        if re.search(words, asked) and facts.get(name):
            values = [word(name, value.strip(), brief.language) for value in facts[name].split(",")]
            return (", " if brief.language == "en" else "、").join(values) + _UNITS.get(name, "")
    return ""


def opinion_in(called: Sequence[Called]) -> str:
    """Return the first passage that the creator wrote as an opinion."""
    found = (match for call in called for match in _PASSAGE.finditer(call.result.text) if match.group(1) == "opinion")
    return next((match.group(4) for match in found), "")


def passage_of(called: Sequence[Called]) -> tuple[str, str] | None:
    """Return (title, text) of the best passage a knowledge tool returned."""
    for call in called:
        if match := _PASSAGE.search(call.result.text):
            return match.group(2), match.group(4)
    return None
