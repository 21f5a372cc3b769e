"""What each signal of the ranking is worth on judged queries, and whether the weights hold on queries they never saw.

    python -m tests.harness.search_ablation --products P.jsonl[.gz] --queries Q.jsonl --qrels R.tsv --backend embedded

imports as `tests.harness.search` does, takes the first hits of every query once and orders them again without one
signal after the other; each row with the paired randomisation test against the whole. Then 5 folds, five times:
weights are chosen on four folds from a small grid around the shipped ones and scored on the fifth. Then queries with a
slip of the hand (tests/harness/misspelling.py), with and without spelling. The tables go to stdout as Markdown, one
JSON line last.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.relevance import judgments, score_of_query
from tests.harness import catalog, console, temporary
from tests.harness.misspelling import misspelt
from tests.harness.search import read_queries

if TYPE_CHECKING:
    from catalog.accounts.models import Merchant
    from catalog.search.ordering import Asked
    from catalog.search.reranking import Candidate

    Window = tuple[Asked, list[Candidate]]

Scores = dict[str, float]  # qid -> nDCG@10
ROUNDS, FOLDS, TIMES, SLIPS = 10_000, 5, 5, 3
GRID = [
    {"one_place": place, "next_to_each_other": beside}
    for place in (0.0, 0.05, 0.1, 0.15, 0.2)
    for beside in (0.0, 0.1, 0.2)
]
# What an engineer gets from Elasticsearch in a week: one combined_fields over these texts, any word.
PEER = {"title": 8, "description": 2, "category": 1, "brand": 8, "attributes": 1}


def main() -> int:
    """Read the options, index, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("products", "queries", "qrels"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--backend", choices=["embedded", "elasticsearch"], default="embedded")
    temporary.add_arguments(parser)
    options = parser.parse_args()
    return console.run(lambda: _work(options))


def _work(options: argparse.Namespace) -> Mapping[str, Any]:
    judged = {qid: grades for qid, grades in judgments(options.qrels).items() if any(g > 0 for g in grades.values())}
    asked = [(qid, text) for qid, text in read_queries(options.queries) if qid in judged]
    with temporary.surroundings(database=options.database, elasticsearch=options.backend == "elasticsearch") as folder:
        merchant = catalog.new_merchant("USD")
        catalog.import_products(merchant, options.products, folder)
        bench = Bench(merchant, judged)
        windows = {qid: bench.window(text) for qid, text in asked}
        whole = bench.scores(windows)
        _print_signals(bench, windows, whole)
        if options.backend == "elasticsearch":
            _print_row("`combined_fields` 8/2/1/8/1", whole, bench.scores_of_the_peer(asked))
        table = [bench.scores(windows, weights) for weights in GRID]
        folds = [cross_validated(table, seed=seed) for seed in range(TIMES)]
        print(f"\n5 folds, {TIMES} times: nDCG@10 {min(folds):.4f} to {max(folds):.4f}, mean {_mean(folds):.4f}")
        return {
            "ndcg_at_10": round(_mean(whole.values()), 4),
            "cross_validated": round(_mean(folds), 4),
            **_spelling(bench, asked),
        }


class Bench:
    """The indexed products, asked and ordered in several ways."""

    def __init__(self, merchant: Merchant, judged: Mapping[str, Mapping[str, int]]) -> None:
        from catalog.accounts.scoping import merchant_scope
        from catalog.products.models import Product

        self._merchant_id = merchant.pk
        self._judged = judged
        with merchant_scope(merchant):
            self._names: dict[int, str] = dict(Product.objects.values_list("pk", "external_id"))

    def window(self, text: str, *, spelling: bool = True) -> Window:
        """Return how a query was read and its first hits."""
        from catalog.search import reading
        from catalog.search.backend import backend
        from catalog.search.ports import ProductQuery

        kept = reading.correction
        try:
            if not spelling:
                reading.correction = lambda *_: None
            engine: Any = backend()
            found: Window = engine.window(ProductQuery(merchant_id=self._merchant_id, text=text))
            return found
        finally:
            reading.correction = kept

    def scores(self, windows: Mapping[str, Window], changes: Mapping[str, float] | None = None) -> Scores:
        """Return nDCG@10 of every query under the shipped weights with `changes`."""
        from catalog.search.reranking import SIGNALS, rerank

        weights = {**SIGNALS, **(changes or {})}
        found = {}
        for qid, (asked, window) in windows.items():
            ranked = rerank(asked.reading, window, asked.vocabulary, weights=weights)
            found[qid] = self._score(qid, [each.product_id for each in ranked])
        return found

    def scores_of_the_engine(self, windows: Mapping[str, Window]) -> Scores:
        """Return nDCG@10 of every query as the engine alone orders it."""
        return {qid: self._score(qid, [each.product_id for each in window]) for qid, (_, window) in windows.items()}

    def scores_of_the_peer(self, asked: Sequence[tuple[str, str]]) -> Scores:
        """Return nDCG@10 of one `combined_fields` over the same index, on Elasticsearch."""
        from catalog.search.analysis import index_text
        from catalog.search.backend import backend
        from catalog.search.elasticsearch_client import patient_client
        from catalog.search.stemming import stem

        engine: Any = backend()
        patient_client().indices.refresh(index=engine.names.searched)
        found = {}
        for qid, text in asked:
            terms = " ".join(map(stem, index_text(text).split()))
            clause = {"query": terms, "fields": [f"words.{name}^{weight}" for name, weight in PEER.items()]}
            answer = patient_client().search(
                index=engine.names.searched,
                routing=str(self._merchant_id),
                query={"combined_fields": clause},
                sort=[{"_score": "desc"}, {"product_id": "asc"}],
                source=False,
                size=10,
            )
            found[qid] = self._score(qid, [int(hit["sort"][-1]) for hit in answer["hits"]["hits"]])
        return found

    def _score(self, qid: str, product_ids: Sequence[int]) -> float:
        return score_of_query(self._judged[qid], [self._names[each] for each in product_ids])[0]


def _print_signals(bench: Bench, windows: Mapping[str, Window], whole: Scores) -> None:
    from catalog.search.reranking import SIGNALS

    print("| ranking | nDCG@10 | change | p |\n|---|---|---|---|")
    print(f"| everything | {_mean(whole.values()):.4f} | | |")
    rows: list[tuple[str, Scores]] = [
        (f"without `{name}`", bench.scores(windows, {name: 0.0}))
        for name in SIGNALS
        if name not in ("popularity", "in_stock")  # nobody has bought anything in a judged set
    ]
    for name, scores in [*rows, ("the engine's own order", bench.scores_of_the_engine(windows))]:
        _print_row(name, whole, scores)


def _print_row(name: str, whole: Scores, scores: Scores) -> None:
    change, chance = paired(whole, scores)
    print(f"| {name} | {_mean(scores.values()):.4f} | {change:+.4f} | {chance:.3f} |")


def cross_validated(table: Sequence[Scores], *, seed: int) -> float:
    """Return nDCG@10 where each fold was scored by the row of `table` (a choice of weights) best on the other four."""
    order = sorted(table[0])
    random.Random(seed).shuffle(order)
    total = 0.0
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        others = [qid for qid in order if qid not in held]
        best = max(table, key=lambda scores: sum(scores[qid] for qid in others))
        total += sum(best[qid] for qid in held)
    return total / len(order)


def _spelling(bench: Bench, asked: Sequence[tuple[str, str]]) -> dict[str, float]:
    slips = [(qid, text, misspelt(text, seed=seed)) for qid, text in asked for seed in range(SLIPS)]
    slips = [each for each in slips if each[1] != each[2]]

    def mean(spelling: bool) -> float:
        return _mean(
            next(iter(bench.scores({qid: bench.window(typed, spelling=spelling)}).values())) for qid, _, typed in slips
        )

    with_spelling, without = mean(True), mean(False)
    print(f"\n{len(slips)} misspelt queries: nDCG@10 {with_spelling:.4f} with spelling, {without:.4f} without")
    return {"misspelt": round(with_spelling, 4), "misspelt_without_spelling": round(without, 4)}


def paired(one: Scores, other: Scores, *, rounds: int = ROUNDS, seed: int = 7) -> tuple[float, float]:
    """Return (mean of other less one, two-sided p of a paired randomisation test)."""
    differences = [other[qid] - one[qid] for qid in one]
    observed, chance = abs(sum(differences)), random.Random(seed)
    hits = sum(_flipped(differences, chance) >= observed - 1e-12 for _ in range(rounds))
    return sum(differences) / len(differences), (hits + 1) / (rounds + 1)


def _flipped(differences: Sequence[float], chance: random.Random) -> float:
    return abs(sum(each if chance.random() < 0.5 else -each for each in differences))


def _mean(values: Iterable[float]) -> float:
    kept = list(values)
    return sum(kept) / len(kept) if kept else 0.0


if __name__ == "__main__":
    sys.exit(main())
