"""Needs turned into products, by the code a shopper meets: `python -m tests.harness.needs DATA --out DIR`.

DATA holds catalog.jsonl, needs.jsonl, judgments.json and dialogue_catalog.jsonl, dialogues.jsonl. Both catalogs go in
by the product's importer. A need is one message: it is read (`intents.read`), remembered (`memory.remembered`) and
answered (`matching.advise`), with the variant its words choose. A dialogue is heard message by message; at every turn
of the assistant that clarifies or recommends, the product decides which, and ranks.

Writes DIR/answers.jsonl {need, ranked: [{product, options}]} and DIR/dialogues.jsonl {id, turn, ranked, act}; `turn` is
the place of the assistant's turn among all turns, from 0. Ends with {first_reward, first_success, best10_reward,
best10_success, recall_at_10, mrr, act_accuracy}. `--wordings` answers every need in other wordings too and adds
`{wording}_first_reward` and `_first_success` of each. The judgments are read after everything is answered.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.harness import console, needs_files, needs_scores, temporary
from tests.harness.needs_files import Row, rows
from tests.harness.needs_wordings import wordings

if TYPE_CHECKING:
    from catalog.accounts.models import Merchant

RANKED = 10
RANKED_IN_DIALOGUES = 50
CURRENCY = "USD"


def main() -> int:
    """Read the options, answer, score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the needs, the dialogues and their catalogs")
    parser.add_argument("--out", type=Path, required=True, help="folder for answers.jsonl and dialogues.jsonl")
    parser.add_argument("--wordings", action="store_true", help="answer the needs in other wordings too")
    parser.add_argument("--folds", type=int, default=0, help="print the scores of so many folds to stderr")
    temporary.add_arguments(parser)
    options = parser.parse_args()
    return console.run(lambda: _work(options))


def _work(options: argparse.Namespace) -> Mapping[str, Any]:
    options.out.mkdir(parents=True, exist_ok=True)
    with temporary.surroundings(database=options.database) as folder:
        figures = _needs(options, folder)
        return figures | _dialogues(options, folder)


def _needs(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    products, needs = rows(options.data / "catalog.jsonl"), rows(options.data / "needs.jsonl")
    merchant = _shop("needs", products, folder)
    answered = _answers(merchant, needs, lambda text: text)
    _write(options.out / "answers.jsonl", answered)
    ways = wordings(needs_files.option_names(products)) if options.wordings else {}
    reworded = {name: _answers(merchant, needs, put) for name, put in ways.items()}
    mined = json.loads((options.data / "judgments.json").read_text(encoding="utf-8"))
    by_id = {product["id"]: product for product in products}
    figures = _rewards(needs, answered, by_id, mined, options.folds)
    for name, answers in reworded.items():
        found = _rewards(needs, answers, by_id, mined, 0)
        figures |= {f"{name}_{key}": value for key, value in found.items() if key.startswith("first")}
    return figures


def _answers(merchant: Merchant, needs: Sequence[Row], put: Callable[[str], str]) -> list[Row]:
    from tqdm import tqdm

    from catalog.accounts.scoping import merchant_scope
    from tests.harness.needs_answers import Listener

    answered = []
    with merchant_scope(merchant):
        for need in tqdm(needs, unit=" needs", file=sys.stderr):
            listener = Listener(merchant, CURRENCY)
            listener.hears(put(need["text"]))
            found, _act = listener.answers(limit=RANKED)
            ranked = [{"product": product, "options": dict(chosen)} for product, chosen in found]
            answered.append({"need": need["id"], "ranked": ranked})
    return answered


def _rewards(
    needs: Sequence[Row],
    answered: Sequence[Row],
    products: Mapping[str, Row],
    mined: Mapping[str, list[str]],
    folds: int,
) -> dict[str, float]:
    ranked = {answer["need"]: answer["ranked"] for answer in answered}
    scored = [
        [
            needs_scores.reward(
                need, products[each["product"]], each["options"], products[need["product"]], mined[each["product"]]
            )
            for each in ranked[need["id"]]
        ]
        or [0.0]
        for need in needs
    ]
    figures = _reward_figures(scored)
    targets = sorted({need["product"] for need in needs})
    for fold in range(folds):  # all needs of one product are in one fold
        part = [
            each for need, each in zip(needs, scored, strict=True) if targets.index(need["product"]) % folds == fold
        ]
        console.note(f"fold {fold + 1}: {len(part)} needs {json.dumps(_reward_figures(part))}")
    return figures


def _reward_figures(scored: Sequence[Sequence[float]]) -> dict[str, float]:
    first, best = [each[0] for each in scored], [max(each) for each in scored]
    return {
        "first_reward": needs_scores.mean(first),
        "first_success": needs_scores.mean([each > 0.9999 for each in first]),
        "best10_reward": needs_scores.mean(best),
        "best10_success": needs_scores.mean([each > 0.9999 for each in best]),
    }


def _dialogues(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    from tqdm import tqdm

    from catalog.accounts.scoping import merchant_scope

    merchant = _shop("dialogues", rows(options.data / "dialogue_catalog.jsonl"), folder)
    dialogues = rows(options.data / "dialogues.jsonl")
    with merchant_scope(merchant):
        answered = [
            turn
            for dialogue in tqdm(dialogues, unit=" dialogues", file=sys.stderr)
            for turn in _dialogue(merchant, dialogue)
        ]
    _write(options.out / "dialogues.jsonl", answered)
    return _dialogue_figures(dialogues, answered, options.folds)


def _dialogue(merchant: Merchant, dialogue: Row) -> Iterable[Row]:
    """Hear a dialogue; yield what the product does at every turn where the assistant clarified or recommended."""
    from tests.harness.needs_answers import Listener

    listener = Listener(merchant, CURRENCY)
    for place, turn in enumerate(dialogue["turns"]):
        if turn["role"] == "shopper":
            listener.hears(turn["text"])
            continue
        if turn.get("act") in ("clarify", "recommend"):
            found, act = listener.answers(limit=RANKED_IN_DIALOGUES)
            ranked = [product for product, _ in found]
            yield {"id": dialogue["id"], "turn": place, "ranked": ranked, "act": act}
        listener.was_answered(turn.get("act", ""), turn.get("recommended") or ())


def _dialogue_figures(dialogues: Sequence[Row], answered: Sequence[Row], folds: int) -> dict[str, float]:
    said = {(dialogue["id"], place): turn for dialogue in dialogues for place, turn in enumerate(dialogue["turns"])}
    turns = [(answer, said[answer["id"], answer["turn"]]) for answer in answered]
    names = sorted({answer["id"] for answer in answered})
    for fold in range(folds):
        part = [pair for pair in turns if names.index(pair[0]["id"]) % folds == fold]
        console.note(f"fold {fold + 1}: {len(part)} turns {json.dumps(_turn_figures(part))}")
    return _turn_figures(turns)


def _turn_figures(turns: Sequence[tuple[Row, Row]]) -> dict[str, float]:
    recommended = [
        (answer["ranked"], frozenset(turn["recommended"])) for answer, turn in turns if turn.get("recommended")
    ]
    recalls = [len(right & set(ranked[:RANKED])) / len(right) for ranked, right in recommended]
    return {
        "recall_at_10": needs_scores.mean(recalls),
        "mrr": needs_scores.mean([needs_scores.reciprocal(ranked, right) for ranked, right in recommended]),
        "act_accuracy": needs_scores.mean([answer["act"] == turn["act"] for answer, turn in turns]),
    }


def _shop(slug: str, products: Sequence[Row], folder: Path) -> Merchant:
    """Import a catalog and index it, by the product's own path."""
    from catalog.accounts.models import Merchant
    from catalog.outbox.worker import drain
    from catalog.products.importers import run_import

    merchant = Merchant.objects.create(slug=slug, name=slug, currency=CURRENCY)
    path = folder / f"{slug}.jsonl"
    needs_files.sheet(products, path)
    summary = run_import(merchant=merchant, path=path, currency=CURRENCY, skip_bad_rows=True)
    if summary.created != len(products):
        console.note(f"{slug}: {len(products) - summary.created} products were not imported")
    drain(lanes=["index"])
    console.note(f"{slug}: {summary.created} products")
    return merchant


def _write(path: Path, answered: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in answered:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
