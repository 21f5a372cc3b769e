"""A ProductQuery as the body of an Elasticsearch search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.search.analysis import QueryTerms, prefix_terms
from catalog.search.completions import CANDIDATES
from catalog.search.elasticsearch_documents import attribute_key, label, value_key
from catalog.search.elasticsearch_facets import aggregations
from catalog.search.elasticsearch_mapping import CHARACTERS, PAIRS, WEIGHTS, WORDS
from catalog.search.ports import ProductQuery
from catalog.search.query_rules import within_64_bits

Clause = dict[str, Any]


def body_of(query: ProductQuery, text: Clause | None) -> dict[str, Any]:
    """Return the search for one page, its total and its facets; `text` None matches everything."""
    return {
        "query": restricted(query, text),
        "from": query.offset,
        "size": query.limit,
        "sort": _sort(query, has_text=text is not None),
        "track_scores": text is not None,
        "track_total_hits": True,
        "stored_fields": "_none_",  # the product's id is the last sort value: no document is fetched
        **({"aggs": aggregations(query)} if query.facets else {}),
    }


def restricted(query: ProductQuery, text: Clause | None) -> Clause:
    """Return `text` under the query's filters."""
    wanted, unwanted = _filters(query)
    return {"bool": {"filter": wanted, **_given("must_not", unwanted), **_given("must", [text] if text else [])}}


def match_all(terms: QueryTerms, names: Sequence[str] = tuple(WEIGHTS)) -> Clause:
    """Return the clause that asks for every word and every pair."""
    covered = set("".join(terms.pairs)).issuperset(terms.characters)
    kinds = [(WORDS, terms.words, True), (PAIRS, terms.pairs, True), (CHARACTERS, terms.characters, not covered)]
    return _all_of([_combined(kind, asked, names, every=every) for kind, asked, every in kinds if asked])


def match_any(terms: QueryTerms, names: Sequence[str] = tuple(WEIGHTS)) -> Clause:
    """Return the clause that asks for any word or pair.

    Single characters only add to the score of what holds a pair: alone they would find 口 in "mouth" for "lipstick".
    """
    chinese = [
        _combined(kind, asked, names, every=False)
        for kind, asked in ((PAIRS, terms.pairs), (CHARACTERS, terms.characters))
        if asked and terms.characters
    ]
    choices = [_combined(WORDS, terms.words, names, every=False)] if terms.words else []
    if chinese:
        choices.append(_all_of(chinese))
    return choices[0] if len(choices) == 1 else {"bool": {"should": choices, "minimum_should_match": 1}}


def completion_body(merchant_id: int, prefix: str) -> dict[str, Any] | None:
    """Return the search for products whose title, category or maker completes `prefix`; None for nothing typed."""
    pieces = prefix_terms(prefix)
    if not pieces:
        return None
    typed = {"match_bool_prefix": {"typed": {"query": " ".join(pieces), "operator": "and"}}}
    return {
        "query": {"bool": {"must": [typed], "filter": [of_merchant(merchant_id)]}},
        "size": CANDIDATES,
        "sort": [{"_score": "desc"}, {"product_id": "asc"}],
        "track_total_hits": False,
        "_source": ["labels"],
    }


def of_merchant(merchant_id: int) -> Clause:
    """Return the clause that stands in every search: one merchant's products."""
    return {"term": {"merchant_id": str(merchant_id)}}


def _combined(kind: str, asked: Sequence[str], names: Sequence[str], *, every: bool) -> Clause:
    fields = [f"{kind}.{name}^{WEIGHTS[name]:g}" for name in names]
    operator = {"operator": "and"} if every and len(asked) > 1 else {}
    return {"combined_fields": {"query": " ".join(asked), "fields": fields, **operator}}


def _all_of(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"bool": {"must": clauses}}


def _sort(query: ProductQuery, *, has_text: bool) -> list[Clause]:
    """Return the order; without text, relevance means by title."""
    last: Clause = {"product_id": "asc"}
    if query.sort == "relevance" and has_text:
        return [{"_score": "desc"}, last]
    if query.sort in ("relevance", "title"):
        return [{"title_key": "asc"}, last]
    order = "desc" if query.sort.startswith("-") else "asc"
    # A currency that no product has a price in is no field yet.
    return [{f"prices.{query.currency}": {"order": order, "missing": "_last", "unmapped_type": "long"}}, last]


def _filters(query: ProductQuery) -> tuple[list[Clause], list[Clause]]:
    """Return what must hold and what must not, of everything but the text."""
    wanted = [of_merchant(query.merchant_id), *_limits(query), *_attributes(query.attributes)]
    if query.category_path:
        wanted.append({"term": {"category_within": label(query.category_path.strip("/"))}})
    if query.brands:
        wanted.append({"terms": {"brand_key": [value_key(brand) for brand in query.brands]}})
    if query.product_ids is not None:
        wanted.append({"terms": {"product_id": list(query.product_ids)}})
    if query.creator_id is not None:
        wanted.append({"term": {"creator_ids": str(query.creator_id)}})
    if query.in_stock_only:
        wanted.append({"term": {"in_stock": True}})
    if query.for_sale_only:
        wanted.append({"term": {"is_for_sale": True}})
    unwanted = _attributes(query.excluded_attributes)
    if query.excluded_product_ids:
        unwanted.append({"terms": {"product_id": list(query.excluded_product_ids)}})
    return wanted, unwanted


def _limits(query: ProductQuery) -> list[Clause]:
    if query.price_min is None and query.price_max is None:
        return []
    within = {"gte": within_64_bits(query.price_min or 0), "lte": within_64_bits(query.price_max)}
    return [{"range": {f"prices.{query.currency}": within}}]


def _attributes(wanted: Mapping[str, Sequence[str]]) -> list[Clause]:
    return [
        {"terms": {f"attributes.{attribute_key(name)}": [value_key(value) for value in values]}}
        for name, values in wanted.items()
        if values
    ]


def _given(name: str, clauses: list[Clause]) -> Clause:
    return {name: clauses} if clauses else {}
