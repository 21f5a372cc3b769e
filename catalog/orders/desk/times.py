"""Appointments at the desk: which one is meant, whether it may still be moved or cancelled, and what that would do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from catalog.money import Money
from catalog.orders.appointment_models import Appointment, AppointmentState
from catalog.orders.appointments.choosing import moment_of
from catalog.orders.appointments.errors import NoAppointment, NothingToSendBack, SameTime, SlotTaken, TooLateToChange
from catalog.orders.appointments.slots import slot_at
from catalog.orders.appointments.views import change_hours, changes_until
from catalog.orders.appointments.wording import when_text
from catalog.orders.desk.plans import MoneyMove, Plan
from catalog.orders.desk.units import Unit, units_of
from catalog.orders.digital.errors import AlreadyDownloaded
from catalog.orders.digital.granting import was_fetched
from catalog.orders.ledger import net_by_method
from catalog.orders.models import Order, OrderState

MOVE_APPOINTMENT = "appointment.move"
CANCEL_APPOINTMENT = "appointment.cancel"


def plan_move(order: Order, arguments: Mapping[str, Any]) -> Plan:
    """Return what moving the order's appointment to another free time would do.

    Raises: NoAppointment, TooLateToChange, SlotUnreadable, SameTime, SlotTaken.
    """
    return move_plan(order, standing_appointment(order), starts_at=moment_of(str(arguments["starts_at"])))


def move_plan(order: Order, row: Appointment, *, starts_at: datetime) -> Plan:
    """Return what moving this appointment would do.

    Raises: SameTime, SlotTaken.
    """
    if starts_at == row.starts_at:
        raise SameTime
    slot = slot_at(service=row.service, starts_at=starts_at, seats=row.seats, without=row)
    if slot is None:
        raise SlotTaken(title=row.line.title)
    return Plan(order, MOVE_APPOINTMENT, appointment=row, slot=slot)


def plan_cancel(order: Order, _arguments: Mapping[str, Any]) -> Plan:
    """Return what cancelling the order's appointment would do: its line is paid back, the rest stays.

    Raises: NoAppointment, TooLateToChange.
    """
    return cancel_plan(order, standing_appointment(order))


def cancel_plan(order: Order, row: Appointment) -> Plan:
    """Return what cancelling this appointment would do."""
    units = units_of(order)
    goes = tuple(unit for unit in units if unit.line.pk == row.line_id)
    stays = tuple(unit for unit in units if unit.line.pk != row.line_id)
    if not stays and order.state == OrderState.PAID:  # nothing else was bought: everything goes back
        money = tuple(MoneyMove("refund", paid, method) for method, paid in net_by_method(order) if paid.minor > 0)
    else:
        money = _shares(order, sum(unit.paid_minor for unit in goes))
    return Plan(order, CANCEL_APPOINTMENT, appointment=row, goes=goes, stays=stays, money=money, is_once=True)


def check_cancellable(order: Order) -> None:
    """Refuse to cancel a whole order that holds what can no longer be given back.

    Raises: TooLateToChange, AlreadyDownloaded.
    """
    for row in _standing(order):
        _check_in_time(row)
    fetched = was_fetched(order)
    if fetched is not None:
        raise AlreadyDownloaded(title=fetched.line.title)


def check_things(units: list[Unit]) -> None:
    """Refuse to send back or exchange what is no thing: a service, a download.

    Raises: NothingToSendBack.
    """
    for unit in units:
        if hasattr(unit.line, "appointment") or unit.line.downloads.exists():
            raise NothingToSendBack(title=unit.line.title)


def standing_appointment(order: Order) -> Appointment:
    """Return the next appointment of the order that may still be changed.

    Raises: NoAppointment, TooLateToChange.
    """
    rows = _standing(order)
    if not rows:
        raise NoAppointment
    for row in rows[:-1]:
        if timezone.now() <= changes_until(row):
            return row
    _check_in_time(rows[-1])
    return rows[-1]


def _standing(order: Order) -> list[Appointment]:
    return list(booked_appointments().filter(order=order).order_by("starts_at", "pk"))


def booked_appointments() -> QuerySet[Appointment]:
    """Return the appointments that are paid and stand, with what moving and cancelling reads of them."""
    rows = Appointment.objects.filter(state=AppointmentState.BOOKED)
    return rows.select_related("service__merchant", "service__product", "resource", "line")


def _check_in_time(row: Appointment) -> None:
    if timezone.now() > changes_until(row):
        when = when_text(row.starts_at, row.ends_at, ZoneInfo(row.service.merchant.timezone))
        raise TooLateToChange(hours=change_hours(row.service), when=when)


def _shares(order: Order, minor: int) -> tuple[MoneyMove, ...]:
    """Spread what one line cost over the methods that paid, in the order in which they were used."""
    moves: list[MoneyMove] = []
    for method, paid in net_by_method(order):
        share = min(minor, paid.minor)
        if share > 0:
            moves.append(MoneyMove("refund", Money(share, order.currency), method))
            minor -= share
    return tuple(moves)
