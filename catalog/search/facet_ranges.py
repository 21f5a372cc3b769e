"""Price ranges for the price facet; the same for every engine."""

from __future__ import annotations

_RANGES_MAX = 6


def price_step(lowest: int, highest: int) -> int:
    """Return the width of a price range in minor units: 1, 2 or 5 times a power of ten, at most seven ranges."""
    step = 1
    while (highest - lowest) // step >= _RANGES_MAX:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    return step


def range_name(number: int, step: int) -> str:
    """Return "from-to" in minor units; `to` is the first amount above the range."""
    return f"{number * step}-{(number + 1) * step}"
