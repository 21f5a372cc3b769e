from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders.models import Order, OrderLine
from catalog.outbox.models import OutboxMessage
from catalog.outbox.worker import drain
from catalog.products.documents import documents
from catalog.products.indexing import reindex
from catalog.products.models import Product
from catalog.products.popularity import Activity, save_popularity, shares
from catalog.products.search_log_models import ProductPopularity
from catalog.products.selectors import search_products
from catalog.search.backend import backend
from catalog.search.ports import ProductQuery
from conversations.funnel.models import FunnelEvent
from conversations.funnel.popularity import product_activity, refresh_popularity
from conversations.funnel.tasks import refresh_popularity as task
from tests.factories import make_event, make_merchant, make_product, make_shopper


def shelf(merchant: Merchant, count: int = 3, **fields: Any) -> list[int]:
    ids = [
        make_product(merchant, title=f"Serum {'abcdefgh'[n]}", slug=f"s{n}", external_id=f"s{n}", **fields).pk
        for n in range(count)
    ]
    reindex(merchant=merchant)
    return ids


def found(merchant: Merchant) -> list[int]:
    page = search_products(query=ProductQuery(merchant_id=merchant.pk, text="serum"), language="en")
    return [view.product_id for view in page.products]


def bought(
    merchant: Merchant, product_ids: list[int], *, amount: int = 100, days: int = 0, is_test: bool = False
) -> None:
    """One paid order with a line of each product, and its funnel event."""
    at = timezone.now() - timedelta(days=days)
    order = Order.objects.create(
        merchant=merchant, number=uuid.uuid4().hex[:8], shopper=make_shopper(merchant), currency="TWD",
        subtotal_minor=amount, total_minor=amount, placed_at=at, paid_at=at, is_test=is_test,
    )  # fmt: skip
    for product_id in product_ids:
        OrderLine.objects.create(
            merchant=merchant, order=order, product_id=product_id, title="x", sku="x", quantity=3, unit_minor=amount
        )
    make_event(
        merchant, step="order_paid", order_id=order.pk, amount_minor=amount, currency="TWD", occurred_at=at,
        is_test=is_test,
    )  # fmt: skip


def acted(merchant: Merchant, step: str, product_id: int, *, days: int = 0, **fields: Any) -> None:
    make_event(merchant, step=step, product_id=product_id, occurred_at=timezone.now() - timedelta(days=days), **fields)


def test_acts_are_weighed_and_older_ones_count_less(in_scope: Merchant) -> None:
    one, two, three = shelf(in_scope)
    acted(in_scope, "product_clicked", one)
    acted(in_scope, "cart_added", one)
    bought(in_scope, [one, two])
    acted(in_scope, "product_clicked", three, days=14)
    acted(in_scope, "product_clicked", three, days=42)
    acted(in_scope, "product_clicked", three, days=91)

    found = product_activity(merchant=in_scope, now=timezone.now())

    assert found == {
        one: Activity(1 + 3 + 8, clicked=1, added=1, bought=1),
        two: Activity(8.0, bought=1),
        three: Activity(0.5 + 0.125, clicked=1),
    }


def test_who_repeats_himself_counts_once_a_day(in_scope: Merchant) -> None:
    (one,) = shelf(in_scope, 1)
    shopper = uuid.uuid4()
    for _ in range(50):
        acted(in_scope, "product_clicked", one, shopper_id=shopper)
    acted(in_scope, "product_clicked", one, shopper_id=shopper, days=1)
    acted(in_scope, "product_clicked", one)

    assert product_activity(merchant=in_scope, now=timezone.now())[one].clicked == 3


@pytest.mark.parametrize(("is_demo", "counts"), [(False, {}), (True, {"bought": 1})])
def test_test_orders_count_in_demo_shops_alone(in_scope: Merchant, is_demo: bool, counts: dict[str, int]) -> None:
    (one,) = shelf(in_scope, 1)
    Merchant.objects.update(is_demo=is_demo)
    in_scope.refresh_from_db()
    bought(in_scope, [one], is_test=True)

    found = product_activity(merchant=in_scope, now=timezone.now())

    assert found == ({one: Activity(8.0, **counts)} if counts else {})


def test_shares_are_bounded_and_a_quiet_shop_stays_low(settings: Settings) -> None:
    assert shares({1: 20.0, 2: 0.0}) == {1: 0.5}
    assert shares({1: 1.0}) == {1: 1 / 21}
    assert shares({1: 1000.0, 2: 3000.0}) == {1: 1000 / 3000, 2: 3000 / 5000}
    assert shares({}) == {}


def test_what_is_bought_rises_among_equals_and_the_index_hears_of_what_moved_alone(in_scope: Merchant) -> None:
    ids = shelf(in_scope)
    drain()
    assert found(in_scope) == ids
    for _ in range(5):
        bought(in_scope, [ids[2]])

    assert refresh_popularity(merchant=in_scope) == 1
    assert refresh_popularity(merchant=in_scope) == 0
    drain()

    row = ProductPopularity.objects.get()
    assert (row.product_id, row.value, row.bought) == (ids[2], 0.5, 5)
    assert found(in_scope) == [ids[2], ids[0], ids[1]]
    assert documents([ids[2]])[0].popularity == 0.5


def test_a_product_nobody_looks_at_any_more_sinks_back(in_scope: Merchant) -> None:
    ids = shelf(in_scope)
    for _ in range(5):
        bought(in_scope, [ids[2]])
    refresh_popularity(merchant=in_scope)
    FunnelEvent._base_manager.all().delete()

    assert task() == 1
    drain()

    assert ProductPopularity.objects.count() == 0
    assert found(in_scope) == ids


def test_a_product_that_is_gone_is_passed_over(in_scope: Merchant) -> None:
    acted(in_scope, "product_clicked", 999_999)

    assert refresh_popularity(merchant=in_scope) == 0
    assert ProductPopularity.objects.count() == 0
    assert OutboxMessage.objects.count() == 0


def test_another_shops_sales_are_not_counted(in_scope: Merchant) -> None:
    (one,) = shelf(in_scope, 1)
    other = make_merchant()
    with merchant_scope(other):
        acted(other, "product_clicked", one)
        save_popularity(merchant=other, activity={one: Activity(100.0)}, now=timezone.now())
        assert ProductPopularity.objects.count() == 0

    assert product_activity(merchant=in_scope, now=timezone.now()) == {}


def test_what_a_sale_earns_changes_no_byte_of_the_ranking(in_scope: Merchant) -> None:
    ids = shelf(in_scope, 8, attributes={"commission_percent": 1})
    for place, product_id in enumerate(ids):
        for _ in range(place % 3):
            bought(in_scope, [product_id])

    def ranking() -> bytes:
        refresh_popularity(merchant=in_scope)
        drain()
        query = ProductQuery(merchant_id=in_scope.pk, text="serum")
        told = [(hit.product_id, hit.score) for hit in backend().search(query).hits]
        why = [backend().explain(query, product_id).parts for product_id in ids]
        return json.dumps([told, why]).encode()

    before = ranking()
    assert found(in_scope) != ids  # what is bought does count
    for place, product_id in enumerate(ids):
        Product.objects.filter(pk=product_id).update(attributes={"commission_percent": 90 - place})
    # An event is never changed by us; here the same sales happened at other prices.
    for event in FunnelEvent.objects.all():
        FunnelEvent._base_manager.filter(pk=event.pk).update(amount_minor=(event.amount_minor or 1) * 1000)
    OrderLine.objects.update(unit_minor=999_999, discount_minor=5)
    reindex(merchant=in_scope)

    assert ranking() == before


def test_the_command_learns_for_one_shop_and_says_so(in_scope: Merchant, capsys: pytest.CaptureFixture[str]) -> None:
    ids = shelf(in_scope)
    for _ in range(5):
        bought(in_scope, [ids[2]])

    call_command("refresh_search_priors", merchant=in_scope.slug)

    assert capsys.readouterr().out == (
        "meis-shelf: 1 products told to the index, 0 click priors in 0 queries, exponent 1.00\n"
    )
    with pytest.raises(CommandError, match="no merchant 'x'"):
        call_command("refresh_search_priors", merchant="x")
