"""The funnel by brute force: every chain of events, none of the product's shortcuts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from conversations.funnel.paths import Moment


def chains(moments: Sequence[Moment], *, steps: int, window: timedelta) -> Iterator[tuple[datetime, ...]]:
    """Yield the times of every chain of steps 0, 1, … that fits the window."""

    def extended(times: tuple[datetime, ...]) -> Iterator[tuple[datetime, ...]]:
        yield times
        if len(times) == steps:
            return
        for moment in moments:
            if moment.step == len(times) and moment.at >= times[-1] and moment.at - times[0] <= window:
                yield from extended((*times, moment.at))

    for moment in moments:
        if moment.step == 0:
            yield from extended((moment.at,))


def best_chain(moments: Sequence[Moment], *, steps: int, window: timedelta) -> tuple[datetime, ...]:
    """Return the longest chain; of those the one that ends first, then starts last, then takes each step earliest."""
    found = list(chains(moments, steps=steps, window=window))
    if not found:
        return ()
    longest = max(len(times) for times in found)
    candidates = [times for times in found if len(times) == longest]
    first_end = min(times[-1] for times in candidates)
    candidates = [times for times in candidates if times[-1] == first_end]
    last_start = max(times[0] for times in candidates)
    return min(times for times in candidates if times[0] == last_start)
