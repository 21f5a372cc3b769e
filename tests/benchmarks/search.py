"""How fast the search is, each figure beside its bare peer in the same run.

    python -m tests.benchmarks.search                    the embedded engine at 20,000 and 100,000 products
    python -m tests.benchmarks.search --elasticsearch    the adapter at 20,000 products
    python -m tests.benchmarks.search --million          a million products: going in, and searches of 8 clients
    python -m tests.benchmarks.search --recommend        `matching.recommend` at 20,000 products

Without an option the embedded engine is measured. The products are generated (tests/benchmarks/generated.py), the same
on every machine. `--elasticsearch` and `--million` need ELASTICSEARCH_URL (scripts/elasticsearch starts a node); what
they make there is removed. Prints a table and, last, one JSON line {figure: {…, ratio_p95, bar, holds}}; `--json` the
line only. Exit 0 when it completed, whatever holds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from tests.harness import console, temporary

MILLION, TENTH = 1_000_000, 100_000


def main() -> int:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedded", action="store_true", help="beside a bare FTS5 query")
    parser.add_argument("--elasticsearch", action="store_true", help="beside the bare official client")
    parser.add_argument("--million", action="store_true", help="beside parallel_bulk; takes a quarter of an hour")
    parser.add_argument("--recommend", action="store_true", help="needs turned into products")
    parser.add_argument("--large", type=int, default=MILLION, help="how many products --million takes")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args()
    return console.run(lambda: _work(options))


def _work(options: argparse.Namespace) -> Mapping[str, Any]:
    on_node = options.elasticsearch or options.million
    found: dict[str, Any] = {}
    with temporary.surroundings(elasticsearch=on_node) as folder:
        from tests.benchmarks import embedded, on_elasticsearch, recommending

        if options.embedded or not (on_node or options.recommend):
            found |= embedded.measure(folder)
        if options.elasticsearch:
            found |= on_elasticsearch.measure()
        if options.million:
            found |= on_elasticsearch.measure_large(min(TENTH, options.large // 10), options.large)
        if options.recommend:
            found |= recommending.measure(folder)
    if not options.json:
        print(_table(found))
    return found


def _table(found: Mapping[str, Mapping[str, Any]]) -> str:
    rows = ["| figure | | bar | holds |", "|---|---|---|---|"]
    for name, figures in found.items():
        told = ", ".join(f"{key} {value:,}" for key, value in figures.items() if key not in ("bar", "holds"))
        holds = {True: "yes", False: "NO", None: ""}[figures.get("holds")]
        rows.append(f"| {name} | {told} | {figures.get('bar', '')} | {holds} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
