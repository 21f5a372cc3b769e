"""Sixteen at once: the last hundred units are sold a hundred times, a cart becomes one order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders.errors import OrderError, VariantUnavailable
from catalog.orders.models import Cart, CartLine, Order
from catalog.products.models import Stock
from tests.catalog.buying import Buying, make_buying
from tests.factories import make_address, make_shopper

THREADS = 16
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hot(transactional_db: None) -> Buying:
    """A hundred pieces that everybody wants."""
    merchant = Merchant.objects.create(slug="hot", name="Hot", currency="TWD")
    with merchant_scope(merchant):
        return make_buying(merchant, stock=100)


def at_once(merchant: Merchant, act: Callable[[int], str]) -> Counter[str]:
    """Run `act(number)` on sixteen threads, each with its own connection, starting together; count the outcomes."""
    start = Barrier(THREADS)

    def run(number: int) -> str:
        start.wait()
        try:
            with merchant_scope(merchant):
                return act(number)
        except OrderError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(run, range(THREADS)))


def test_the_last_hundred_units_are_sold_exactly_once(hot: Buying) -> None:
    sold: list[str] = []

    def buy_ten(number: int) -> str:
        shopper = make_shopper(hot.merchant)
        make_address(shopper)
        me = Buying(hot.merchant, shopper, hot.variant)
        for _ in range(10):
            cart = Cart.objects.create(merchant=hot.merchant, shopper=shopper, currency="TWD")
            CartLine.objects.create(merchant=hot.merchant, cart=cart, variant=hot.variant, quantity=1)
            try:
                sold.append(me.place(cart).number)
            except VariantUnavailable:
                cart.delete()
        return "done"

    assert at_once(hot.merchant, buy_ten) == {"done": THREADS}

    with merchant_scope(hot.merchant):
        assert len(sold) == 100
        assert sorted(sold) == [str(number) for number in range(1001, 1101)]
        assert Order.objects.filter(holds_stock=True).count() == 100
        assert hot.stock() == (100, 100)


def test_the_control_oversells_as_it_must(hot: Buying) -> None:
    """Read, check, save: what the conditional UPDATE replaces. If this held, the test above would prove nothing."""

    def buy_all(number: int) -> str:
        sold = 0
        while (stock := Stock.objects.get(variant=hot.variant)).available > 0:
            time.sleep(0.001)  # the rest of a checkout
            stock.reserved += 1
            stock.save()
            sold += 1
        return str(sold)

    outcomes = at_once(hot.merchant, buy_all)

    assert sum(int(sold) * times for sold, times in outcomes.items()) > 100


def test_one_cart_becomes_one_order(hot: Buying) -> None:
    with merchant_scope(hot.merchant):
        cart = hot.add(3)

    outcomes = at_once(hot.merchant, lambda number: hot.place(cart).number)

    assert outcomes == {"1001": THREADS}
    with merchant_scope(hot.merchant):
        assert hot.stock() == (100, 3)


def test_first_additions_at_once_make_one_cart(hot: Buying) -> None:
    outcomes = at_once(hot.merchant, lambda number: str(hot.add(2).pk))

    assert list(outcomes.values()) == [THREADS]
    with merchant_scope(hot.merchant):
        assert CartLine.objects.get().quantity == 2 * THREADS
        assert Cart.objects.get().version == THREADS + 1
