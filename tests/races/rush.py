"""A rush on the last units: carts of many shoppers, and what is true when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.orders.errors import VariantUnavailable
from catalog.orders.models import Cart, CartLine, Order, OrderLine, ShopperAddress
from catalog.orders.placing import write_order
from catalog.orders.services import place_order
from catalog.products.models import Stock, Variant
from tests.factories import TAIPEI


@dataclass(frozen=True, slots=True)
class Sold:
    """One variant after a rush: its counter, and the units that orders with a hold add up to."""

    on_hand: int
    counter: int
    rows: int

    @property
    def oversold(self) -> int:
        """Units promised that do not exist."""
        return max(self.rows - self.on_hand, 0)


def fill_carts(merchant: Merchant, variants: Sequence[Variant], count: int) -> list[Cart]:
    """Return `count` carts of as many shoppers, one unit of each variant; every other cart names them backwards."""
    shoppers = Shopper.objects.bulk_create(Shopper(merchant=merchant) for _number in range(count))
    ShopperAddress.objects.bulk_create(
        ShopperAddress(merchant=merchant, shopper=shopper, **TAIPEI) for shopper in shoppers
    )
    carts = Cart.objects.bulk_create(Cart(merchant=merchant, shopper=shopper, currency="TWD") for shopper in shoppers)
    lines = [
        CartLine(merchant=merchant, cart=cart, variant=variant, quantity=1)
        for number, cart in enumerate(carts)
        for variant in (variants if number % 2 else variants[::-1])
    ]
    CartLine.objects.bulk_create(lines)
    return carts


def buy(cart: Cart) -> bool:
    """Place the order of a cart; False when it is sold out."""
    try:
        with merchant_scope(cart.merchant):
            place_order(
                merchant=cart.merchant,
                shopper_id=cart.shopper_id,
                cart_id=cart.pk,
                cart_version=cart.version,
                language="en",
            )
    except VariantUnavailable:
        return False
    return True


def buy_naively(cart: Cart) -> bool:
    """What a first draft does: look whether there is one, write the order, count it."""
    with merchant_scope(cart.merchant), transaction.atomic():
        stock = Stock.objects.get(variant__cartline__cart=cart)
        if stock.available < 1:
            return False
        order = write_order(cart, language="en", at=timezone.now())
        stock.reserved += 1
        stock.save()
        Order.objects.filter(pk=order.pk).update(holds_stock=True)
    return True


def sold(variant: Variant) -> Sold:
    """Count what was sold of a variant."""
    stock = Stock.objects.get(variant=variant)
    held = OrderLine.objects.filter(variant=variant, order__holds_stock=True)
    return Sold(stock.on_hand, stock.reserved, sum(held.values_list("quantity", flat=True)))
