"""What a search understood of the words typed into it: told with every answer, so that a page can show and undo it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

# What an answer may leave out, in `Understood.relaxed`.
SOME_WORDS = "words"  # too few products have every word: those with some of them are shown too
UNSTATED = "unstated"  # nothing states that it is without what is not wanted: what is not said to have it is shown
OTHER_CURRENCY = "currency"  # the shop quotes no prices in the currency that was named: prices are not limited


@dataclass(frozen=True, slots=True)
class Recognised:
    """A part of the query that names something of the catalog.

    `typed` is that part as the shopper wrote it: the query without it asks for the same without this. `name` is the
    attribute's name, empty for brands and categories; `value` is what filters take: a brand, a category's path, an
    attribute's value.
    """

    typed: str
    value: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Excluded:
    """What products must not have: `typed` with the word that says no ("without alcohol"), `what` alone ("alcohol")."""

    typed: str
    what: str


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Limits read from the words, minor units of `currency`, inclusive; None = open. `typed`: "under 300"."""

    typed: str
    currency: str
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class MeasureRange:
    """Limits on what products measure, inclusive, None = open: "under 2 kg" is 2 of `unit` "kg" at most.

    `values` are {attribute: those of its values that keep it}; a product keeps it that has one of them.
    """

    typed: str
    unit: str
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """A part of a product that the query names: `text` is one of catalog.search.texts.WEIGHTS, `ways` are terms.

    A product agrees whose text has all terms of one way. `signal` is the one of catalog.search.reranking that it counts
    for: each is the share of its own agreements that a product has.
    """

    text: str
    ways: tuple[tuple[str, ...], ...]
    weight: float = 1.0
    signal: Literal["agreement", "stated", "named"] = "agreement"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the words of a query demand of every hit, beside the filters of the page; engines keep it as filters.

    `has` are (attribute, value) that every hit has, each of them; `lacks` those that none has. `without` are terms: no
    hit has all terms of one of them in title, category or brand, unless the title itself says "free" of it. `doubted`
    takes the place of `has` where nothing states it. `agreeing` is no condition: it raises what agrees.
    """

    price: PriceRange | None = None
    measures: tuple[MeasureRange, ...] = ()  # each of them
    has: tuple[tuple[str, str], ...] = ()
    lacks: tuple[tuple[str, str], ...] = ()
    without: tuple[tuple[str, ...], ...] = ()
    agreeing: tuple[Agreement, ...] = ()
    doubted: tuple[tuple[str, str], ...] = ()
    is_unstated: bool = False

    @property
    def unstated(self) -> Conditions:
        """These conditions for when no product states what it is without: what is said to have it is left out."""
        return replace(self, has=(), lacks=(*self.lacks, *self.doubted), doubted=(), is_unstated=True)


@dataclass(frozen=True, slots=True)
class Understood:
    """How a query was read; empty where nothing of the kind was in it.

    `text` is what is left to find products by. Price, `measures` and `excluded` are conditions that every hit keeps;
    brands, category and attributes raise what has them and are told so that a page can offer them as filters.
    `corrected` is the query as it was meant when words were misspelt. `relaxed` says what the answer left out:
    SOME_WORDS, UNSTATED, OTHER_CURRENCY.
    """

    text: str = ""
    price: PriceRange | None = None
    measures: tuple[MeasureRange, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    brands: tuple[Recognised, ...] = ()
    category: Recognised | None = None
    attributes: tuple[Recognised, ...] = ()
    corrected: str = ""
    relaxed: tuple[str, ...] = ()
