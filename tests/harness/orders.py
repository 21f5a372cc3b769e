"""The order desk under the replay set: every case through the dispatcher that the agent itself uses.

    python -m tests.harness.orders FOLDER [--only replay,negatives,injections,sequences] [--races] [--json]
        [--database sqlite|postgresql]

FOLDER holds store.json and the four files of cases. The store is taken over by the product's importer. A case runs in
a transaction that is rolled back: each of its calls is a tool call (propose), the card's button where the case says
that the shopper confirmed, and what the log then says. The change of state and the invariants I1 to I8 are compared
after every case. `customer.*` operations are no tools: they call the services of the sign-in step, with the session's
identity.

`--races` runs every sequence again: twice at the same time from two connections, with a crash between proposal and
confirmation, and with every confirmation sent twice.

Prints what failed to stderr and {replay: {passed, total}, …, invariants_broken} as the last line. The database is that
of DATABASE_URL when there is one, in a database of its own; else SQLite.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.harness import console, temporary

KINDS = ("replay", "negatives", "injections", "sequences")
Outcome = tuple[list[str], int]  # what is wrong with the case, and how many invariants it broke


def main() -> int:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder of store.json and the cases")
    parser.add_argument("--only", default=",".join(KINDS), help="some of: " + ",".join(KINDS) + "; '' for none")
    parser.add_argument("--races", action="store_true", help="run the sequences in parallel, crashed and doubled too")
    parser.add_argument("--json", action="store_true", help="only the last line: no notes about single cases")
    parser.add_argument("--limit", type=int, default=0, help="only the first cases of each kind")
    parser.add_argument("--database", choices=["sqlite", "postgres", "postgresql"], help="where; see above")
    options = parser.parse_args()
    unknown = set(filter(None, options.only.split(","))) - set(KINDS)
    if unknown:
        parser.error(f"--only: {', '.join(sorted(unknown))} is none of {', '.join(KINDS)}")
    return console.run(lambda: _work(options))


def _work(options: argparse.Namespace) -> Mapping[str, Any]:
    database = options.database or ("postgres" if os.environ.get("DATABASE_URL") else "sqlite")
    with temporary.surroundings(database=database.removesuffix("ql") if database != "sqlite" else database):
        return _run(options)


def _run(options: argparse.Namespace) -> dict[str, Any]:
    from django.conf import settings

    from catalog.accounts.scoping import merchant_scope
    from tests.harness import orders_cases, orders_injections, orders_races, orders_store

    settings.DATABASE_THREADS = 0  # a case is one transaction on one thread
    started = time.perf_counter()
    store = orders_store.load(options.folder / "store.json")
    runs: dict[str, Callable[..., Outcome]] = {
        "replay": orders_cases.run_calls,
        "negatives": orders_cases.run_negative,
        "injections": orders_injections.run,
        "sequences": orders_cases.run_calls,
    }
    result: dict[str, Any] = {}
    broken = 0
    with merchant_scope(store.merchant):
        shop = orders_cases.Shop.of(store)
        for kind in KINDS:
            if kind not in options.only.split(","):
                continue
            rows = orders_store.rows_of(options.folder / f"{kind}.jsonl")[: options.limit or None]
            result[kind], breaks = _score(kind, rows, partial(runs[kind], shop), quiet=options.json)
            broken += breaks
        if options.races:
            rows = orders_store.rows_of(options.folder / "sequences.jsonl")[: options.limit or None]
            for name, race in orders_races.RACES.items():
                result[name], breaks = _score(name, rows, partial(race, shop), quiet=options.json)
                broken += breaks
    return {**result, "invariants_broken": broken, "seconds": round(time.perf_counter() - started, 1)}


def _score(
    kind: str, rows: Sequence[Mapping[str, Any]], run: Callable[[Mapping[str, Any]], Outcome], *, quiet: bool
) -> tuple[dict[str, int], int]:
    """Run every case; return how many passed, and how many invariants were broken."""
    from tqdm import tqdm

    passed = broken = 0
    for row in tqdm(rows, desc=kind, unit=" cases", file=sys.stderr, disable=quiet):
        try:
            wrong, breaks = run(row)
        except Exception as error:  # a case that ends so has failed; the others are still to be seen
            wrong, breaks = [f"raised {type(error).__name__}: {error}"], 0
        passed += not wrong
        broken += breaks
        if wrong and not quiet:
            console.note(f"{row['id']}: {'; '.join(wrong)[:600]}")
    return {"passed": passed, "total": len(rows)}, broken


if __name__ == "__main__":
    sys.exit(main())
