"""How well messages are read: `python -m tests.harness.enquiries FILE`.

FILE holds JSON lines {text, language, intent, slots}.

`slot_f1` is micro-averaged over (slot, value) pairs; a list counts as its values. `--misses` prints what was misread.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from conversations.chat.intents import read  # noqa: E402 (Django first)

# Finer than the labels: whether two things go together is a question about a product's details.
_LABELLED_AS = {"compatible": "details"}


def pairs(slots: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the (slot, value) pairs of a reading."""
    return set(_pairs(slots))


def _pairs(slots: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in slots.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, f"{one:g}" if isinstance(one, int | float) and not isinstance(one, bool) else str(one)


def main() -> int:
    """Read every line, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--misses", action="store_true", help="print each misread line to stderr")
    options = parser.parse_args()
    lines = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    right: dict[str, list[int]] = defaultdict(list)
    found = wrong = missed = 0
    for line in lines:
        reading = read(line["text"], language=line.get("language"))
        intent = _LABELLED_AS.get(reading.intent, reading.intent)
        right[line.get("language", "")].append(intent == line["intent"])
        expected, actual = pairs(line.get("slots", {})), pairs(reading.slots)
        found += len(expected & actual)
        wrong += len(actual - expected)
        missed += len(expected - actual)
        if options.misses and (intent != line["intent"] or expected != actual):
            print(
                f"{line['text']}\n    {line['intent']} {sorted(expected)}\n    {intent} {sorted(actual)}",
                file=sys.stderr,
            )
    hits = [hit for language in right.values() for hit in language]
    print(
        json.dumps(
            {
                "intent_accuracy": round(sum(hits) / len(hits), 4),
                "slot_f1": round(2 * found / (2 * found + wrong + missed), 4) if found else 0.0,
                "n": len(hits),
                "by_language": {name: round(sum(one) / len(one), 4) for name, one in sorted(right.items())},
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
