"""Totals add up, whatever is in the cart, wherever it goes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import CurrencyMismatch, Money, charge_step
from catalog.orders.delivery import DeliveryRule, Place
from catalog.orders.delivery_models import DeliveryKind, FeeBasis
from catalog.orders.discounts import PromotionRule
from catalog.orders.errors import NoDelivery
from catalog.orders.promotion_models import Benefit, Stacking
from catalog.orders.taxes import TaxRule
from catalog.orders.totals import PricedLine, Rules, Totals, totals_of

AMOUNTS = st.integers(0, 10**9)
TAIPEI = Place.named("TW", "", "110")


def method(**fields: Any) -> DeliveryRule:
    defaults: dict[str, Any] = {"code": "home", "currency": "TWD", "fee": 8000, "countries": frozenset(["TW"])}
    return DeliveryRule(**{**defaults, **fields})


def lines(*amounts: tuple[int, int], currency: str = "TWD", **fields: Any) -> list[PricedLine]:
    return [PricedLine(Money(unit, currency), quantity, **fields) for unit, quantity in amounts]


def total(*amounts: tuple[int, int], place: Place | None = TAIPEI, chosen: str = "", **rules: Any) -> Totals:
    given_rules = Rules(**{"methods": [method()], **rules})
    return totals_of(lines=lines(*amounts), currency="TWD", rules=given_rules, place=place, chosen=chosen)


def test_delivery_is_added_once_the_place_is_known() -> None:
    unknown, known = total((98000, 2), place=None), total((98000, 2))

    assert (unknown.total.minor, unknown.delivery_method) == (196000, None)
    assert (known.subtotal.minor, known.delivery.minor, known.total.minor) == (196000, 8000, 204000)


@pytest.mark.parametrize(("subtotal", "fee"), [(149999, 8000), (150000, 0), (150001, 0)])
def test_delivery_is_free_from_the_limit_on(subtotal: int, fee: int) -> None:
    assert total((subtotal, 1), methods=[method(free_from=150000)]).delivery.minor == fee


@pytest.mark.parametrize(("free_from", "fee"), [(None, 8000), (0, 0)])
def test_free_from_zero_is_always_free_and_none_never(free_from: int | None, fee: int) -> None:
    assert total((100, 1), methods=[method(free_from=free_from)]).delivery.minor == fee


def test_the_first_method_that_goes_there_is_taken() -> None:
    methods = [
        method(),
        method(code="asia", countries=frozenset(["HK", "JP"]), fee=30000),
        method(code="world", countries=frozenset()),
    ]

    taken = {
        country: total((1, 1), methods=methods, place=Place.named(country)).delivery_method
        for country in ("TW", "TWN", "JP", "FR")
    }

    assert {country: found.code for country, found in taken.items() if found} == {
        "TW": "home",
        "TWN": "home",
        "JP": "asia",
        "FR": "world",
    }


def test_the_chosen_method_is_taken_when_it_goes_there_else_the_first() -> None:
    methods = [method(), method(code="express", fee=15000), method(code="us", countries=frozenset(["US"]))]

    assert total((1, 1), methods=methods, chosen="express").delivery.minor == 15000
    assert total((1, 1), methods=methods, chosen="us").delivery.minor == 8000
    assert [(way.code, fee.minor) for way, fee in total((1, 1), methods=methods).options] == [
        ("home", 8000),
        ("express", 15000),
    ]


def test_a_zone_is_country_region_and_postal_code() -> None:
    islands = method(code="islands", fee=20000, postal_prefixes=("88", "89"))
    main = method(code="main", excluded_postal_prefixes=("88", "89"))
    west = method(code="west", countries=frozenset(["US"]), regions=frozenset(["CA", "WA"]), fee=50000)
    methods = [islands, main, west]

    def taken(*place: str) -> str:
        found = total((1, 1), methods=methods, place=Place.named(*place)).delivery_method
        return found.code if found else ""

    assert [taken("TW", "", "880"), taken("TW", "", "106"), taken("US", "california", "94107")] == [
        "islands",
        "main",
        "west",
    ]
    with pytest.raises(NoDelivery):
        taken("US", "NY", "10001")


@pytest.mark.parametrize(("pieces", "fee"), [(1, 8000), (4, 8000), (5, 12000), (9, 12000), (10, 18000)])
def test_the_fee_follows_the_weight_from_each_step_on(pieces: int, fee: int) -> None:
    by_weight = method(basis=FeeBasis.WEIGHT, bands=((1000, 12000), (2000, 18000)))
    rules = Rules(methods=[by_weight])

    found = totals_of(lines=lines((100, pieces), weight_grams=200), currency="TWD", rules=rules, place=TAIPEI)

    assert found.delivery.minor == fee


@pytest.mark.parametrize(("goods", "fee"), [(49999, 8000), (50000, 6000), (100000, 3000)])
def test_the_fee_follows_the_worth_of_the_goods_after_discounts(goods: int, fee: int) -> None:
    by_price = method(bands=((50000, 6000), (100000, 3000)))
    half = PromotionRule(1, percent=Decimal(50))

    assert total((goods, 1), methods=[by_price]).delivery.minor == fee
    assert total((goods * 2, 1), methods=[by_price], promotions=[half]).delivery.minor == fee


def test_a_parcel_that_is_too_heavy_goes_another_way() -> None:
    rules = Rules(methods=[method(code="letter", weight_max=500), method(code="parcel", fee=12000)])

    def code(grams: int) -> str:
        found = totals_of(lines=lines((1, 1), weight_grams=grams), currency="TWD", rules=rules, place=TAIPEI)
        return found.delivery_method.code if found.delivery_method else ""

    assert [code(500), code(501)] == ["letter", "parcel"]


def test_picking_up_needs_no_place_and_is_never_taken_by_itself_where_others_send() -> None:
    methods = [method(code="shop", kind=DeliveryKind.PICKUP, fee=0, countries=frozenset()), method()]

    assert total((1, 1), methods=methods).delivery.minor == 8000
    assert total((1, 1), methods=methods, place=None).delivery_method is None
    assert total((1, 1), methods=methods, place=None, chosen="shop").delivery_method == methods[0]
    only = total((1, 1), methods=methods[:1], place=None).delivery_method
    assert only is not None
    assert only.code == "shop"


def test_what_does_not_travel_is_sent_electronically() -> None:
    mail = method(code="mail", kind=DeliveryKind.DIGITAL, fee=0)
    rules = Rules(methods=[method(), mail])
    digital = totals_of(lines=lines((500, 1), is_shipped=False), currency="TWD", rules=rules, place=None)

    assert (digital.delivery_method, digital.total.minor) == (mail, 500)


def test_a_country_nobody_delivers_to_is_refused_by_name() -> None:
    with pytest.raises(NoDelivery) as refused:
        total((1, 1), place=Place.named("FR"))

    assert refused.value.message == "This shop does not deliver to France. Choose another address."


def test_lines_of_another_currency_are_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        totals_of(lines=lines((1, 1), currency="USD"), currency="TWD", rules=Rules(), place=None)


def test_a_code_that_stands_alone_is_used_only_where_it_saves_more() -> None:
    ten = PromotionRule(1, percent=Decimal(10))
    five = PromotionRule(2, percent=Decimal(5))
    alone = PromotionRule(3, percent=Decimal(12), stacking=Stacking.ALONE, code="ALONE")
    big = PromotionRule(4, percent=Decimal(20), stacking=Stacking.ALONE, code="BIG")

    both = total((100000, 1), promotions=[ten, five, alone])
    one = total((100000, 1), promotions=[ten, five, alone, big])

    assert [(each.rule.promotion_id, each.amount.minor) for each in both.discounts] == [(1, 10000), (2, 4500)]
    assert [(each.rule.promotion_id, each.amount.minor) for each in one.discounts] == [(4, 20000)]


def test_free_delivery_takes_the_fee_and_no_more() -> None:
    free = PromotionRule(1, benefit=Benefit.DELIVERY)
    half = PromotionRule(1, benefit=Benefit.DELIVERY, cap=5000)

    found = total((1000, 1), promotions=[free])

    assert (found.discount.minor, found.delivery.minor, found.total.minor) == (0, 0, 1000)
    assert [(each.amount.minor, each.is_on_delivery) for each in found.discounts] == [(8000, True)]
    assert total((1000, 1), promotions=[half]).delivery.minor == 3000
    assert total((1000, 1), methods=[method(fee=0)], promotions=[free]).discounts == ()


def test_a_discount_may_lose_free_delivery_and_the_total_still_adds_up() -> None:
    found = total((160000, 1), methods=[method(free_from=150000)], promotions=[PromotionRule(1, percent=Decimal(10))])

    assert (found.discount.minor, found.delivery.minor, found.total.minor) == (16000, 8000, 152000)


PERCENTS = st.decimals(0, 100, places=2)
CURRENCIES = st.sampled_from(["TWD", "USD", "JPY", "ISK", "UGX", "KWD", "MGA", "HUF"])


@st.composite
def carts(draw: st.DrawFn) -> Totals:
    """Any cart under any rules; amounts are ones that can be charged."""
    currency = draw(CURRENCIES)
    step = charge_step(currency)
    money = st.integers(0, 10**6).map(lambda units: units * step)
    goods = draw(
        st.lists(
            st.builds(
                PricedLine,
                unit=money.map(lambda minor: Money(minor, currency)),
                quantity=st.integers(1, 99),
                is_shipped=st.booleans(),
                product_id=st.integers(1, 3),
                category_path=st.sampled_from(["", "skin", "skin/serum"]),
                weight_grams=st.integers(0, 3000),
                floor=st.none() | money.map(lambda minor: Money(minor, currency)),
            ),
            max_size=8,
        )
    )
    promotions = draw(
        st.lists(
            st.builds(
                PromotionRule,
                promotion_id=st.integers(1, 9),
                benefit=st.sampled_from(Benefit.values),
                percent=st.none() | PERCENTS,
                amount=st.none() | money,
                min_goods=st.none() | money,
                cap=st.none() | money,
                category_path=st.sampled_from(["", "skin"]),
                product_ids=st.frozensets(st.integers(1, 3), max_size=2),
                stacking=st.sampled_from(Stacking.values),
                position=st.integers(0, 3),
            ),
            max_size=4,
        )
    )
    taxes = draw(
        st.lists(
            st.builds(
                TaxRule,
                code=st.sampled_from(["vat", "gst", "pst"]),
                percent=PERCENTS,
                country=st.just("TW"),
                category_path=st.sampled_from(["", "skin"]),
                is_included=st.booleans(),
                is_on_delivery=st.booleans(),
            ),
            max_size=4,
        )
    )
    methods = [
        DeliveryRule("home", currency, draw(money), free_from=draw(st.none() | money), bands=((500, draw(money)),))
    ]
    rules = Rules(methods=methods, promotions=promotions, taxes=taxes, home=TAIPEI)
    return totals_of(lines=goods, currency=currency, rules=rules, place=draw(st.none() | st.just(TAIPEI)))


@given(carts())
def test_parts_add_up_to_the_total_and_lines_to_the_parts(totals: Totals) -> None:
    assert totals.total == totals.subtotal - totals.discount + totals.delivery + totals.tax
    assert sum(line.goods.minor for line in totals.lines) == totals.subtotal.minor
    assert sum(line.discount.minor for line in totals.lines) == totals.discount.minor
    on_goods = [each.amount.minor for each in totals.discounts if not each.is_on_delivery]
    assert sum(on_goods) == totals.discount.minor
    assert sum(part.minor for part in totals.taxes if not part.is_included) == totals.tax.minor
    assert totals.tax_included is not None
    assert sum(part.minor for part in totals.taxes if part.is_included) == totals.tax_included.minor


@given(carts())
def test_nothing_is_negative_and_all_of_it_can_be_charged(totals: Totals) -> None:
    amounts = [totals.subtotal, totals.discount, totals.delivery, totals.tax, totals.total]
    for line in totals.lines:
        amounts += [line.goods - line.discount, line.tax]

    assert [money.stripe_amount for money in amounts] == [money.minor for money in amounts]


@given(st.lists(st.tuples(AMOUNTS, st.integers(1, 99)), max_size=20), AMOUNTS, st.none() | AMOUNTS)
def test_without_promotions_and_taxes_it_is_goods_and_fee(
    amounts: list[tuple[int, int]], fee: int, free_from: int | None
) -> None:
    totals = total(*amounts, methods=[method(fee=fee, free_from=free_from)])

    assert totals.subtotal.minor == sum(unit * quantity for unit, quantity in amounts)
    assert totals.total == totals.subtotal + totals.delivery
    assert totals.delivery.minor in (0, fee)
