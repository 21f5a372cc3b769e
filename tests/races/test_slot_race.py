"""An hour is booked once: by nobody twice, and never over another, whoever comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders import services as orders
from catalog.orders.appointment_models import (
    Appointment,
    AppointmentState,
    BookedCell,
    BookedSlot,
    Resource,
    Service,
)
from catalog.orders.appointments.changing import move_appointment
from catalog.orders.appointments.holding import release, take_first
from catalog.orders.appointments.slots import service_of, slot_at
from catalog.orders.models import Order, OrderLine
from tests.catalog.orders.appointments.booking import at, make_booking
from tests.factories import make_shopper
from tests.races import rush, slots
from tests.races.conftest import IS_FULL, THREADS, at_once, needs_postgres

TRIALS = 20 if IS_FULL else 2

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dict.fromkeys(range(7), ("08:00", "23:00"))


def service(merchant: Merchant, **fields: object) -> Service:
    """A service of one resource, every day of the week."""
    booking = make_booking(merchant, hours=DAY, step_minutes=5, **fields)
    found = service_of(booking.variant.product_id)
    assert found is not None
    return found


def hours(trial: int) -> datetime:
    """An hour of its own for each trial."""
    return at(8) + timedelta(days=trial // 7, hours=2 * (trial % 7))


def test_of_sixteen_who_want_one_hour_one_gets_it(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        one = service(merchant)
    for trial in range(TRIALS):
        with merchant_scope(merchant):
            carts = slots.carts_for(one, [hours(trial)] * THREADS)

        assert sum(at_once(rush.buy, carts)) == 1

    with merchant_scope(merchant):
        assert slots.booked(one.resources.get()) == slots.Booked(seats=TRIALS, counted=TRIALS, over=0)
        assert Order.objects.count() == TRIALS
        assert BookedCell.objects.count() == TRIALS * 12


def test_hours_that_begin_five_minutes_apart_never_overlap(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        one = service(merchant)
    for trial in range(TRIALS):
        with merchant_scope(merchant):
            times = [hours(trial) + timedelta(minutes=5 * (number % 12)) for number in range(THREADS)]
            carts = slots.carts_for(one, times)

        assert sum(at_once(rush.buy, carts)) == 1

    with merchant_scope(merchant):
        assert slots.booked(one.resources.get()) == slots.Booked(seats=TRIALS, counted=TRIALS, over=0)


def test_a_class_is_filled_to_its_last_seat_and_no_further(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        group = service(merchant, seats=10)
    for trial in range(TRIALS):
        with merchant_scope(merchant):
            carts = slots.carts_for(group, [hours(trial)] * THREADS)

        assert sum(at_once(rush.buy, carts)) == 10

    with merchant_scope(merchant):
        assert slots.booked(group.resources.get()) == slots.Booked(seats=10 * TRIALS, counted=10 * TRIALS, over=0)
        assert BookedSlot.objects.count() == TRIALS


def test_hours_given_back_while_others_reach_for_them_are_counted_once(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        group = service(merchant, seats=4)
        first = slots.carts_for(group, [hours(0)] * 4)
    assert all(at_once(rush.buy, first))
    with merchant_scope(merchant):
        held = list(Order.objects.all())
        late = slots.carts_for(group, [hours(0)] * 12)

    # Every order is let go three times, while others reach for what it frees.
    acts = [act for pair in zip(3 * held, late, strict=True) for act in pair]
    at_once(_let_go_or_book, acts)

    with merchant_scope(merchant):
        after = slots.booked(group.resources.get())
        assert (after.seats, after.over) == (after.counted, 0)
        assert after.seats <= 4
        at_once(rush.buy, slots.carts_for(group, [hours(0)] * 8))
        assert slots.booked(group.resources.get()) == slots.Booked(seats=4, counted=4, over=0)


def class_of_two_hours(merchant: Merchant) -> tuple[list[Appointment], list[Appointment]]:
    """A class with eight places, half full at both of its hours; who is there, by hour."""
    group = service(merchant, seats=8)
    for starts_at in (hours(0), hours(1)):
        assert at_once(rush.buy, slots.carts_for(group, [starts_at] * 4)) == [True] * 4
    rows = list(Appointment.objects.select_related("service__merchant", "line").order_by("starts_at", "pk"))
    return rows[:4], rows[4:]


def move_to(row: Appointment, starts_at: datetime, between: Callable[[], object] | None = None) -> bool:
    """Move an appointment; `between`: as a first draft does, without a lock, and what happens in its middle."""
    with merchant_scope(row.merchant), transaction.atomic():
        slot = slot_at(service=row.service, starts_at=starts_at, seats=row.seats, without=row)
        assert slot is not None
        if between is None:
            move_appointment(row, slot)
            return True
        release(row, state=AppointmentState.RELEASED)
        between()
        return take_first(row, slot)


def test_who_swap_their_hours_at_once_never_wait_for_each_other(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        early, late = class_of_two_hours(merchant)
        wishes = [wish for pair in zip(early, late, strict=True) for wish in pair]
    for _trial in range(TRIALS):
        with merchant_scope(merchant):
            rows = [Appointment.objects.select_related("service__merchant", "line").get(pk=row.pk) for row in wishes]
        goals = [hours(1) if row.starts_at == hours(0) else hours(0) for row in rows]

        assert at_once(lambda wish: move_to(*wish), list(zip(rows, goals, strict=True))) == [True] * 8

        with merchant_scope(merchant):
            assert slots.booked(rows[0].service.resources.get()) == slots.Booked(seats=8, counted=8, over=0)


@pytest.mark.engine
@needs_postgres
def test_who_swap_without_the_lock_wait_for_each_other_until_one_is_thrown_out(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        early, late = class_of_two_hours(merchant)
    together = Barrier(2)

    def swap(wish: tuple[Appointment, datetime]) -> str:
        try:
            move_to(*wish, between=lambda: together.wait(10))
        except OperationalError as error:
            return "deadlock" if "deadlock" in str(error) else str(error)
        return "moved"

    assert sorted(at_once(swap, [(early[0], hours(1)), (late[0], hours(0))])) == ["deadlock", "moved"]


def _let_go_or_book(thing: object) -> None:
    if isinstance(thing, Order):
        with merchant_scope(thing.merchant):
            orders.expire(order_id=thing.pk)
    else:
        rush.buy(thing)


@pytest.mark.engine
@needs_postgres
def test_looking_first_and_writing_after_books_an_hour_twice(merchant: Merchant) -> None:
    over = 0
    for trial in range(TRIALS):
        with merchant_scope(merchant):
            one = service(merchant)
            resource = one.resources.get()
            wishes = [_wish(one, resource, hours(trial)) for _number in range(THREADS)]
        at_once(slots.book_naively, wishes)
        with merchant_scope(merchant):
            over += slots.booked(resource).over
    print(f"{over} cells of five minutes booked twice, in {TRIALS} trials")
    assert over > 0


def _wish(one: Service, resource: Resource, starts_at: datetime) -> slots.Wish:
    owner = {"merchant": one.merchant}
    number = OrderLine.objects.count() + 1
    order = Order.objects.create(
        **owner,
        number=str(number),
        shopper=make_shopper(one.merchant),
        currency="TWD",
        subtotal_minor=1,
        total_minor=1,
        placed_at=timezone.now(),
    )
    line = OrderLine.objects.create(**owner, order=order, title="Hour", sku="H", quantity=1, unit_minor=1)
    return slots.Wish(one.merchant, line.pk, one.pk, resource.pk, starts_at)
