"""The catalog under load: real products through the importer and the search, or a store with its past orders.

    python -m tests.harness.catalog --products FILE.jsonl[.gz] --queries FILE.jsonl --backend embedded [--run FILE.trec]

imports the products with the product's own importer and delivers every index message (`seconds` is both). Then it asks
every query 20 times in turn of the product (`selectors.search_products`: match, filter, limit 10, live rows read), its
search backend alone (ids only) and the bare engine (same match and filter, limit 10, ids fetched: straight on the
index file, or the same bodies by the bare client to the node at ELASTICSEARCH_URL). Prints {imported, failed, seconds,
search_p50_ms, search_p95_ms, ids_p50_ms, ids_p95_ms, bare_p50_ms, bare_p95_ms, ratio_p95}: percentiles over the
queries' medians; `ratio_p95` is search over bare.
`--run` writes the ranking for score_relevance.py.

    python -m tests.harness.catalog --store FILE.json

takes over a store's products, customers and orders by the product's services and counts what the database holds.
`ledger_sum` is the sum of all payments less the sum of all refunds, in major units with two decimals.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.harness import console, temporary

if TYPE_CHECKING:
    from catalog.accounts.models import Merchant
    from catalog.search.ports import ProductQuery

REPEATS = 20
LIMIT = 10


def main() -> int:
    """Read the options, run one of the two modes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=Path, help="JSON lines, may be gzipped")
    parser.add_argument("--queries", type=Path, help="JSON lines {qid, query}")
    parser.add_argument("--backend", choices=["embedded", "elasticsearch"], default="embedded")
    parser.add_argument("--run", type=Path, help="write the best 100 products of every query here, in TREC's format")
    parser.add_argument("--store", type=Path, help="JSON {products, customers, orders}")
    temporary.add_arguments(parser)
    options = parser.parse_args()
    if options.store is None and not (options.products and options.queries):
        parser.error("give --products and --queries, or --store")
    return console.run(lambda: _work(options))


def _work(options: argparse.Namespace) -> Mapping[str, Any]:
    with temporary.surroundings(database=options.database, elasticsearch=options.backend == "elasticsearch") as folder:
        if options.store:
            return store_counts(options.store)
        return search_figures(options.products, options.queries, folder, options.run)


def search_figures(products: Path, queries: Path, folder: Path, run: Path | None) -> dict[str, Any]:
    """Import, index, and measure the search."""
    merchant = new_merchant("USD")
    started = time.perf_counter()
    imported, failed = import_products(merchant, products, folder)
    seconds = time.perf_counter() - started
    asked = [json.loads(line) for line in _lines(queries)]
    if run:
        _write_run(merchant, asked, run)
    figures = _measure(merchant, [str(row["query"]) for row in asked])
    return {"imported": imported, "failed": failed, "seconds": round(seconds, 1), **figures}


def import_products(merchant: Merchant, products: Path, folder: Path) -> tuple[int, int]:
    """Import a file with the product's own importer and index it; return how many came in and how many were refused.

    Raises: ValueError when the index does not hold what was imported.
    """
    from tqdm import tqdm

    from catalog.outbox.worker import drain
    from catalog.products.importers import run_import
    from catalog.search.backend import backend

    sheet = folder / "products.jsonl"
    content = products.read_bytes()
    sheet.write_bytes(gzip.decompress(content) if products.suffix == ".gz" else content)
    with tqdm(total=2 * sheet.stat().st_size, unit="B", unit_scale=True, file=sys.stderr, desc="import") as bar:
        done = {"check": 0, "write": sheet.stat().st_size}  # the file is read twice

        def progress(phase: str, position: int, _size: int) -> None:
            bar.update(done[phase] + position - bar.n)

        summary = run_import(merchant=merchant, path=sheet, currency="USD", skip_bad_rows=True, progress=progress)
    console.note("indexing")
    drain(lanes=["index"])
    indexed = len(backend().product_ids(merchant.pk))
    if indexed != summary.created:
        raise ValueError(f"{summary.created} products were imported, {indexed} stand in the index")
    return summary.created, summary.skipped


def _measure(merchant: Merchant, texts: Sequence[str]) -> dict[str, float]:
    """Ask every query of product and bare engine in turn; return percentiles over the medians, in milliseconds."""
    from tqdm import tqdm

    from catalog.accounts.scoping import merchant_scope
    from catalog.products.selectors import search_products
    from catalog.search.backend import backend
    from catalog.search.ports import ProductQuery

    bare = _bare_engine()
    medians: dict[str, list[float]] = {"search": [], "ids": [], "bare": []}
    with merchant_scope(merchant):
        for text in tqdm(texts, unit=" queries", file=sys.stderr, desc="search"):
            query = ProductQuery(merchant_id=merchant.pk, text=text, currency="USD", limit=LIMIT)
            calls: dict[str, Callable[[], object]] = {
                "search": partial(search_products, query=query, language="en"),
                "ids": partial(backend().search, query),
                "bare": bare(query),
            }
            times = [{name: _timed(call) for name, call in calls.items()} for _ in range(REPEATS)]
            for name, values in medians.items():
                values.append(statistics.median(each[name] for each in times))
    figures = {
        f"{name}_p{share}_ms": round(console.percentile(values, share / 100), 2)
        for name, values in medians.items()
        for share in (50, 95)
    }
    return {**figures, "ratio_p95": round(figures["search_p95_ms"] / figures["bare_p95_ms"], 2)}


def _bare_engine() -> Callable[[ProductQuery], Callable[[], object]]:
    """Return what turns a query into a call that asks the engine alone for the ids of the same page."""
    from django.conf import settings

    if settings.ELASTICSEARCH_URL:
        return _bare_elasticsearch(settings.ELASTICSEARCH_URL)
    return _bare_sqlite(Path(settings.SEARCH_INDEX_PATH))


def _bare_sqlite(path: Path) -> Callable[[ProductQuery], Callable[[], object]]:
    from catalog.search.embedded import EmbeddedSearch, expression_of
    from catalog.search.embedded_query import RANK

    connection, engine = sqlite3.connect(path), EmbeddedSearch(path)
    sql = (
        "SELECT texts.rowid FROM texts CROSS JOIN documents d ON d.product_id = texts.rowid"
        f" WHERE texts MATCH ? AND d.merchant_id = ? ORDER BY {RANK} LIMIT {LIMIT}"
    )

    def bare(query: ProductQuery) -> Callable[[], object]:
        expression = expression_of(engine, query)
        return lambda: connection.execute(sql, [expression, query.merchant_id]).fetchall()

    return bare


def _bare_elasticsearch(url: str) -> Callable[[ProductQuery], Callable[[], object]]:
    from elasticsearch import Elasticsearch

    from catalog.search.elasticsearch_backend import ElasticsearchSearch

    client, engine = Elasticsearch(url), ElasticsearchSearch()

    def bare(query: ProductQuery) -> Callable[[], object]:
        place = {"index": engine.names.searched, "routing": str(query.merchant_id)}
        body = engine.body_of(query)
        return lambda: client.search(**place, body=body) if body else None

    return bare


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _write_run(merchant: Merchant, asked: Sequence[Mapping[str, Any]], path: Path) -> None:
    from catalog.accounts.scoping import merchant_scope
    from catalog.products.models import Product
    from catalog.search.backend import backend
    from catalog.search.ports import ProductQuery

    with merchant_scope(merchant), path.open("w") as file:
        names = dict(Product.objects.values_list("pk", "external_id"))
        for row in asked:
            query = ProductQuery(merchant_id=merchant.pk, text=row["query"], limit=100)
            for rank, hit in enumerate(backend().search(query).hits, 1):
                file.write(f"{row['qid']} Q0 {names[hit.product_id]} {rank} {hit.score} shop\n")


def store_counts(store: Path) -> dict[str, Any]:
    """Take a store over and count what is in the database."""
    from catalog.accounts.scoping import merchant_scope
    from catalog.orders.importing import import_customers, import_orders

    given = json.loads(store.read_text())
    merchant = new_merchant("USD")
    with merchant_scope(merchant):
        console.note(f"{len(given['products'])} products")
        for row in given["products"]:
            save_store_product(merchant, row)
        console.note(f"{len(given['customers'])} customers, {len(given['orders'])} orders")
        import_customers(merchant=merchant, rows=given["customers"])
        import_orders(merchant=merchant, rows=given["orders"])
        return _counts()


def save_store_product(merchant: Merchant, row: Mapping[str, Any]) -> None:
    """Write a product of the store; a variant that is there is not counted, one that is not has none on hand."""
    from catalog.money import Money
    from catalog.products.fields import ProductFields, VariantFields
    from catalog.products.services import save_product

    variants = tuple(
        VariantFields(
            sku=variant["id"],
            options=variant["options"],
            prices={"USD": Money.parse(variant["price"], "USD").minor},
            on_hand=None if variant["available"] else 0,
            external_id=variant["id"],
        )
        for variant in row["variants"]
    )
    fields = ProductFields(slug=row["id"], title=row["name"], external_id=row["id"], variants=variants)
    save_product(merchant=merchant, fields=fields)


def _counts() -> dict[str, Any]:
    from collections import Counter

    from django.db.models import F, Q, Sum

    from catalog.accounts.models import Shopper
    from catalog.money import Money
    from catalog.orders.importing import state_in_file
    from catalog.orders.models import LedgerEntry, LedgerKind, Order
    from catalog.products.models import Product, Variant

    sums = dict(LedgerEntry.objects.order_by().values_list("kind").annotate(Sum("amount_minor")))
    there = Q(stock__is_tracked=False) | Q(stock__on_hand__gt=F("stock__reserved"))
    return {
        "products": Product.objects.count(),
        "variants": Variant.objects.count(),
        "available": Variant.objects.filter(there).count(),
        "customers": Shopper.objects.count(),
        "orders": Order.objects.count(),
        "orders_by_state": dict(sorted(Counter(map(state_in_file, Order.objects.all())).items())),
        "ledger_entries": LedgerEntry.objects.count(),
        "ledger_sum": str(Money(sums.get(LedgerKind.PAYMENT, 0) - sums.get(LedgerKind.REFUND, 0), "USD").decimal),
    }


def new_merchant(currency: str) -> Merchant:
    """Make the shop that a harness fills."""
    from catalog.accounts.models import Merchant

    return Merchant.objects.create(slug="harness", name="Harness", currency=currency)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        yield from filter(str.strip, file)


if __name__ == "__main__":
    sys.exit(main())
