"""The one selector of free times: page, card, cart, order and desk all ask here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from catalog.orders.appointment_models import (
    Appointment,
    BookedSlot,
    OpeningHours,
    Resource,
    Service,
    SpecialDays,
)
from catalog.orders.appointments.windows import Hours, Special, starts_in, windows_on


@dataclass(frozen=True, slots=True)
class FreeAt:
    """Somebody who is free at a time, and for how many."""

    resource_id: int
    name: str
    left: int


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A time that can be booked: in UTC, and as the merchant's clock shows it."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    free: tuple[FreeAt, ...]

    @property
    def local(self) -> datetime:
        """When it begins on the merchant's clock."""
        return self.starts_at.astimezone(self.zone)

    @property
    def left(self) -> int:
        """The most seats that one of them has left."""
        return max(each.left for each in self.free)


@dataclass(frozen=True, slots=True)
class _Busy:
    """Time of a resource that is taken; `left` seats of it may still be had for the same service and beginning."""

    service_id: int
    start: datetime
    until: datetime
    left: int


def free_slots(
    *,
    service: Service,
    first_day: date,
    last_day: date,
    seats: int = 1,
    now: datetime | None = None,
    without: Appointment | None = None,
) -> list[FreeSlot]:
    """Return the free times of `service` from `first_day` to `last_day` of the merchant's calendar, in order.

    Args: `without` is an appointment that is to be moved: its own time counts as free.
    Call inside the merchant's scope; five queries whatever the days.
    """
    at = now or timezone.now()
    zone = ZoneInfo(service.merchant.timezone)
    today = at.astimezone(zone).date()
    days = _days(max(first_day, today), min(last_day, today + timedelta(days=service.horizon_days)))
    if not service.is_active or not days:
        return []
    calendar = _Calendar(service, days=days, zone=zone, without=without)
    earliest = at + timedelta(hours=service.lead_hours)
    found: dict[datetime, list[FreeAt]] = {}
    for resource in calendar.resources:
        for start in calendar.starts_of(resource):
            left = calendar.left_at(resource, start)
            if start >= earliest and start > at and left >= seats:
                found.setdefault(start, []).append(FreeAt(resource.pk, resource.name, left))
    length = timedelta(minutes=service.duration_minutes)
    return [FreeSlot(start, start + length, zone, tuple(found[start])) for start in sorted(found)]


def slot_at(
    *,
    service: Service,
    starts_at: datetime,
    seats: int = 1,
    now: datetime | None = None,
    without: Appointment | None = None,
) -> FreeSlot | None:
    """Return the free time that begins at `starts_at`, or None when it cannot be booked."""
    try:
        day = starts_at.astimezone(ZoneInfo(service.merchant.timezone)).date()
        days = (day - timedelta(days=1), day)  # hours that begin on one day may lead to midnight only
    except OverflowError:  # a year at the edge of the calendar
        return None
    slots = free_slots(service=service, first_day=days[0], last_day=days[1], seats=seats, now=now, without=without)
    return next((slot for slot in slots if slot.starts_at == starts_at), None)


def service_of(product_id: int) -> Service | None:
    """Return the service that a product is, or None."""
    rows = Service.objects.filter(product_id=product_id)
    return rows.select_related("merchant", "product").first()


def service_of_variant(variant_id: int) -> Service | None:
    """Return the service that a variant belongs to, or None."""
    rows = Service.objects.filter(product__variants=variant_id)
    return rows.select_related("merchant", "product").first()


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


class _Calendar:
    """What is open and what is taken of a service's resources on some days."""

    def __init__(self, service: Service, *, days: Sequence[date], zone: ZoneInfo, without: Appointment | None) -> None:
        self.service = service
        self.days = days
        self.zone = zone
        self.resources = list(service.resources.filter(is_active=True))
        self._hours = _hours_of(self.resources)
        self._specials = _specials_of(days[0], days[-1])
        self._busy = _busy_of(self.resources, days, zone, without)

    def starts_of(self, resource: Resource) -> Iterator[datetime]:
        """Yield when it could begin, were nothing taken; each moment once."""
        specials = [*self._specials.get(None, ()), *self._specials.get(resource.pk, ())]
        duration = timedelta(minutes=self.service.duration_minutes)
        step = timedelta(minutes=self.service.step_minutes)
        seen: set[datetime] = set()
        for day in self.days:
            for window in windows_on(day, self._hours.get(resource.pk, ()), specials, self.zone):
                for start in starts_in(window, duration=duration, step=step):
                    if start not in seen:
                        seen.add(start)
                        yield start

    def left_at(self, resource: Resource, start: datetime) -> int:
        """Return how many seats are left: all when nothing is taken, none while something else is in the way."""
        length = timedelta(minutes=self.service.duration_minutes + self.service.buffer_minutes)
        left = resource.seats
        for busy in self._busy.get(resource.pk, ()):
            if busy.service_id == self.service.pk and busy.start == start:
                left = busy.left
            elif busy.start < start + length and start < busy.until:
                return 0
        return left


def _hours_of(resources: Sequence[Resource]) -> Mapping[int, list[Hours]]:
    found: dict[int, list[Hours]] = {}
    for row in OpeningHours.objects.filter(resource__in=resources):
        found.setdefault(row.resource_id, []).append(Hours(row.weekday, row.opens, row.closes))
    return found


def _specials_of(first: date, last: date) -> Mapping[int | None, list[Special]]:
    found: dict[int | None, list[Special]] = {}
    for row in SpecialDays.objects.filter(first_day__lte=last, last_day__gte=first):
        special = Special(row.first_day, row.last_day, row.opens, row.closes)
        found.setdefault(row.resource_id, []).append(special)
    return found


def _busy_of(
    resources: Sequence[Resource], days: Sequence[date], zone: ZoneInfo, without: Appointment | None
) -> Mapping[int, list[_Busy]]:
    """Return what is taken around these days; a day of room on either side covers every length."""
    start = datetime.combine(days[0], datetime.min.time(), tzinfo=zone).astimezone(UTC)
    end = datetime.combine(days[-1], datetime.min.time(), tzinfo=zone).astimezone(UTC) + timedelta(days=3)
    found: dict[int, list[_Busy]] = {}
    for slot in BookedSlot.objects.filter(Q(busy_until__gt=start) & Q(starts_at__lt=end), resource__in=resources):
        own = without.seats if without is not None and without.slot_id == slot.pk else 0
        if own and own >= slot.taken:
            continue
        busy = _Busy(slot.service_id, slot.starts_at, slot.busy_until, slot.seats - slot.taken + own)
        found.setdefault(slot.resource_id, []).append(busy)
    return found
