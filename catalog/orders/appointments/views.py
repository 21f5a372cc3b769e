"""The time of a line as its shopper sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from catalog.orders.appointment_models import Appointment, AppointmentState, ChosenSlot, Service
from catalog.orders.appointments.wording import moment_text, when_text


@dataclass(frozen=True, slots=True)
class SlotView:
    """When, where and with whom. `appointment_id` is None in a cart.

    `changes_until` is the last moment to move or cancel it; None when that is over, or not yet possible.
    """

    when: str
    starts_at: datetime
    ends_at: datetime
    place: str
    with_whom: str
    appointment_id: int | None = None
    is_cancelled: bool = False
    changes_until: datetime | None = None
    changes_until_text: str = ""


def chosen_view(chosen: ChosenSlot, service: Service, *, zone: ZoneInfo, language: str) -> SlotView:
    """Return the time of a cart's line."""
    ends_at = chosen.starts_at + timedelta(minutes=service.duration_minutes)
    return SlotView(
        when=when_text(chosen.starts_at, ends_at, zone),
        starts_at=chosen.starts_at,
        ends_at=ends_at,
        place=service.place(language),
        with_whom=chosen.resource.name,
    )


def appointment_view(row: Appointment, *, zone: ZoneInfo, language: str, now: datetime) -> SlotView:
    """Return the time of an order's line; the row comes with its service and resource."""
    until = changes_until(row)
    may_change = row.state == AppointmentState.BOOKED and now <= until
    return SlotView(
        when=when_text(row.starts_at, row.ends_at, zone),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=row.service.place(language),
        with_whom=row.resource.name,
        appointment_id=row.pk,
        is_cancelled=row.state in (AppointmentState.CANCELLED, AppointmentState.RELEASED),
        changes_until=until if may_change else None,
        changes_until_text=moment_text(until, zone) if may_change else "",
    )


def change_hours(service: Service) -> int:
    """Return how many hours before its beginning an appointment can still be moved or cancelled."""
    return settings.APPOINTMENT_CHANGE_HOURS if service.change_hours is None else service.change_hours


def changes_until(row: Appointment) -> datetime:
    """Return the last moment at which the shopper may move or cancel the appointment."""
    return row.starts_at - timedelta(hours=change_hours(row.service))
