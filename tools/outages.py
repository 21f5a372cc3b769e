"""Since when product search does not answer, as this process saw it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

# A failure that nobody saw repeated for so long says nothing about now.
FORGOTTEN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Outage:
    since: datetime
    last: datetime


_lock = threading.Lock()
_outage: _Outage | None = None


def search_failed() -> None:
    """Note that a search failed now; the first of several failures in a row is when the outage began."""
    global _outage
    now = timezone.now()
    with _lock:
        held = _outage if _outage is not None and now - _outage.last < FORGOTTEN_AFTER else None
        _outage = _Outage(since=held.since if held else now, last=now)


def search_answered() -> None:
    """Note that a search was answered: the outage is over."""
    global _outage
    with _lock:
        _outage = None


def search_down_since() -> datetime | None:
    """Return when search stopped answering, or None when it is not known to be down."""
    held = _outage
    return held.since if held is not None and timezone.now() - held.last < FORGOTTEN_AFTER else None
