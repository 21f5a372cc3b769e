"""At-least-once, in any order, from sixteen threads, becomes exactly once."""

from __future__ import annotations

import time

import pytest

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders.models import Order
from catalog.payments.models import WebhookEvent
from catalog.payments.stripe_fake_store import FakeStore
from catalog.products.models import Stock
from tests.races import storm
from tests.races.conftest import IS_FULL, at_once

ORDERS = 200 if IS_FULL else 15

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_storm_pays_every_order_once_and_no_total_is_wrong(merchant: Merchant, store: FakeStore) -> None:
    payments = storm.place_orders(merchant, ORDERS)
    bodies = storm.deliveries(store, payments)
    assert len(bodies) >= 13 * ORDERS

    started = time.perf_counter()
    answers = at_once(storm.through_the_endpoint(store), bodies)
    print(f"{len(bodies)} deliveries, {len(bodies) / (time.perf_counter() - started):.0f}/s")

    left = storm.tally(payments, answers)
    assert left.is_right, left
    assert storm.payments_in_ledger() == ORDERS
    assert WebhookEvent.objects.count() == len(bodies) // storm.COPIES
    with merchant_scope(merchant):
        assert list(Stock.objects.values_list("on_hand", "reserved")) == [(ORDERS, ORDERS)]
        assert Order.objects.filter(holds_stock=True).count() == ORDERS


def test_a_handler_that_lets_the_last_event_win_fails_the_same_storm(merchant: Merchant, store: FakeStore) -> None:
    payments = storm.place_orders(merchant, ORDERS)

    answers = at_once(storm.naively, storm.deliveries(store, payments))

    left = storm.tally(payments, answers)
    print(left)
    assert not left.is_right
    assert left.paid < ORDERS
    assert left.wrong_refunds > 0
