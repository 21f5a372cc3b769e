"""Whose order it is: asked before anything else is read."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from catalog.accounts.identity import is_known
from catalog.orders.desk.errors import NotAuthenticated, NotOwner, PaymentMethodNotFound
from catalog.orders.errors import OrderNotFound
from catalog.orders.models import Order, PaymentMethod, PaymentMethodKind

ORIGINAL = "original"  # the payment of the order's own checkout, which is no saved method


def own_order(*, shopper_id: uuid.UUID, number: str) -> Order:
    """Return the shopper's order with exactly this number: `1042` or `#1042`, an imported one as it was printed.

    Raises: NotAuthenticated for a guest without orders; OrderNotFound; NotOwner, which reads like OrderNotFound.
    """
    return _owned(_by_number(number), shopper_id)


def own_order_locked(*, shopper_id: uuid.UUID, order_id: int) -> Order:
    """Return the shopper's order, its row locked until the end of the transaction.

    Raises: OrderNotFound, NotOwner, NotAuthenticated.
    """
    rows = Order.objects.select_for_update(of=("self",)).select_related("merchant").filter(pk=order_id)
    return _owned(rows, shopper_id)


def shown_number(order: Order) -> str:
    """Return the number as the shopper reads and writes it."""
    return order.external_id or f"#{order.number}"


def own_methods(shopper_id: uuid.UUID) -> QuerySet[PaymentMethod]:
    """Return the shopper's saved payment methods, in the order they were saved."""
    return PaymentMethod.objects.filter(shopper_id=shopper_id).order_by("pk")


def method_ref(method: PaymentMethod | None) -> str:
    """Return what a payment method is called in tools and in the log."""
    if method is None:
        return ORIGINAL
    return method.external_id or f"{method.kind}_{method.pk}"


def own_method(*, order: Order, ref: str) -> PaymentMethod | None:
    """Return the shopper's method with this reference; None for the payment of the order's own checkout.

    An empty `ref` means what the order was paid with first.
    Raises: PaymentMethodNotFound, also for another shopper's.
    """
    first = order.ledger.select_related("method").order_by("pk").first()
    if not ref:
        return first.method if first else None
    if ref == ORIGINAL and first is not None and first.method is None:
        return None
    for method in own_methods(order.shopper_id):
        fits = method.kind != PaymentMethodKind.GIFT_CARD or method.currency == order.currency
        if method_ref(method) == ref and fits:
            return method
    raise PaymentMethodNotFound


def _by_number(number: str) -> QuerySet[Order]:
    said = number.strip()
    ours = Q(external_id="", number=said.removeprefix("#"))
    return Order.objects.select_related("merchant").filter(ours | (Q(external_id=said) & ~Q(external_id="")))


def _owned(rows: QuerySet[Order], shopper_id: uuid.UUID) -> Order:
    order = rows.first()
    if order is not None and order.shopper_id == shopper_id:
        return order
    if not (is_known(shopper_id) or Order.objects.filter(shopper_id=shopper_id).exists()):
        raise NotAuthenticated
    raise OrderNotFound if order is None else NotOwner
