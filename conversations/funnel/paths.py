"""How far one unit came: the rules of the ordered funnel, on one shopper's events with one creator.

- A path begins at any event of the first step and takes the following steps in their order; other events may lie
  between. A step that was skipped ends the path there: who buys from the shelf without asking stays at the view.
- Every step lies within the window, counted in elapsed seconds from the path's first event; exactly the window is in.
- Events of the same instant count in either order.
- The unit's level is the number of steps of its longest path. Among the longest the one that ends first is reported,
  and of those the one that starts last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of the unit: which step (from 0) and when."""

    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Path:
    """The reported path: when each of its steps was taken. Its length is the unit's level."""

    times: tuple[datetime, ...]

    @property
    def level(self) -> int:
        """How many steps were taken."""
        return len(self.times)


def furthest(moments: Sequence[Moment], *, steps: int, window: timedelta) -> Path:
    """Return the reported path through `moments`, which need no order; empty when the first step never happened."""
    ordered = sorted(moments, key=lambda moment: (moment.at, moment.step))
    # latest[k]: the latest start of any path that has taken steps 0..k so far. It never falls as time goes on, so the
    # newest start is also the one with the most window left: one pass is exact.
    latest: list[datetime | None] = [None] * steps
    level, start = 0, None
    for moment in ordered:
        begun = moment.at if moment.step == 0 else latest[moment.step - 1]
        if begun is None or moment.at - begun > window:
            continue
        latest[moment.step] = begun
        if moment.step + 1 > level:
            level, start = moment.step + 1, begun
    return Path(_walk(ordered, start, level)) if start is not None else Path(())


def _walk(ordered: Sequence[Moment], start: datetime, level: int) -> tuple[datetime, ...]:
    """Take each step as early as possible from `start` on."""
    times: list[datetime] = []
    for moment in ordered:
        if moment.at >= start and moment.step == len(times) and len(times) < level:
            times.append(moment.at)
    return tuple(times)


def first_between(moments: Sequence[Moment], *, step: int, since: datetime, until: datetime) -> datetime:
    """Return the earliest event of `step` with since ≤ time ≤ until; there must be one."""
    return min(moment.at for moment in moments if moment.step == step and since <= moment.at <= until)
