"""Relevance of the search on a judged set: `python -m tests.benchmarks.relevance --products F --queries F --qrels F`.

Imports the products with the product's own importer, asks every query once and prints {queries, ndcg_at_10, mrr_at_10,
recall_at_100, seconds}; nDCG with linear gain and log2 discount over the queries that have a relevant product, unjudged
products count as 0 (as trec_eval).
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.harness import catalog, console, temporary

Judgments = Mapping[str, Mapping[str, int]]


def main() -> int:
    """Read the options, run, print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--qrels", type=Path, required=True, help="qid TAB product id TAB grade")
    temporary.add_arguments(parser)
    options = parser.parse_args()
    return console.run(lambda: _work(options))


def _work(options: argparse.Namespace) -> dict[str, Any]:
    with temporary.surroundings(database=options.database) as folder, tempfile.NamedTemporaryFile() as run:
        figures = catalog.search_figures(options.products, options.queries, folder, Path(run.name))
        return {**score(judgments(options.qrels), _ranking(Path(run.name))), "seconds": figures["seconds"]}


def score(judged: Judgments, ranking: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the means over the queries that have a relevant product."""
    asked = {qid: grades for qid, grades in judged.items() if any(grade > 0 for grade in grades.values())}
    scores = [score_of_query(grades, ranking.get(qid, ())) for qid, grades in asked.items()]
    ndcg, mrr, recall = (round(sum(column) / len(scores), 4) for column in zip(*scores, strict=True))
    return {"queries": len(scores), "ndcg_at_10": ndcg, "mrr_at_10": mrr, "recall_at_100": recall}


def score_of_query(grades: Mapping[str, int], found: Sequence[str]) -> tuple[float, float, float]:
    """Return nDCG@10, reciprocal rank and recall@100 of one query with a relevant product."""
    ideal = _discounted(sorted(grades.values(), reverse=True)[:10])
    relevant = {product for product, grade in grades.items() if grade > 0}
    first = next((1 / rank for rank, product in enumerate(found[:10], 1) if product in relevant), 0.0)
    gain = _discounted([grades.get(product, 0) for product in found[:10]])
    return gain / ideal, first, len(relevant & set(found[:100])) / len(relevant)


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def judgments(path: Path) -> Judgments:
    """Read lines of qid TAB product id TAB grade."""
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for line in path.read_text().splitlines():
        qid, product, grade = line.split("\t")
        judged[qid][product] = int(grade)
    return judged


def _ranking(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text().splitlines():
        qid, _, product, *_ = line.split()
        found[qid].append(product)
    return found


if __name__ == "__main__":
    sys.exit(main())
