"""From the words of a query to what it demands: a price, what is not wanted, and which names of the catalog it says.

The same for every engine: it happens before one is asked. What is left of the words is read by `reading`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from catalog.money import decimals_of
from catalog.search.analysis import STOP_WORDS, fold, pairs, tokens
from catalog.search.budgets import Budget, budget_in
from catalog.search.lexicon import Lexicon, Named, units_of
from catalog.search.limits import limits_in, within
from catalog.search.negations import Negation, negations_in
from catalog.search.pregnancy import AVOIDED, pregnancy_in
from catalog.search.reading import all_terms
from catalog.search.stating import FREE_FROM, stating_term
from catalog.search.understood import (
    OTHER_CURRENCY,
    Agreement,
    Conditions,
    Excluded,
    MeasureRange,
    PriceRange,
    Recognised,
    Understood,
)

_DOLLARS = frozenset({"TWD", "USD", "HKD", "CAD", "AUD", "SGD", "NZD"})
_VALUE = 0.33  # what a value counts against a measure: its words may be meant otherwise, 50 ml are 50 ml
_KIND = 0.4  # what the kind of thing counts against a category: a kind goes by many names
_PLAIN_DOLLARS = frozenset({"$", "dollar", "dollars", "bucks"})
_LATIN = re.compile(r"[a-z']+(?: [a-z']+)*")
_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
# "priced", "的" and the like beside what was taken out.
_LEFT_OVER = re.compile(
    r"(?<![a-z])(?:priced?|costing)(?=\s\s)|(?:价格|价位|售价)(?=\s)|(?:^|(?<=\s))[的之](?!\s)|[的用](?=\s|$)"
)
_WHOLE_WORD = re.compile(r"(?<![\w'-])[a-z]+(?![\w'-])")
_NAME_LEAST, _NAME_MOST = 3, 8  # characters of a Chinese query that may be a title, shortened
_JOINTS = re.compile(r"(?:[\s，、。;；]|(?<!\d),|,(?!\d))+")


@dataclass(frozen=True, slots=True)
class Read:
    """What a query's text came to: `text` is what is left to find products by."""

    text: str
    conditions: Conditions
    understood: Understood


@dataclass(frozen=True, slots=True)
class _Typed:
    """A query folded, and the pieces of the original that each folded character came from."""

    folded: str
    pieces: tuple[str, ...]  # of the original, one a folded character; empty when they cannot be told

    def at(self, start: int, end: int) -> str:
        """Return what was typed between two places of the folded text."""
        return ("".join(self.pieces[start:end]) if self.pieces else self.folded[start:end]).strip()


def understand(
    text: str,
    lexicon: Lexicon,
    *,
    currency: str,
    knows: Callable[[str], bool],
    spelled: Callable[[str], str] = str,
    corrects: bool = True,
) -> Read:
    """Return what a query demands and what is left of it.

    `currency` is the one prices are shown in; `knows` tells whether the catalog has a Latin word, `spelled` how a word
    that it does not have was surely meant; without `corrects` the words stay as they are written.
    """
    typed = _typed(text)
    spans, measures = _measures(typed, lexicon)
    left = _blanked(typed.folded, spans)
    budget = budget_in(left, is_search=True)
    pregnancy = pregnancy_in(left) if AVOIDED in lexicon.warnings else None
    left = _blanked(left, [*budget.spans, *([pregnancy] if pregnancy else [])])
    units = units_of(left)
    negations = negations_in(left, units, lexicon)
    left = _blanked(left, [(each.start, each.end) for each in negations])
    meant = _spelled(_meant(left, lexicon, knows), knows, spelled) if corrects else left
    price, is_foreign = _price(budget, typed, lexicon, currency)
    recognised = _recognised(left, typed, lexicon) if meant == left else _recognised(meant, _Typed(meant, ()), lexicon)
    cut = meant
    if lexicon.is_whole:
        cut = _RUN.sub(lambda found: " ".join(lexicon.chinese.words_in(found.group())), meant)
    kept = text if cut == typed.folded else _JOINTS.sub(" ", cut).strip()
    conditions = _conditions(price, negations, recognised, (AVOIDED,) if pregnancy else ())
    agreeing = (*conditions.agreeing, *_stated(meant, recognised), *_shortened(meant, recognised))
    return Read(
        kept,
        replace(conditions, agreeing=agreeing, measures=measures),
        Understood(
            text=kept,
            price=price,
            measures=measures,
            excluded=tuple(_excluded(each, typed) for each in negations),
            brands=_of_kind(recognised, "brand"),
            category=next(iter(_of_kind(recognised, "category")[::-1]), None),
            attributes=(
                *((Recognised(typed.at(*pregnancy), "false", AVOIDED[0]),) if pregnancy else ()),
                *_of_kind(recognised, "attribute"),
            ),
            corrected=_JOINTS.sub(" ", meant).strip() if meant != left else "",
            relaxed=(OTHER_CURRENCY,) if is_foreign else (),
        ),
    )


def _typed(text: str) -> _Typed:
    folded = fold(text)
    if text.isascii():
        return _Typed(folded, tuple(text))
    pieces: list[str] = []
    for character in text:
        length = len(fold(character))
        pieces += [character, *[""] * (length - 1)] if length else []
    return _Typed(folded, tuple(pieces) if "".join(map(fold, text)) == folded else ())


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text with spaces at some places, and without the words that belong to what stood there."""
    for start, end in spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return _LEFT_OVER.sub(lambda found: " " * len(found.group()), text) if spans else text


def _price(budget: Budget, typed: _Typed, lexicon: Lexicon, currency: str) -> tuple[PriceRange | None, bool]:
    """Return the limits that were told, and whether they are in a currency that the shop does not quote."""
    if not budget.spans:
        return None, False
    is_home = not budget.currency or (budget.named in _PLAIN_DOLLARS and currency in _DOLLARS)
    named = currency if is_home else budget.currency
    if named != currency and named not in lexicon.currencies:
        return None, True
    scale = 10 ** decimals_of(named)
    low, high = (None if value is None else round(value * scale) for value in (budget.minimum, budget.maximum))
    said = " ".join(typed.at(start, end) for start, end in budget.spans)
    return PriceRange(said, named, low, high), False


def _measures(typed: _Typed, lexicon: Lexicon) -> tuple[list[tuple[int, int]], tuple[MeasureRange, ...]]:
    """Return the limits on what products measure, and where they stand; one that no attribute knows stays a word."""
    found = [
        ((each.start, each.end), within(each, typed.at(each.start, each.end), typed.folded, lexicon.measured))
        for each in (limits_in(typed.folded) if lexicon.measured else ())
    ]
    return [span for span, told in found if told], tuple(told for _, told in found if told)


def _meant(left: str, lexicon: Lexicon, knows: Callable[[str], bool]) -> str:
    """Return the text with Chinese that sounds alike and pinyin as the catalog writes them."""

    def latin(found: re.Match[str]) -> str:
        words = found.group().split(" ")
        if any(map(knows, words)):
            return " ".join(word if knows(word) else lexicon.chinese.meant_by_pinyin(word) or word for word in words)
        return lexicon.chinese.meant_by_pinyin(found.group()) or found.group()

    chinese = lexicon.chinese
    if not chinese.pairs:
        return left
    corrected = _RUN.sub(lambda found: chinese.corrected(found.group()), left)
    return _LATIN.sub(latin, corrected)


def _spelled(meant: str, knows: Callable[[str], bool], spelled: Callable[[str], str]) -> str:
    """Return the text with misspelt Latin words as they were meant, before anything is recognised in it."""

    def word(found: re.Match[str]) -> str:
        written = found.group()
        is_unit = re.search(r"\d\s?$", meant[: found.start()]) is not None
        return written if is_unit or written in STOP_WORDS or knows(written) else spelled(written)

    return _WHOLE_WORD.sub(word, meant)


def _recognised(left: str, typed: _Typed, lexicon: Lexicon) -> list[tuple[Recognised, Named]]:
    """Return the names of the catalog in a text, in order, each with what was typed for it."""
    units = units_of(left)
    found: list[tuple[Recognised, Named]] = []
    place = 0
    while place < len(units):
        length, names = lexicon.named_at(units, place)
        said = typed.at(units[place].start, units[place + length - 1].end) if length else ""
        is_told = any(named.kind != "attribute" for named in names)
        found += [
            (Recognised(said, named.value, named.name), named)
            for named in names
            if not is_told or named.kind != "attribute"
        ]
        place += length or 1
    return found


def _excluded(negation: Negation, typed: _Typed) -> Excluded:
    what = typed.at(negation.place, negation.place + len(negation.what))
    return Excluded(typed.at(negation.start, negation.end), what)


def _of_kind(recognised: Sequence[tuple[Recognised, Named]], kind: str) -> tuple[Recognised, ...]:
    return tuple(each for each, named in recognised if named.kind == kind)


def _conditions(
    price: PriceRange | None,
    negations: Sequence[Negation],
    recognised: Sequence[tuple[Recognised, Named]],
    warnings: Sequence[tuple[str, str]],
) -> Conditions:
    has: list[tuple[str, str]] = []
    lacks: list[tuple[str, str]] = [*warnings]
    doubted: list[tuple[str, str]] = []
    without: list[tuple[str, ...]] = []
    for each in negations:
        if each.substance and each.substance.stated and not each.is_for:
            has.append((FREE_FROM, each.substance.stated))
            doubted += each.substance.held
            continue
        if each.substance:
            lacks += each.substance.suited if each.is_for else each.substance.held
        without += filter(None, [all_terms(each.what)])
    return Conditions(
        price=price,
        has=tuple(dict.fromkeys(has)),
        lacks=tuple(dict.fromkeys(lacks)),
        without=tuple(dict.fromkeys(without)),
        agreeing=(*_agreeing(recognised), *_stating(negations)),
        doubted=tuple(dict.fromkeys(doubted)),
    )


def _agreeing(recognised: Sequence[tuple[Recognised, Named]]) -> tuple[Agreement, ...]:
    """Return what raises a product: its maker, and the kind of thing that is asked for: the last one named."""
    said = {kind: [all_terms(each.typed) for each in _of_kind(recognised, kind)] for kind in ("brand", "category")}
    found = []
    if said["brand"]:
        found.append(Agreement("brand", tuple(dict.fromkeys(said["brand"]))))
    if said["category"]:
        found.append(Agreement("category", (said["category"][-1],)))
    elif kinds := [named.value for _, named in recognised[-1:] if named.name == "kind"]:
        found.append(Agreement("attributes", (all_terms(kinds[0].replace("_", " ")),), weight=_KIND))
    return tuple(found)


def _stated(text: str, recognised: Sequence[tuple[Recognised, Named]]) -> tuple[Agreement, ...]:
    """Return what raises a product that is stated to have what is asked for: values by their names, and measures.

    What one name may mean (several values) is one thing asked for.
    """
    values: dict[str, dict[tuple[str, ...], None]] = {}
    for each, named in recognised:
        if named.kind == "attribute" and named.name != "kind":
            values.setdefault(each.typed, {})[all_terms(named.value.replace("_", " "))] = None
    asked = {ways: _VALUE for each in values.values() if (ways := tuple(filter(None, each)))}
    asked |= {((token[1:],),): 1.0 for token in tokens(text) if token[0] == "="}
    return tuple(Agreement("attributes", ways, weight, "stated") for ways, weight in asked.items())


def _shortened(text: str, recognised: Sequence[tuple[Recognised, Named]]) -> tuple[Agreement, ...]:
    """Return what raises a product whose title a Chinese query may be in short: all its characters, two side by side.

    A query that names a kind of thing and nothing else is no title.
    """
    run = text.strip()
    if not (_NAME_LEAST <= len(run) <= _NAME_MOST and _RUN.fullmatch(run)):
        return ()
    if any(len(each.typed) >= len(run) and named.kind != "attribute" for each, named in recognised):
        return ()
    ways = tuple((pair, *(character for character in run if character not in pair)) for pair in pairs(run))
    return (Agreement("title", ways, signal="named"),)


def _stating(negations: Sequence[Negation]) -> tuple[Agreement, ...]:
    """Return what raises a product that states that it is without what is not wanted."""
    values = {each.substance.value for each in negations if each.substance and each.substance.value and not each.is_for}
    return tuple(Agreement("attributes", ((stating_term(value),),)) for value in sorted(values))
