"""A ProductQuery as the body of an Elasticsearch search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.search.analysis import prefix_terms
from catalog.search.completions import CANDIDATES
from catalog.search.cursors import Cursor
from catalog.search.elasticsearch_documents import attribute_key, kind_of, label, value_key
from catalog.search.elasticsearch_facets import aggregations
from catalog.search.elasticsearch_mapping import CHARACTERS, PAIRS
from catalog.search.exclusion import TEXTS, denials
from catalog.search.ordering import first_hits, is_below, is_by_relevance, limit_of
from catalog.search.ports import ProductQuery
from catalog.search.query_rules import within_64_bits
from catalog.search.reading import Reading, Slot
from catalog.search.texts import WEIGHTS
from catalog.search.understood import Conditions
from catalog.search.vocabulary import SAMPLE

Clause = dict[str, Any]
_WHOLE: Clause = {"whole": {"filter": {"match_all": {}}}}  # counts what a cursor leaves out of the total
_ON_TOP = 1e6  # score of what the merchant pins


def body_of(query: ProductQuery, text: Clause | None, *, grain: int = 0) -> dict[str, Any]:
    """Return the search for one page, its total and its facets; `text` None matches everything.

    `grain`: how finely prices are counted beside (PriceGrain). By relevance the first hits come with what they are
    looked at again by.
    """
    by_score = text is not None and is_by_relevance(query)
    offset, limit = first_hits(query) if by_score else (query.offset, limit_of(query))
    looked_at = by_score and offset == 0
    counted = {**(aggregations(query, grain) if query.facets else {}), **(_WHOLE if query.after else {})}
    return {
        "query": restricted(query, text),
        "from": offset,
        "size": limit,
        "sort": _sort(query, has_text=text is not None),
        "track_scores": text is not None,
        "track_total_hits": True,
        # The whole source: to cut it, the engine would have to parse it. Else no document is fetched, for the product's
        # id is the last sort value.
        **({"_source": True} if looked_at else {"stored_fields": "_none_"}),
        **({"aggs": counted} if counted else {}),
        **(_going_on(query.after) if query.after else {}),
    }


def total_of(answer: Mapping[str, Any]) -> int:
    """Return how many products match, those on earlier pages included."""
    whole = answer.get("aggregations", {}).get("whole")
    return int(whole["doc_count"] if whole else answer["hits"]["total"]["value"])


def _going_on(after: Cursor) -> Clause:
    """Return what leaves out the pages before; the total and the facets count them still."""
    seen: Clause = {"bool": {"must_not": [{"terms": {"product_id": list(after.seen)}}]}}
    return {
        **({"post_filter": seen} if after.seen else {}),
        **({"search_after": list(after.key)} if after.key else {}),
    }


def restricted(query: ProductQuery, text: Clause | None) -> Clause:
    """Return `text` under the query's filters; pinned products match whatever their text, and stand on top."""
    wanted, unwanted = _filters(query)
    if text and query.rules.pinned:
        pins = {"constant_score": {"filter": {"terms": {"product_id": list(query.rules.pinned)}}, "boost": _ON_TOP}}
        text = {"bool": {"should": [text, pins], "minimum_should_match": 1}}
    return {"bool": {"filter": wanted, **_given("must_not", unwanted), **_given("must", [text] if text else [])}}


def match_all(reading: Reading) -> Clause:
    """Return the clause that asks for every slot; single characters of pairs add to the score."""
    plain, others = _by_kind(reading.slots)
    clauses = [_combined(kind, terms, every=True) for kind, terms in plain.items()]
    return _all_of([*clauses, *map(_slot, others), *_characters(reading)])


def match_any(reading: Reading) -> Clause:
    """Return the clause that asks for any slot.

    Single characters only add to the score of what holds a pair: alone they would find 口 in "mouth" for "lipstick".
    """
    plain, others = _by_kind(reading.slots)
    choices = [_combined(kind, terms, every=False) for kind, terms in plain.items() if kind != PAIRS]
    if PAIRS in plain:
        choices.append(_all_of([_combined(PAIRS, plain[PAIRS], every=False), *_characters(reading)]))
    choices += map(_slot, others)
    return choices[0] if len(choices) == 1 else {"bool": {"should": choices, "minimum_should_match": 1}}


def _by_kind(slots: Sequence[Slot]) -> tuple[dict[str, list[str]], list[Slot]]:
    """Return {kind of field: terms} of the slots that one term answers, and the other slots."""
    plain: dict[str, list[str]] = {}
    others: list[Slot] = []
    for slot in slots:
        if len(slot.choices) == 1 and len(slot.terms) == 1:
            plain.setdefault(kind_of(slot.terms[0]), []).append(slot.terms[0])
        else:
            others.append(slot)
    return plain, others


def _slot(slot: Slot) -> Clause:
    choices = []
    for choice in slot.choices:
        clause = _all_of([_combined(kind_of(term), [term], every=True) for term in choice.terms])
        choices.append(clause if choice.weight == 1 else {"bool": {"must": [clause], "boost": choice.weight}})
    return choices[0] if len(choices) == 1 else {"dis_max": {"queries": choices}}


def _characters(reading: Reading) -> list[Clause]:
    return [_combined(CHARACTERS, reading.characters, every=False)] if reading.characters else []


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
        "docvalue_fields": ["category_path"],
    }


def of_merchant(merchant_id: int) -> Clause:
    """Return the clause that stands in every search: one merchant's products."""
    return {"term": {"merchant_id": str(merchant_id)}}


def _combined(kind: str, asked: Sequence[str], *, every: bool) -> Clause:
    # combined_fields is BM25F, which beats summing a BM25 per field (docs/search.md); its weights are at least 1.
    fields = [f"{kind}.{name}^{weight:g}" for name, weight in WEIGHTS.items()]
    operator = {"operator": "and"} if every and len(asked) > 1 else {}
    return {"combined_fields": {"query": " ".join(asked), "fields": fields, **operator}}


def _all_of(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"bool": {"must": clauses}}


def _sort(query: ProductQuery, *, has_text: bool) -> list[Clause]:
    """Return the order; without text, relevance means by title."""
    last: Clause = {"product_id": "asc"}
    if is_below(query):
        return [last, last]
    if query.sort == "newest":
        return [{"product_id": "desc"}, last]
    if query.sort == "relevance" and has_text:
        return [{"_score": "desc"}, last]
    if query.sort in ("relevance", "title"):
        return [{"title_key": "asc"}, last]
    order = "desc" if query.sort.startswith("-") else "asc"
    # A currency that no product has a price in is no field yet.
    return [{f"prices.{query.currency}": {"order": order, "missing": "_last", "unmapped_type": "long"}}, last]


def _filters(query: ProductQuery) -> tuple[list[Clause], list[Clause]]:
    """Return what must hold and what must not, of everything but the text."""
    said = [clause for name, value in query.conditions.has for clause in _attributes({name: [value]})]
    wanted = [of_merchant(query.merchant_id), *_limits(query), *_attributes(query.attributes), *said]
    for measure in query.conditions.measures:
        kept = _attributes(dict(measure.values))
        wanted.append({"bool": {"should": kept, "minimum_should_match": 1}} if kept else {"match_none": {}})
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
    unwanted = [*_attributes(query.excluded_attributes), *_unwanted(query.conditions)]
    if query.excluded_product_ids:
        unwanted.append({"terms": {"product_id": list(query.excluded_product_ids)}})
    return wanted, unwanted


def _limits(query: ProductQuery) -> list[Clause]:
    told = query.conditions.price
    found = [_limit(told.currency, told.minimum, told.maximum)] if told else []
    if query.price_min is not None or query.price_max is not None:
        found.append(_limit(query.currency, query.price_min, query.price_max))
    return found


def _limit(currency: str, lowest: int | None, highest: int | None) -> Clause:
    within = {"gte": within_64_bits(lowest or 0), "lte": within_64_bits(highest)}
    return {"range": {f"prices.{currency}": within}}


def _unwanted(conditions: Conditions) -> list[Clause]:
    """Return what the words of the query turn down."""
    found = [clause for name, value in conditions.lacks for clause in _attributes({name: [value]})]
    for terms in conditions.without:
        said = [{"bool": {"should": [_has(name, term) for name in TEXTS]}} for term in terms]
        denied = [_has("title", term) for term in denials(terms)]
        found.append({"bool": {"filter": said, "must_not": denied}})
    return found


def _has(text: str, term: str) -> Clause:
    return {"term": {f"{kind_of(term)}.{text}": term}}


def _attributes(wanted: Mapping[str, Sequence[str]]) -> list[Clause]:
    return [
        {"terms": {f"attributes.{attribute_key(name)}": [value_key(value) for value in values]}}
        for name, values in wanted.items()
        if values
    ]


def _given(name: str, clauses: list[Clause]) -> Clause:
    return {name: clauses} if clauses else {}


def words_body(merchant_id: int, size: int) -> dict[str, Any]:
    """Return the search for how many products hold each word of a merchant's catalog, and for a sample of products."""
    everything = {"bool": {"filter": [of_merchant(merchant_id)]}}
    return {
        "query": {
            "function_score": {
                "query": everything,
                "random_score": {"seed": 1, "field": "product_id"},
                "boost_mode": "replace",
            }
        },
        "size": SAMPLE,
        "_source": ["ranked.texts"],
        "track_total_hits": True,
        "aggs": {"words": {"terms": {"field": "spelled", "size": size}}},
    }
