"""What a promotion takes off: zero is zero, empty is no limit, no line goes below its floor."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.orders.discounts import Discountable, PromotionRule, combinations, off_delivery, off_goods
from catalog.orders.promotion_models import Benefit, Stacking


def rule(number: int = 1, **fields: Any) -> PromotionRule:
    return PromotionRule(number, **{"percent": Decimal(10), **fields})


def amount(minor: int | None, **fields: Any) -> PromotionRule:
    return PromotionRule(1, benefit=Benefit.AMOUNT, amount=minor, currency="TWD", **fields)


def off(*rules: PromotionRule, goods: tuple[int, ...] = (10000, 20000), **line: Any) -> list[tuple[int, ...]]:
    lines = [Discountable(each, **line) for each in goods]
    return [taken.by_line for taken in off_goods(rules, lines, currency="TWD")]


def test_a_percentage_is_split_onto_the_lines_to_the_last_unit() -> None:
    assert off(rule()) == [(1000, 2000)]
    assert off(rule(percent=Decimal("33.33")), goods=(10000, 10000, 10000)) == [(3400, 3300, 3300)]  # NT$ 99.99 -> 100


@pytest.mark.parametrize("percent", [Decimal(0), None])
def test_zero_percent_and_no_percent_take_nothing(percent: Decimal | None) -> None:
    assert off(rule(percent=percent)) == []


@pytest.mark.parametrize("minor", [0, None])
def test_an_amount_of_zero_and_none_take_nothing(minor: int | None) -> None:
    assert off(amount(minor)) == []


@pytest.mark.parametrize(("cap", "taken"), [(None, 3000), (0, 0), (2900, 2900), (3000, 3000), (3001, 3000)])
def test_a_cap_of_zero_takes_nothing_and_no_cap_everything(cap: int | None, taken: int) -> None:
    assert sum(sum(parts) for parts in off(rule(cap=cap))) == taken


@pytest.mark.parametrize(
    ("least", "is_enough"), [(None, True), (0, True), (29999, True), (30000, True), (30001, False)]
)
def test_the_minimum_holds_from_its_own_amount_on(least: int | None, is_enough: bool) -> None:
    assert bool(off(rule(min_goods=least))) is is_enough


@pytest.mark.parametrize(("lowest", "parts"), [(0, [(10000,)]), (9999, [(1,)]), (10000, []), (4000, [(6000,)])])
def test_no_line_goes_below_its_floor(lowest: int, parts: list[tuple[int, ...]]) -> None:
    assert off(rule(percent=Decimal(100)), goods=(10000,), lowest=lowest) == parts


def test_what_one_line_cannot_take_the_others_do() -> None:
    lines = [Discountable(10000, lowest=9900), Discountable(20000)]

    [taken] = off_goods([amount(9000)], lines, currency="TWD")

    assert taken.by_line == (100, 8900)


def test_an_amount_is_never_more_than_the_goods() -> None:
    assert off(amount(999999)) == [(10000, 20000)]


def test_an_amount_in_another_currency_does_not_count() -> None:
    lines = [Discountable(10000)]

    assert off_goods([amount(1000)], lines, currency="USD") == []


def test_it_is_for_its_products_and_its_category_only() -> None:
    lines = [
        Discountable(10000, product_id=7),
        Discountable(10000, category_path="skin/serum"),
        Discountable(10000, category_path="skincare"),
    ]

    [by_product] = off_goods([rule(product_ids=frozenset([7]))], lines, currency="TWD")
    [by_category] = off_goods([rule(category_path="skin")], lines, currency="TWD")
    [by_either] = off_goods([rule(product_ids=frozenset([7]), category_path="skin")], lines, currency="TWD")

    assert by_product.by_line == (1000, 0, 0)
    assert by_category.by_line == (0, 1000, 0)
    assert by_either.by_line == (1000, 1000, 0)
    assert off_goods([rule(product_ids=frozenset([8]))], lines, currency="TWD") == []


def test_each_is_taken_from_what_the_ones_before_left() -> None:
    assert off(rule(1, percent=Decimal(50)), rule(2, percent=Decimal(50)), goods=(10000,)) == [(5000,), (2500,)]


def test_those_that_combine_meet_in_their_order_and_the_others_stand_alone() -> None:
    rules = [
        rule(3, position=1),
        rule(1, stacking=Stacking.ALONE),
        rule(2, position=0),
        rule(4, stacking=Stacking.ALONE),
    ]

    assert [[each.promotion_id for each in found] for found in combinations(rules)] == [[2, 3], [1], [4]]


@pytest.mark.parametrize(
    ("fee", "cap", "off_fee"), [(8000, None, 8000), (8000, 0, 0), (8000, 3000, 3000), (0, None, 0)]
)
def test_free_delivery_within_its_cap(fee: int, cap: int | None, off_fee: int) -> None:
    taken = off_delivery([rule(benefit=Benefit.DELIVERY, cap=cap)], [Discountable(1)], fee=fee, currency="TWD")

    assert (taken.from_delivery if taken else 0) == off_fee


MINOR = st.integers(0, 10**7)


@given(
    st.lists(st.tuples(MINOR, MINOR), min_size=1, max_size=10),
    st.decimals(0, 100, places=2),
    st.none() | MINOR,
    st.sampled_from(["TWD", "USD", "JPY"]),
)
def test_no_line_is_ever_below_its_floor_and_no_cap_is_passed(
    given_lines: list[tuple[int, int]], percent: Decimal, cap: int | None, currency: str
) -> None:
    lines = [Discountable(max(goods, low), low) for goods, low in given_lines]

    for taken in off_goods([rule(percent=percent, cap=cap)], lines, currency=currency):
        assert all(line.goods - part >= line.lowest for line, part in zip(lines, taken.by_line, strict=True))
        assert all(part >= 0 for part in taken.by_line)
        assert cap is None or taken.goods <= cap
