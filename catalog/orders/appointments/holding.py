"""The time of an order's services lives as its stock does: placed holds it, paid books it, an end gives it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from catalog.orders.appointment_models import Appointment, AppointmentState, Service
from catalog.orders.appointments.errors import SlotMissing, SlotTaken
from catalog.orders.appointments.slots import FreeSlot, slot_at
from catalog.orders.appointments.taking import give_back, lock_resources, take
from catalog.orders.models import CartLine, Order, OrderLine

STANDING = (AppointmentState.HELD, AppointmentState.BOOKED)


def write_appointments(*, lines: Sequence[CartLine], copies: Sequence[OrderLine]) -> None:
    """Write down when the services of a new order are; `hold` takes the time.

    Args: `copies` are the order's lines, in the order of `lines`.
    Raises: SlotMissing.
    """
    for line, copy in zip(lines, copies, strict=True):
        service = getattr(line.variant.product, "service", None)
        if service is not None:
            _write(line, copy, service)


def _write(line: CartLine, copy: OrderLine, service: Service) -> None:
    chosen = getattr(line, "chosen_slot", None)
    if chosen is None:
        raise SlotMissing(title=copy.title)
    Appointment.objects.create(
        merchant_id=copy.merchant_id,
        line=copy,
        order_id=copy.order_id,
        service=service,
        resource_id=chosen.resource_id,
        starts_at=chosen.starts_at,
        ends_at=chosen.starts_at + timedelta(minutes=service.duration_minutes),
        seats=line.quantity,
    )


def hold(order: Order) -> None:
    """Take the time of `order`'s services, what it uses locked first, so that two orders never wait for each other.

    Raises: SlotTaken; the caller's transaction must then roll back.
    """
    rows = _rows(order, AppointmentState.RELEASED).select_related("service__merchant", "service__product", "line")
    for row in _locked(rows):
        slot = slot_at(service=row.service, starts_at=row.starts_at, seats=row.seats)
        if slot is None or not take_first(row, slot):
            raise SlotTaken(title=row.line.title)


def take_first(row: Appointment, slot: FreeSlot, *, state: AppointmentState = AppointmentState.HELD) -> bool:
    """Take the time with whom the shopper chose, else with anybody who is free; False when all were taken."""
    ids = [each.resource_id for each in slot.free if each.left >= row.seats]
    for resource_id in sorted(ids, key=lambda pk: (pk != row.resource_id, pk)):
        booked = take(resource_id=resource_id, service=row.service, starts_at=slot.starts_at, seats=row.seats)
        if booked is not None:
            Appointment.objects.filter(pk=row.pk).update(
                slot=booked,
                state=state,
                resource_id=resource_id,
                starts_at=booked.starts_at,
                ends_at=booked.ends_at,
            )
            return True
    return False


def confirm(order: Order) -> None:
    """Book what an order holds: it was paid. A second call changes nothing."""
    _rows(order, AppointmentState.HELD).update(state=AppointmentState.BOOKED)


def free(order: Order) -> None:
    """Give back what an order holds or has booked; a second call changes nothing."""
    for row in _locked(_rows(order, *STANDING)):
        release(row, state=AppointmentState.RELEASED)


def release(row: Appointment, *, state: AppointmentState) -> bool:
    """Give the time of one appointment back, by one conditional UPDATE; False when it was given back before."""
    slot_id = row.slot_id
    held = Appointment.objects.filter(pk=row.pk, state__in=STANDING, slot_id=slot_id)
    if slot_id is None or not held.update(state=state, slot=None):
        return False
    give_back(slot_id=slot_id, seats=row.seats)
    return True


def is_standing(row: Appointment, *, at: datetime) -> bool:
    """Whether the shopper is expected: held or booked, and not begun."""
    return row.state in STANDING and row.starts_at > at


def _locked(rows: QuerySet[Appointment]) -> list[Appointment]:
    """Return the rows, what they take or give back locked before the first of them is touched."""
    found = list(rows)
    if found:
        lock_resources({row.service_id for row in found})
    return found


def _rows(order: Order, *states: AppointmentState) -> QuerySet[Appointment]:
    return Appointment.objects.filter(order=order, state__in=states).order_by("starts_at", "resource_id", "pk")
