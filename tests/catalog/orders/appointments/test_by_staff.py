"""Appointments in the hands of staff."""

from __future__ import annotations

import pytest

from catalog.orders.desk.times_by_staff import cancel_by_staff, move_by_staff
from catalog.orders.errors import OrderDisputed
from catalog.orders.ledger import net_paid
from catalog.orders.models import Order
from tests.catalog.orders.appointments.booking import Booking, at, the_appointment


def test_while_the_bank_decides_staff_move_an_appointment_and_do_not_cancel_it(booking: Booking) -> None:
    order = booking.book(at(10))
    row = the_appointment(order)
    Order.objects.update(is_disputed=True)

    with pytest.raises(OrderDisputed, match="on hold"):
        cancel_by_staff(appointment_id=row.pk, actor_id=None)
    assert (the_appointment(order).state, net_paid(order).minor) == ("booked", 98000)
    move_by_staff(appointment_id=row.pk, starts_at=at(12), actor_id=None)
    assert the_appointment(order).starts_at == at(12)

    Order.objects.update(is_disputed=False)
    cancel_by_staff(appointment_id=row.pk, actor_id=None)
    assert net_paid(order).minor == 0
