"""Elasticsearch, the catalog's engine: fills the SearchBackend port."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from catalog.search import elasticsearch_bulk as bulk
from catalog.search import elasticsearch_indices as indices
from catalog.search.analysis import query_terms
from catalog.search.completions import completions
from catalog.search.elasticsearch_client import answering, client, patient_client, refuse_error
from catalog.search.elasticsearch_documents import Write, document_id, removed, written
from catalog.search.elasticsearch_facets import counts, price_aggregations, price_counts
from catalog.search.elasticsearch_mapping import WEIGHTS
from catalog.search.elasticsearch_query import body_of, completion_body, match_all, match_any, of_merchant, restricted
from catalog.search.elasticsearch_scan import scan
from catalog.search.ports import Explanation, ProductDocument, ProductHit, ProductQuery, SearchPage
from catalog.search.query_rules import ENOUGH, check_query

_FORGOTTEN_AFTER_S = 0.5  # the engine's clock for real deletes ticks every 200 ms

log = logging.getLogger(__name__)
Answer = Mapping[str, Any]


class ElasticsearchSearch:
    """One shop's products behind an alias; `prefix` defaults to settings.ELASTICSEARCH_INDEX_PREFIX."""

    def __init__(self, prefix: str | None = None, *, is_being_built: bool = False) -> None:
        self.names = indices.Names(prefix or settings.ELASTICSEARCH_INDEX_PREFIX)
        self._is_being_built = is_being_built
        self._alias = self.names.being_built if is_being_built else self.names.searched

    def prepare(self) -> None:
        """Make an empty index behind the alias, unless there is one."""
        indices.make_if_missing(self.names)

    def index(self, documents: Iterable[tuple[ProductDocument, int]]) -> int:
        """Write (document, version) pairs in batches; older versions than stored are ignored."""
        return self._write(written(document, version) for document, version in documents)

    def delete(self, product_id: int, *, merchant_id: int, version: int) -> None:
        """Remove a product, unless a newer version is stored; the removal's version is remembered."""
        self._write([removed(product_id, merchant_id=merchant_id, version=version)])

    def search(self, query: ProductQuery) -> SearchPage:
        """Return the page of products that match: all words when enough products have them, else any word."""
        check_query(query)
        body, answer = self._matched(query)
        if answer is None:
            return SearchPage(hits=(), total=0)
        hits = tuple(ProductHit(int(hit["sort"][-1]), hit["_score"] or 0.0) for hit in answer["hits"]["hits"])
        return SearchPage(hits=hits, total=answer["hits"]["total"]["value"], facets=self._facets(query, body, answer))

    def bodies_of(self, query: ProductQuery) -> list[dict[str, Any]]:
        """Return the searches that are sent together: for all words, for any; one when they are the same.

        Nothing when nothing can match.
        """
        if not query.text.strip():
            return [body_of(query, None)]
        terms = query_terms(query.text)
        if terms.is_empty:
            return []
        every, some = body_of(query, match_all(terms)), body_of(query, match_any(terms))
        return [some] if every == some else [every, some]

    def suggest(self, merchant_id: int, prefix: str, *, limit: int = 5) -> list[str]:
        """Return brands, categories and titles in which every typed word stands, the last one as a beginning."""
        body = completion_body(merchant_id, prefix)
        if body is None:
            return []
        labels = [hit["_source"]["labels"] for hit in self._ask(merchant_id, body)["hits"]["hits"]]
        return completions(prefix, [(each["brand"], each["categories"], each["titles"]) for each in labels])[:limit]

    def explain(self, query: ProductQuery, product_id: int) -> Explanation:
        """Return the score of `product_id`, split over the fields in proportion to what each would score alone."""
        check_query(query)
        terms = query_terms(query.text)
        if terms.is_empty:
            return Explanation(0.0, ())
        every, some = match_all(terms), match_any(terms)
        alone = [match_any(terms, [name]) for name in WEIGHTS]
        total, *scores = self._scores(query, product_id, every, [every, some, *alone])
        score = scores[0] if total >= ENOUGH else scores[1]
        if not score:
            return Explanation(0.0, ())
        by_field = dict(zip(WEIGHTS, scores[2:], strict=True))
        whole = sum(by_field.values()) or 1.0
        parts = [(name, score * value / whole) for name, value in by_field.items() if value > 0]
        return Explanation(score, tuple(sorted(parts, key=lambda part: -part[1])))

    def product_ids(self, merchant_id: int) -> set[int]:
        """Return every product id indexed for a merchant."""
        return {int(hit["sort"][0]) for hit in scan(self._alias, merchant_id, of_merchant(merchant_id))}

    def fingerprints(self, merchant_id: int) -> dict[int, str]:
        """Return {product id: mark of its content} of everything indexed for a merchant."""
        hits = scan(self._alias, merchant_id, of_merchant(merchant_id), "fingerprint")
        return {int(hit["sort"][0]): hit["fields"]["fingerprint"][0] for hit in hits}

    def clear(self, merchant_id: int | None = None) -> None:
        """Forget one merchant's documents and versions, or all, and leave an index to write to."""
        if merchant_id is not None:
            self.prepare()
            self._clear_merchant(merchant_id)
            return
        if self._is_pristine():
            return
        indices.remove_all(self.names)
        indices.make_if_missing(self.names)

    @contextmanager
    def rebuilding(self) -> Iterator[ElasticsearchSearch]:
        """Yield a new index to fill; at the end it takes the old one's place. Searches and writes go on throughout."""
        grace_s = settings.ELASTICSEARCH_TIMEOUT_S
        with indices.rebuilt(self.names, grace_s=grace_s):
            yield ElasticsearchSearch(self.names.prefix, is_being_built=True)

    def _write(self, writes: Iterable[Write]) -> int:
        count = 0
        for batch in bulk.batches(writes):
            self._send(batch)
            count += len(batch)
        return count

    def _send(self, batch: Sequence[Write]) -> None:
        """Write one batch; whether an index is being built is asked each time: a rebuild may have begun meanwhile."""
        if self._is_being_built:
            bulk.send(batch, target=self._alias)
            return
        also = self.names.being_built if indices.is_being_built(self.names) else None
        try:
            bulk.send(batch, target=self._alias, also=also)
        except bulk.IndexMissing:
            log.warning("making an empty search index %s; if there are products, run manage.py reindex", self._alias)
            indices.make_if_missing(self.names)
            bulk.send(batch, target=self._alias, also=also)

    def _matched(self, query: ProductQuery) -> tuple[dict[str, Any], Answer | None]:
        """Return the search that was right and its answer, None when nothing can match."""
        match self.bodies_of(query):
            case []:
                return {}, None
            case [only]:
                return only, self._ask(query.merchant_id, only)
            case bodies:
                # Together: a round trip costs more than a search that turns out not to be needed.
                (every, some), (first, second) = bodies, self._ask_together(query.merchant_id, bodies)
                return (every, first) if first["hits"]["total"]["value"] >= ENOUGH else (some, second)

    def _ask(self, merchant_id: int, body: dict[str, Any]) -> Answer:
        with answering():
            answer = client().search(
                index=self._alias,
                routing=str(merchant_id),
                # A part of the answer would read as "we do not have it".
                allow_partial_search_results=False,
                body=body,
            )
        return dict(answer)

    def _ask_together(self, merchant_id: int, bodies: Sequence[Mapping[str, Any]]) -> list[Answer]:
        header = {"index": self._alias, "routing": str(merchant_id), "allow_partial_search_results": False}
        with answering():
            answers = client().msearch(searches=[line for body in bodies for line in (header, body)])["responses"]
        for answer in answers:
            refuse_error(answer)
        return list(answers)

    def _facets(self, query: ProductQuery, body: Mapping[str, Any], answer: Answer) -> dict[str, Mapping[str, int]]:
        if not query.facets:
            return {}
        found = counts(query, answer["aggregations"])
        if "price" in query.facets:
            ranges = price_aggregations(query, answer["aggregations"])
            found["price"] = {}
            if ranges:
                second = {"query": body["query"], "size": 0, "aggs": ranges}
                found["price"] = price_counts(ranges, self._ask(query.merchant_id, second)["aggregations"])
        return found

    def _scores(
        self, query: ProductQuery, product_id: int, every: dict[str, Any], clauses: Sequence[dict[str, Any]]
    ) -> list[float]:
        """Return how many products match `every`, then the product's score under each clause, 0 for no match."""
        here = {"term": {"_id": document_id(query.merchant_id, product_id)}}
        bodies: list[dict[str, Any]] = [{"query": restricted(query, every), "size": 0, "track_total_hits": True}]
        for clause in clauses:
            restriction = restricted(query, clause)
            restriction["bool"]["filter"].append(here)
            bodies.append({"query": restriction, "size": 1, "stored_fields": "_none_"})
        total, *answers = self._ask_together(query.merchant_id, bodies)
        return [total["hits"]["total"]["value"], *(answer["hits"]["max_score"] or 0.0 for answer in answers)]

    def _clear_merchant(self, merchant_id: int) -> None:
        theirs = {"bool": {"should": [of_merchant(merchant_id), {"term": {"removed_from": str(merchant_id)}}]}}
        lines = [
            {"delete": {"_index": self._alias, "_id": hit["_id"], "routing": str(merchant_id)}}
            for hit in scan(self._alias, merchant_id, theirs)
        ]
        for start in range(0, len(lines), settings.ELASTICSEARCH_BATCH):
            with answering():
                patient_client().bulk(operations=lines[start : start + settings.ELASTICSEARCH_BATCH], refresh=True)
        if lines:
            time.sleep(_FORGOTTEN_AFTER_S)

    def _is_pristine(self) -> bool:
        """Whether there is an index and nothing was ever written to it."""
        with answering():
            if not patient_client().indices.exists_alias(name=self._alias):
                return False
            patient_client().indices.refresh(index=self._alias)
            return bool(patient_client().count(index=self._alias)["count"] == 0)
