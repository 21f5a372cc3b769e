"""What can be done with an order; each act moves it along the table in `states.py`."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.orders import ledger, promotions, stock
from catalog.orders.addresses import save_address
from catalog.orders.appointments import holding
from catalog.orders.digital import granting
from catalog.orders.errors import (
    AmountMismatch,
    BadReason,
    CartChanged,
    CartNotFound,
    OrderNotFound,
    PriceChanged,
    VariantUnavailable,
)
from catalog.orders.events import publish_order, publish_sent
from catalog.orders.models import Cart, Fulfillment, LedgerKind, Order, OrderState
from catalog.orders.placing import write_order
from catalog.orders.states import Act, may, move
from catalog.outbox.services import publish

__all__ = [
    "cancel",
    "expire",
    "hold_for_checkout",
    "locked_order",
    "mark_delivered",
    "mark_paid",
    "mark_processed",
    "place_order",
    "save_address",
    "settle_late_payment",
]


@transaction.atomic
def place_order(
    *,
    merchant: Merchant,
    shopper_id: uuid.UUID,
    cart_id: uuid.UUID,
    cart_version: int,
    language: str,
    shown_minor: int | None = None,
) -> Order:
    """Turn the cart the shopper saw into an order whose stock is held for RESERVATION_S.

    Args: `shown_minor` is the total the shopper was shown; None when the caller compares it itself.
    Called again for the same cart it returns the same order.
    Raises: CartNotFound, CartChanged, CartEmpty, NotForSale, AddressMissing, NoDelivery, PriceChanged, CodeUsedUp,
    CodeUsedByShopper, SlotMissing, VariantUnavailable (SlotTaken for a time); nothing is written then.
    """
    # Closing the cart is the lock: of two requests one closes it, the other finds the order.
    closed = Cart.objects.filter(
        pk=cart_id, merchant=merchant, shopper_id=shopper_id, is_open=True, version=cart_version
    ).update(is_open=False)
    if not closed:
        return _order_of_cart(cart_id, shopper_id)
    cart = Cart.objects.select_related("merchant").get(pk=cart_id)
    order = write_order(cart, language=language, at=timezone.now())
    if shown_minor is not None and order.total_minor != shown_minor:
        raise PriceChanged(total=order.total)
    stock.reserve(order)
    return order


def _order_of_cart(cart_id: uuid.UUID, shopper_id: uuid.UUID) -> Order:
    """Return the order that this cart became.

    Raises: CartChanged when the cart is still open (at another version); CartNotFound.
    """
    order = Order.objects.filter(cart_id=cart_id, shopper_id=shopper_id).first()
    if order is not None:
        return order
    if Cart.objects.filter(pk=cart_id, shopper_id=shopper_id, is_open=True).exists():
        raise CartChanged
    raise CartNotFound


def locked_order(order_id: int) -> Order:
    """Return the order, its row locked until the end of the transaction (SQLite locks the whole database instead).

    Raises: OrderNotFound.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("merchant").filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    return order


@transaction.atomic
def hold_for_checkout(*, order_id: int, until: datetime) -> None:
    """Say that a checkout may be open at the provider, and hold the stock at least until it has ended."""
    Order.objects.filter(pk=order_id, state=OrderState.AWAITING_PAYMENT).update(
        checkout_open=True, reserved_until=max(until, timezone.now() + timedelta(seconds=settings.RESERVATION_S))
    )


@transaction.atomic
def mark_paid(*, order_id: int, paid: Money, reference: str, at: datetime) -> Order:
    """Record that an order was paid in full, and tell the house once.

    Args: `reference` is the provider's id of the payment; `at` when it happened.
    Raises: AmountMismatch if `paid` is not the total; OrderStateError if the order cannot be paid now, or was paid by
    another payment. Calling it again for the same payment changes nothing.
    """
    order = locked_order(order_id)
    if order.ledger.filter(kind=LedgerKind.PAYMENT, reference=reference).exists():
        return order
    if paid != order.total:
        raise AmountMismatch(paid=paid, total=order.total)
    order = move(order, Act.PAY, paid_at=at, checkout_open=False, reserved_until=None)
    _book_payment(order, paid, reference, at)
    return order


@transaction.atomic
def settle_late_payment(*, order_id: int, paid: Money, reference: str, at: datetime) -> Order:
    """Book money that came for an order which could no longer take it.

    An expired order whose goods are still there becomes paid. In every other case the money is booked, the order
    ends cancelled and `refund.due` is published: nobody keeps money for goods that will not come.
    """
    order = locked_order(order_id)
    if order.paid_at is not None and order.state != OrderState.CANCELLED:
        return _give_back(order, paid, reference, at)  # paid twice: the second payment goes back
    if order.state == OrderState.EXPIRED and paid == order.total and _reserved_again(order):
        order = move(order, Act.PAY_LATE, paid_at=at, checkout_open=False, reserved_until=None)
        _book_payment(order, paid, reference, at)
        return order
    if order.state != OrderState.CANCELLED:
        reason = "paid_too_late" if paid == order.total else "amount_mismatch"
        order = _end(order, reason=reason)
    return _give_back(order, paid, reference, at)


@transaction.atomic
def cancel(*, order_id: int, reason: str, by_staff: bool = False) -> Order:
    """Cancel an order that was not sent: stock goes back, and every payment method gets back what it has net paid.

    Args: `by_staff` also cancels an order whose items were changed, which its shopper no longer can.
    Whoever calls this for an order with an open checkout must have closed that at the provider first
    (`payments.services.cancel_order` does).
    Raises: OrderStateError once it was sent or has ended; BadReason for an empty reason.
    """
    if not reason.strip():
        raise BadReason
    order = locked_order(order_id)
    act = Act.WITHDRAW if by_staff and may(order.state, Act.WITHDRAW) else Act.CANCEL
    order = _end(order, reason=reason.strip()[:80], act=act)
    ledger.refund_everything(order, at=timezone.now(), reference="cancel")
    return order


@transaction.atomic
def expire(*, order_id: int) -> Order:
    """Let go of an order nobody paid in time; an order that moved on is left as it is."""
    order = locked_order(order_id)
    if order.state != OrderState.AWAITING_PAYMENT:
        return order
    order = move(order, Act.EXPIRE, checkout_open=False, reserved_until=None)
    promotions.give_back(order)  # before the units, as orders are placed: two orders never wait for each other
    stock.release(order)
    return order


@transaction.atomic
def mark_processed(*, order_id: int, carrier: str = "", tracking_numbers: tuple[str, ...] = ()) -> Order:
    """Record that the whole order was sent, in one parcel: its units leave the shelf.

    Raises: OrderStateError unless it is paid.
    """
    order = move(locked_order(order_id), Act.PROCESS)
    parcel = Fulfillment.objects.create(
        merchant=order.merchant,
        order=order,
        carrier=carrier,
        tracking_numbers=list(tracking_numbers),
        line_ids=list(order.lines.values_list("pk", flat=True)),
        sent_at=timezone.now(),
    )
    stock.consume(order)
    publish_sent(order, parcel)
    return order


@transaction.atomic
def mark_delivered(*, order_id: int) -> Order:
    """Record that the order arrived.

    Raises: OrderStateError unless it was sent.
    """
    order = move(locked_order(order_id), Act.DELIVER)
    order.fulfillments.filter(delivered_at=None).update(delivered_at=timezone.now())
    return order


def _reserved_again(order: Order) -> bool:
    """Try to promise the goods once more; False when they are gone, with nothing changed."""
    try:
        with transaction.atomic():
            promotions.take_again(order)
            stock.reserve(order)
    except VariantUnavailable:
        return False
    return True


def _book_payment(order: Order, paid: Money, reference: str, at: datetime) -> None:
    ledger.book(order=order, kind=LedgerKind.PAYMENT, amount=paid, reference=reference, at=at)
    holding.confirm(order)
    granting.grant(order)
    publish_order("order.paid", order, at=at)


def _end(order: Order, *, reason: str, act: Act = Act.CANCEL) -> Order:
    """Cancel, give the stock back and say so."""
    at = timezone.now()
    order = move(order, act, cancel_reason=reason, checkout_open=False, reserved_until=None)
    publish_order("order.cancelled", order, at=at)
    promotions.give_back(order)
    stock.release(order)
    return order


def _give_back(order: Order, paid: Money, reference: str, at: datetime) -> Order:
    """Book a payment the order cannot keep, and ask for its refund."""
    if ledger.book(order=order, kind=LedgerKind.PAYMENT, amount=paid, reference=reference, at=at):
        Order.objects.filter(pk=order.pk).update(version=F("version") + 1)
        order.refresh_from_db()
        _publish_refund(order, paid, reference)
    return order


def _publish_refund(order: Order, amount: Money, reference: str = "") -> None:
    """Ask payments to send money back: of the payment `reference`, or of all payments when it is empty."""
    if amount.minor <= 0:
        return
    publish(
        "refund.due",
        key=f"{order.reference}:{reference or 'all'}",
        payload={
            "order_id": order.pk,
            "amount_minor": amount.minor,
            "currency": amount.currency,
            "payment_reference": reference,
        },
        merchant_id=order.merchant_id,
        once=True,
    )
