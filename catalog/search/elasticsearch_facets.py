"""Facets as Elasticsearch aggregations, and what they answer as counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from catalog.search.elasticsearch_documents import attribute_key, value_key
from catalog.search.facet_ranges import price_step, range_name
from catalog.search.ports import ProductQuery
from catalog.search.query_rules import FACET_VALUES_MAX

_COLUMNS = {"category": "category_path", "brand": "brand", "in_stock": "in_stock"}
_SPELLINGS = 4  # of a value, on average at most: they are counted as one
_GRAINS = "grains"  # prices counted so finely that ranges can be added up from them
_FINER = 100  # times finer than the widest range of prices asks for: so a narrow one is answered too


class PriceGrain:
    """How finely to count prices before a search's lowest and highest are known; learned from the searches before.

    Nothing but the number of questions depends on it: where it does not fit, the ranges are asked for once more.
    """

    def __init__(self) -> None:
        self._grains: dict[tuple[int, str], int] = {}

    def of(self, query: ProductQuery) -> int:
        """Return minor units, 0 when nothing is known yet."""
        return self._grains.get((query.merchant_id, query.currency), 0)

    def learn(self, query: ProductQuery, step: int) -> None:
        """Note how wide the ranges of a search were."""
        wanted = 10 ** max(0, len(str(step // _FINER)) - 1)
        self._grains[query.merchant_id, query.currency] = max(wanted, self.of(query))


def aggregations(query: ProductQuery, grain: int) -> dict[str, Any]:
    """Return the aggregations of the query's facets, named by their place: a facet's name may hold anything."""
    found = {f"f{place}": _aggregation(query, name) for place, name in enumerate(query.facets)}
    return {**found, **_counted(query, grain)} if "price" in query.facets and grain else found


def price_step_of(query: ProductQuery, answered: Mapping[str, Any]) -> int:
    """Return how wide the price ranges of a search are in minor units, 0 when nothing has a price."""
    limits = answered[f"f{query.facets.index('price')}"]
    return 0 if limits["min"] is None else price_step(int(limits["min"]), int(limits["max"]))


def price_body(query: ProductQuery, matching: Mapping[str, Any], step: int) -> dict[str, Any]:
    """Return the second question, for the ranges themselves."""
    return {"query": matching, "size": 0, "aggs": _counted(query, step)}


def price_counts(answered: Mapping[str, Any], step: int) -> dict[str, int] | None:
    """Return {price range: products}, None when prices were not counted finely enough for ranges of `step`."""
    rows = [(int(row["key"]), int(row["doc_count"])) for row in answered.get(_GRAINS, {}).get("buckets", ())]
    grain = int(answered.get(_GRAINS, {}).get("meta", {}).get("grain", 0))
    if not grain or step % grain:
        return None
    found: defaultdict[int, int] = defaultdict(int)
    for lowest, count in rows:
        found[lowest // step] += count
    return {range_name(number, step): count for number, count in sorted(found.items())}


def _counted(query: ProductQuery, grain: int) -> dict[str, Any]:
    counted = {"field": f"prices.{query.currency}", "interval": grain, "min_doc_count": 1}
    return {_GRAINS: {"histogram": counted, "meta": {"grain": grain}}}


def counts(query: ProductQuery, answered: Mapping[str, Any]) -> dict[str, Mapping[str, int]]:
    """Return {facet: {value: products}} of the answered aggregations."""
    return {name: _counts(name, answered[f"f{place}"]) for place, name in enumerate(query.facets) if name != "price"}


def _aggregation(query: ProductQuery, name: str) -> dict[str, Any]:
    if name == "price":
        return {"stats": {"field": f"prices.{query.currency}"}}
    if name in _COLUMNS:
        # One more than is told: products without a category or brand are a value too, and left out.
        return {"terms": {"field": _COLUMNS[name], "size": FACET_VALUES_MAX + 1}}
    field = f"attribute_labels.{attribute_key(name)}"
    return {"terms": {"field": field, "size": FACET_VALUES_MAX * _SPELLINGS}}


def _counts(name: str, answered: Mapping[str, Any]) -> dict[str, int]:
    rows = [(str(row.get("key_as_string", row["key"])), int(row["doc_count"])) for row in answered["buckets"]]
    if name in _COLUMNS:
        return dict([row for row in rows if row[0]][:FACET_VALUES_MAX])
    return _as_one(rows)


def _as_one(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return counts in which spellings of one value are one; a product holds a value in one spelling only."""
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    found: defaultdict[str, int] = defaultdict(int)
    for spelling, count in rows:
        spellings[value_key(spelling)].append(spelling)
        found[value_key(spelling)] += count
    ordered = sorted(found.items(), key=lambda row: (-row[1], row[0]))[:FACET_VALUES_MAX]
    return {min(spellings[value]): count for value, count in ordered}
