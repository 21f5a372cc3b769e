"""What to leave out of a search that finds nothing: as little as possible, and never what a shopper ruled out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from catalog.search.ports import ProductQuery

WORDS, IN_STOCK, PRICE, BRAND, CATEGORY, CREATOR, ATTRIBUTE, MEASURE = (
    "words",
    "in_stock",
    "price",
    "brand",
    "category",
    "creator",
    "attribute",
    "measure",
)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """One condition that was left out; WORDS: some of them will do.

    `name` is the attribute's, for ATTRIBUTE, and what was typed, for MEASURE.
    """

    kind: str
    name: str = ""

    @property
    def code(self) -> str:
        """The condition as one text: "price", "attribute:skin_types"."""
        return f"{self.kind}:{self.name}" if self.name else self.kind


def relaxed_of(code: str) -> Relaxed:
    """Return what `Relaxed.code` wrote."""
    kind, _, name = code.partition(":")
    return Relaxed(kind, name)


def relaxations(query: ProductQuery) -> list[Relaxed]:
    """Return what may be left out of this query, what hurts least first. Exclusions ("without alcohol") never are."""
    given = {
        WORDS: bool(query.text.strip()) and query.match == "every",
        IN_STOCK: query.in_stock_only,
        PRICE: (query.price_min, query.price_max, query.conditions.price) != (None, None, None),
    }
    found = [Relaxed(kind) for kind, is_given in given.items() if is_given]
    found += [Relaxed(MEASURE, each.typed) for each in query.conditions.measures]
    found += [Relaxed(ATTRIBUTE, name) for name, values in reversed(list(query.attributes.items())) if values]
    wider = {BRAND: bool(query.brands), CATEGORY: bool(query.category_path), CREATOR: query.creator_id is not None}
    return found + [Relaxed(kind) for kind, is_given in wider.items() if is_given]


def without(query: ProductQuery, left_out: Iterable[Relaxed]) -> ProductQuery:
    """Return the query without these conditions; a price in the words is one of them."""
    for each in left_out:
        query = _open(query, each)
    return query


def _open(query: ProductQuery, left_out: Relaxed) -> ProductQuery:
    if left_out.kind == ATTRIBUTE:
        kept = {name: each for name, each in query.attributes.items() if name != left_out.name}
        return replace(query, attributes=kept)
    if left_out.kind == MEASURE:
        told = tuple(each for each in query.conditions.measures if each.typed != left_out.name)
        return replace(query, conditions=replace(query.conditions, measures=told))
    return _OPENED[left_out.kind](query)


def least(query: ProductQuery, count: Callable[[ProductQuery], int]) -> tuple[ProductQuery, tuple[Relaxed, ...]]:
    """Return the query with the least left out that finds something, and what that was; nothing when nothing helps.

    At most SEARCH_RELAX_TRIES_MAX searches: first whether anything helps at all, then one condition alone, then more
    and more of them together.
    """
    options = relaxations(query)
    everything = without(query, options)
    if not options or not count(everything):
        return query, ()
    for left_out in _attempts(options)[: settings.SEARCH_RELAX_TRIES_MAX - 1]:
        tried = without(query, left_out)
        if count(tried):
            return tried, tuple(left_out)
    return everything, tuple(options)


def _attempts(options: Sequence[Relaxed]) -> list[Sequence[Relaxed]]:
    alone = [[each] for each in options]
    together = [options[:size] for size in range(2, len(options))]
    return [*alone, *together]


_OPENED: dict[str, Callable[[ProductQuery], ProductQuery]] = {
    WORDS: lambda query: replace(query, match="some"),
    IN_STOCK: lambda query: replace(query, in_stock_only=False),
    PRICE: lambda query: replace(
        query, price_min=None, price_max=None, conditions=replace(query.conditions, price=None)
    ),
    BRAND: lambda query: replace(query, brands=()),
    CATEGORY: lambda query: replace(query, category_path=""),
    CREATOR: lambda query: replace(query, creator_id=None),
}
