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
_RANGES = "ranges"


def aggregations(query: ProductQuery) -> dict[str, Any]:
    """Return the aggregations of the query's facets, named by their place: a facet's name may hold anything."""
    return {f"f{place}": _aggregation(query, name) for place, name in enumerate(query.facets)}


def price_aggregations(query: ProductQuery, answered: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the second question that price ranges need, once lowest and highest price are known; None without one."""
    if "price" not in query.facets:
        return None
    limits = answered[f"f{query.facets.index('price')}"]
    if limits["min"] is None:
        return None
    step = price_step(int(limits["min"]), int(limits["max"]))
    return {_RANGES: {"histogram": {"field": f"prices.{query.currency}", "interval": step, "min_doc_count": 1}}}


def counts(query: ProductQuery, answered: Mapping[str, Any]) -> dict[str, Mapping[str, int]]:
    """Return {facet: {value: products}} of the answered aggregations."""
    return {name: _counts(name, answered[f"f{place}"]) for place, name in enumerate(query.facets) if name != "price"}


def price_counts(asked: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[str, int]:
    """Return {price range: products}."""
    step = asked[_RANGES]["histogram"]["interval"]
    return {range_name(int(row["key"]) // step, step): row["doc_count"] for row in answered[_RANGES]["buckets"]}


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
