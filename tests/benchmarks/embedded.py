"""The embedded engine beside a bare FTS5 query: the same words on the same table, without filters or facets."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.beside import beside
from tests.benchmarks.generated import prefixes, products, queries
from tests.harness import console

if TYPE_CHECKING:
    from catalog.search.embedded import EmbeddedSearch
    from catalog.search.ports import ProductQuery

SHOP = 1
SIZES = (20_000, 100_000)
ASKED, ROUNDS = 150, 5
SEARCH_BAR, COMPLETION_BAR = 3.0, 1.0


def measure(folder: Path, sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """Return the figures of every size of catalog; the larger one grows out of the smaller."""
    from catalog.search.embedded import EmbeddedSearch

    engine, held = EmbeddedSearch(folder / "benchmark.sqlite3"), 0
    found: dict[str, Any] = {}
    for size in sizes:
        console.note(f"embedded: {size - held:,} products go in")
        rate = _fill(engine, first=held + 1, count=size - held)
        held = size
        asked = queries(ASKED, merchant_id=SHOP, catalog=size)
        found[f"embedded_{size}"] = {
            "products_per_s": rate,
            **beside(asked, engine.search, _bare(engine, folder / "benchmark.sqlite3"), rounds=ROUNDS, bar=SEARCH_BAR),
        }
        found[f"embedded_{size}_completion"] = _completion(engine, asked)
    return found


def _fill(engine: EmbeddedSearch, *, first: int, count: int) -> int:
    documents = list(products(count, merchant_id=SHOP, first=first))
    started = time.perf_counter()
    engine.index((document, 1) for document in documents)
    return round(count / (time.perf_counter() - started))


def _bare(engine: EmbeddedSearch, path: Path) -> Callable[[ProductQuery], object]:
    """Return what asks FTS5 alone for the best ids; what the product matches by is worked out beforehand."""
    from catalog.search.embedded import expression_of
    from catalog.search.embedded_query import RANK

    connection = sqlite3.connect(path)
    expressions: dict[str, str] = {}

    def ask(query: ProductQuery) -> object:
        expression = expressions.get(query.text)
        if not expression:  # the first round warms up and is not counted
            expression = expressions[query.text] = expression_of(engine, query)
        sql = f"SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY {RANK} LIMIT ?"
        return connection.execute(sql, [expression, query.limit]).fetchall()

    return ask


def _completion(engine: EmbeddedSearch, asked: list[ProductQuery]) -> dict[str, Any]:
    """Return autocomplete beside a plain search, for what is typed on the way to the same queries."""
    typed = dict(zip(prefixes([query.text for query in asked]), asked, strict=True))

    def search(prefix: str) -> object:
        query = typed[prefix]
        from catalog.search.ports import ProductQuery

        return engine.search(ProductQuery(merchant_id=SHOP, text=query.text))

    return beside(list(typed), lambda prefix: engine.suggest(SHOP, prefix), search, rounds=ROUNDS, bar=COMPLETION_BAR)
