"""Sixteen want the last uses of a code: it goes as often as it was made for; what counts naively must fail."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders.errors import CodeUsedUp
from catalog.orders.models import Cart, CartLine, Order
from catalog.orders.promotion_models import Promotion, PromotionUse
from tests.catalog.buying import Buying, make_buying
from tests.catalog.orders.test_races import THREADS, at_once
from tests.factories import make_address, make_shopper

LAST = 3
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wanted(transactional_db: None) -> Buying:
    """A code that three orders may use."""
    merchant = Merchant.objects.create(slug="hot", name="Hot", currency="TWD")
    with merchant_scope(merchant):
        buying = make_buying(merchant, stock=None)
        Promotion.objects.create(merchant=merchant, code="LAST", percent=Decimal(10), total_limit=LAST)
        return buying


def test_the_last_uses_of_a_code_go_once_each(wanted: Buying) -> None:
    def buy(number: int) -> str:
        shopper = make_shopper(wanted.merchant)
        make_address(shopper)
        cart = Cart.objects.create(merchant=wanted.merchant, shopper=shopper, currency="TWD", codes=["LAST"])
        CartLine.objects.create(merchant=wanted.merchant, cart=cart, variant=wanted.variant, quantity=1)
        order = Buying(wanted.merchant, shopper, wanted.variant).place(cart)
        return "reduced" if order.discount_minor else "full price"

    outcomes = at_once(wanted.merchant, buy)

    with merchant_scope(wanted.merchant):
        assert outcomes["reduced"] == LAST
        assert sum(outcomes.values()) == THREADS
        assert set(outcomes) <= {"reduced", "full price", CodeUsedUp.code}
        assert Promotion.objects.get().used_count == PromotionUse.objects.count() == LAST
        assert Order.objects.filter(discount_minor__gt=0).count() == LAST


def test_the_control_gives_it_away_too_often_as_it_must(wanted: Buying) -> None:
    """Read, check, save: what the conditional UPDATE replaces. If this held, the test above would prove nothing."""

    def use(number: int) -> str:
        row = Promotion.objects.get()
        if row.total_limit is not None and row.used_count >= row.total_limit:
            return "refused"
        time.sleep(0.05)  # the rest of a checkout
        row.used_count += 1
        row.save()
        return "reduced"

    assert at_once(wanted.merchant, use)["reduced"] > LAST
