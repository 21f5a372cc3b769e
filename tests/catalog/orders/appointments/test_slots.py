"""Free times: inside the hours, never over each other, on the merchant's clock in spring and autumn too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from catalog.accounts.models import Merchant
from catalog.orders.appointment_models import OpeningHours, Resource, Service, SpecialDays
from catalog.orders.appointments.choosing import moment_of
from catalog.orders.appointments.errors import SlotUnreadable
from catalog.orders.appointments.slots import FreeSlot, free_slots, service_of, slot_at
from catalog.orders.appointments.taking import cells_of, give_back, take
from catalog.orders.appointments.windows import Hours, Special, moment, starts_in, windows_on
from tests.catalog.orders.appointments.booking import Booking, at, make_booking, weekday_to_come
from tests.factories import make_service, make_variant

NEW_YORK = ZoneInfo("America/New_York")
TIMES = st.integers(0, 287).map(lambda cell: time(cell * 5 // 60, cell * 5 % 60))
ZONES = st.sampled_from(["Asia/Taipei", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu"])
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def local(slots: list[FreeSlot]) -> list[str]:
    return [f"{slot.local:%a %H:%M}" for slot in slots]


@given(zone=ZONES, day=DAYS, hours=st.tuples(TIMES, TIMES), length=st.integers(1, 48), step=st.integers(1, 24))
def test_beginnings_lie_inside_the_window_a_step_apart(
    zone: str, day: date, hours: tuple[time, time], length: int, step: int
) -> None:
    week = [Hours(day.weekday(), *hours)]
    duration, apart = timedelta(minutes=5 * length), timedelta(minutes=5 * step)

    for window in windows_on(day, week, [], ZoneInfo(zone)):
        starts = list(starts_in(window, duration=duration, step=apart))

        assert all(window.start <= start and start + duration <= window.end for start in starts)
        assert all(later - start == apart for start, later in pairwise(starts))
        assert len(starts) == max(0, (window.end - window.start - duration) // apart + 1)


@given(zone=ZONES, day=DAYS, opens=TIMES, closes=TIMES)
def test_a_day_is_open_as_long_as_its_clock_says(zone: str, day: date, opens: time, closes: time) -> None:
    windows = windows_on(day, [Hours(day.weekday(), opens, closes)], [], ZoneInfo(zone))
    last = day + timedelta(days=closes == time(0))

    assert len(windows) <= 1
    for window in windows:
        assert window.start == moment(day, opens, ZoneInfo(zone))
        assert window.end == moment(last, closes, ZoneInfo(zone))
        assert timedelta(0) < window.end - window.start <= timedelta(hours=25)


def test_a_spring_night_loses_an_hour_and_an_autumn_night_has_it_twice() -> None:
    night = [Hours(6, time(0), time(6))]
    spring, autumn, usual = date(2026, 3, 8), date(2026, 11, 1), date(2026, 3, 15)

    lengths = [
        sum((window.end - window.start for window in windows_on(day, night, [], NEW_YORK)), timedelta())
        for day in (spring, autumn, usual)
    ]
    [window] = windows_on(spring, night, [], NEW_YORK)
    clock = [
        f"{start.astimezone(NEW_YORK):%H:%M}"
        for start in starts_in(window, duration=timedelta(hours=1), step=timedelta(hours=1))
    ]

    assert lengths == [timedelta(hours=5), timedelta(hours=7), timedelta(hours=6)]
    assert clock == ["00:00", "01:00", "03:00", "04:00", "05:00"]
    assert moment(spring, time(2, 30), NEW_YORK) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # 3:30 on the clock


def test_closed_wins_and_special_hours_replace_those_of_the_week() -> None:
    day = date(2026, 12, 24)  # a Thursday
    week = [Hours(3, time(10), time(18))]
    short = Special(day, day, time(10), time(12))

    [window] = windows_on(day, week, [short], NEW_YORK)

    assert window.end - window.start == timedelta(hours=2)
    assert windows_on(day, week, [short, Special(day, day)], NEW_YORK) == []
    assert windows_on(day + timedelta(days=7), week, [short], NEW_YORK)[0].end.hour == 23


def test_hours_of_two_clocks_are_the_merchants(in_scope: Merchant) -> None:
    Merchant.objects.update(timezone="America/New_York")
    service = make_service(make_variant(in_scope, stock=None))
    service = service_of(service.product_id)  # type: ignore[assignment]
    before, after = date(2026, 10, 30), date(2026, 11, 2)  # the clocks go back in between
    now = datetime(2026, 10, 29, tzinfo=UTC)

    slots = free_slots(service=service, first_day=before, last_day=after, now=now)

    assert local(slots) == [f"{day} {hour}:00" for day in ("Fri", "Mon") for hour in (10, 11, 12)]
    assert [slot.starts_at.hour for slot in slots] == [14, 15, 16, 15, 16, 17]


def test_lead_time_and_horizon_bound_what_is_offered(in_scope: Merchant) -> None:
    service = make_booking(in_scope, lead_hours=24, horizon_days=7).service
    now = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)  # Monday, 11:30 in Taipei

    slots = free_slots(service=service, first_day=date(2026, 11, 1), last_day=date(2027, 1, 1), now=now)

    assert local(slots)[:2] == ["Tue 12:00", "Wed 10:00"]
    assert slots[-1].local.date() == date(2026, 11, 30)
    assert slot_at(service=service, starts_at=slots[0].starts_at, now=now) == slots[0]
    assert slot_at(service=service, starts_at=slots[0].starts_at + timedelta(minutes=5), now=now) is None
    assert slot_at(service=service, starts_at=datetime.max.replace(tzinfo=UTC), now=now) is None


def test_nobody_and_nothing_gives_no_times(booking: Booking) -> None:
    day = weekday_to_come()
    Resource.objects.update(is_active=False)
    assert free_slots(service=booking.service, first_day=day, last_day=day) == []

    Resource.objects.update(is_active=True)
    Service.objects.update(is_active=False)
    assert free_slots(service=booking.service, first_day=day, last_day=day) == []


def test_hours_that_overlap_name_a_time_once(booking: Booking) -> None:
    resource = Resource.objects.get()
    OpeningHours.objects.create(
        merchant=booking.merchant, resource=resource, weekday=0, opens=time(11), closes=time(14)
    )
    day = weekday_to_come()

    assert local(free_slots(service=booking.service, first_day=day, last_day=day)) == [
        "Mon 10:00",
        "Mon 11:00",
        "Mon 12:00",
        "Mon 13:00",
    ]


def test_a_closed_day_of_one_person_leaves_the_other(in_scope: Merchant) -> None:
    pair = make_booking(in_scope, resources=2)
    first = Resource.objects.order_by("pk").first()
    day = weekday_to_come()
    SpecialDays.objects.create(merchant=in_scope, resource=first, first_day=day, last_day=day)

    slots = free_slots(service=pair.service, first_day=day, last_day=day)

    assert {each.name for slot in slots for each in slot.free} == {"Person 2"}


def test_the_queries_do_not_grow_with_the_days(
    booking: Booking, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    service = booking.service
    with django_assert_max_num_queries(5):
        free_slots(service=service, first_day=weekday_to_come(), last_day=weekday_to_come() + timedelta(days=50))


ACTS = st.lists(st.tuples(st.sampled_from("tg"), st.integers(0, 35), st.integers(1, 3)), min_size=1, max_size=25)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, length=st.integers(2, 18), buffer=st.integers(0, 4), seats=st.integers(1, 3))
def test_whatever_is_taken_never_overlaps_and_never_holds_too_many(
    in_scope: Merchant, acts: list[tuple[str, int, int]], length: int, buffer: int, seats: int
) -> None:
    with transaction.atomic():
        service = make_booking(
            in_scope, duration_minutes=5 * length, buffer_minutes=5 * buffer, seats=seats, step_minutes=5
        ).service
        resource = Resource.objects.get()
        held: list[tuple[int, datetime, int]] = []

        for act, cell, wanted in acts:
            start = at(10) + timedelta(minutes=5 * cell)
            if act == "g" and held:
                slot_id, _start, taken = held.pop(cell % len(held))
                give_back(slot_id=slot_id, seats=taken)
            elif act == "t":
                is_free = slot_at(service=service, starts_at=start, seats=wanted) is not None
                slot = take(resource_id=resource.pk, service=service, starts_at=start, seats=wanted)
                inside = start + timedelta(minutes=5 * length) <= at(13)
                assert is_free == (slot is not None and inside)  # what is told and what is done agree
                if slot is not None:
                    held.append((slot.pk, start, wanted))

        taken_at: dict[datetime, int] = {}
        for _slot, start, count in held:
            taken_at[start] = taken_at.get(start, 0) + count
        busy = timedelta(minutes=5 * (length + buffer))
        cells = [cell for start in taken_at for cell in cells_of(start, start + busy)]
        assert len(cells) == len(set(cells))
        assert all(count <= seats for count in taken_at.values())
        transaction.set_rollback(True)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-10:00", "2026-11-25T14:00", "soon"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(SlotUnreadable):
        moment_of(text)
