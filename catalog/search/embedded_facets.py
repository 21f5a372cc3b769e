"""Facet counts of the embedded index, over everything that matches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from operator import floordiv, itemgetter

from catalog.search.embedded_columns import Columns, Row
from catalog.search.facet_ranges import price_step, range_name
from catalog.search.ports import ProductQuery
from catalog.search.query_rules import FACET_VALUES_MAX

_COLUMNS = {"category": itemgetter(0), "brand": itemgetter(1)}
_IN_STOCK, _ATTRIBUTES = itemgetter(2), itemgetter(3)


def facets(query: ProductQuery, columns: Columns, product_ids: Sequence[int]) -> dict[str, Mapping[str, int]]:
    """Return {facet: {value: products}} of the query's facets over the products that match."""
    rows = [row for row in map(columns.rows.get, product_ids) if row]
    attributes = _attributes(query, columns, rows)
    found: dict[str, Mapping[str, int]] = {}
    for name in query.facets:
        if name == "price":
            found[name] = _prices(columns.prices.get(query.currency, {}), product_ids)
        elif name == "in_stock":
            counted = Counter(map(_IN_STOCK, rows))
            found[name] = _most((("true" if is_there else "false", count) for is_there, count in counted.items()))
        elif name in _COLUMNS:
            found[name] = _most(Counter(map(_COLUMNS[name], rows)).items())
        else:
            found[name] = attributes.get(name, {})
    return found


def _most(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    ordered = sorted((row for row in counted if row[0]), key=lambda row: (-row[1], row[0]))
    return dict(ordered[:FACET_VALUES_MAX])


def _attributes(query: ProductQuery, columns: Columns, rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Return {attribute: {value: products}}; spellings of one value are counted as one."""
    wanted = {name for name in query.facets if name not in (*_COLUMNS, "in_stock", "price")}
    if not wanted:
        return {}
    spellings: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    sums: Counter[tuple[str, str]] = Counter()
    for place, count in Counter(chain.from_iterable(map(_ATTRIBUTES, rows))).items():
        name, value, label = columns.values[place]
        if name in wanted:
            spellings[name, value].append(label)
            sums[name, value] += count
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (name, value), count in sorted(sums.items(), key=lambda row: (-row[1], row[0])):
        if len(found[name]) < FACET_VALUES_MAX:
            found[name][min(spellings[name, value])] = count
    return found


def _prices(amounts: Mapping[int, int], product_ids: Sequence[int]) -> dict[str, int]:
    held = [amount for amount in map(amounts.get, product_ids) if amount is not None]
    if not held:
        return {}
    step = price_step(min(held), max(held))
    counted = Counter(map(floordiv, held, repeat(step)))
    return {range_name(number, step): count for number, count in sorted(counted.items())}
