"""The report on hand-made events: exact counts, sums, times, words; the CSV says the same."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from catalog.accounts.models import Merchant
from catalog.money import Money
from conversations.funnel.csv import csv_lines, escaped
from conversations.funnel.figures import Report
from conversations.funnel.kpis import kpis
from conversations.funnel.models import FunnelEvent
from conversations.funnel.periods import BadPeriod, Period
from conversations.funnel.rates import Rate, points_changed
from conversations.funnel.reports import funnel_report, report_rows
from conversations.funnel.steps import FUNNEL, Step
from conversations.funnel.tables import report_tables
from tests.factories import make_creator

# Monday 16 November 2026, midnight in Taipei.
MONDAY = datetime(2026, 11, 15, 16, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)


def walk(
    merchant: Merchant,
    creator_id: int,
    *,
    steps: int = 7,
    minutes: tuple[float, ...] = (0, 1, 2, 3, 4, 5, 6),
    since: datetime = MONDAY,
    surface: str = "content",
    amount_minor: int = 98_000,
    is_test: bool = False,
    conversation_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Write one shopper's path of so many steps; return the shopper's id."""
    shopper_id = uuid.uuid4()
    for place, step in enumerate(FUNNEL[:steps]):
        order: dict[str, Any] = {}
        if step == Step.ORDER_PAID:
            order = {"order_id": 1, "amount_minor": amount_minor, "currency": "TWD", "is_test": is_test}
        FunnelEvent.objects.create(
            merchant=merchant,
            step=step,
            shopper_id=shopper_id,
            creator_id=creator_id,
            surface=surface,
            conversation_id=conversation_id if step == Step.ENQUIRY_SENT else None,
            occurred_at=since + timedelta(minutes=minutes[place]),
            dedupe_key=uuid.uuid4().hex,
            **order,
        )
    return shopper_id


def report_of(merchant: Merchant, **fields: Any) -> Report:
    return funnel_report(**{"merchant": merchant, "start": FIRST, "end": LAST, **fields})


@pytest.fixture
def mei(in_scope: Merchant) -> int:
    return make_creator(in_scope).pk


def test_steps_carry_people_events_rates_and_the_largest_loss(in_scope: Merchant, mei: int) -> None:
    for steps, people in ((1, 40), (2, 10), (3, 30), (4, 10), (5, 5), (7, 5)):
        for _ in range(people):
            walk(in_scope, mei, steps=steps)

    lines = report_of(in_scope).steps

    assert [line.people for line in lines] == [100, 60, 50, 20, 10, 5, 5]
    assert [line.events for line in lines] == [100, 60, 50, 20, 10, 5, 5]
    assert [line.left for line in lines] == [40, 10, 30, 10, 5, 0, None]
    # 40 left before asking; after asking the largest loss is 30.
    assert [line.is_largest_loss for line in lines] == [False, False, True, False, False, False, False]
    assert [line.step_rate.text if line.step_rate else "" for line in lines] == [
        "",
        "60.0%",
        "83.3%",
        "40.0%",
        "n = 20, too small",
        "n = 10, too small",
        "n = 5, too small",
    ]
    assert [line.total_rate.text for line in lines][:3] == ["100.0%", "60.0%", "50.0%"]


def test_times_to_payment_are_exact(in_scope: Merchant, mei: int) -> None:
    # asked after 1 minute; paid after 11, 21, 31 and 101 minutes
    for paid in (11, 21, 31, 101):
        walk(in_scope, mei, minutes=(0, 1, 2, 3, 4, 5, paid))

    report = report_of(in_scope)

    times = report.figures.question_to_payment
    assert (times.count, times.median_s, times.mean_s) == (4, 25 * 60, 40 * 60)
    assert times.p90_s == pytest.approx((30 + 0.7 * 70) * 60)
    assert [one.count for one in times.bins] == [0, 1, 2, 1, 0, 0, 0, 0, 0]
    assert report.view_to_payment.median_s == 26 * 60


def test_figures_are_compared_with_the_days_before(in_scope: Merchant, mei: int) -> None:
    before = MONDAY - timedelta(days=7)
    for since, paid, asked, minute, amount in ((before, 5, 95, 31, 10_000), (MONDAY, 10, 90, 21, 20_000)):
        for _ in range(paid):
            walk(in_scope, mei, since=since, minutes=(0, 1, 2, 3, 4, 5, minute), amount_minor=amount)
        for _ in range(asked):
            walk(in_scope, mei, since=since, steps=2)

    asked_paid, sales, without_person, time = kpis(report_of(in_scope))

    assert (asked_paid.value, asked_paid.change, asked_paid.is_better) == ("10.0%", "+5.0 pt", True)
    assert asked_paid.detail == "10 of 100 people"
    assert (sales.value, sales.change, sales.is_better) == ("NT$2,000", "+300.0%", True)
    assert sales.detail == "10 buyers, 10 orders"
    assert (without_person.value, without_person.change) == ("n = 0, too small", "")
    assert (time.value, time.change, time.is_better) == ("20 min", "10 min faster", True)
    assert time.detail == "median of 10, p90 20 min"


def test_conversations_without_a_person(in_scope: Merchant, mei: int) -> None:
    talks = [uuid.uuid4() for _ in range(60)]
    for talk in talks:
        walk(in_scope, mei, steps=2, conversation_id=talk)
    for talk in talks[:15]:
        FunnelEvent.objects.create(
            merchant=in_scope,
            step=Step.HANDED_OFF,
            shopper_id=uuid.uuid4(),
            creator_id=mei,
            conversation_id=talk,
            occurred_at=MONDAY,
            dedupe_key=f"h{talk}",
        )

    assert report_of(in_scope).figures.without_person == Rate(45, 60)


def test_breakdown_rows_add_up_to_the_total(in_scope: Merchant, mei: int) -> None:
    yun = make_creator(in_scope, slug="yun", names={"en": "Yun"}, short_names={}).pk
    for _ in range(50):
        walk(in_scope, mei, steps=3, surface="live")
    walk(in_scope, mei, surface="live")
    walk(in_scope, yun, surface="direct")
    walk(in_scope, yun, steps=1, surface="content")

    report = report_of(in_scope)

    assert [(line.label, line.people) for line in report.by_surface] == [
        ("Live room", (51, 51, 51, 1, 1, 1, 1)),
        ("Content page", (1, 0, 0, 0, 0, 0, 0)),
        ("Direct message", (1, 1, 1, 1, 1, 1, 1)),
    ]
    assert [(line.label, line.people[0]) for line in report.by_creator] == [("Mei Lin", 51), ("Yun", 2)]
    for lines in (report.by_surface, report.by_creator):
        summed = tuple(sum(line.people[place] for line in lines) for place in range(7))
        assert summed == report.total.people == tuple(line.people for line in report.steps)
    live, _, direct = (row[-2:] for row in report_tables(report)[5].rows)
    assert live == ("2.0%", "5 min")
    assert direct == ("n = 1, too small", "too few")


def test_a_creator_can_be_chosen(in_scope: Merchant, mei: int) -> None:
    yun = make_creator(in_scope, slug="yun").pk
    walk(in_scope, mei)
    walk(in_scope, yun, steps=2)

    report = report_of(in_scope, creator_id=yun)

    assert report.total.people == (1, 1, 0, 0, 0, 0, 0)
    assert report.creator is not None
    assert report.creator.pk == yun


def test_test_orders_count_for_demo_shops_only_and_are_marked(in_scope: Merchant, mei: int) -> None:
    walk(in_scope, mei, is_test=True)
    assert report_of(in_scope).figures.sales == ()
    assert report_of(in_scope).total.people[-1] == 0

    in_scope.is_demo = True
    report = report_of(in_scope)

    (sales,) = report.figures.sales
    assert (sales.amount, sales.orders, sales.is_test) == (Money(98_000, "TWD"), 1, True)
    assert kpis(report)[1].value == "NT$980 (test)"


def test_days_are_those_of_the_time_zone(in_scope: Merchant, mei: int) -> None:
    walk(in_scope, mei, steps=1, since=MONDAY)  # Monday 00:00 in Taipei, Sunday 16:00 in UTC
    walk(in_scope, mei, steps=1, since=MONDAY - timedelta(microseconds=1))

    assert report_of(in_scope).total.people[0] == 1
    assert report_of(in_scope, timezone="UTC").total.people[0] == 0
    assert "Times in Asia/Taipei" in report_rows(report_of(in_scope))[report_rows_of("From view to payment", in_scope)]


def report_rows_of(title: str, merchant: Merchant) -> int:
    return next(place for place, row in enumerate(report_rows(report_of(merchant))) if row and row[0] == title)


def test_a_period_of_days_may_be_longer_or_shorter_by_an_hour() -> None:
    assert Period(date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin").end.astimezone(UTC) - Period(
        date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin"
    ).start.astimezone(UTC) == timedelta(hours=23)
    assert Period(FIRST, LAST, "UTC").previous == Period(date(2026, 11, 9), date(2026, 11, 15), "UTC")


@pytest.mark.parametrize(
    ("first", "last", "zone", "field"), [(LAST, FIRST, "UTC", "end"), (FIRST, LAST, "Asia/Nowhere", "timezone")]
)
def test_a_bad_period_says_what_is_wrong(first: date, last: date, zone: str, field: str) -> None:
    with pytest.raises(BadPeriod, match=f"^{field}: "):
        Period(first, last, zone)


def test_journeys_print_local_times(in_scope: Merchant, mei: int) -> None:
    shopper = walk(in_scope, mei, steps=2, minutes=(0, 1.5))

    (row,) = report_tables(report_of(in_scope))[-1].rows

    assert row[:5] == (
        str(shopper)[:8],
        "Mei Lin",
        "Content page",
        "2026-11-16 00:00:00",
        "2026-11-16 00:01:30",
    )
    assert row[5:] == ("",) * 5


def test_the_csv_equals_the_rows_of_the_page(in_scope: Merchant, mei: int) -> None:
    in_scope.name = '=HYPERLINK("http://evil")'
    walk(in_scope, mei)

    rows = report_rows(report_of(in_scope))
    text = "".join(csv_lines(rows))

    assert text.startswith("\ufeff")
    read = [tuple(row) for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")))]
    assert read == [tuple(escaped(cell) for cell in row) for row in rows]
    assert ("Shop", '\'=HYPERLINK("http://evil")') in read
    assert ("Paid", "1", "1") in {row[:3] for row in read}


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx"])
def test_a_cell_that_looks_like_a_formula_is_escaped(cell: str) -> None:
    assert escaped(cell) == f"'{cell}"
    assert escaped("1") == "1"


def test_a_small_whole_has_no_rate() -> None:
    assert Rate(7, 49).text == "n = 49, too small"
    assert Rate(7, 50).text == "14.0%"
    assert Rate(288, 4_236).of_text == "288 of 4,236"
    assert points_changed(Rate(7, 49), Rate(7, 50)) is None
    with override_settings(FUNNEL_SMALL_N=0):
        assert Rate(0, 0).text == "n = 0, too small"


def test_the_command_writes_what_the_page_prints(in_scope: Merchant, mei: int, tmp_path: Path) -> None:
    walk(in_scope, mei)
    options = ["--merchant", "meis-shelf", "--from", "2026-11-16", "--to", "2026-11-22"]
    target, output = tmp_path / "report.csv", io.StringIO()

    call_command("funnel_report", *options, "--creator", "mei", "--csv", str(target))
    call_command("funnel_report", *options, "--json", stdout=output)

    read = [tuple(row) for row in csv.reader(io.StringIO(target.read_text("utf-8-sig"), newline=""))]
    assert read == [tuple(escaped(cell) for cell in row) for row in report_rows(report_of(in_scope, creator_id=mei))]
    tables = json.loads(output.getvalue())
    assert [row[1:3] for row in tables["funnel"]["rows"]] == [["1", "1"]] * 7


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--merchant", "nobody", "--merchant: no merchant"),
        ("--creator", "nobody", "--creator: Mei's Shelf has no creator"),
        ("--to", "2026-11-01", "end: 2026-11-01 is before"),
    ],
)
def test_the_command_names_the_wrong_option(in_scope: Merchant, option: str, value: str, message: str) -> None:
    options = {"--merchant": "meis-shelf", "--from": "2026-11-16", "--to": "2026-11-22", option: value}
    with pytest.raises(CommandError, match=message):
        call_command("funnel_report", *(part for pair in options.items() for part in pair))
