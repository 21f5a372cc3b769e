"""The embedded engine: SQLite FTS5 in a file of its own, no server; stands in for Elasticsearch.

Good up to some 200,000 products: the cost of a query for common words grows with the catalog.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from django.conf import settings

from catalog.search import embedded_facets, embedded_writer
from catalog.search.analysis import query_terms
from catalog.search.completions import CANDIDATES, completions
from catalog.search.embedded_query import (
    RANK,
    WEIGHTS,
    Filter,
    filter_of,
    match_all,
    match_any,
    match_prefix,
    order_of,
)
from catalog.search.embedded_store import Store
from catalog.search.ports import Explanation, ProductDocument, ProductHit, ProductQuery, SearchPage
from catalog.search.query_rules import ENOUGH, check_query

_WRITE_BATCH = 1_000
_MATCHED = "texts CROSS JOIN documents d ON d.product_id = texts.rowid WHERE texts MATCH ? AND "


class EmbeddedSearch:
    """Fills the SearchBackend port; `path` defaults to settings.SEARCH_INDEX_PATH."""

    def __init__(self, path: Path | None = None) -> None:
        self._store = Store(Path(path or settings.SEARCH_INDEX_PATH))

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
        return count

    def delete(self, product_id: int, *, merchant_id: int, version: int) -> None:
        """Remove a merchant's product, unless a newer version is stored; the removal's version is remembered."""
        with self._store.writing() as connection:
            embedded_writer.remove(connection, product_id, merchant_id, version)

    def search(self, query: ProductQuery) -> SearchPage:
        """Return the page of products that match: all words when enough products have them, else any word."""
        check_query(query)
        with self._store.reading() as connection:
            expression, total = _expression(connection, query)
            if expression is None:
                return SearchPage(hits=(), total=0)
            conditions = filter_of(query)
            if not total:
                total = _count(connection, expression, conditions)
            hits = _page(connection, query, expression, conditions) if total else ()
            counts = (
                embedded_facets.facets(connection, query, *_matched(expression, conditions)) if query.facets else {}
            )
        return SearchPage(hits=hits, total=total, facets=counts)

    def suggest(self, merchant_id: int, prefix: str, *, limit: int = 5) -> list[str]:
        """Return brands, categories and titles in which every typed word stands, the last one as a beginning."""
        expression = match_prefix(prefix)
        if not expression:
            return []
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT l.brand, l.categories, l.titles FROM texts JOIN documents d ON d.product_id = texts.rowid"
                " JOIN labels l ON l.product_id = d.product_id"
                f" WHERE texts MATCH ? AND d.merchant_id = ? ORDER BY {RANK} LIMIT ?",
                [expression, merchant_id, CANDIDATES],
            ).fetchall()
        return completions(prefix, rows)[:limit]

    def explain(self, query: ProductQuery, product_id: int) -> Explanation:
        """Return the score of `product_id`, split over the fields in proportion to what each would score alone."""
        check_query(query)
        with self._store.reading() as connection:
            expression, _ = _expression(connection, query)
            if not expression:
                return Explanation(0.0, ())
            conditions = filter_of(query)
            row = connection.execute(
                f"SELECT -{RANK}, {', '.join(map(_rank_alone, WEIGHTS))} FROM {_MATCHED} {conditions.sql}"
                " AND texts.rowid = ?",
                [expression, *conditions.parameters, product_id],
            ).fetchone()
        if row is None:
            return Explanation(0.0, ())
        score, alone = float(row[0]), dict(zip(WEIGHTS, row[1:], strict=True))
        whole = sum(alone.values()) or 1.0
        parts = [(name, score * value / whole) for name, value in alone.items() if value > 0]
        return Explanation(score, tuple(sorted(parts, key=lambda part: -part[1])))

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


def expression_of(connection: sqlite3.Connection, query: ProductQuery) -> str:
    """Return the FTS5 expression that a search with this query matches; empty for everything or nothing."""
    return _expression(connection, query)[0] or ""


def _expression(connection: sqlite3.Connection, query: ProductQuery) -> tuple[str | None, int]:
    """Return the match expression ("" = everything, None = nothing can match) and its total when already known."""
    if not query.text.strip():
        return "", 0
    terms = query_terms(query.text)
    if terms.is_empty:
        return None, 0
    every, some = match_all(terms), match_any(terms)
    if every == some:
        return some, 0
    total = _count(connection, every, filter_of(query))
    return (every, total) if total >= ENOUGH else (some, 0)


def _matched(expression: str, conditions: Filter) -> tuple[str, list[object]]:
    """Return "table WHERE conditions" and parameters of every product that matches."""
    if expression:
        return f"{_MATCHED} {conditions.sql}", [expression, *conditions.parameters]
    return f"documents d WHERE {conditions.sql}", conditions.parameters


def _count(connection: sqlite3.Connection, expression: str, conditions: Filter) -> int:
    matched, parameters = _matched(expression, conditions)
    return int(connection.execute(f"SELECT COUNT(*) FROM {matched}", parameters).fetchone()[0])


def _page(
    connection: sqlite3.Connection, query: ProductQuery, expression: str, conditions: Filter
) -> tuple[ProductHit, ...]:
    matched, parameters = _matched(expression, conditions)
    order, order_parameters = order_of(query, has_text=bool(expression))
    score = RANK if expression else "0.0"
    rows = connection.execute(
        f"SELECT d.product_id, {score} AS score FROM {matched} ORDER BY {order}, d.product_id LIMIT ? OFFSET ?",
        [*parameters, *order_parameters, query.limit, query.offset],
    )
    return tuple(ProductHit(product_id, -score) for product_id, score in rows)


def _rank_alone(field: str) -> str:
    weights = (str(weight if name == field else 0) for name, weight in WEIGHTS.items())
    return f"-bm25(texts, {', '.join(weights)})"
