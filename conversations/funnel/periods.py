"""Periods of a report: whole days of a time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class BadPeriod(ValueError):
    """The period cannot be reported; the message says why."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of `timezone`, the first and the last included."""

    first: date
    last: date
    timezone: str

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins, and an unknown time zone.

        Raises: BadPeriod.
        """
        if self.last < self.first:
            raise BadPeriod(f"end: {self.last} is before the start {self.first}; swap the two days")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise BadPeriod(f"timezone: {self.timezone!r} is unknown; use a name such as Asia/Taipei") from error

    @property
    def start(self) -> datetime:
        """The instant the first day begins."""
        return datetime.combine(self.first, time.min, tzinfo=ZoneInfo(self.timezone))

    @property
    def end(self) -> datetime:
        """The instant the day after the last begins; not part of the period."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=ZoneInfo(self.timezone))

    @property
    def previous(self) -> Period:
        """The same number of days just before."""
        days = (self.last - self.first).days + 1
        return Period(self.first - timedelta(days=days), self.first - timedelta(days=1), self.timezone)
