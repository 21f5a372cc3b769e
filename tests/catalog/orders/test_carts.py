"""The cart: what goes in, what is refused, what is told."""

from __future__ import annotations

import uuid

import pytest
from pytest_django import Settings

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders import carts, errors
from catalog.orders.models import Cart, CartLine
from catalog.products.models import Offer, Product
from tests.catalog.buying import Buying
from tests.catalog.hearing import heard
from tests.factories import make_creator, make_merchant, make_shopper, make_variant


def set_quantity(buying: Buying, quantity: int) -> Cart:
    return carts.set_quantity(
        merchant=buying.merchant, shopper_id=buying.shopper.pk, variant_id=buying.variant.pk, quantity=quantity
    )


def test_additions_of_one_variant_make_one_line(buying: Buying) -> None:
    first = buying.add(2, link_id="lnk1")
    second = buying.add(3)

    assert first.pk == second.pk
    line = CartLine.objects.get()
    assert (line.quantity, line.link_id) == (5, "lnk1")
    assert (first.version, second.version) == (2, 3)


def test_an_addition_is_told_with_everything_the_funnel_joins_on(buying: Buying) -> None:
    mei = make_creator(buying.merchant)

    cart = carts.add_to_cart(
        merchant=buying.merchant,
        shopper_id=buying.shopper.pk,
        variant_id=buying.variant.pk,
        quantity=2,
        currency="TWD",
        creator_id=mei.pk,
        source_ref="conversation:7f",
        link_id="lnk1",
    )

    [payload] = heard("cart.changed")
    at = payload.pop("at")
    assert payload == {
        "cart": str(cart.pk),
        "version": 2,
        "variant_id": buying.variant.pk,
        "product_id": buying.variant.product_id,
        "quantity": 2,
        "delta": 2,
        "link_id": "lnk1",
        "shopper": str(buying.shopper.pk),
        "creator_id": mei.pk,
        "source_ref": "conversation:7f",
    }
    assert at.endswith("+00:00")


def test_raising_a_quantity_is_told_and_lowering_is_not(buying: Buying) -> None:
    buying.add(2)

    set_quantity(buying, 5)
    set_quantity(buying, 1)

    assert [event["delta"] for event in heard("cart.changed")] == [2, 3]
    assert CartLine.objects.get().quantity == 1


def test_quantity_zero_removes_the_line_and_raises_the_version(buying: Buying) -> None:
    buying.add(2)

    cart = set_quantity(buying, 0)

    assert (cart.version, cart.lines.count()) == (3, 0)


def test_emptying_takes_everything_out(buying: Buying) -> None:
    buying.add(1)
    buying.add(1, make_variant(buying.merchant))

    carts.empty_cart(merchant=buying.merchant, shopper_id=buying.shopper.pk)

    assert CartLine.objects.count() == 0


@pytest.mark.parametrize("quantity", [0, -1, True, 1.5])
def test_a_quantity_that_is_no_whole_number_from_one_is_refused(buying: Buying, quantity: int) -> None:
    with pytest.raises(errors.QuantityInvalid):
        buying.add(quantity)

    assert Cart.objects.count() == 0


def test_more_than_the_shop_has_is_refused_and_leaves_nothing_behind(buying: Buying) -> None:
    buying.add(4)

    with pytest.raises(errors.QuantityTooLarge) as refused:
        buying.add(7)

    assert refused.value.message == "You can buy up to 10 of Product 1. Choose a smaller quantity."
    assert CartLine.objects.get().quantity == 4
    assert Cart.objects.get().version == 2
    assert len(heard("cart.changed")) == 1


def test_sold_out_says_so(buying: Buying) -> None:
    gone = make_variant(buying.merchant, stock=0)

    with pytest.raises(errors.VariantUnavailable) as refused:
        buying.add(1, gone)

    assert refused.value.message == "Product 2 is sold out."


def test_untracked_stock_is_limited_by_the_cart_only(buying: Buying, settings: Settings) -> None:
    endless = make_variant(buying.merchant, stock=None)

    buying.add(99, endless)

    with pytest.raises(errors.QuantityTooLarge):
        buying.add(1, endless)


def test_a_cart_holds_a_limited_number_of_lines(buying: Buying, settings: Settings) -> None:
    settings.CART_LINES_MAX = 1
    buying.add()

    with pytest.raises(errors.CartFull):
        buying.add(1, make_variant(buying.merchant))

    buying.add()
    assert CartLine.objects.get().quantity == 2


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"status": "draft"}, errors.VariantNotFound),
        ({"status": "archived"}, errors.VariantNotFound),
        ({"external_url": "https://elsewhere.example/p"}, errors.NotForSale),
    ],
)
def test_what_is_not_sold_here_is_refused(
    buying: Buying, change: dict[str, str], error: type[errors.OrderError]
) -> None:
    Product.objects.update(**change)

    with pytest.raises(error):
        buying.add()


def test_a_variant_without_a_price_is_not_for_sale(buying: Buying) -> None:
    Offer.objects.all().delete()

    with pytest.raises(errors.NotForSale):
        buying.add()


def test_another_merchants_variant_and_shopper_are_not_found(buying: Buying) -> None:
    other = make_merchant()
    with merchant_scope(other):
        foreign, stranger = make_variant(other), make_shopper(other)

    with pytest.raises(errors.VariantNotFound):
        buying.add(1, foreign)
    with pytest.raises(errors.ShopperNotFound):
        Buying(buying.merchant, stranger, buying.variant).add()
    with merchant_scope(other):
        assert Cart.objects.count() == 0


def test_an_empty_cart_takes_the_currency_of_the_first_addition(buying: Buying) -> None:
    buying.add()
    set_quantity(buying, 0)
    dollars = make_variant(buying.merchant, price=3100, currency="USD")

    cart = carts.add_to_cart(
        merchant=buying.merchant,
        shopper_id=buying.shopper.pk,
        variant_id=dollars.pk,
        quantity=1,
        currency="USD",
        creator_id=None,
        source_ref="",
    )

    assert cart.currency == "USD"


def test_changing_what_is_not_in_the_cart_is_refused(buying: Buying, in_scope: Merchant) -> None:
    with pytest.raises(errors.CartNotFound):
        set_quantity(buying, 1)
    buying.add()

    with pytest.raises(errors.CartLineNotFound):
        carts.set_quantity(merchant=in_scope, shopper_id=buying.shopper.pk, variant_id=10**6, quantity=1)
    with pytest.raises(errors.CartNotFound):
        carts.set_quantity(merchant=in_scope, shopper_id=uuid.uuid4(), variant_id=buying.variant.pk, quantity=1)
