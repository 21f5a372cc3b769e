"""What a shopper sees of the cart and of orders."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.money import Money
from catalog.orders import selectors, services
from catalog.orders.errors import OrderNotFound
from catalog.orders.models import ShopperAddress
from catalog.products.models import Media, Offer, Product, Stock
from tests.catalog.buying import Buying
from tests.factories import make_shopper, make_variant


def cart(buying: Buying, language: str = "en") -> selectors.CartView:
    return selectors.cart_view(shopper_id=buying.shopper.pk, language=language, currency="TWD")


def test_a_cart_shows_todays_price(buying: Buying) -> None:
    Media.objects.create(merchant=buying.merchant, product=buying.variant.product, url="/a.webp")
    placed = buying.add(2, link_id="lnk1")
    Offer.objects.update(amount_minor=50000)

    view = cart(buying)

    [line] = view.lines
    assert (line.title, line.quantity, line.image_url, line.link_id) == ("Product 1", 2, "/a.webp", "lnk1")
    assert (line.unit, line.total, line.available) == (Money(50000, "TWD"), Money(100000, "TWD"), 10)
    assert (view.cart_id, view.version, view.count) == (placed.pk, placed.version, 2)
    assert (view.totals.subtotal.minor, view.totals.delivery.minor, view.totals.total.minor) == (100000, 8000, 108000)
    assert (view.delivery_name, view.is_ready, view.problems) == ("Home delivery", True, ())


def test_no_cart_is_an_empty_one(buying: Buying) -> None:
    view = cart(buying)

    assert (view.cart_id, view.version, view.lines, view.count, view.is_ready) == (None, 0, (), 0, False)
    assert view.totals.total == Money(0, "TWD")


def test_an_absent_cart_is_quoted_in_the_readers_currency(buying: Buying) -> None:
    quoted = [selectors.cart_view(shopper_id=buying.shopper.pk, language=code).currency for code in ("en", "zh-hant")]

    assert quoted == ["USD", "TWD"]


def test_the_cart_speaks_the_asked_language(buying: Buying) -> None:
    Product.objects.update(titles={"zh-hant": "三號精華液"})
    buying.add()

    view = cart(buying, "zh-hans")

    assert (view.lines[0].title, view.delivery_name) == ("三号精华液", "宅配")


def test_what_keeps_a_cart_from_being_bought_is_said(buying: Buying) -> None:
    gone, fewer, unpriced = (make_variant(buying.merchant) for _ in range(3))
    for variant in (gone, fewer, unpriced):
        buying.add(3, variant)
    Stock.objects.filter(variant=gone).update(on_hand=0)
    Stock.objects.filter(variant=fewer).update(on_hand=2)
    Offer.objects.filter(variant=unpriced).delete()
    ShopperAddress.objects.update(country="FR")

    view = cart(buying)

    assert view.problems == (
        "Product 2 is sold out.",
        "You can buy up to 2 of Product 3. Choose a smaller quantity.",
        "Product 4 cannot be bought here.",
        "This shop does not deliver to France. Choose another address.",
    )
    assert [line.in_stock for line in view.lines] == [False, False, True]
    assert view.lines[2].unit is None
    assert not view.is_ready


def test_an_address_is_needed_for_what_travels(buying: Buying) -> None:
    ShopperAddress.objects.all().delete()
    buying.add()

    assert cart(buying).needs_address


def test_the_queries_of_a_cart_do_not_grow_with_its_lines(
    buying: Buying, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        buying.add(1, make_variant(buying.merchant))

    with django_assert_max_num_queries(12):
        assert len(cart(buying).lines) == 12


def test_an_order_shows_how_far_it_has_come(buying: Buying) -> None:
    order = buying.order(2)

    view = selectors.order_by_number(shopper_id=buying.shopper.pk, number="#1001", language="en")

    assert (view.number, view.state_text, view.can_pay, view.can_cancel) == ("1001", "Waiting for payment", True, True)
    assert view.steps == (("Ordered", "now"), ("Paid", "later"), ("Sent", "later"), ("Delivered", "later"))
    assert view.totals.total == order.total
    assert view.address is not None
    assert view.address.lines == ("Lin Yi-ting", "No. 7, Sec. 5, Xinyi Rd.", "Taipei 110", "Taiwan")


def test_a_sent_order_shows_its_parcel(buying: Buying) -> None:
    order = buying.order()
    services.mark_paid(order_id=order.pk, paid=order.total, reference="pi_1", at=order.placed_at)
    services.mark_processed(order_id=order.pk, tracking_numbers=("T1", "T2"))

    view = selectors.order_view(shopper_id=buying.shopper.pk, reference=str(order.reference), language="en")

    assert view.tracking == ("T1", "T2")
    assert view.steps == (("Ordered", "done"), ("Paid", "done"), ("Sent", "now"), ("Delivered", "later"))
    assert (view.can_pay, view.can_cancel) == (False, False)


def test_a_cancelled_order_shows_where_it_ended(buying: Buying) -> None:
    order = buying.order()
    services.cancel(order_id=order.pk, reason="no longer needed")

    view = selectors.order_view(shopper_id=buying.shopper.pk, reference=str(order.reference), language="en")

    assert view.steps == (("Ordered", "done"), ("Cancelled", "now"))


@pytest.mark.parametrize("number", ["1002", "", "#", "1001; drop"])
def test_an_unknown_number_is_not_found(buying: Buying, number: str) -> None:
    buying.order()

    with pytest.raises(OrderNotFound):
        selectors.order_by_number(shopper_id=buying.shopper.pk, number=number, language="en")


def test_another_shoppers_order_is_not_found(buying: Buying) -> None:
    order = buying.order()
    stranger = make_shopper(buying.merchant)

    with pytest.raises(OrderNotFound):
        selectors.order_by_number(shopper_id=stranger.pk, number="1001", language="en")
    with pytest.raises(OrderNotFound):
        selectors.order_view(shopper_id=stranger.pk, reference=str(order.reference), language="en")
    with pytest.raises(OrderNotFound):
        selectors.order_view(shopper_id=buying.shopper.pk, reference="not-a-uuid", language="en")
    assert list(selectors.orders_of(shopper_id=stranger.pk)) == []
