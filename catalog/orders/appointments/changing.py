"""An appointment at another time, or none: what its shopper confirmed, or staff decided."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog.orders.appointment_models import Appointment, AppointmentState
from catalog.orders.appointments.errors import NoAppointment, SlotTaken
from catalog.orders.appointments.holding import release, take_first
from catalog.orders.appointments.slots import FreeSlot
from catalog.orders.appointments.taking import lock_resources
from catalog.orders.events import order_payload
from catalog.orders.models import Order
from catalog.outbox.services import publish

TOPIC = "order.appointment"


@transaction.atomic
def move_appointment(row: Appointment, slot: FreeSlot) -> Appointment:
    """Give the old time back and take the new one, or change nothing.

    Raises: NoAppointment when it no longer stands; SlotTaken when somebody was faster.
    """
    lock_resources([row.service_id])
    if not release(row, state=AppointmentState.RELEASED):
        raise NoAppointment
    if not take_first(row, slot, state=AppointmentState.BOOKED):
        raise SlotTaken(title=row.line.title)
    Appointment.objects.filter(pk=row.pk).update(moves=F("moves") + 1)
    row.refresh_from_db()
    tell(row, act="moved")
    return row


@transaction.atomic
def cancel_appointment(row: Appointment) -> None:
    """Give the time of one appointment back for good; its money is the caller's.

    Raises: NoAppointment when it no longer stands.
    """
    if not release(row, state=AppointmentState.CANCELLED):
        raise NoAppointment
    tell(row, act="cancelled")


def tell(row: Appointment, *, act: str) -> None:
    """Publish that an appointment was moved or cancelled, once each."""
    order = Order.objects.get(pk=row.order_id)
    payload = {**order_payload(order, at=timezone.now()), "appointment_id": row.pk, "act": act}
    key = f"{order.reference}:{row.pk}:{act}:{row.moves}"
    publish(TOPIC, key=key, payload=payload, merchant_id=row.merchant_id, once=True)
