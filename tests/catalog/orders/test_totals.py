"""Totals add up, whatever is in the cart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import CurrencyMismatch, Money, split_largest_remainder
from catalog.orders.errors import NoDelivery
from catalog.orders.models import DeliveryMethod
from catalog.orders.totals import PricedLine, totals_of

AMOUNTS = st.integers(0, 10**9)


def method(**fields: Any) -> DeliveryMethod:
    defaults: dict[str, Any] = {"code": "home", "currency": "TWD", "fee_minor": 8000, "countries": ["TW"]}
    return DeliveryMethod(**{**defaults, **fields})


def lines(*amounts: tuple[int, int]) -> list[PricedLine]:
    return [PricedLine(Money(unit, "TWD"), quantity) for unit, quantity in amounts]


def test_delivery_is_added_once_the_country_is_known() -> None:
    unknown = totals_of(lines=lines((98000, 2)), currency="TWD", methods=[method()], country=None)
    known = totals_of(lines=lines((98000, 2)), currency="TWD", methods=[method()], country="TW")

    assert (unknown.total.minor, unknown.delivery_method) == (196000, None)
    assert (known.subtotal.minor, known.delivery.minor, known.total.minor) == (196000, 8000, 204000)


@pytest.mark.parametrize(("subtotal", "fee"), [(149999, 8000), (150000, 0), (150001, 0)])
def test_delivery_is_free_from_the_limit_on(subtotal: int, fee: int) -> None:
    methods = [method(free_from_minor=150000)]

    assert totals_of(lines=lines((subtotal, 1)), currency="TWD", methods=methods, country="TW").delivery.minor == fee


def test_the_first_method_that_goes_there_is_taken() -> None:
    methods = [
        method(),
        method(code="asia", countries=["HK", "JPN"], fee_minor=30000),
        method(code="world", countries=[]),
    ]

    taken = {
        country: totals_of(lines=lines((1, 1)), currency="TWD", methods=methods, country=country).delivery_method
        for country in ("TW", "TWN", "JP", "FR")
    }

    assert {country: found.code for country, found in taken.items() if found} == {
        "TW": "home",
        "TWN": "home",
        "JP": "asia",
        "FR": "world",
    }


def test_a_country_nobody_delivers_to_is_refused_by_name() -> None:
    with pytest.raises(NoDelivery) as refused:
        totals_of(lines=lines((1, 1)), currency="TWD", methods=[method()], country="FR")

    assert refused.value.message == "This shop does not deliver to France. Choose another address."


def test_lines_of_another_currency_are_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        totals_of(lines=[PricedLine(Money(1, "USD"), 1)], currency="TWD", methods=[], country=None)


@given(st.lists(st.tuples(AMOUNTS, st.integers(1, 99)), max_size=20), AMOUNTS, st.none() | AMOUNTS)
def test_parts_add_up_to_the_total(amounts: list[tuple[int, int]], fee: int, free_from: int | None) -> None:
    totals = totals_of(
        lines=lines(*amounts),
        currency="TWD",
        methods=[method(fee_minor=fee, free_from_minor=free_from)],
        country="TW",
    )

    assert totals.subtotal.minor == sum(unit * quantity for unit, quantity in amounts)
    assert totals.total == totals.subtotal - totals.discount + totals.delivery + totals.tax
    assert totals.delivery.minor in (0, fee)


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_a_split_adds_up_exactly_and_is_off_by_less_than_one_unit(total: int, weights: list[int]) -> None:
    parts = split_largest_remainder(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


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
