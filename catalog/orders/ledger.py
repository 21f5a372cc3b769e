"""The ledger: money in and out of an order, only ever added to."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, Sum

from catalog.money import Money
from catalog.orders.models import LedgerEntry, LedgerKind, Order, PaymentMethod


def book(
    *,
    order: Order,
    kind: LedgerKind,
    amount: Money,
    reference: str,
    at: datetime,
    method: PaymentMethod | None = None,
) -> bool:
    """Book money that moved; False when this reference was booked before, or the amount is nothing.

    `reference` is the provider's id: it makes an entry happen once.
    """
    if amount.minor == 0:
        return False
    _entry, created = LedgerEntry.objects.get_or_create(
        order=order,
        kind=kind,
        reference=reference,
        defaults={
            "merchant_id": order.merchant_id,
            "amount_minor": amount.minor,
            "currency": amount.currency,
            "method": method,
            "at": at,
        },
    )
    return created


def net_paid(order: Order) -> Money:
    """Return payments less refunds."""
    of_kind = {kind.value: Sum("amount_minor", filter=Q(kind=kind), default=0) for kind in LedgerKind}
    sums = order.ledger.aggregate(**of_kind)
    return Money(sums[LedgerKind.PAYMENT] - sums[LedgerKind.REFUND], order.currency)
