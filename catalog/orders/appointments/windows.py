"""When somebody is there: opening hours and special days of a merchant's clock as moments in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """From and to on one day of the week (Monday = 0); closing at 0:00 is the end of that day."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Special:
    """Days whose own hours hold instead; closed when `opens` is None."""

    first_day: date
    last_day: date
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, in UTC."""

    start: datetime
    end: datetime


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return that reading of the merchant's clock in UTC.

    An hour that the clock skips in spring becomes the same moment an hour later on the clock; of an hour that it shows
    twice in autumn the first is meant.
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def windows_on(day: date, hours: Sequence[Hours], specials: Sequence[Special], zone: ZoneInfo) -> list[Window]:
    """Return when somebody is there on `day`: a special day's hours, else those of its day of the week."""
    special = [each for each in specials if each.first_day <= day <= each.last_day]
    if special:
        spans = [(each.opens, each.closes) for each in special if each.opens is not None and each.closes is not None]
        if any(each.opens is None for each in special):
            return []  # closed wins over other special hours of the same day
    else:
        spans = [(each.opens, each.closes) for each in hours if each.weekday == day.weekday()]
    windows = [_window(day, opens, closes, zone) for opens, closes in sorted(spans)]
    return [window for window in windows if window.end > window.start]


def starts_in(window: Window, *, duration: timedelta, step: timedelta) -> Iterator[datetime]:
    """Yield the beginnings in a window whose whole length fits into it, one each `step` from its opening on."""
    start = window.start
    while start + duration <= window.end:
        yield start
        start += step


def _window(day: date, opens: time, closes: time, zone: ZoneInfo) -> Window:
    last = day + timedelta(days=1) if closes == MIDNIGHT else day
    return Window(moment(day, opens, zone), moment(last, closes, zone))
