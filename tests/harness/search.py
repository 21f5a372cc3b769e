"""The search's ranking of a set of queries, as a run for a scorer.

    python -m tests.harness.search --products P.jsonl[.gz] --queries Q.jsonl --backend embedded --out RUN

imports the products with the product's own importer, delivers every index message and asks each query once, as a shop
does. P holds JSON lines as docs/import.md tells, of which only `id` and `title` are needed; Q holds {qid, query}.
RUN gets the best 100 products of every query in TREC's format: `qid Q0 id rank score tag`, rank from 1.

`--backend elasticsearch` needs ELASTICSEARCH_URL (scripts/elasticsearch starts a node). Prints {imported, skipped,
queries, found, index_seconds, search_seconds, search_p50_ms, search_p95_ms}; `found` counts queries with an answer.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.harness import catalog, console, temporary

if TYPE_CHECKING:
    from catalog.accounts.models import Merchant
    from catalog.search.ports import ProductHit

BEST = 100  # products a query
TAG = "shop"


def main() -> int:
    """Read the options, index, ask, write the run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=Path, required=True, help="JSON lines, may be gzipped")
    parser.add_argument("--queries", type=Path, required=True, help="JSON lines {qid, query}")
    parser.add_argument("--backend", choices=["embedded", "elasticsearch"], default="embedded")
    parser.add_argument("--out", type=Path, required=True, help="the run, in TREC's format")
    temporary.add_arguments(parser)
    options = parser.parse_args()
    return console.run(lambda: _work(options))


def _work(options: argparse.Namespace) -> Mapping[str, Any]:
    asked = read_queries(options.queries)
    with temporary.surroundings(database=options.database, elasticsearch=options.backend == "elasticsearch") as folder:
        merchant = catalog.new_merchant("USD")
        started = time.perf_counter()
        imported, skipped = catalog.import_products(merchant, options.products, folder)
        indexed = time.perf_counter()
        figures = write_run(merchant, asked, options.out)
        return {
            "imported": imported,
            "skipped": skipped,
            **figures,
            "index_seconds": round(indexed - started, 1),
            "search_seconds": round(time.perf_counter() - indexed, 1),
        }


def read_queries(path: Path) -> list[tuple[str, str]]:
    """Return the (qid, query) pairs of a file of JSON lines.

    Raises: CannotRun naming the line that is none.
    """
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            pairs.append((str(row["qid"]), str(row["query"])))
        except (ValueError, KeyError, TypeError) as error:
            raise temporary.CannotRun(f'{path}, line {number}: expected {{"qid": …, "query": …}}') from error
    return pairs


def write_run(merchant: Merchant, asked: list[tuple[str, str]], out: Path) -> dict[str, Any]:
    """Ask every query and write the run; return how many were answered and how long an answer took."""
    from catalog.accounts.scoping import merchant_scope
    from catalog.products.models import Product

    with merchant_scope(merchant), out.open("w", encoding="utf-8") as file:
        names = dict(Product.objects.values_list("pk", "external_id"))
        times, found = [], 0
        for qid, hits, milliseconds in _answers(merchant, asked):
            times.append(milliseconds)
            found += bool(hits)
            for rank, hit in enumerate(hits, 1):
                # A scorer sorts by score; the shop's order is the rank, so that is what the score must say.
                file.write(f"{qid} Q0 {names[hit.product_id]} {rank} {1 / rank:.6f} {TAG}\n")
    return {
        "queries": len(asked),
        "found": found,
        "search_p50_ms": round(console.percentile(times, 0.5), 2) if times else 0.0,
        "search_p95_ms": round(console.percentile(times, 0.95), 2) if times else 0.0,
    }


def _answers(merchant: Merchant, asked: list[tuple[str, str]]) -> Iterator[tuple[str, tuple[ProductHit, ...], float]]:
    """Yield (qid, hits, milliseconds) of every query; one that the shop refuses has no hits."""
    from tqdm import tqdm

    from catalog.search.backend import backend
    from catalog.search.ports import ProductQuery

    for qid, text in tqdm(asked, unit=" queries", file=sys.stderr, desc="search"):
        started = time.perf_counter()
        hits = backend().search(ProductQuery(merchant_id=merchant.pk, text=text, limit=BEST)).hits
        yield qid, hits, (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.exit(main())
