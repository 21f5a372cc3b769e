"""The embedded engine: SQLite FTS5 in a file of its own, no server; stands in for Elasticsearch.

Good up to some 200,000 products: the cost of a query for common words grows with the catalog.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import islice
from pathlib import Path

from django.conf import settings

from catalog.search import embedded_facets, embedded_writer
from catalog.search.completions import CANDIDATES, Typed, completed, completions
from catalog.search.embedded_columns import ColumnCache
from catalog.search.embedded_filters import FilterCache
from catalog.search.embedded_query import RANK, Filter, filter_of, match_all, match_any, match_prefix, order_of
from catalog.search.embedded_store import Store
from catalog.search.ordering import (
    BELOW,
    Asked,
    Closing,
    asked_of,
    closed,
    explained,
    first_hits,
    is_by_relevance,
    limit_of,
    page,
    without_hidden,
)
from catalog.search.ports import Completions, Explanation, Match, ProductDocument, ProductHit, ProductQuery, SearchPage
from catalog.search.query_rules import ENOUGH, check_query
from catalog.search.reranking import WINDOW, Candidate, padded
from catalog.search.texts import WEIGHTS
from catalog.search.vocabulary import SAMPLE, Vocabulary, VocabularyCache, average_lengths

_WRITE_BATCH = 1_000
_JOINED = "texts CROSS JOIN documents d ON d.product_id = texts.rowid WHERE texts MATCH ? AND "


class EmbeddedSearch:
    """Fills the SearchBackend port; `path` defaults to settings.SEARCH_INDEX_PATH."""

    def __init__(self, path: Path | None = None) -> None:
        self._store = Store(Path(path or settings.SEARCH_INDEX_PATH))
        self._vocabularies = VocabularyCache(self._learned)
        self._columns = ColumnCache()
        self._filters = FilterCache()

    def prepare(self) -> None:
        """Make the file and its tables, unless they are there."""
        with self._store.reading():
            pass

    def index(self, documents: Iterable[tuple[ProductDocument, int]]) -> int:
        """Write (document, version) pairs, a thousand a transaction; older versions than stored are ignored."""
        count = 0
        pairs = iter(documents)
        while batch := list(islice(pairs, _WRITE_BATCH)):
            with self._store.writing() as connection:
                embedded_writer.write(connection, batch)
            count += len(batch)
            for merchant_id in {document.merchant_id for document, _ in batch}:
                self._vocabularies.forget(merchant_id)
        return count

    def delete(self, product_id: int, *, merchant_id: int, version: int) -> None:
        """Remove a merchant's product, unless a newer version is stored; the removal's version is remembered."""
        with self._store.writing() as connection:
            embedded_writer.remove(connection, product_id, merchant_id, version)
        self._vocabularies.forget(merchant_id)

    def search(self, query: ProductQuery) -> SearchPage:
        """Return the page of products that match: all words when enough products have them, else any word."""
        check_query(query)
        query = without_hidden(query)
        asked = self._read(query)
        with self._store.reading() as connection:
            matched = _matched(connection, asked, self._filters)
            if matched is None:
                return SearchPage(hits=(), total=0, corrected=asked.reading.corrected)
            hits, following = _page(connection, asked, matched) if matched.total else ((), None)
            columns = self._columns.of(connection, query.merchant_id, query.facets) if query.facets else None
            found = embedded_facets.facets(query, columns, matched.product_ids) if columns else {}
        return SearchPage(
            hits=hits,
            total=matched.total,
            facets=found,
            corrected=asked.reading.corrected,
            match=matched.match,
            next=following,
        )

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
        with self._store.reading() as connection:
            matched = _matched(connection, asked, self._filters) if query.text.strip() else None
            if matched is None or not matched.expression:
                return Explanation(0.0, ())
            alone = Filter(
                [*matched.conditions.conditions, "d.product_id = ?"], [*matched.conditions.parameters, product_id]
            )
            own = _candidates(connection, _scored(connection, matched.expression, alone, limit=1))
            window = _candidates(connection, _first(connection, asked, matched, limit=WINDOW))
        pinned = [each for each in window if each.product_id == product_id]
        return explained(asked, window, next(iter([*own, *pinned]), None))

    def window(self, query: ProductQuery) -> tuple[Asked, list[Candidate]]:
        """Return how a query was read and the first hits by the engine's own score, before they are looked at again."""
        asked = self._read(without_hidden(query))
        with self._store.reading() as connection:
            matched = _matched(connection, asked, self._filters)
            if matched is None or not matched.expression:
                return asked, []
            return asked, _candidates(connection, _first(connection, asked, matched, limit=WINDOW))

    def vocabulary(self, merchant_id: int) -> Vocabulary:
        """Return the words of a merchant's products, as they were some minutes ago at most."""
        return self._vocabularies.of(merchant_id)

    def product_ids(self, merchant_id: int) -> set[int]:
        """Return every product id indexed for a merchant."""
        with self._store.reading() as connection:
            rows = connection.execute("SELECT product_id FROM documents WHERE merchant_id = ?", [merchant_id])
            return {row[0] for row in rows}

    def fingerprints(self, merchant_id: int) -> dict[int, str]:
        """Return {product id: fingerprint of its document} of everything indexed for a merchant."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT product_id, fingerprint FROM documents WHERE merchant_id = ?", [merchant_id]
            )
            return dict(rows.fetchall())

    @contextmanager
    def rebuilding(self) -> Iterator[EmbeddedSearch]:
        """Lend this index itself: it is written in place, a batch a transaction."""
        yield self

    def clear(self, merchant_id: int | None = None) -> None:
        """Forget one merchant's documents and versions, or all."""
        with self._store.writing() as connection:
            embedded_writer.empty(connection, merchant_id)
        self._columns.forget(merchant_id)
        self._vocabularies.forget(merchant_id)

    def _read(self, query: ProductQuery) -> Asked:
        return asked_of(query, self.vocabulary(query.merchant_id))

    def _typed(self, merchant_id: int, prefix: str) -> list[Typed]:
        expression = match_prefix(prefix)
        if not expression:
            return []
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT d.product_id, d.category_path, l.brand, l.categories, l.titles"
                " FROM typed JOIN documents d ON d.product_id = typed.rowid JOIN labels l USING (product_id)"
                " WHERE typed MATCH ? AND d.merchant_id = ? ORDER BY typed.rank LIMIT ?",
                [expression, merchant_id, CANDIDATES],
            )
            return [Typed(*row) for row in rows]

    def _learned(self, merchant_id: int, _has_time: bool) -> Vocabulary:
        with self._store.reading() as connection:
            words = connection.execute(
                "SELECT word, products FROM words WHERE merchant_id = ? AND products > 0", [merchant_id]
            ).fetchall()
            total = connection.execute(
                "SELECT COUNT(*) FROM documents WHERE merchant_id = ?", [merchant_id]
            ).fetchone()[0]
            sample = connection.execute(
                f"SELECT {', '.join(WEIGHTS)} FROM texts WHERE rowid IN (SELECT product_id FROM documents"
                " WHERE merchant_id = ? ORDER BY product_id * 2654435761 % 4294967296 LIMIT ?)",
                [merchant_id, SAMPLE],
            ).fetchall()
        return Vocabulary(dict(words), int(total), average_lengths(sample))


@dataclass(frozen=True, slots=True)
class _Matched:
    """What matches: an FTS5 expression ("" = everything), conditions on `documents d`, how many there are.

    `product_ids` are all of them when the query counts facets; `scored` are all with their scores, lowest best, when
    it is answered by relevance and nothing is pinned.
    """

    expression: str
    conditions: Filter
    total: int
    product_ids: Sequence[int] = ()
    scored: Sequence[tuple[float, int]] | None = None
    match: Match = ""

    def everything(self, query: ProductQuery) -> tuple[str, list[object]]:
        """Return "table WHERE conditions" and parameters of every product that matches, pinned ones included."""
        if not self.expression:
            return f"documents d WHERE {self.conditions.sql}", self.conditions.parameters
        if not query.rules.pinned:
            return f"{_JOINED} {self.conditions.sql}", [self.expression, *self.conditions.parameters]
        return (
            "documents d WHERE (d.product_id IN (SELECT rowid FROM texts WHERE texts MATCH ?)"
            f" OR d.product_id IN (SELECT value FROM json_each(?))) AND {self.conditions.sql}",
            [self.expression, json.dumps(query.rules.pinned), *self.conditions.parameters],
        )


def expression_of(engine: EmbeddedSearch, query: ProductQuery) -> str:
    """Return the FTS5 expression that a search with this query matches; empty for everything or nothing."""
    with engine._store.reading() as connection:
        matched = _matched(connection, engine._read(query), engine._filters)
    return matched.expression if matched else ""


def _matched(connection: sqlite3.Connection, asked: Asked, filters: FilterCache) -> _Matched | None:
    """Return what matches, None when nothing can."""
    query, conditions = asked.query, filter_of(asked.query)
    if not query.text.strip():
        return _counted(connection, query, "", conditions, filters)
    if asked.reading.is_empty:
        return None
    every, some = match_all(asked.reading), match_any(asked.reading)
    if query.match != "some":
        found = _counted(connection, query, every, conditions, filters)
        if query.match or found.total >= ENOUGH or every == some:
            return replace(found, match="every")
    return replace(_counted(connection, query, some, conditions, filters), match="some")


def _counted(
    connection: sqlite3.Connection, query: ProductQuery, expression: str, conditions: Filter, filters: FilterCache
) -> _Matched:
    matched, parameters = _Matched(expression, conditions, 0).everything(query)
    if expression and is_by_relevance(query) and not query.rules.pinned:
        # One pass for the count, the best and the facets: matching and joining cost more than carrying the scores.
        passing = filters.of(connection, conditions)
        if passing is None:
            scored = connection.execute(f"SELECT {RANK}, d.product_id FROM {matched}", parameters).fetchall()
        else:
            rows = connection.execute(f"SELECT {RANK}, rowid FROM texts WHERE texts MATCH ?", [expression])
            scored = [row for row in rows if row[1] in passing]
        product_ids = [product_id for _, product_id in scored] if query.facets else ()
        return _Matched(expression, conditions, len(scored), product_ids, scored)
    if query.facets:
        found = [row[0] for row in connection.execute(f"SELECT d.product_id FROM {matched}", parameters)]
        return _Matched(expression, conditions, len(found), found)
    total = connection.execute(f"SELECT COUNT(*) FROM {matched}", parameters).fetchone()[0]
    return _Matched(expression, conditions, int(total))


def _page(connection: sqlite3.Connection, asked: Asked, matched: _Matched) -> Closing:
    query, rest = asked.query, matched
    if query.after and query.after.seen:
        unseen = "d.product_id NOT IN (SELECT value FROM json_each(?))"
        seen = frozenset(query.after.seen)
        left = None if rest.scored is None else [row for row in rest.scored if row[1] not in seen]
        rest = replace(rest, conditions=rest.conditions.also(unseen, json.dumps(query.after.seen)), scored=left)
    if asked.is_by_relevance:
        offset, limit = first_hits(query)
        rows = _first(connection, asked, rest, limit=limit, offset=offset)
        if offset:
            return tuple(ProductHit(product_id, score * BELOW) for product_id, score in rows), None
        return closed(asked, page(asked, _candidates(connection, rows[:WINDOW]), rows[WINDOW:]), (), matched.match)
    order = order_of(query)
    if query.after and query.after.key:
        condition, parameters = order.after(query.after.key)
        rest = replace(rest, conditions=rest.conditions.also(condition, *parameters))
    table, parameters = rest.everything(query)
    found = connection.execute(
        f"SELECT {order.value} AS sorted_by, d.product_id FROM {table} ORDER BY {order.sql} LIMIT ? OFFSET ?",
        [*order.parameters, *parameters, limit_of(query), query.offset],
    ).fetchall()
    hits = [ProductHit(product_id, 0.0) for _, product_id in found]
    return closed(asked, hits, [value for value, _ in found], matched.match)


def _first(
    connection: sqlite3.Connection, asked: Asked, matched: _Matched, *, limit: int, offset: int = 0
) -> list[tuple[int, float]]:
    """Return (product id, score), best first; pinned products stand at the top, whatever their text."""
    pinned = asked.query.rules.pinned
    if matched.scored is not None:
        best = nsmallest(offset + limit, matched.scored)[offset:]
        return [(product_id, -score) for score, product_id in best]
    if not pinned:
        return _scored(connection, matched.expression, matched.conditions, limit=limit, offset=offset)
    conditions = matched.conditions
    first = Filter(
        [*conditions.conditions, "d.product_id IN (SELECT value FROM json_each(?))"],
        [*conditions.parameters, json.dumps(pinned)],
    )
    rows = connection.execute(f"SELECT d.product_id FROM documents d WHERE {first.sql}", first.parameters)
    on_top = sorted((row[0] for row in rows), key=pinned.index)
    others = Filter(
        [*conditions.conditions, "d.product_id NOT IN (SELECT value FROM json_each(?))"],
        [*conditions.parameters, json.dumps(on_top)],
    )
    wanted = offset + limit - len(on_top)
    below = _scored(connection, matched.expression, others, limit=wanted) if wanted > 0 else []
    return [*((product_id, 0.0) for product_id in on_top), *below][offset : offset + limit]


def _scored(
    connection: sqlite3.Connection, expression: str, conditions: Filter, *, limit: int, offset: int = 0
) -> list[tuple[int, float]]:
    rows = connection.execute(
        f"SELECT d.product_id, {RANK} AS score FROM {_JOINED} {conditions.sql}"
        " ORDER BY score, d.product_id LIMIT ? OFFSET ?",
        [expression, *conditions.parameters, limit, offset],
    )
    return [(product_id, -score) for product_id, score in rows]


def _candidates(connection: sqlite3.Connection, rows: Sequence[tuple[int, float]]) -> list[Candidate]:
    """Return the hits with their texts, in the same order."""
    scores = dict(rows)
    marks = ", ".join("?" * len(scores))
    found = connection.execute(
        f"SELECT d.product_id, d.in_stock, d.popularity, {', '.join(f't.{name}' for name in WEIGHTS)}"
        f" FROM documents d JOIN texts t ON t.rowid = d.product_id WHERE d.product_id IN ({marks})",
        list(scores),
    )
    by_id = {
        product_id: Candidate(product_id, scores[product_id], tuple(map(padded, texts)), bool(in_stock), popularity)
        for product_id, in_stock, popularity, *texts in found
    }
    return [by_id[product_id] for product_id in scores if product_id in by_id]
