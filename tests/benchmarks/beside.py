"""Two ways to do one thing, timed in turn on the same inputs: the product beside its bare peer.

The machine's mood hits both alike. A figure is taken over the inputs' medians, so that one bad moment of a shared
machine is nobody's p95; `ratio_p95_rounds` is the median of the rounds' own ratios.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.harness.console import percentile

T = TypeVar("T")
SHARES = (0.5, 0.95, 0.99)


def beside(
    inputs: Sequence[T], product: Callable[[T], object], peer: Callable[[T], object], *, rounds: int, bar: float
) -> dict[str, Any]:
    """Call both for every input in turn, `rounds` times; return percentiles in milliseconds and their ratio.

    `holds`: whether the ratio of the p95 is at most `bar`. A first round that nobody counts warms both up.
    """
    taken: list[list[tuple[float, float]]] = []
    for number in range(rounds + 1):
        row = []
        for place, each in enumerate(inputs):
            calls = (product, peer) if (number + place) % 2 else (peer, product)
            times = {call: timed(call, each) for call in calls}
            row.append((times[product], times[peer]))
        if number:
            taken.append(row)
    medians = [
        [statistics.median(each[way] for each in column) for column in zip(*taken, strict=True)] for way in (0, 1)
    ]
    ours, bare = (figures(each) for each in medians)
    by_round = [percentile([a for a, _ in row], 0.95) / percentile([b for _, b in row], 0.95) for row in taken]
    ratio = ours["p95_ms"] / bare["p95_ms"]
    return {
        **ours,
        **{f"bare_{name}": value for name, value in bare.items()},
        "ratio_p95": round(ratio, 2),
        "ratio_p95_rounds": round(statistics.median(by_round), 2),
        "bar": bar,
        "holds": ratio <= bar,
    }


def figures(times: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and p99 of times in milliseconds."""
    return {f"p{round(share * 100)}_ms": round(percentile(list(times), share), 2) for share in SHARES}


def timed(call: Callable[[T], object], given: T) -> float:
    """Return how many milliseconds a call took."""
    started = time.perf_counter()
    call(given)
    return (time.perf_counter() - started) * 1000
