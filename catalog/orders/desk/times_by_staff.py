"""Appointments in the hands of staff: another time, or none; no limit of hours holds for them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from catalog.accounts import audit
from catalog.orders.appointment_models import Appointment
from catalog.orders.appointments.errors import NoAppointment
from catalog.orders.desk.carrying_out import carry_out
from catalog.orders.desk.times import booked_appointments, cancel_plan, move_plan
from catalog.orders.errors import OrderDisputed
from catalog.orders.models import Order
from catalog.orders.services import locked_order


@transaction.atomic
def move_by_staff(*, appointment_id: int, starts_at: datetime, actor_id: int | None) -> None:
    """Move an appointment to another free time; its shopper is told.

    Raises: NoAppointment, SameTime, SlotTaken, OrderStateError.
    """
    order, row = _locked(appointment_id)
    before = row.starts_at
    carry_out(move_plan(order, row, starts_at=starts_at))
    _note(row, "appointment.moved", actor_id, before=before.isoformat(), now=starts_at.isoformat())


@transaction.atomic
def cancel_by_staff(*, appointment_id: int, actor_id: int | None) -> None:
    """Cancel an appointment: what it cost goes back, its shopper is told.

    Raises: NoAppointment, OrderDisputed, OrderStateError.
    """
    order, row = _locked(appointment_id)
    if order.is_disputed:  # the bank decides who has the money: sent back too, it would go twice
        raise OrderDisputed(number=order.number)
    carry_out(cancel_plan(order, row))
    _note(row, "appointment.cancelled", actor_id, before=row.starts_at.isoformat())


def _locked(appointment_id: int) -> tuple[Order, Appointment]:
    """Return the appointment and its order, the order's row locked first: everybody locks in this order.

    Raises: NoAppointment.
    """
    order_id = Appointment.objects.filter(pk=appointment_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NoAppointment
    order = locked_order(order_id)
    row = booked_appointments().filter(pk=appointment_id).first()
    if row is None:
        raise NoAppointment
    return order, row


def _note(row: Appointment, action: str, actor_id: int | None, **detail: str) -> None:
    audit.note(
        merchant_id=row.merchant_id,
        actor_id=actor_id,
        action=action,
        subject=f"#{row.order.number}",
        detail={"appointment": row.pk, **detail},
    )
