"""Money: exact, rounded half up, and only in amounts that can be charged."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import (
    Money,
    NotChargeable,
    charge_step,
    decimals_of,
    rounded,
    split_largest_remainder,
    split_within,
    working_step,
)

AMOUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("currency", "decimals", "charged_in", "worked_out_in"),
    [
        ("USD", 2, 1, 1), ("TWD", 2, 1, 100), ("HUF", 2, 1, 100), ("JPY", 0, 1, 1), ("KRW", 0, 1, 1),
        ("ISK", 2, 100, 100), ("UGX", 2, 100, 100), ("MGA", 0, 1, 1), ("KWD", 3, 10, 10), ("BHD", 3, 10, 10),
        ("JOD", 3, 10, 10), ("OMR", 3, 10, 10), ("TND", 3, 10, 10), ("CLP", 0, 1, 1), ("VND", 0, 1, 1),
    ],
)  # fmt: skip
def test_the_table_of_exceptions(currency: str, decimals: int, charged_in: int, worked_out_in: int) -> None:
    assert (decimals_of(currency), charge_step(currency), working_step(currency)) == (
        decimals,
        charged_in,
        worked_out_in,
    )


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("5", "ISK", 500), ("5", "UGX", 500), ("5", "MGA", 5), ("5", "JPY", 5), ("5", "USD", 500), ("5", "TWD", 500),
        ("5", "KWD", 5000), ("5.128", "KWD", 5130), ("5.124", "KWD", 5120), ("5.125", "KWD", 5130),
        ("5.49", "ISK", 500), ("5.50", "ISK", 600), ("0", "ISK", 0),
    ],
)  # fmt: skip
def test_what_stripe_is_told(text: str, currency: str, amount: int) -> None:
    assert Money.parse(text, currency).chargeable.stripe_amount == amount


@pytest.mark.parametrize("money", [Money(550, "ISK"), Money(5125, "KWD"), Money(-1, "USD"), Money(-100, "UGX")])
def test_what_stripe_would_refuse_never_leaves(money: Money) -> None:
    with pytest.raises(NotChargeable):
        _ = money.stripe_amount


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_rounding_is_half_up_as_people_learn_it(numerator: int, denominator: int) -> None:
    exact = Decimal(numerator) / Decimal(denominator)

    assert rounded(numerator, denominator) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("numerator", "denominator", "step", "result"),
    [(5, 2, 1, 3), (-5, 2, 1, -3), (1, 3, 1, 0), (150, 1, 100, 200), (149, 1, 100, 100), (0, 7, 100, 0)],
)
def test_rounding_to_steps(numerator: int, denominator: int, step: int, result: int) -> None:
    assert rounded(numerator, denominator, step=step) == result


def test_a_step_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        rounded(1, 1, step=0)


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_a_split_adds_up_exactly_and_is_off_by_less_than_one_unit(total: int, weights: list[int]) -> None:
    parts = split_largest_remainder(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(AMOUNTS, st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=20), st.sampled_from([1, 10, 100]))
def test_a_split_within_limits_gives_all_that_fits(total: int, rows: list[tuple[int, int]], step: int) -> None:
    weights, limits = [weight for weight, _limit in rows], [limit for _weight, limit in rows]

    parts = split_within(total, weights, limits, step=step)

    assert sum(parts) == min(total, sum(limits))
    assert all(0 <= part <= limit for part, limit in zip(parts, limits, strict=True))


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_money_adds_up_like_numbers(a: int, b: int, c: int) -> None:
    x, y, z = (Money(minor, "TWD") for minor in (a, b, c))

    assert (x + y) + z == x + (y + z)
    assert x + y == y + x
    assert (x + y) - y == x
    assert (x < y) == (a < b)


@given(st.integers(-(10**12), 10**12), st.sampled_from(["TWD", "USD", "JPY", "KWD", "ISK"]))
def test_money_reads_back_what_it_writes(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.parse(money.amount_text, currency) == money
    assert Money.parse(str(money.decimal), currency) == money


@pytest.mark.parametrize("text", ["1e30", "-1e30", "1e999999"])
def test_more_digits_than_can_be_reckoned_with_are_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="more than an amount"):
        Money.parse(text, "TWD")


@given(
    st.integers(0, 10**9),
    st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any),
    st.sampled_from([1, 10, 100]),
)
def test_a_split_in_steps_adds_up_and_only_what_is_odd_stands_beside_the_steps(
    total: int, weights: list[int], step: int
) -> None:
    parts = split_largest_remainder(total, weights, step=step)

    assert sum(parts) == total
    first = next(place for place, weight in enumerate(weights) if weight)
    assert [part % step for place, part in enumerate(parts) if place != first] == [0] * (len(parts) - 1)
    assert parts[first] % step == total % step
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)


def test_one_krona_on_three_units_is_borne_by_one_of_them() -> None:
    assert split_largest_remainder(400, [1, 1, 1], step=charge_step("ISK")) == [200, 100, 100]
    assert split_largest_remainder(400, [1, 1, 1]) == [134, 133, 133]
