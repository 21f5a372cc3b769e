"""Tax by place and category, inside the price or on top of it, rounded half up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import Money
from catalog.orders.delivery import DeliveryRule, Place
from catalog.orders.delivery_models import DeliveryKind
from catalog.orders.taxes import TaxRule, closest, taxes_on
from catalog.orders.totals import PricedLine, Rules, Totals, totals_of

VAT = TaxRule("vat", Decimal(5), "TW")
DE = Place.named("DE", "", "10115")
CALIFORNIA = Place.named("US", "California", "94107-1234")


def on(amount: int, *rules: TaxRule, currency: str = "USD") -> list[tuple[str, int]]:
    return [(part.code, part.minor) for part in taxes_on(amount, rules, currency=currency)]


def total(place: Place | None, *rules: TaxRule, **fields: Any) -> Totals:
    methods = [DeliveryRule("home", "USD", 500), DeliveryRule("shop", "USD", 0, kind=DeliveryKind.PICKUP)]
    line = PricedLine(Money(10000, "USD"), 1, **fields)
    return totals_of(
        lines=[line],
        currency="USD",
        rules=Rules(methods=methods, taxes=rules, home=Place.named("TW")),
        place=place,
    )


@pytest.mark.parametrize(("amount", "tax"), [(10500, 500), (100, 5), (0, 0), (10, 0), (11, 1)])
def test_an_included_tax_is_taken_out_of_the_price(amount: int, tax: int) -> None:
    assert on(amount, VAT) == [("vat", tax)]


@pytest.mark.parametrize(("percent", "tax"), [("0", 0), ("5", 1), ("4.9999", 0), ("8.875", 1), ("100", 10)])
def test_a_tax_on_top_is_rounded_half_up(percent: str, tax: int) -> None:
    rule = TaxRule("sales", Decimal(percent), "US", is_included=False)

    assert on(10, rule) == [("sales", tax)]


def test_taxes_of_different_codes_add_up() -> None:
    gst = TaxRule("gst", Decimal(5), "CA", is_included=False)
    pst = TaxRule("pst", Decimal(7), "CA", region="BC", is_included=False)
    in_bc = closest([gst, pst], Place.named("CA", "British Columbia"), "")
    in_alberta = closest([gst, pst], Place.named("CA", "AB"), "")

    assert on(10000, *in_bc) == [("gst", 500), ("pst", 700)]
    assert on(10000, *in_alberta) == [("gst", 500)]


def test_a_taiwan_dollar_is_not_split() -> None:
    assert on(98000, VAT, currency="TWD") == [("vat", 4700)]


def test_of_one_code_the_closest_holds() -> None:
    general = TaxRule("vat", Decimal(19), "DE")
    books = TaxRule("vat", Decimal(7), "DE", category_path="books")
    berlin = TaxRule("vat", Decimal(3), "DE", postal_prefix="10")

    assert closest([general, books], DE, "books/poetry") == [books]
    assert closest([general, books], DE, "bookshelves") == [general]
    assert closest([general, berlin], DE, "") == [berlin]
    assert closest([general], CALIFORNIA, "") == []


def test_zero_rated_goods_pay_nothing_although_others_do() -> None:
    general = TaxRule("sales", Decimal("8.5"), "US", region="CA", is_included=False)
    food = TaxRule("sales", Decimal(0), "US", region="CA", category_path="food", is_included=False)

    assert total(CALIFORNIA, general, food, category_path="food").tax.minor == 43  # the delivery alone
    assert total(CALIFORNIA, general, food).tax.minor == 850 + 43


def test_delivery_is_taxed_only_where_the_rate_says_so() -> None:
    rate = TaxRule("sales", Decimal(10), "US", is_included=False, is_on_delivery=False)

    assert total(CALIFORNIA, rate).tax.minor == 1000


def test_before_the_place_is_known_only_what_prices_include_is_told() -> None:
    on_top = TaxRule("extra", Decimal(10), "TW", is_included=False)
    unknown = total(None, VAT, on_top)

    assert unknown.tax_included is not None
    assert (unknown.tax.minor, unknown.tax_included.minor, unknown.total.minor) == (0, 476, 10000)


def test_goods_picked_up_are_taxed_at_the_shop() -> None:
    us = TaxRule("sales", Decimal(10), "US", is_included=False)
    rules = Rules(
        methods=[DeliveryRule("shop", "USD", 0, kind=DeliveryKind.PICKUP)], taxes=[us, VAT], home=Place.named("TW")
    )
    line = PricedLine(Money(10500, "USD"), 1)
    picked = totals_of(lines=[line], currency="USD", rules=rules, place=CALIFORNIA, chosen="shop")

    assert [part.code for part in picked.taxes] == ["vat"]
    assert picked.total.minor == 10500


@given(st.integers(0, 10**9), st.decimals(0, 100, places=4), st.decimals(0, 100, places=4))
def test_included_parts_never_exceed_the_price(amount: int, one: Decimal, two: Decimal) -> None:
    parts = taxes_on(amount, [TaxRule("a", one, "TW"), TaxRule("b", two, "TW")], currency="USD")
    share = (one + two) / (100 + one + two)

    assert all(part.minor >= 0 for part in parts)
    assert abs(sum(part.minor for part in parts) - amount * share) <= Decimal("0.5")
