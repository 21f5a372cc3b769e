"""Elasticsearch, the catalog's engine: fills the SearchBackend port."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.conf import settings

from catalog.search import elasticsearch_bulk as bulk
from catalog.search import elasticsearch_indices as indices
from catalog.search.completions import Typed, completed, completions
from catalog.search.elasticsearch_client import answering, client, patient_client
from catalog.search.elasticsearch_documents import Write, document_id, removed, written
from catalog.search.elasticsearch_facets import PriceGrain, counts, price_body, price_counts, price_step_of
from catalog.search.elasticsearch_query import (
    body_of,
    completion_body,
    match_all,
    match_any,
    of_merchant,
    total_of,
    words_body,
)
from catalog.search.elasticsearch_scan import scan
from catalog.search.ordering import BELOW, Asked, Closing, asked_of, closed, explained, page, without_hidden
from catalog.search.ports import Completions, Explanation, Match, ProductDocument, ProductHit, ProductQuery, SearchPage
from catalog.search.query_rules import ENOUGH, check_query
from catalog.search.reranking import WINDOW, Candidate
from catalog.search.vocabulary import Vocabulary, VocabularyCache, average_lengths

_FORGOTTEN_AFTER_S = 0.5  # the engine's clock for real deletes ticks every 200 ms

log = logging.getLogger(__name__)
Answer = Mapping[str, Any]


class ElasticsearchSearch:
    """One shop's products behind an alias; `prefix` defaults to settings.ELASTICSEARCH_INDEX_PREFIX."""

    def __init__(self, prefix: str | None = None, *, is_being_built: bool = False) -> None:
        self.names = indices.Names(prefix or settings.ELASTICSEARCH_INDEX_PREFIX)
        self._is_being_built = is_being_built
        self._alias = self.names.being_built if is_being_built else self.names.searched
        self._vocabularies = VocabularyCache(self._learned)
        self._grain = PriceGrain()

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
        query = without_hidden(query)
        asked = self._read(query)
        body, answer, match = self._matched(asked)
        if answer is None:
            return SearchPage(hits=(), total=0, corrected=asked.reading.corrected)
        hits, following = _closed(asked, answer["hits"]["hits"], match)
        return SearchPage(
            hits=hits,
            total=total_of(answer),
            facets=self._facets(query, body, answer),
            corrected=asked.reading.corrected,
            match=match,
            next=following,
        )

    def body_of(self, query: ProductQuery) -> dict[str, Any] | None:
        """Return the search whose answer `search` shows, None when nothing can match; measured beside a bare client."""
        body, answer, _ = self._matched(self._read(without_hidden(query)))
        return body if answer is not None else None

    def window(self, query: ProductQuery) -> tuple[Asked, list[Candidate]]:
        """Return how a query was read and the first hits by the engine's own score, before they are looked at again."""
        asked = self._read(without_hidden(replace(query, offset=0, facets=(), sort="relevance")))
        _, answer, _ = self._matched(asked)
        return asked, list(map(_candidate, answer["hits"]["hits"][:WINDOW])) if answer and query.text.strip() else []

    def vocabulary(self, merchant_id: int) -> Vocabulary:
        """Return the words of a merchant's products, as they were some minutes ago at most."""
        return self._vocabularies.of(merchant_id)

    def suggest(self, merchant_id: int, prefix: str, *, limit: int = 5) -> list[str]:
        """Return brands, categories and titles in which every typed word stands, the last one as a beginning."""
        return completions(prefix, [row.labels for row in self._typed(merchant_id, prefix)])[:limit]

    def complete(self, merchant_id: int, prefix: str, *, limit: int = 5) -> Completions:
        """Return products, brands and categories in which every typed word stands, at most `limit` of each."""
        return completed(prefix, self._typed(merchant_id, prefix), limit=limit)

    def explain(self, query: ProductQuery, product_id: int) -> Explanation:
        """Return why `product_id` stands where it does; its place among the first hits, None when it is below."""
        check_query(query)
        asked = self._read(query)
        first = replace(query, offset=0, limit=1, facets=(), sort="relevance")
        body, answer, _ = self._matched(replace(asked, query=first))
        if answer is None or asked.reading.is_empty:
            return Explanation(0.0, ())
        own = {**body, "size": 1, "query": {"bool": {"must": [body["query"]], "filter": [_is(query, product_id)]}}}
        found = self._ask(query.merchant_id, own)["hits"]["hits"]
        window = [_candidate(hit) for hit in answer["hits"]["hits"][:WINDOW]]
        return explained(asked, window, next(map(_candidate, found), None))

    def product_ids(self, merchant_id: int) -> set[int]:
        """Return every product id indexed for a merchant."""
        return {int(hit["sort"][0]) for hit in scan(self._alias, merchant_id, of_merchant(merchant_id))}

    def fingerprints(self, merchant_id: int) -> dict[int, str]:
        """Return {product id: mark of its content} of everything indexed for a merchant."""
        hits = scan(self._alias, merchant_id, of_merchant(merchant_id), "fingerprint")
        return {int(hit["sort"][0]): hit["fields"]["fingerprint"][0] for hit in hits}

    def clear(self, merchant_id: int | None = None) -> None:
        """Forget one merchant's documents and versions, or all, and leave an index to write to."""
        self._vocabularies.forget(merchant_id)
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
        for batch in bulk.send_all(writes, self._send):
            count += len(batch)
            for merchant_id in {write.merchant_id for write in batch}:
                self._vocabularies.forget(merchant_id)
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

    def _read(self, query: ProductQuery) -> Asked:
        return asked_of(query, self.vocabulary(query.merchant_id))

    def _typed(self, merchant_id: int, prefix: str) -> list[Typed]:
        body = completion_body(merchant_id, prefix)
        return [_labelled(hit) for hit in self._ask(merchant_id, body)["hits"]["hits"]] if body else []

    def _learned(self, merchant_id: int, has_time: bool) -> Vocabulary:
        body = words_body(merchant_id, settings.SEARCH_VOCABULARY_MAX)
        answer = self._ask(merchant_id, body, is_patient=has_time)
        counts = {row["key"]: row["doc_count"] for row in answer["aggregations"]["words"]["buckets"]}
        sample = [hit["_source"]["ranked"]["texts"] for hit in answer["hits"]["hits"]]
        return Vocabulary(counts, answer["hits"]["total"]["value"], average_lengths(sample))

    def _bodies(self, asked: Asked) -> list[dict[str, Any]]:
        """Return the search for all words and the one for any; one when they are the same, none for nothing."""
        grain = self._grain.of(asked.query)
        if not asked.query.text.strip():
            return [body_of(asked.query, None, grain=grain)]
        if asked.reading.is_empty:
            return []
        every, some = (body_of(asked.query, match(asked.reading), grain=grain) for match in (match_all, match_any))
        if asked.query.match:
            return [every if asked.query.match == "every" else some]
        return [some] if every == some else [every, some]

    def _matched(self, asked: Asked) -> tuple[dict[str, Any], Answer | None, Match]:
        """Return the search that was right, its answer (None: nothing can match), what hits have of the words."""
        query, bodies = asked.query, self._bodies(asked)
        if not bodies:
            return {}, None, ""
        first = self._ask(query.merchant_id, bodies[0])
        if len(bodies) == 1:
            return bodies[0], first, (query.match or "every") if query.text.strip() else ""
        # One after the other: most queries need the first only, and any word of a large catalog is dear.
        if first["hits"]["total"]["value"] >= ENOUGH:
            return bodies[0], first, "every"
        return bodies[1], self._ask(query.merchant_id, bodies[1]), "some"

    def _ask(self, merchant_id: int, body: dict[str, Any], *, is_patient: bool = False) -> Answer:
        with answering():
            answer = (patient_client() if is_patient else client()).search(
                index=self._alias,
                routing=str(merchant_id),
                # A part of the answer would read as "we do not have it".
                allow_partial_search_results=False,
                body=body,
            )
        return dict(answer)

    def _facets(self, query: ProductQuery, body: Mapping[str, Any], answer: Answer) -> dict[str, Mapping[str, int]]:
        if not query.facets:
            return {}
        found = counts(query, answer["aggregations"])
        if "price" in query.facets:
            found["price"] = self._prices(query, body, answer["aggregations"])
        return found

    def _prices(self, query: ProductQuery, body: Mapping[str, Any], answered: Mapping[str, Any]) -> Mapping[str, int]:
        step = price_step_of(query, answered)
        if not step:
            return {}
        self._grain.learn(query, step)
        found = price_counts(answered, step)
        if found is None:
            again = self._ask(query.merchant_id, price_body(query, body["query"], step))
            found = price_counts(again["aggregations"], step)
        return found or {}

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


def _closed(asked: Asked, found: Sequence[Answer], match: Match) -> Closing:
    if not asked.is_by_relevance:
        hits = [ProductHit(int(hit["sort"][-1]), hit["_score"] or 0.0) for hit in found]
        return closed(asked, hits, [hit["sort"][0] for hit in found], match)
    scored = [(int(hit["sort"][-1]), float(hit["_score"])) for hit in found]
    if asked.query.offset >= WINDOW:
        return tuple(ProductHit(product_id, score * BELOW) for product_id, score in scored), None
    return closed(asked, page(asked, list(map(_candidate, found[:WINDOW])), scored[WINDOW:]), (), match)


def _labelled(hit: Answer) -> Typed:
    labels = hit["_source"]["labels"]
    path = str(next(iter(hit.get("fields", {}).get("category_path", [])), ""))
    return Typed(int(hit["sort"][-1]), path, labels["brand"], labels["categories"], labels["titles"])


def _candidate(hit: Answer) -> Candidate:
    ranked = hit["_source"]["ranked"]
    return Candidate(
        int(hit["sort"][-1]), float(hit["_score"]), tuple(ranked["texts"]), ranked["in_stock"], ranked["popularity"]
    )


def _is(query: ProductQuery, product_id: int) -> dict[str, Any]:
    return {"term": {"_id": document_id(query.merchant_id, product_id)}}
