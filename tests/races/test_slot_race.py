"""An hour is booked once: by nobody twice, and never over another, whoever comes first."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders import services as orders
from catalog.orders.appointment_models import BookedCell, BookedSlot, Resource, Service
from catalog.orders.appointments.slots import service_of
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
