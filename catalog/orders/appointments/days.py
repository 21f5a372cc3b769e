"""Free times by day, as a page and a card show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from catalog.orders.appointment_models import Appointment, Service
from catalog.orders.appointments.slots import FreeSlot, free_slots
from catalog.orders.appointments.wording import clock_text, short_day_text, zone_text


@dataclass(frozen=True, slots=True)
class TimeView:
    """A free time: `starts_at` as it is sent back, `label` as it is read; `left` seats when several may come."""

    starts_at: str
    label: str
    left: int | None


@dataclass(frozen=True, slots=True)
class DayView:
    """A day with free times."""

    day: date
    label: str
    times: tuple[TimeView, ...]


@dataclass(frozen=True, slots=True)
class DaysView:
    """The next days with free times, in the active language; `later` is the first one that is not shown."""

    days: tuple[DayView, ...]
    zone: str
    later: date | None = None


def free_days(
    *, service: Service, first_day: date | None = None, seats: int = 1, without: Appointment | None = None
) -> DaysView:
    """Return up to APPOINTMENT_DAYS_SHOWN days with free times, from `first_day` (None = today) on."""
    zone = ZoneInfo(service.merchant.timezone)
    now = timezone.now()
    today = now.astimezone(zone).date()
    slots = free_slots(
        service=service,
        first_day=first_day or today,
        last_day=today + timedelta(days=service.horizon_days),
        seats=seats,
        without=without,
    )
    is_shared = any(resource.seats > 1 for resource in service.resources.all())
    days = [(day, tuple(found)) for day, found in groupby(slots, key=lambda slot: slot.local.date())]
    shown = settings.APPOINTMENT_DAYS_SHOWN
    return DaysView(
        days=tuple(DayView(day, short_day_text(day), _times(found, zone, is_shared)) for day, found in days[:shown]),
        zone=zone_text(days[0][1][0].starts_at if days else now, zone),
        later=days[shown][0] if len(days) > shown else None,
    )


def _times(slots: Sequence[FreeSlot], zone: ZoneInfo, is_shared: bool) -> tuple[TimeView, ...]:
    return tuple(
        TimeView(slot.local.isoformat(), clock_text(slot.starts_at, zone), slot.left if is_shared else None)
        for slot in slots
    )
