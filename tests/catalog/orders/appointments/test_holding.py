"""The time of a service lives as stock does: held with the order, booked with the payment, given back at its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.money import Money
from catalog.orders import services
from catalog.orders.appointment_models import (
    Appointment,
    AppointmentState,
    BookedCell,
    BookedSlot,
    SpecialDays,
)
from catalog.orders.appointments.errors import NotAService, SlotMissing, SlotTaken
from catalog.orders.appointments.slots import free_slots
from catalog.orders.cart_views import cart_view
from catalog.orders.errors import QuantityTooLarge, VariantNotFound
from catalog.orders.models import Order, OrderAddress
from catalog.orders.tasks import sweep_reservations
from tests.catalog.orders.appointments.booking import (
    Booking,
    at,
    make_booking,
    pay,
    the_appointment,
    weekday_to_come,
)
from tests.factories import make_delivery, make_merchant, make_variant


def starts(booking: Booking) -> list[str]:
    """Return the free times of the Monday to come on the merchant's clock."""
    day = weekday_to_come()
    return [f"{slot.local:%H:%M}" for slot in free_slots(service=booking.service, first_day=day, last_day=day)]


def test_a_service_needs_a_time_and_a_thing_takes_none(booking: Booking) -> None:
    cream = make_variant(booking.merchant)
    with pytest.raises(SlotMissing, match="Choose a time for Skin consultation first"):
        booking.choose(None)
    with pytest.raises(NotAService):
        Booking(booking.merchant, booking.shopper, cream).choose(at(10))
    for taken in (at(10, 30), at(13), at(9), at(10, day=weekday_to_come(6)), timezone.now() - timedelta(days=1)):
        with pytest.raises(SlotTaken):
            booking.choose(taken)

    assert cart_view(shopper_id=booking.shopper.pk, language="en").lines == ()


def test_choosing_again_replaces_time_and_seats(booking: Booking) -> None:
    booking.choose(at(10))
    booking.choose(at(11))

    [line] = cart_view(shopper_id=booking.shopper.pk, language="en").lines
    assert (line.quantity, line.problem) == (1, "")
    assert line.slot is not None
    assert (line.slot.starts_at, line.slot.place, line.slot.with_whom) == (at(11), "Studio", "Person 1")
    day = weekday_to_come()
    assert line.slot.when == f"{day:%a} {day.day} {day:%b %Y}, 11:00–12:00 (GMT+8)"
    assert BookedSlot.objects.count() == 0  # a cart holds nothing


def test_an_order_of_a_service_needs_no_address_and_no_delivery(booking: Booking) -> None:
    make_delivery(booking.merchant)
    order = booking.place(booking.choose(at(10)))

    assert (order.delivery_minor, order.delivery_code, order.total_minor) == (0, "", 98000)
    assert not OrderAddress.objects.exists()


def test_placed_holds_paid_books_and_others_do_not_get_it(booking: Booking) -> None:
    order = booking.place(booking.choose(at(11)))
    row = the_appointment(order)
    assert (row.state, row.starts_at, row.ends_at, row.seats) == (AppointmentState.HELD, at(11), at(12), 1)
    assert starts(booking) == ["10:00", "12:00"]
    with pytest.raises(SlotTaken):
        booking.choose(at(11), shopper=booking.another())

    pay(order)

    assert the_appointment(order).state == AppointmentState.BOOKED
    assert [cell.at for cell in BookedCell.objects.order_by("at")] == [
        at(11) + timedelta(minutes=5 * n) for n in range(12)
    ]


def test_two_carts_may_want_the_same_time_and_the_first_order_gets_it(booking: Booking) -> None:
    first = booking.choose(at(11))
    second = booking.choose(at(11), shopper=booking.another())
    booking.place(first)

    with pytest.raises(SlotTaken, match="no longer free"), transaction.atomic():
        booking.place(second)

    assert Order.objects.count() == 1
    view = cart_view(shopper_id=second.shopper_id, language="en")
    assert view.problems == ("That time for Skin consultation is no longer free. Choose another one.",)
    assert not view.is_ready


@pytest.mark.parametrize("end", ["expire", "cancel", "cancel_paid"])
def test_an_order_that_ends_gives_its_time_back(booking: Booking, end: str) -> None:
    order = booking.place(booking.choose(at(11)))
    if end == "expire":
        Order.objects.update(reserved_until=timezone.now() - timedelta(seconds=1))
        assert sweep_reservations() == 1
    else:
        if end == "cancel_paid":
            pay(order)
        services.cancel(order_id=order.pk, reason="no longer needed")

    assert the_appointment(order).state == AppointmentState.RELEASED
    assert starts(booking) == ["10:00", "11:00", "12:00"]
    assert (BookedSlot.objects.count(), BookedCell.objects.count()) == (0, 0)


def test_money_that_comes_late_takes_the_time_again_or_goes_back(booking: Booking) -> None:
    lucky, unlucky = (booking.place(booking.choose(at(hour), shopper=booking.another())) for hour in (10, 11))
    for order in (lucky, unlucky):
        services.expire(order_id=order.pk)
    booking.book(at(11))

    for order in (lucky, unlucky):
        services.settle_late_payment(
            order_id=order.pk, paid=Money(98000, "TWD"), reference=f"late_{order.pk}", at=timezone.now()
        )

    assert the_appointment(lucky).state == AppointmentState.BOOKED
    assert the_appointment(unlucky).state == AppointmentState.RELEASED
    assert [Order.objects.get(pk=order.pk).state for order in (lucky, unlucky)] == ["paid", "cancelled"]


def test_seats_of_a_class_are_counted_and_another_beginning_waits(in_scope: Merchant) -> None:
    run = make_booking(in_scope, seats=3, step_minutes=30)
    run.book(at(10), seats=2)

    with pytest.raises(QuantityTooLarge, match="up to 1 of"):
        run.choose(at(10), seats=2, shopper=run.another())
    with pytest.raises(SlotTaken):
        run.choose(at(10, 30), shopper=run.another())  # the guide is out running
    run.book(at(10), shopper=run.another())

    slot = BookedSlot.objects.get()
    assert (slot.taken, slot.seats) == (3, 3)
    assert starts(run) == ["11:00", "11:30", "12:00"]


def test_two_people_give_the_same_hour_twice(in_scope: Merchant) -> None:
    pair = make_booking(in_scope, resources=2)

    orders = [pair.book(at(10), shopper=pair.another()) for _number in range(2)]

    assert {the_appointment(order).resource.name for order in orders} == {"Person 1", "Person 2"}
    with pytest.raises(SlotTaken):
        pair.choose(at(10))


def test_a_pause_afterwards_keeps_the_next_start_free(in_scope: Merchant) -> None:
    booking = make_booking(in_scope, buffer_minutes=15, step_minutes=15)
    booking.book(at(10))

    assert starts(booking) == ["11:15", "11:30", "11:45", "12:00"]


def test_a_day_closed_after_it_was_chosen_is_no_longer_sold(booking: Booking) -> None:
    cart = booking.choose(at(10))
    SpecialDays.objects.create(merchant=booking.merchant, first_day=weekday_to_come(), last_day=weekday_to_come())

    with pytest.raises(SlotTaken), transaction.atomic():
        booking.place(cart)


def test_the_database_takes_a_cell_once_and_counts_no_seat_too_many(booking: Booking) -> None:
    order = booking.book(at(10))
    slot = BookedSlot.objects.get()

    other = BookedSlot.objects.create(
        merchant=booking.merchant,
        resource=slot.resource,
        service=slot.service,
        starts_at=at(10, 30),
        ends_at=at(11, 30),
        busy_until=at(11, 30),
        seats=1,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        BookedCell.objects.create(merchant=booking.merchant, slot=other, resource=slot.resource, at=at(10, 30))
    with pytest.raises(IntegrityError), transaction.atomic():
        BookedSlot.objects.update(taken=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(order=order).update(slot=None)


def test_another_shops_service_cannot_be_booked(booking: Booking) -> None:
    strange = make_merchant(slug="strange")
    with merchant_scope(strange):
        stranger = make_booking(strange)
        mixed = Booking(strange, stranger.shopper, booking.variant)
        with pytest.raises(VariantNotFound):
            mixed.choose(at(10))
