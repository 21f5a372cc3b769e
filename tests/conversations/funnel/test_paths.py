"""How far one unit came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.funnel.paths import Moment, furthest
from tests.conversations.funnel.reference import best_chain

START = datetime(2026, 11, 16, tzinfo=UTC)
WINDOW = timedelta(seconds=100)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def path(*events: tuple[int, float]) -> tuple[float, ...]:
    found = furthest([Moment(step, at(second)) for step, second in events], steps=3, window=WINDOW)
    return tuple((time - START).total_seconds() for time in found.times)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], ()),
        ([(1, 0), (2, 1)], ()),
        ([(0, 0)], (0,)),
        ([(0, 0), (1, 5), (2, 9)], (0, 5, 9)),
        ([(2, 0), (1, 1), (0, 2)], (2,)),  # the wrong way round
        ([(0, 0), (2, 5)], (0,)),  # a skipped step ends the path
        ([(0, 0), (1, 100)], (0, 100)),  # exactly the window is in
        ([(0, 0), (1, 100.000001)], (0,)),  # a microsecond more is out
        ([(0, 0), (1, 50), (2, 101)], (0, 50)),  # the window runs from the first step
        ([(0, 0), (0, 40), (1, 50), (2, 120)], (40, 50, 120)),  # a later view has window left
        ([(2, 7), (1, 7), (0, 7)], (7, 7, 7)),  # the same instant, any order
        ([(0, 0), (0, 10), (0, 20), (1, 30)], (20, 30)),  # of equal paths, the one that starts last
        ([(0, 0), (1, 10), (0, 20), (1, 30)], (0, 10)),  # the one that ends first
        ([(2, 9), (0, 0), (1, 5)], (0, 5, 9)),  # events may come late
    ],
)
def test_a_path_takes_the_steps_in_order_within_the_window(
    events: list[tuple[int, float]], expected: tuple[float, ...]
) -> None:
    assert path(*events) == expected


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 24)), max_size=9), st.integers(1, 20))
def test_the_path_is_the_one_that_brute_force_finds(events: list[tuple[int, int]], window_s: int) -> None:
    moments = [Moment(step, at(second)) for step, second in events]
    window = timedelta(seconds=window_s)

    found = furthest(moments, steps=4, window=window)

    assert found.times == best_chain(moments, steps=4, window=window)
