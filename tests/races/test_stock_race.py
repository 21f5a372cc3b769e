"""The last units are sold exactly once each: none twice, none left over while somebody was sent away."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders import services as orders
from catalog.orders.models import Order, Promotion
from catalog.products.models import Variant
from tests.factories import make_delivery, make_variant
from tests.races import rush
from tests.races.conftest import IS_FULL, at_once, needs_postgres

TRIALS = 20 if IS_FULL else 1
UNITS = 100 if IS_FULL else 10
TOO_MANY = 32 if IS_FULL else 8  # shoppers more than units

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def variants(merchant: Merchant) -> list[Variant]:
    """One variant a trial, each with the last UNITS units."""
    with merchant_scope(merchant):
        make_delivery(merchant)
        return [make_variant(merchant, stock=UNITS) for _trial in range(TRIALS)]


def test_the_last_units_are_neither_oversold_nor_undersold(merchant: Merchant, variants: list[Variant]) -> None:
    for variant in variants:
        with merchant_scope(merchant):
            carts = rush.fill_carts(merchant, [variant], UNITS + TOO_MANY)

        got_one = at_once(rush.buy, carts)

        with merchant_scope(merchant):
            assert rush.sold(variant) == rush.Sold(on_hand=UNITS, counter=UNITS, rows=UNITS)
        assert (sum(got_one), len(got_one)) == (UNITS, UNITS + TOO_MANY)


def test_orders_of_two_products_in_either_order_do_not_block_each_other(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        make_delivery(merchant)
        scarce, plenty = make_variant(merchant, stock=UNITS), make_variant(merchant, stock=2 * UNITS + TOO_MANY)
        carts = rush.fill_carts(merchant, [scarce, plenty], UNITS + TOO_MANY)

    got_both = at_once(rush.buy, carts)

    assert sum(got_both) == UNITS
    with merchant_scope(merchant):
        assert (rush.sold(scarce).rows, rush.sold(scarce).counter) == (UNITS, UNITS)
        assert (rush.sold(plenty).rows, rush.sold(plenty).counter) == (UNITS, UNITS)


def test_orders_that_end_while_others_with_the_same_promotion_begin_never_wait_for_each_other(
    merchant: Merchant, variants: list[Variant]
) -> None:
    [variant, *_others] = variants
    with merchant_scope(merchant):
        Promotion.objects.create(merchant=merchant, percent=Decimal(10))
        first = rush.fill_carts(merchant, [variant], UNITS // 2)
    assert all(at_once(rush.buy, first))
    with merchant_scope(merchant):
        held = list(Order.objects.filter(holds_stock=True).order_by("pk"))
        late = rush.fill_carts(merchant, [variant], len(held))

    at_once(_let_go_or_buy, [act for pair in zip(held, late, strict=True) for act in pair])

    with merchant_scope(merchant):
        assert rush.sold(variant) == rush.Sold(on_hand=UNITS, counter=len(late), rows=len(late))
        assert Promotion.objects.get().used_count == len(late)


def test_units_given_back_while_others_buy_are_counted_once(merchant: Merchant, variants: list[Variant]) -> None:
    [variant, *_others] = variants
    with merchant_scope(merchant):
        first = rush.fill_carts(merchant, [variant], UNITS)
    assert all(at_once(rush.buy, first))
    with merchant_scope(merchant):
        held = list(Order.objects.filter(holds_stock=True).order_by("pk")[: UNITS // 2])
        late = rush.fill_carts(merchant, [variant], UNITS)

    # Every order is let go three times, while others reach for what it frees.
    acts = [act for pair in zip(3 * held, (3 * late)[: 3 * len(held)], strict=True) for act in pair]
    at_once(_let_go_or_buy, acts)

    with merchant_scope(merchant):
        after = rush.sold(variant)
        assert after.counter == after.rows <= UNITS
        assert Order.objects.filter(pk__in=[order.pk for order in held], holds_stock=True).count() == 0
        at_once(rush.buy, rush.fill_carts(merchant, [variant], UNITS))
        assert rush.sold(variant) == rush.Sold(on_hand=UNITS, counter=UNITS, rows=UNITS)


def _let_go_or_buy(thing: object) -> None:
    if isinstance(thing, Order):
        with merchant_scope(thing.merchant):
            orders.expire(order_id=thing.pk)
    else:
        rush.buy(thing)


@pytest.mark.engine
@needs_postgres
def test_looking_first_and_counting_after_oversells(merchant: Merchant, variants: list[Variant]) -> None:
    oversold = 0
    for variant in variants:
        with merchant_scope(merchant):
            carts = rush.fill_carts(merchant, [variant], UNITS + TOO_MANY)
        at_once(rush.buy_naively, carts)
        with merchant_scope(merchant):
            oversold += rush.sold(variant).oversold
    print(f"{oversold} units sold that do not exist, in {TRIALS} trials")
    assert oversold > 0
