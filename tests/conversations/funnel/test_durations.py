"""Percentiles, bins and how a span reads."""

from __future__ import annotations

import statistics

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from conversations.funnel.durations import BIN_EDGES_S, described, duration_text, histogram, percentile


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7], 0.9, 7),
        ([10, 20], 0.5, 15),
        ([10, 20, 30, 40], 0.5, 25),
        ([40, 10, 30, 20], 0.9, 37),
        (list(range(1, 12)), 0.9, 10),
        ([0, 100], 0.9, 90),
    ],
)
def test_percentiles_are_linear_between_ranks(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == (None if expected is None else pytest.approx(expected, abs=1e-9))


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=60))
def test_percentiles_equal_the_standard_librarys(values: list[int]) -> None:
    deciles = statistics.quantiles(values, n=10, method="inclusive")
    assert percentile(values, 0.5) == pytest.approx(statistics.median(values))
    assert percentile(values, 0.9) == pytest.approx(deciles[8])


def test_bins_begin_at_their_edge_and_the_week_closes_the_last() -> None:
    day = 86_400
    bins = histogram([0, 299.999, 300, 899, 900, 3_600, day, 3 * day, 7 * day])

    assert [one.count for one in bins] == [2, 2, 1, 1, 0, 0, 1, 0, 2]
    assert (bins[0].from_s, bins[-1].to_s) == (0, 7 * day)


def test_what_lies_beyond_a_week_has_a_bin_of_its_own() -> None:
    bins = histogram([7 * 86_400 + 0.5])

    assert len(bins) == len(BIN_EDGES_S)
    assert (bins[-1].count, bins[-1].to_s, bins[-1].label) == (1, None, "> 7 d")


@given(st.lists(st.floats(0, 10**7), max_size=80))
def test_every_duration_is_in_one_bin(values: list[float]) -> None:
    assert sum(one.count for one in histogram(values)) == len(values)


def test_a_set_is_described_by_median_p90_and_mean() -> None:
    times = described([60, 120, 180, 240, 1_000])

    assert (times.count, times.median_s, times.mean_s) == (5, 180, 320)
    assert times.p90_s == pytest.approx(696)
    assert described([]).mean_s is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3_060, "51 min"),
        (3_061, "51 min"),
        (3_599, "1 h"),
        (11_400, "3 h 10 min"),
        (86_399, "1 d"),
        (183_600, "2 d 3 h"),
        (604_800, "7 d"),
    ],
)
def test_a_span_reads_in_its_two_largest_units(seconds: float, text: str) -> None:
    with override("en"):
        assert duration_text(seconds) == text
