"""What every analytics store must answer, checked on hand-made events and against brute force."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from conversations.funnel.models import FunnelEvent
from conversations.funnel.paths import Moment
from conversations.funnel.ports import AnalyticsStore, FunnelQuery
from conversations.funnel.sql_store import SqlStore
from conversations.funnel.steps import FUNNEL, Step
from tests.conversations.funnel.reference import best_chain
from tests.factories import make_merchant

START = datetime(2026, 11, 16, tzinfo=UTC)
END = START + timedelta(days=7)
MEI, YUN = 1, 2


@pytest.fixture(params=[SqlStore], ids=["sql"])
def analytics(request: pytest.FixtureRequest) -> AnalyticsStore:
    adapter: AnalyticsStore = request.param()
    return adapter


def person(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def query(merchant: Merchant, **fields: Any) -> FunnelQuery:
    defaults: dict[str, Any] = {"merchant_id": merchant.pk, "start": START, "end": END, "window_s": 86_400}
    return FunnelQuery(**{**defaults, **fields})


def write(merchant: Merchant, *events: tuple[int, Step, float], creator_id: int | None = MEI, **fields: Any) -> None:
    """Write (person, step, minute) events."""
    FunnelEvent.objects.bulk_create(
        FunnelEvent(
            merchant=merchant,
            step=step,
            shopper_id=person(number),
            occurred_at=START + timedelta(minutes=minute),
            dedupe_key=uuid.uuid4().hex,
            creator_id=creator_id,
            **{"surface": "content", **fields},
        )
        for number, step, minute in events
    )


def whole_path(number: int, *, since: float = 0, gap: float = 1) -> list[tuple[int, Step, float]]:
    return [(number, step, since + place * gap) for place, step in enumerate(FUNNEL)]


def totals(counts: Any) -> tuple[int, ...]:
    return tuple(sum(group.people[place] for group in counts.groups) for place in range(len(FUNNEL)))


def test_nothing_recorded_is_all_noughts(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    counts = analytics.funnel(query(in_scope))

    assert counts.groups == ()
    assert counts.events == (0,) * 7
    assert counts.conversions == ()


def test_people_and_events_are_counted_at_each_step(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    write(in_scope, *whole_path(1))
    write(in_scope, (2, Step.CONTENT_VIEWED, 0), (2, Step.CONTENT_VIEWED, 5), (2, Step.ENQUIRY_SENT, 6))
    write(in_scope, (3, Step.CONTENT_VIEWED, 0), (3, Step.CART_ADDED, 1))  # skipped: stays at the view

    counts = analytics.funnel(query(in_scope))

    assert totals(counts) == (3, 2, 1, 1, 1, 1, 1)
    assert counts.events == (4, 2, 1, 1, 2, 1, 1)


def test_a_fan_of_two_creators_is_counted_with_each(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    write(in_scope, (1, Step.CONTENT_VIEWED, 0), (1, Step.ENQUIRY_SENT, 1))
    write(in_scope, (1, Step.CONTENT_VIEWED, 2), creator_id=YUN)

    counts = analytics.funnel(query(in_scope))

    assert {group.creator_id: group.people[:2] for group in counts.groups} == {MEI: (1, 1), YUN: (1, 0)}
    only_yun = analytics.funnel(query(in_scope, creator_id=YUN))
    assert totals(only_yun)[:2] == (1, 0)
    assert only_yun.events[:2] == (1, 0)


def test_the_first_touch_gives_each_person_one_surface(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    write(in_scope, (1, Step.CONTENT_VIEWED, 0), surface="live")
    write(in_scope, (1, Step.CONTENT_VIEWED, 5), (1, Step.ENQUIRY_SENT, 6), surface="content")
    write(in_scope, (2, Step.CONTENT_VIEWED, 0), surface="")
    write(in_scope, (2, Step.ENQUIRY_SENT, 1), surface="direct")
    write(in_scope, (3, Step.CONTENT_VIEWED, 0), surface="")

    counts = analytics.funnel(query(in_scope))

    assert {group.surface: group.people[:2] for group in counts.groups} == {
        "live": (1, 1),
        "direct": (1, 1),
        "": (1, 0),
    }


def test_events_without_a_creator_are_left_out(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    write(in_scope, *whole_path(1), creator_id=None)

    counts = analytics.funnel(query(in_scope))

    assert counts.groups == ()
    assert counts.events == (0,) * 7


def test_the_period_takes_its_first_instant_and_not_its_last(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    week = 7 * 24 * 60
    write(in_scope, (1, Step.CONTENT_VIEWED, 0), (2, Step.CONTENT_VIEWED, -1 / 60e6), (3, Step.CONTENT_VIEWED, week))
    write(in_scope, (4, Step.CONTENT_VIEWED, week - 1 / 60e6))

    counts = analytics.funnel(query(in_scope))

    assert totals(counts)[0] == 2
    assert counts.events[0] == 2


def test_a_path_ends_at_the_window(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    day = 24 * 60
    write(in_scope, (1, Step.CONTENT_VIEWED, 0), (1, Step.ENQUIRY_SENT, day))
    write(in_scope, (2, Step.CONTENT_VIEWED, 0), (2, Step.ENQUIRY_SENT, day + 1 / 60e6))

    assert totals(analytics.funnel(query(in_scope)))[:2] == (2, 1)


def test_another_merchants_events_are_not_counted(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    other = make_merchant()
    with merchant_scope(other):
        write(other, *whole_path(1))

    assert analytics.funnel(query(in_scope)).events == (0,) * 7


def test_test_orders_count_only_when_asked_for(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    write(in_scope, *whole_path(1)[:5])
    write(in_scope, *whole_path(1)[5:], is_test=True, order_id=7, amount_minor=98_000, currency="TWD")

    without = analytics.funnel(query(in_scope))
    assert totals(without) == (1, 1, 1, 1, 1, 0, 0)
    assert without.events == (1, 1, 1, 1, 1, 0, 0)
    with_test = analytics.funnel(query(in_scope, include_test=True))
    assert totals(with_test) == (1,) * 7
    assert [order.is_test for order in with_test.conversions[0].orders] == [True]


def test_a_conversion_names_first_view_first_question_and_its_orders(
    analytics: AnalyticsStore, in_scope: Merchant
) -> None:
    write(in_scope, *whole_path(1, since=10))  # asked at 11, paid at 16
    write(in_scope, (1, Step.CONTENT_VIEWED, 5), (1, Step.ENQUIRY_SENT, 7), (1, Step.ENQUIRY_SENT, 12))
    for order_id, minute in ((1, 6), (2, 30), (3, 24 * 60 + 7), (4, 24 * 60 + 8)):
        write(in_scope, (1, Step.ORDER_PAID, minute), order_id=order_id, amount_minor=100, currency="TWD")

    (conversion,) = analytics.funnel(query(in_scope)).conversions

    assert conversion.viewed_at == START + timedelta(minutes=5)
    assert conversion.asked_at == START + timedelta(minutes=7)
    assert conversion.paid_at == START + timedelta(minutes=16)
    # Order 1 was paid before the question, order 4 later than the window; the path's own has no id here.
    assert [order.order_id for order in conversion.orders] == [None, 2, 3]


def test_journeys_are_the_newest_with_the_time_of_each_step(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    write(in_scope, *whole_path(1), (2, Step.CONTENT_VIEWED, 60), (3, Step.CONTENT_VIEWED, 2))

    journeys = analytics.funnel(query(in_scope, journeys=2)).journeys

    assert [journey.shopper_id for journey in journeys] == [person(2), person(1)]
    assert journeys[1].times == tuple(START + timedelta(minutes=place) for place in range(7))


def test_conversations_handed_off_are_counted_once(analytics: AnalyticsStore, in_scope: Merchant) -> None:
    first, second, silent = (uuid.UUID(int=number) for number in (11, 12, 13))
    write(in_scope, (1, Step.ENQUIRY_SENT, 0), (1, Step.ENQUIRY_SENT, 1), conversation_id=first)
    write(in_scope, (1, Step.HANDED_OFF, 2), (1, Step.HANDED_OFF, 3), conversation_id=first)
    write(in_scope, (2, Step.ENQUIRY_SENT, 0), conversation_id=second)
    write(in_scope, (3, Step.HANDED_OFF, 0), conversation_id=silent)  # asked in an earlier period
    write(in_scope, (4, Step.ENQUIRY_SENT, 0))  # a live question, in no conversation

    counts = analytics.service(query(in_scope))

    assert (counts.conversations, counts.handed_off) == (2, 1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_counts_equal_brute_force_and_never_rise(analytics: AnalyticsStore, in_scope: Merchant, seed: int) -> None:
    FunnelEvent.objects.all().delete()
    chance = random.Random(seed)
    events = [
        (chance.randrange(4), chance.choice(FUNNEL[:4] if chance.random() < 0.6 else FUNNEL), chance.randrange(90))
        for _ in range(chance.randrange(45))
    ]
    for creator_id in (MEI, YUN):
        write(in_scope, *events[creator_id - 1 :: 2], creator_id=creator_id)

    counts = analytics.funnel(query(in_scope, window_s=3_000))

    expected = Counter[tuple[int, int]]()
    rows = sorted((c, who, FUNNEL.index(step), minute) for c in (MEI, YUN) for who, step, minute in events[c - 1 :: 2])
    for (creator_id, _), unit in groupby(rows, key=lambda row: row[:2]):
        moments = [Moment(step, START + timedelta(minutes=minute)) for _, _, step, minute in unit]
        reached = len(best_chain(moments, steps=7, window=timedelta(seconds=3_000)))
        expected.update((creator_id, place) for place in range(reached))
    people = {
        (creator_id, place): sum(group.people[place] for group in counts.groups if group.creator_id == creator_id)
        for creator_id in (MEI, YUN)
        for place in range(7)
    }
    assert {key: number for key, number in people.items() if number} == dict(expected)
    assert all(before >= after for before, after in pairwise(totals(counts)))
    assert all(number <= seen for number, seen in zip(totals(counts), counts.events, strict=True))
    assert sum(counts.events) == len(events)
