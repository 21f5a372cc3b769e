"""Times as people read them, on the merchant's clock, in the active language."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _


def day_text(day: date) -> str:
    """Return a day: `Wed 25 Nov 2026`."""
    return date_format(day, _("D j M Y"))


def short_day_text(day: date) -> str:
    """Return a day without its year: `Wed 25 Nov`."""
    return date_format(day, _("D j M"))


def clock_text(at: datetime, zone: ZoneInfo) -> str:
    """Return the time of day: `14:00`."""
    return at.astimezone(zone).strftime("%H:%M")


def moment_text(at: datetime, zone: ZoneInfo) -> str:
    """Return a day and a time of day: `Tue 24 Nov 2026, 14:00`."""
    facts = {"day": day_text(at.astimezone(zone).date()), "time": clock_text(at, zone)}
    return _("%(day)s, %(time)s") % facts


def when_text(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """Return day, from and to, and which clock is meant: `Wed 25 Nov 2026, 14:00–15:00 (GMT+8)`."""
    facts = {
        "day": day_text(starts_at.astimezone(zone).date()),
        "from": clock_text(starts_at, zone),
        "to": clock_text(ends_at, zone),
        "zone": zone_text(starts_at, zone),
    }
    return _("%(day)s, %(from)s–%(to)s (%(zone)s)") % facts


def zone_text(at: datetime, zone: ZoneInfo) -> str:
    """Return how far the merchant's clock is from Greenwich then: `GMT+8`, `GMT+5:30`."""
    offset = at.astimezone(zone).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"GMT{sign}{hours}{f':{rest:02d}' if rest else ''}" if minutes else "GMT"
