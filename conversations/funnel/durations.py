"""Durations: percentiles, the histogram's bins, and how people read a span of time."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = 60, 3_600, 86_400
# Seconds; people think in these, so the bins do not follow the data.
BIN_EDGES_S = (0, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the percentile of `values` (share from 0 to 1), linear between closest ranks; None of nothing.

    The rank is share·(n − 1), as in Hyndman & Fan (1996), type 7.
    """
    if not values:
        return None
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    below, above = math.floor(rank), math.ceil(rank)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


@dataclass(frozen=True, slots=True)
class Bin:
    """How many durations lie in from_s ≤ duration < to_s; the bin that ends at 7 d includes it, None is open."""

    from_s: int
    to_s: int | None
    count: int

    @property
    def label(self) -> str:
        """The span in words: `15 min – 1 h`."""
        start = duration_text(self.from_s)
        return f"{start} – {duration_text(self.to_s)}" if self.to_s is not None else f"> {start}"


def histogram(values: Sequence[float]) -> tuple[Bin, ...]:
    """Count `values` (seconds) into the fixed bins; a further open bin stands only when something lies beyond."""
    edges = BIN_EDGES_S
    # bisect_right puts a value that equals an edge into the bin that begins there; the last edge closes its bin.
    places = Counter(len(edges) - 2 if value == edges[-1] else bisect_right(edges, value) - 1 for value in values)
    bins = [Bin(low, high, places[index]) for index, (low, high) in enumerate(pairwise(edges))]
    beyond = places[len(edges) - 1]
    return (*bins, Bin(edges[-1], None, beyond)) if beyond else tuple(bins)


@dataclass(frozen=True, slots=True)
class Times:
    """A set of durations in seconds, described."""

    count: int
    median_s: float | None
    p90_s: float | None
    mean_s: float | None
    bins: tuple[Bin, ...]


def described(values: Sequence[float]) -> Times:
    """Describe `values` (seconds)."""
    return Times(
        count=len(values),
        median_s=percentile(values, 0.5),
        p90_s=percentile(values, 0.9),
        mean_s=math.fsum(values) / len(values) if values else None,
        bins=histogram(values),
    )


def duration_text(seconds: float) -> str:
    """Return a span in its two largest units, the smaller left out when it is nought: `51 min`, `2 d 3 h`."""
    whole = round(seconds)
    for unit, size, smaller, smaller_size in _UNITS:
        if whole < size:
            continue
        # Seconds beside ten minutes are noise.
        step = MINUTE if unit == "min" and whole >= 10 * MINUTE else smaller_size
        rounded = (whole + step // 2) // step * step
        if rounded != whole:
            return duration_text(rounded)  # 59.7 min read 1 h
        large, small = divmod(whole, size)
        texts = [_unit_text(unit, large), _unit_text(smaller, small // smaller_size)]
        return " ".join(text for text in texts if text)
    return _unit_text("s", whole) or _("0 s")


_UNITS = (("d", DAY, "h", HOUR), ("h", HOUR, "min", MINUTE), ("min", MINUTE, "s", 1))


def _unit_text(unit: str, number: int) -> str:
    if not number:
        return ""
    words = {"d": _("%(n)s d"), "h": _("%(n)s h"), "min": _("%(n)s min"), "s": _("%(n)s s")}
    return words[unit] % {"n": number}
