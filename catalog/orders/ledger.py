"""The ledger: money in and out of an order, by payment method, only ever added to."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q, Sum

from catalog.money import Money
from catalog.orders.errors import InsufficientBalance
from catalog.orders.models import (
    LedgerEntry,
    LedgerKind,
    Order,
    PaymentMethod,
    PaymentMethodKind,
    RefundApproval,
)
from catalog.outbox.services import publish


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

    `reference` is the provider's id: it makes an entry happen once. A gift card's balance moves with its entry.
    Raises: InsufficientBalance when a gift card does not cover a payment.
    """
    return _write(order=order, kind=kind, amount=amount, reference=reference, at=at, method=method)[1]


def book_payment(*, order: Order, amount: Money, reference: str, at: datetime, method: PaymentMethod) -> None:
    """Book what a shopper pays with a saved method; what no gift card settles is left for `charge.booked` to collect.

    Until it is collected the order owes it, and is not sent.
    Raises: InsufficientBalance.
    """
    entry, is_new = _write(
        order=order, kind=LedgerKind.PAYMENT, amount=amount, reference=reference, at=at, method=method
    )
    if entry is not None and is_new and method.kind != PaymentMethodKind.GIFT_CARD:
        Order.objects.filter(pk=order.pk).update(owed_minor=F("owed_minor") + amount.minor)
        order.refresh_from_db(fields=["owed_minor"])
        _tell("charge.booked", entry)


def book_refund(
    *, order: Order, amount: Money, reference: str, at: datetime, method: PaymentMethod | None
) -> LedgerEntry | None:
    """Book what goes back, to `method` (None = the payment of the order's checkout), and have it sent once.

    A gift card has its money at once. Any other refund above the merchant's limit waits for a person.
    Return the entry; None when the amount is nothing.
    """
    entry, is_new = _write(
        order=order, kind=LedgerKind.REFUND, amount=amount, reference=reference, at=at, method=method
    )
    if entry is None or not is_new:
        return entry
    limit = order.merchant.refund_limits.get(order.currency)
    at_once = method is not None and method.kind == PaymentMethodKind.GIFT_CARD
    if limit is not None and amount.minor > limit and not at_once:
        RefundApproval.objects.create(merchant_id=order.merchant_id, entry=entry, limit_minor=limit)
    else:
        send_refund(entry)
    return entry


def send_refund(entry: LedgerEntry) -> None:
    """Have a booked refund sent; once for ever an entry. Call inside a transaction."""
    _tell("refund.booked", entry)


def refund_everything(order: Order, *, at: datetime, reference: str) -> list[LedgerEntry]:
    """Give every method back what it has net paid; return the entries."""
    entries = [
        book_refund(order=order, amount=paid, reference=f"{reference}:{place}", at=at, method=method)
        for place, (method, paid) in enumerate(net_by_method(order))
        if paid.minor > 0
    ]
    return [entry for entry in entries if entry is not None]


def net_paid(order: Order) -> Money:
    """Return payments less refunds."""
    of_kind = {kind.value: Sum("amount_minor", filter=Q(kind=kind), default=0) for kind in LedgerKind}
    sums = order.ledger.aggregate(**of_kind)
    return Money(sums[LedgerKind.PAYMENT] - sums[LedgerKind.REFUND], order.currency)


def net_by_method(order: Order) -> list[tuple[PaymentMethod | None, Money]]:
    """Return payments less refunds of each method, in the order in which the methods were first used."""
    nets: dict[int | None, int] = {}
    methods: dict[int | None, PaymentMethod | None] = {}
    for entry in order.ledger.select_related("method").order_by("pk"):
        sign = 1 if entry.kind == LedgerKind.PAYMENT else -1
        nets[entry.method_id] = nets.get(entry.method_id, 0) + sign * entry.amount_minor
        methods[entry.method_id] = entry.method
    return [(methods[key], Money(minor, order.currency)) for key, minor in nets.items()]


def _write(
    *,
    order: Order,
    kind: LedgerKind,
    amount: Money,
    reference: str,
    at: datetime,
    method: PaymentMethod | None,
) -> tuple[LedgerEntry | None, bool]:
    if amount.minor == 0:
        return None, False
    entry, is_new = LedgerEntry.objects.get_or_create(
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
    if is_new and method is not None and method.kind == PaymentMethodKind.GIFT_CARD:
        _settle(method, amount.minor if kind == LedgerKind.REFUND else -amount.minor)
    return entry, is_new


def _settle(card: PaymentMethod, change: int) -> None:
    """Move a gift card's balance by one conditional UPDATE; what is held for an exchange stays.

    Raises: InsufficientBalance.
    """
    rows = PaymentMethod.objects.filter(pk=card.pk)
    if change < 0:
        rows = rows.filter(balance_minor__gte=F("held_minor") - change)
    if not rows.update(balance_minor=F("balance_minor") + change):
        raise InsufficientBalance
    card.refresh_from_db(fields=["balance_minor"])


def _tell(topic: str, entry: LedgerEntry) -> None:
    payload = {
        "order_id": entry.order_id,
        "ledger_entry_id": entry.pk,
        "amount_minor": entry.amount_minor,
        "currency": entry.currency,
        "method_id": entry.method_id,
    }
    publish(topic, key=str(entry.pk), payload=payload, merchant_id=entry.merchant_id, once=True)
