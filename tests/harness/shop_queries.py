"""Queries written by hand for the demo shops, each with what a shopper must and must not see.

    python -m tests.harness.shop_queries FILE.jsonl… [--backend embedded|elasticsearch] [--misses]

makes the demo shops as `manage.py demo` does and asks each query as the search box does. Lines are {id, merchant,
language, kind, query, expect, currency?, twin?}; `expect` holds product handles: `first` (one of them leads), `all_of`
(all among the best `top`), `none_of` (none among the best `within`). `twin` is the query in the other Chinese script:
both must get one order. Prints {queries, right, share, by_kind, unlike_twins}; `--misses` tells what was wrong.

`--backend elasticsearch` needs ELASTICSEARCH_URL (scripts/elasticsearch starts a node).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness import console, temporary

BEST = 100  # products a query
SHOPS = ("meis-shelf", "north-ridge")


@dataclass(frozen=True, slots=True)
class ShopQuery:
    """One query and what is expected of its answer."""

    id: str
    merchant: str
    language: str
    kind: str
    query: str
    currency: str
    twin: str
    expect: Mapping[str, Any]

    def misses(self, found: Sequence[str]) -> list[str]:
        """Return what is wrong with an answer (handles, best first), nothing when it is right."""
        told = []
        first, all_of, none_of = (self.expect.get(name, []) for name in ("first", "all_of", "none_of"))
        if first and found[:1] not in [[each] for each in first]:
            told.append(f"first is {found[0] if found else 'nothing'}, not one of {', '.join(first)}")
        top = int(self.expect.get("top", BEST))
        told += [f"{each} is not among the first {top}" for each in all_of if each not in found[:top]]
        within = int(self.expect.get("within", BEST))
        told += [f"{each} is among the first {within}" for each in none_of if each in found[:within]]
        return told


Answers = dict[str, list[str]]  # query id -> handles, best first


def read_shop_queries(paths: Iterable[Path]) -> list[ShopQuery]:
    """Return the queries of some files, in order.

    Raises: CannotRun naming the line that is none.
    """
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = {"currency": "", "twin": "", **json.loads(line)}
                found.append(ShopQuery(**row))
            except (ValueError, TypeError) as error:
                raise temporary.CannotRun(f"{path}, line {number}: no query of a shop: {error}") from error
    return found


def answers_of(queries: Iterable[ShopQuery]) -> Answers:
    """Ask every query of its shop, which has to be there, as the search box does."""
    from catalog.accounts.models import Merchant
    from catalog.accounts.scoping import merchant_scope
    from catalog.products.finding import find
    from catalog.search.ports import ProductQuery

    found: Answers = {}
    merchants = {merchant.slug: merchant for merchant in Merchant.objects.filter(slug__in=SHOPS)}
    for each in queries:
        merchant = merchants[each.merchant]
        query = ProductQuery(merchant_id=merchant.pk, text=each.query, currency=each.currency, limit=BEST)
        with merchant_scope(merchant):
            page = find(query=query, language=each.language)
        found[each.id] = [product.slug for product in page.products]
    return found


def unlike_twins(queries: Iterable[ShopQuery], answers: Answers) -> list[str]:
    """Return the ids of Traditional queries that their Simplified twin does not rank exactly alike."""
    return [
        each.id
        for each in queries
        if each.language == "zh-hant" and each.twin in answers and answers[each.id] != answers[each.twin]
    ]


def share_right(queries: Sequence[ShopQuery], answers: Answers) -> float:
    """Return how many of the queries were answered right, 0 to 1."""
    return sum(not each.misses(answers[each.id]) for each in queries) / len(queries)


def main() -> int:
    """Read the options, make the shops, ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", help="JSON lines")
    parser.add_argument("--backend", choices=["embedded", "elasticsearch"], default="embedded")
    parser.add_argument("--misses", action="store_true", help="tell what is wrong with each answer, to stderr")
    temporary.add_arguments(parser)
    options = parser.parse_args()
    return console.run(lambda: _work(options))


def _work(options: argparse.Namespace) -> Mapping[str, Any]:
    queries = read_shop_queries(options.files)
    with temporary.surroundings(database=options.database, elasticsearch=options.backend == "elasticsearch"):
        from shop_assistant import demo, demo_shop

        for slug in SHOPS:
            demo_shop.make(demo.DATA / slug)
        if options.backend == "elasticsearch":
            _refresh()
        answers = answers_of(queries)
    for each in queries if options.misses else ():
        if told := each.misses(answers[each.id]):
            console.note(f"{each.id} [{each.kind}] {each.query!r}: {'; '.join(told)}")
    return _figures(queries, answers)


def _refresh() -> None:
    from catalog.search.backend import backend
    from catalog.search.elasticsearch_client import patient_client

    engine: Any = backend()
    patient_client().indices.refresh(index=engine.names.searched)


def _figures(queries: Sequence[ShopQuery], answers: Answers) -> Mapping[str, Any]:
    asked = Counter(each.kind for each in queries)
    right = Counter(each.kind for each in queries if not each.misses(answers[each.id]))
    return {
        "queries": len(queries),
        "right": right.total(),
        "share": round(share_right(queries, answers), 4),
        "by_kind": {kind: f"{right[kind]}/{count}" for kind, count in sorted(asked.items())},
        "unlike_twins": unlike_twins(queries, answers),
    }


if __name__ == "__main__":
    sys.exit(main())
