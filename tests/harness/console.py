"""What a harness prints: progress to stderr, one JSON line at the end of stdout."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

from tests.harness.temporary import CannotRun


def note(text: str) -> None:
    """Say what is going on, to stderr."""
    print(text, file=sys.stderr, flush=True)


def run(work: Callable[[], Mapping[str, Any]]) -> int:
    """Do the work, print its result as the last line, return the exit code: 0 when it completed, whatever the score."""
    try:
        result = work()
    except (CannotRun, OSError, ValueError, KeyError) as error:
        note(f"failed: {type(error).__name__}: {error}")
        return 1
    print(json.dumps(result, ensure_ascii=False))
    return 0


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(share * len(ordered))) - 1]
