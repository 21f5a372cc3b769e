"""Counts what a shop holds after all was killed, started again and drained; prints one JSON object of `Counted`."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import django

PAID = "conversations.funnel.subscribers.on_order_paid"


@dataclass(frozen=True, slots=True)
class Counted:
    """Every figure is a count or a sum of minor units, unless its line says otherwise."""

    orders: dict[str, int]  # by state
    shoppers_with_two_orders: int
    payments: dict[str, int]  # by state; only those with a pay page: an attempt the provider refused has none
    orders_with_two_pay_pages: int
    paid_minor: int
    refunded_minor: int
    ledger: dict[str, list[int]]  # kind: [entries, sum, orders]
    provider_charges: list[int]  # [number, sum]
    provider_refunds: list[int]
    provider_undelivered: int
    reserved_wrong: list[int]  # variants whose reserved units are not those of the orders that hold stock
    on_hand: dict[str, int]  # by variant
    outbox_waiting: int
    outbox_given_up: int
    paid_messages: list[int]  # [rows of one subscriber, orders]
    funnel: dict[str, list[int]]  # step: [events, orders or shoppers]
    said: dict[str, int]  # what the conversations were told: by kind
    products: int
    indexed: int
    index_wrong: list[int]
    index_waiting: list[int]
    imported: list[int]  # [products, variants, offers, stock rows]
    imported_prices: dict[str, int]  # SKU: price
    prices: dict[str, int]  # variant: price in TWD


def main() -> None:
    """Count and print."""
    django.setup()
    from catalog.accounts.models import Merchant
    from catalog.accounts.scoping import merchant_scope

    merchant = Merchant.objects.get(slug="meis-shelf")
    with merchant_scope(merchant):
        counted = Counted(**_orders(), **_provider(), **_stock(), **_told(), **_index(merchant), **_goods())
    print(json.dumps(asdict(counted)))


def _orders() -> dict[str, Any]:
    from django.db.models import Count, Sum

    from catalog.orders.models import LedgerEntry, Order
    from catalog.payments.models import Payment

    def by_state(rows: Any) -> dict[str, int]:
        return dict(rows.order_by().values_list("state").annotate(Count("pk")))

    def shared(rows: Any, owner: str) -> int:
        return int(rows.order_by().values(owner).annotate(times=Count("pk")).filter(times__gt=1).count())

    with_page = Payment.objects.exclude(session_id="")

    ledger = LedgerEntry.objects.order_by().values_list("kind")
    totals = ledger.annotate(Count("pk"), Sum("amount_minor"), Count("order", distinct=True))
    sums = Payment.objects.filter(state="paid").aggregate(paid=Sum("amount_minor"), back=Sum("refunded_minor"))
    return {
        "orders": by_state(Order.objects),
        "shoppers_with_two_orders": shared(Order.objects, "shopper"),
        "payments": by_state(with_page),
        "orders_with_two_pay_pages": shared(with_page, "order"),
        "paid_minor": sums["paid"] or 0,
        "refunded_minor": sums["back"] or 0,
        "ledger": {kind: figures for kind, *figures in totals},
    }


def _provider() -> dict[str, Any]:
    """Read the books of the stand-in for Stripe, which nobody of us writes."""
    from django.conf import settings

    with sqlite3.connect(settings.STRIPE_FAKE_PATH) as connection:
        things = [json.loads(body) for (body,) in connection.execute("SELECT body FROM objects")]
        waiting = connection.execute("SELECT COUNT(*) FROM deliveries WHERE delivered_at IS NULL").fetchone()[0]

    def of(kind: str) -> list[int]:
        amounts = [thing["amount"] for thing in things if thing.get("object") == kind]
        return [len(amounts), sum(amounts)]

    return {"provider_charges": of("charge"), "provider_refunds": of("refund"), "provider_undelivered": waiting}


def _stock() -> dict[str, Any]:
    from catalog.orders.models import OrderLine
    from catalog.products.models import Stock

    held: Counter[int] = Counter()
    for variant_id, quantity in OrderLine.objects.filter(order__holds_stock=True).values_list("variant", "quantity"):
        held[variant_id] += quantity
    rows = list(Stock.objects.values_list("variant_id", "reserved", "on_hand"))
    return {
        "reserved_wrong": [variant_id for variant_id, reserved, _ in rows if reserved != held[variant_id]],
        "on_hand": {str(variant_id): on_hand for variant_id, _, on_hand in rows},
    }


def _told() -> dict[str, Any]:
    from django.db.models import Count

    from catalog.outbox.models import OutboxMessage
    from conversations.chat.models import Message
    from conversations.funnel.models import FunnelEvent

    paid = OutboxMessage.objects.filter(topic="order.paid", subscriber=PAID)
    steps = FunnelEvent.objects.order_by().values_list("step")
    by_step = steps.annotate(Count("pk"), Count("shopper_id", distinct=True))
    once_keys = Message.objects.exclude(once_key=None).values_list("once_key", flat=True)
    return {
        "outbox_waiting": OutboxMessage.objects.filter(delivered_at=None, dead_at=None).count(),
        "outbox_given_up": OutboxMessage.objects.exclude(dead_at=None).count(),
        "paid_messages": [paid.count(), paid.values("key").distinct().count()],
        "funnel": {step: figures for step, *figures in by_step},
        "said": dict(Counter(str(key).partition(":")[0] for key in once_keys)),
    }


def _index(merchant: Any) -> dict[str, Any]:
    from catalog.products.verifying import verify

    found = verify(merchant=merchant)
    return {
        "products": found.products,
        "indexed": found.indexed,
        "index_wrong": list(found.wrong),
        "index_waiting": list(found.waiting),
    }


def _goods() -> dict[str, Any]:
    from catalog.products.models import Offer, Product, Stock, Variant

    of_sheet = {"sku__startswith": "KILL-"}
    offers = Offer.objects.filter(currency="TWD")
    imported = offers.filter(variant__sku__startswith="KILL-")
    return {
        "imported": [
            Product.objects.filter(external_id__startswith="kill-").count(),
            Variant.objects.filter(**of_sheet).count(),
            imported.count(),
            Stock.objects.filter(variant__sku__startswith="KILL-", on_hand=7, reserved=0).count(),
        ],
        "imported_prices": dict(imported.values_list("variant__sku", "amount_minor")),
        "prices": {str(variant_id): price for variant_id, price in offers.values_list("variant_id", "amount_minor")},
    }


if __name__ == "__main__":
    main()
