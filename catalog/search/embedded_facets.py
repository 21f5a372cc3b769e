"""Facet counts of the embedded index, over everything that matches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import floordiv

from catalog.search.embedded_columns import ATTRIBUTE, NO_ATTRIBUTES, PRICE, Columns
from catalog.search.facet_ranges import price_step, range_name
from catalog.search.ports import ProductQuery
from catalog.search.query_rules import FACET_VALUES_MAX


def facets(query: ProductQuery, columns: Columns, product_ids: Sequence[int]) -> dict[str, Mapping[str, int]]:
    """Return {facet: {value: products}} of the query's facets over the products that match."""
    held = columns.places
    places = [held[product_id] for product_id in product_ids if product_id in held]
    found: dict[str, Mapping[str, int]] = {}
    for name in query.facets:
        if name == PRICE:
            found[name] = _ranges(columns.prices(query.currency, places))
        else:
            column = name if name in NO_ATTRIBUTES else f"{ATTRIBUTE}{name}"
            found[name] = _most(columns.count(column, places))
    return found


def _most(counted: Iterable[tuple[tuple[str, str], int]]) -> dict[str, int]:
    """Return {value: products}, the most frequent first; spellings of one value are counted as one."""
    spelling: dict[str, str] = {}
    sums: defaultdict[str, int] = defaultdict(int)
    for (value, label), count in counted:
        sums[value] += count
        spelling[value] = min(spelling.get(value, label), label)
    ordered = sorted(sums.items(), key=lambda row: (-row[1], row[0]))[:FACET_VALUES_MAX]
    return {spelling[value]: count for value, count in ordered}


def _ranges(amounts: Sequence[int]) -> dict[str, int]:
    if not amounts:
        return {}
    step = price_step(min(amounts), max(amounts))
    counted = Counter(map(floordiv, amounts, repeat(step)))
    return {range_name(number, step): count for number, count in sorted(counted.items())}
