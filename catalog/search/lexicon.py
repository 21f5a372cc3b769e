"""What one merchant's catalog can be asked for by name: brands, categories, attribute values, Chinese as it is written.

It is learned where products are kept (catalog.products.lexicon); here it is looked things up in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from catalog.search.analysis import fold, is_chinese, without_accents
from catalog.search.chinese_spelling import ChineseWords
from catalog.search.limits import Measured
from catalog.search.stemming import stem

T = TypeVar("T")
PHRASE_MAX = 8  # units of a name: words, and single Chinese characters
_UNIT = re.compile(r"[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_\u3005-\u9fff]+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, stemmed, or one Chinese character; where it stands in the folded text."""

    term: str
    start: int
    end: int


Phrase = tuple[str, ...]  # terms of units
Pairs = tuple[tuple[str, str], ...]  # (attribute, value)


@dataclass(frozen=True, slots=True)
class Named:
    """A thing of the catalog; `name` is the attribute's, `value` a brand, a category's path or an attribute's value."""

    kind: Literal["brand", "category", "attribute"]
    value: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Substance:
    """What a product may be without.

    `value` is the value of `free_from` that says so, `is_stated` whether silence is no promise of it. Otherwise the
    products that are said to have it are left out: `held`. `suited` are attributes of whom or what it is for.
    """

    value: str = ""
    is_stated: bool = False
    held: Pairs = ()
    suited: Pairs = ()

    @property
    def stated(self) -> str:
        """The value of `free_from` that a product must state, "" when it need not."""
        return self.value if self.is_stated else ""


@dataclass(frozen=True)
class Lexicon:
    """`names` and `substances` by the units of what they are called; `currencies` are those prices are quoted in.

    `is_whole`: it was learned from every product, so what it does not have no product has.
    """

    names: Mapping[Phrase, tuple[Named, ...]] = field(default_factory=dict)
    substances: Mapping[Phrase, Substance] = field(default_factory=dict)
    currencies: frozenset[str] = frozenset()
    warnings: frozenset[tuple[str, str]] = frozenset()  # (attribute, "true") of what some product is not fit for
    neighbours: Set[tuple[str, str]] = frozenset()  # words that stand side by side, stemmed
    titled: Set[str] = frozenset()  # words of titles, brands and categories, stemmed
    measured: Measured = field(default_factory=dict)  # what products measure
    chinese: ChineseWords = field(default_factory=ChineseWords)
    is_whole: bool = False

    def named_at(self, units: Sequence[Unit], place: int) -> tuple[int, tuple[Named, ...]]:
        """Return how many units from `place` on are a name, the longest there is, and what they name; 0 for none."""
        length, found = _longest(self.names, units, place)
        return length, found or ()

    def substance_at(self, units: Sequence[Unit], place: int) -> tuple[int, Substance | None]:
        """Return how many units from `place` on name something to be without, and what; 0 for none."""
        return _longest(self.substances, units, place)


def units_of(folded: str) -> list[Unit]:
    """Return the words and Chinese characters of a folded text."""
    return [Unit(_term(found.group()), *found.span()) for found in _UNIT.finditer(folded)]


def phrase_of(text: str) -> Phrase:
    """Return the units of a name as they are looked up."""
    return tuple(unit.term for unit in units_of(fold(text)))


def gathered(names: Iterable[tuple[str, Named]]) -> dict[Phrase, tuple[Named, ...]]:
    """Return what each name means; names that are too long or empty are left out."""
    found: dict[Phrase, dict[Named, None]] = {}
    for text, named in names:
        phrase = phrase_of(text)
        if 0 < len(phrase) <= PHRASE_MAX and not (len(phrase) == 1 and is_chinese(phrase[0])):
            found.setdefault(phrase, {})[named] = None
    return {phrase: tuple(each) for phrase, each in found.items()}


def _term(written: str) -> str:
    return written if is_chinese(written) else stem(without_accents(written))


def _longest(known: Mapping[Phrase, T], units: Sequence[Unit], place: int) -> tuple[int, T | None]:
    for length in range(min(PHRASE_MAX, len(units) - place), 0, -1):
        found = known.get(tuple(unit.term for unit in units[place : place + length]))
        if found:
            return length, found
    return 0, None
