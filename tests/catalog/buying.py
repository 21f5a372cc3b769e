"""What tests of carts, orders and payments share: a shop with one thing for sale and a shopper who wants it."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.accounts.models import Merchant, Shopper
from catalog.orders import carts
from catalog.orders.models import Cart, Order
from catalog.orders.services import place_order
from catalog.products.models import Stock, Variant
from tests.factories import make_address, make_delivery, make_shopper, make_variant


@dataclass
class Buying:
    """A shopper at the shelf."""

    merchant: Merchant
    shopper: Shopper
    variant: Variant

    def add(self, quantity: int = 1, variant: Variant | None = None, **fields: str) -> Cart:
        """Put units into the cart."""
        return carts.add_to_cart(
            merchant=self.merchant,
            shopper_id=self.shopper.pk,
            variant_id=(variant or self.variant).pk,
            quantity=quantity,
            currency="TWD",
            creator_id=None,
            source_ref="conversation:7f",
            **fields,
        )

    def order(self, quantity: int = 1) -> Order:
        """Put units into the cart and place the order."""
        return self.place(self.add(quantity))

    def place(self, cart: Cart, version: int | None = None) -> Order:
        """Place the order of `cart`."""
        return place_order(
            merchant=self.merchant,
            shopper_id=self.shopper.pk,
            cart_id=cart.pk,
            cart_version=cart.version if version is None else version,
            language="en",
        )

    def stock(self, variant: Variant | None = None) -> tuple[int, int]:
        """Return (on hand, reserved)."""
        row = Stock.objects.get(variant=variant or self.variant)
        return row.on_hand, row.reserved


def make_buying(merchant: Merchant, *, stock: int | None = 10, price: int = 98000) -> Buying:
    """A NT$980 product, home delivery, a shopper with an address."""
    shopper = make_shopper(merchant)
    make_address(shopper)
    make_delivery(merchant)
    return Buying(merchant, shopper, make_variant(merchant, price=price, stock=stock))
