"""What tests of the order desk share: a paid or delivered order with two things in sizes, and a gift card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.confirmations.models import PendingAction
from catalog.money import Money
from catalog.orders import ledger
from catalog.orders.desk import planning
from catalog.orders.desk.carrying_out import carry_out
from catalog.orders.desk.plans import Plan
from catalog.orders.models import LedgerKind, Order, OrderAddress, OrderLine, PaymentMethod
from catalog.products.fields import VariantFields
from catalog.products.models import Product, Stock, Variant
from tests.factories import TAIPEI, make_product, make_shopper


@dataclass
class Desk:
    """A shopper, what he ordered, and what he pays with."""

    merchant: Merchant
    shopper: Shopper
    cream: Product
    bag: Product
    card: PaymentMethod
    gift_card: PaymentMethod

    def order(self, *skus: str, state: str = "paid", method: PaymentMethod | None = None, **fields: Any) -> Order:
        """Return an order of these SKUs, one piece a line, paid with `method` (or the card); its stock is held."""
        variants = [Variant.objects.get(sku=sku) for sku in skus]
        prices = [variant.offers.get(currency="TWD").amount_minor for variant in variants]
        paid_by = method or self.card
        order = Order.objects.create(
            merchant=self.merchant,
            shopper=self.shopper,
            number=str(1001 + Order.objects.count()),
            state=state,
            currency="TWD",
            subtotal_minor=sum(prices),
            total_minor=sum(prices),
            placed_at=timezone.now(),
            paid_at=timezone.now(),
            holds_stock=state == "paid",
            **fields,
        )
        for variant, price in zip(variants, prices, strict=True):
            OrderLine.objects.create(
                merchant=self.merchant,
                order=order,
                variant=variant,
                product_id=variant.product_id,
                title=variant.product.title,
                sku=variant.sku,
                options=variant.options,
                quantity=1,
                unit_minor=price,
            )
            if state == "paid":
                Stock.objects.filter(variant=variant).update(reserved=1)
        OrderAddress.objects.create(merchant=self.merchant, order=order, **TAIPEI)
        ledger.book(
            order=order,
            kind=LedgerKind.PAYMENT,
            amount=Money(sum(prices), "TWD"),
            reference="first",
            at=timezone.now(),
            method=paid_by,
        )
        return order

    def plan(self, order: Order, operation: str, **arguments: Any) -> Plan:
        """Plan an operation on the order as it is now."""
        order = Order.objects.select_related("merchant").get(pk=order.pk)
        return planning.plan(order, operation=operation, arguments=arguments)

    def do(self, order: Order, operation: str, **arguments: Any) -> Order:
        """Plan and carry out."""
        return carry_out(self.plan(order, operation, **arguments), session="conversation:7f")

    def balance(self) -> tuple[int, int]:
        """Return (balance, held) of the gift card."""
        self.gift_card.refresh_from_db()
        return self.gift_card.balance_minor or 0, self.gift_card.held_minor

    def stock(self, sku: str) -> tuple[int, int]:
        """Return (on hand, reserved)."""
        row = Stock.objects.get(variant__sku=sku)
        return row.on_hand, row.reserved


def make_desk(merchant: Merchant) -> Desk:
    """A cream in three sizes (NT$500, NT$800, sold out), a bag in two colours (NT$300), NT$1,000 on a gift card."""
    sizes = (("C-30", "30 ml", 500_00, 10), ("C-50", "50 ml", 800_00, 5), ("C-99", "99 ml", 900_00, 0))
    cream = make_product(
        merchant,
        slug="cream",
        title="Cream",
        variants=tuple(
            VariantFields(sku=sku, options={"Size": size}, prices={"TWD": price}, on_hand=on_hand)
            for sku, size, price, on_hand in sizes
        ),
    )
    bag = make_product(
        merchant,
        slug="bag",
        title="Bag",
        variants=tuple(
            VariantFields(sku=f"B-{colour}", options={"Colour": colour}, prices={"TWD": 300_00}, on_hand=5)
            for colour in ("red", "blue")
        ),
    )
    shopper = make_shopper(merchant, display_name="Lin Yi-ting", identified_at=timezone.now())
    owned = {"merchant": merchant, "shopper": shopper}
    card = PaymentMethod.objects.create(**owned, kind="credit_card", brand="visa", last4="4242", external_id="card_1")
    gift_card = PaymentMethod.objects.create(
        **owned, kind="gift_card", balance_minor=1_000_00, currency="TWD", external_id="gift_1"
    )
    return Desk(merchant, shopper, cream, bag, card, gift_card)


def pending(operation: str) -> PendingAction:
    """Return the one proposal of a kind."""
    return PendingAction.objects.get(operation=operation)
