"""Purchases and edits while PostgreSQL restarts and Redis goes away: once each, in order, and the index follows."""

from __future__ import annotations

import json
import time

from tests.engines.available import needs_engines
from tests.engines.conftest import ScaledShop, run_in_shop
from tests.engines.test_scale import everything_delivered, wait_until
from tests.faults.stores.away import stores_coming_and_going
from tests.killing.buyers import Books, Buyer
from tests.killing.counting import Counted

pytestmark = [*needs_engines]
OUTAGES, BUYERS = 6, 2
_VARIANTS = """
import json
from catalog.accounts.scoping import every_merchant
from catalog.products.models import Variant
from catalog.products.services import set_stock
with every_merchant():
    sold = Variant.objects.filter(product__status="active", product__external_url="", offers__currency="USD")
    ids = list(sold.order_by("pk").values_list("pk", flat=True).distinct()[:4])
    for variant_id in ids:
        set_stock(variant_id=variant_id, on_hand=1000)
print(json.dumps(ids))
"""
_EDIT = """
from catalog.accounts.scoping import every_merchant
from catalog.products.services import set_price
with every_merchant():
    for amount in range({first}, {first} + 20):
        set_price(variant_id={variant_id}, currency="TWD", amount_minor=amount * 100)
"""
_EDITS = "from outbox_outboxmessage where subscriber = 'catalog.products.indexing.on_product_changed'"


def count(shop: ScaledShop) -> Counted:
    return Counted(**json.loads(run_in_shop("from tests.killing.counting import main; main()", shop.environment)))


def test_purchases_go_through_once_while_stores_come_and_go(shop: ScaledShop) -> None:
    variant_ids = json.loads(shop.run(_VARIANTS))
    before = count(shop)
    books = Books()
    buyers = [Buyer(shop.web_a.origin, variant_ids, books, seed=number) for number in range(BUYERS)]
    with stores_coming_and_going(shop.engines.postgres, shop.engines.redis, times=OUTAGES) as stores:
        for buyer in buyers:
            buyer.start()
        stores.join(240)
        for buyer in buyers:
            buyer.stop()
            buyer.join(240)
    assert [buyer.error for buyer in buyers] == [""] * BUYERS
    wait_until(lambda: everything_delivered(shop), "everything that was published", within_s=120)
    until = time.monotonic() + 60
    while (after := count(shop)).provider_undelivered or after.outbox_waiting:
        assert time.monotonic() < until, "the provider's reports were not taken"
        time.sleep(1)

    number, charged = len(books.purchases), sum(purchase.total_minor for purchase in books.purchases)
    cancelled = [purchase for purchase in books.purchases if purchase.cancelled]
    print(f"{number} purchases, {len(cancelled)} cancelled, through {OUTAGES} outages")
    assert number >= BUYERS
    assert sum(after.orders.values()) - sum(before.orders.values()) == number
    assert (after.shoppers_with_two_orders, after.orders_with_two_pay_pages) == (0, 0)
    assert after.provider_charges[1] - before.provider_charges[1] == charged
    assert after.provider_refunds[1] - before.provider_refunds[1] == sum(one.total_minor for one in cancelled)
    assert after.ledger["payment"][1] - before.ledger.get("payment", [0, 0])[1] == charged
    assert after.paid_messages[0] - before.paid_messages[0] == number
    assert after.funnel["order_paid"][0] - before.funnel.get("order_paid", [0])[0] == number
    assert after.reserved_wrong == []
    assert after.outbox_given_up == 0


def test_edits_wait_while_redis_is_away_and_arrive_once_in_order(shop: ScaledShop) -> None:
    wait_until(lambda: everything_delivered(shop), "earlier messages")
    variant_id = json.loads(shop.run(_VARIANTS))[0]
    wait_until(lambda: everything_delivered(shop), "the stock that was set")
    (newest,) = shop.ask_database("select max(id) from outbox_outboxmessage")[0]

    shop.engines.redis.kill()
    shop.run(_EDIT.format(variant_id=variant_id, first=700))
    waiting = shop.ask_database(f"select count(*) {_EDITS} and delivered_at is null")
    shop.engines.postgres.stop()
    shop.engines.postgres.start()
    shop.engines.redis.start()
    wait_until(lambda: everything_delivered(shop), "the edits", within_s=120)

    assert waiting == [(20,)]
    assert shop.ask_database(f"select count(*), max(attempts) {_EDITS} and id > %s", newest) == [(20, 1)]
    counted = count(shop)
    assert counted.prices[str(variant_id)] == 719_00
    assert (counted.index_wrong, counted.index_waiting) == ([], [])
    assert counted.indexed == counted.products
