"""What is bought together: from a shop's own orders, with enough of them, and never what must not be combined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders.models import BoughtTogether, Order, OrderLine
from catalog.orders.together import compatible, learn, learn_together, pairs_told, together_views
from catalog.outbox.worker import drain
from catalog.products.attribute_graph import graph_of
from catalog.products.candidates import conflicts
from catalog.products.models import Product
from catalog.products.selectors import ProductView, product_views
from tests.factories import make_merchant, make_product, make_shopper


def buy(merchant: Merchant, *product_ids: int, times: int = 1, **fields: Any) -> None:
    """Place paid orders that hold these products."""
    shopper = make_shopper(merchant)
    for _ in range(times):
        order = Order.objects.create(
            merchant=merchant,
            number=str(Order.objects.count() + 1),
            shopper=shopper,
            currency="TWD",
            subtotal_minor=1,
            total_minor=1,
            **{"placed_at": timezone.now(), "state": "paid", **fields},
        )
        for product_id in product_ids:
            OrderLine.objects.create(
                merchant=merchant, order=order, product_id=product_id, title="x", sku="x", quantity=1, unit_minor=1
            )


def products(merchant: Merchant, *slugs: str) -> list[int]:
    return [make_product(merchant, slug=slug, title=slug).pk for slug in slugs]


def told(merchant: Merchant, product_id: int) -> list[str]:
    found = together_views(merchant_id=merchant.pk, product_id=product_id, language="en", currency="TWD")
    return [view.slug for view in found]


def test_what_is_often_in_one_order_is_told_both_ways(in_scope: Merchant) -> None:
    tent, pegs, lamp, sock = products(in_scope, "tent", "pegs", "lamp", "sock")
    buy(in_scope, tent, pegs, times=4)
    buy(in_scope, tent, lamp, times=3)
    buy(in_scope, tent, sock, times=2)  # fewer than TOGETHER_ORDERS_MIN
    buy(in_scope, sock, times=6)

    assert learn(merchant=in_scope) == 4

    assert told(in_scope, tent) == ["pegs", "lamp"]
    assert told(in_scope, pegs) == ["tent"]
    assert told(in_scope, sock) == []
    row = BoughtTogether.objects.get(product_id=tent, other_id=pegs)
    assert row.orders == 4
    assert row.share == pytest.approx(4 / 9)


def test_what_is_in_every_cart_is_nobodys_partner() -> None:
    everywhere = [{1, 2}, {1, 3}, {1, 4}, {1, 2}, {1, 3}, {1, 4}, {1, 2}, {1, 3}]

    assert list(pairs_told(everywhere)) == []


def test_a_stock_order_says_nothing_of_pairs(settings: Any) -> None:
    settings.TOGETHER_PRODUCTS_MAX = 3
    baskets: list[set[int]] = [{1, 2, 3, 4}] * 5 + [{9}] * 5

    assert list(pairs_told(baskets)) == []


def test_unpaid_old_and_test_orders_do_not_count_beside_real_ones(in_scope: Merchant) -> None:
    tent, pegs = products(in_scope, "tent", "pegs")
    buy(in_scope, tent, times=5)
    for state in ("awaiting_payment", "cancelled", "expired"):
        buy(in_scope, tent, pegs, times=3, state=state)
    buy(in_scope, tent, pegs, times=5, placed_at=timezone.now() - timedelta(days=400))
    buy(in_scope, tent, pegs, times=5, is_test=True)

    assert learn(merchant=in_scope) == 0


def test_a_shop_with_test_orders_alone_shows_how_it_will_be(in_scope: Merchant) -> None:
    tent, pegs, sock = products(in_scope, "tent", "pegs", "sock")
    buy(in_scope, tent, pegs, times=3, is_test=True)
    buy(in_scope, sock, times=3, is_test=True)

    assert learn(merchant=in_scope) == 2


def test_another_merchants_orders_and_products_are_not_told(in_scope: Merchant) -> None:
    tent, pegs, sock = products(in_scope, "tent", "pegs", "sock")
    buy(in_scope, tent, pegs, times=3)
    buy(in_scope, sock, times=3)
    other = make_merchant()
    with merchant_scope(other):
        foreign, own = products(other, "foreign", "own")
        buy(other, foreign, tent, times=9)  # a line that names a product of another shop
        buy(other, own, times=9)

    assert learn_together() == 2

    assert told(in_scope, tent) == ["pegs"]
    with merchant_scope(other):
        assert told(other, foreign) == []
        assert BoughtTogether.objects.count() == 0


def test_what_is_gone_or_sold_out_is_not_told(in_scope: Merchant) -> None:
    tent, pegs, sock = products(in_scope, "tent", "pegs", "sock")
    lamp = make_product(in_scope, slug="lamp", title="lamp", on_hand=0).pk
    buy(in_scope, tent, pegs, lamp, times=3)
    buy(in_scope, sock, times=5)
    learn(merchant=in_scope)
    assert told(in_scope, tent) == ["pegs"]

    Product.objects.filter(pk=pegs).update(status="archived")
    assert told(in_scope, tent) == []
    assert learn(merchant=in_scope) == 2  # tent and lamp: told again once there are lamps


def test_what_must_not_be_combined_is_never_told_together(in_scope: Merchant) -> None:
    acid = make_product(
        in_scope, slug="acid", title="acid", attributes={"key_ingredients": ["aha"], "conflicts_with": ["retinal"]}
    ).pk
    retinal = make_product(in_scope, slug="retinal", title="retinal", attributes={"key_ingredients": ["retinal"]}).pk
    cream, sock = products(in_scope, "cream", "sock")
    buy(in_scope, cream, retinal, acid, times=4)
    buy(in_scope, sock, times=9)
    learn(merchant=in_scope)

    assert told(in_scope, retinal) == ["cream"]
    assert told(in_scope, acid) == ["cream"]
    assert len(told(in_scope, cream)) == 1  # either, never both


INGREDIENTS = ("retinal", "aha", "bha", "vitamin_c", "niacinamide", "ceramide", "zinc")
attributes = st.fixed_dictionaries(
    {
        "key_ingredients": st.lists(st.sampled_from(INGREDIENTS), max_size=3, unique=True),
        "conflicts_with": st.lists(st.sampled_from(INGREDIENTS), max_size=2, unique=True),
    }
)


@hypothesis_settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(of_the_product=attributes, of_others=st.lists(attributes, max_size=8), limit=st.integers(1, 5))
def test_no_two_of_a_bundle_clash(
    bare_view: ProductView, of_the_product: dict[str, Any], of_others: Sequence[dict[str, Any]], limit: int
) -> None:
    graph = graph_of(merchant_id=0)
    one = replace(bare_view, attributes=of_the_product)
    others = [replace(bare_view, product_id=n, attributes=each) for n, each in enumerate(of_others, 2)]

    kept = compatible([one], others, graph, limit=limit)

    everything = [one, *kept]
    clashing = [(a, b) for n, a in enumerate(everything) for b in everything[n + 1 :] if conflicts(a, b, graph)]
    assert clashing == []
    assert len(kept) <= limit
    left = [each for each in others if each not in kept]
    assert len(kept) == limit or all(any(conflicts(each, other, graph) for other in everything) for each in left)


@pytest.fixture
def bare_view(in_scope: Merchant) -> ProductView:
    product = make_product(in_scope, slug="bare")
    return product_views(product_ids=[product.pk], language="en", currency="TWD")[0]


def test_the_api_tells_it(client: Client, in_scope: Merchant) -> None:
    tent, pegs, sock = products(in_scope, "tent", "pegs", "sock")
    buy(in_scope, tent, pegs, times=3)
    buy(in_scope, sock, times=3)
    learn(merchant=in_scope)
    drain()

    response = client.get("/api/v1/shops/meis-shelf/products/tent/together/", {"currency": "TWD"})

    assert slugs_of(response.json()["products"]) == ["pegs"]
    assert client.get("/api/v1/shops/meis-shelf/products/nothing/together/").status_code == 404


def slugs_of(found: Iterable[dict[str, Any]]) -> list[str]:
    return [str(each["slug"]) for each in found]
