"""Checkout, what the provider reports, and money that goes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.money import Money
from catalog.orders import ledger
from catalog.orders import services as orders
from catalog.orders.desk.times import check_cancellable
from catalog.orders.digital import granting
from catalog.orders.errors import OrderDisputed, OrderStateError
from catalog.orders.events import publish_order
from catalog.orders.models import LedgerKind, Order, OrderState
from catalog.payments import client, stripe_gateway
from catalog.payments.errors import GatewayRefused, LiveKeyRefused
from catalog.payments.facts import SessionFacts, SessionRequest
from catalog.payments.lines_to_pay import difference_to_pay, lines_to_pay
from catalog.payments.models import CollectionState, DisputeState, Payment, PaymentState, RefundRequest
from catalog.payments.refunds import request_refund
from catalog.payments.settling import apply_facts

# The hold outlives the checkout, so that goods are never free while they can still be paid for.
_HOLD_MARGIN = timedelta(minutes=5)
_SHORTEST_SESSION = timedelta(minutes=30)  # Stripe refuses to open one that ends sooner


def start_checkout(*, order_id: int) -> Payment:
    """Open the pay page of a placed order, or return the one that is open.

    The provider is called outside a transaction; a crash on either side of the call is mended by calling this again.
    Raises: OrderNotFound, OrderStateError, LiveKeyRefused, GatewayUnavailable, GatewayRefused, FakeRefused.
    """
    payment = _open_payment(order_id)
    if payment.session_id and payment.expires_at and payment.expires_at <= timezone.now():
        check_payment(payment)
        payment = _open_payment(order_id)
    if payment.session_id:
        return payment
    try:
        return open_session(payment)
    except GatewayRefused:
        if not _is_stale(payment):
            raise
        return open_session(_open_payment(order_id))


def _is_stale(payment: Payment) -> bool:
    """Whether an attempt waited so long for the provider that its session would end too soon to be opened.

    Its refusal tells that no session exists: one that was opened and never heard of would have been repeated.
    """
    would_last = timedelta(seconds=settings.CHECKOUT_EXPIRES_S)
    return _expiry(payment) - timezone.now() < _SHORTEST_SESSION <= would_last


@transaction.atomic
def _open_payment(order_id: int) -> Payment:
    """Return the order's open payment, or write the next attempt."""
    order = orders.locked_order(order_id)
    if order.merchant.is_demo and client.is_live():
        raise LiveKeyRefused
    if order.state != OrderState.AWAITING_PAYMENT:
        raise OrderStateError(number=order.number, state=order.get_state_display(), act="pay")
    last = Payment.objects.filter(order=order).order_by("-attempt").first()
    if last is not None and last.state == PaymentState.OPEN:
        return last
    payment = Payment.objects.create(
        merchant=order.merchant,
        order=order,
        attempt=last.attempt + 1 if last else 1,
        amount_minor=order.total_minor,
        currency=order.currency,
        is_test=order.is_test,
    )
    orders.hold_for_checkout(order_id=order.pk, until=_expiry(payment) + _HOLD_MARGIN)
    return payment


def open_session(payment: Payment) -> Payment:
    """Open the session of a payment that has none, and keep it.

    Raises: GatewayUnavailable; GatewayRefused, and the attempt is over then.
    """
    try:
        facts = stripe_gateway.create_session(_request(payment))
    except GatewayRefused:
        _give_up(payment)
        raise
    return _keep_session(payment.pk, facts)


@transaction.atomic
def _give_up(payment: Payment) -> None:
    """Close an attempt the provider refused: no session exists, so the order's hold may end by itself."""
    Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN, session_id="").update(state=PaymentState.FAILED)
    Order.objects.filter(pk=payment.order_id).update(checkout_open=False)


@transaction.atomic
def _keep_session(payment_id: int, facts: SessionFacts) -> Payment:
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    payment.session_id, payment.url, payment.expires_at = facts.session_id, facts.url, facts.expires_at
    payment.save(update_fields=["session_id", "url", "expires_at"])  # the webhook may have written the state already
    if payment.collection_id is None:
        publish_order("checkout.started", payment.order, at=timezone.now())
    return payment


def _expiry(payment: Payment) -> datetime:
    """Return when the payment's session ends; fixed by the row, since a repeated request must be the same request."""
    return payment.created_at + timedelta(seconds=settings.CHECKOUT_EXPIRES_S)


def _request(payment: Payment) -> SessionRequest:
    order = payment.order
    page = urljoin(settings.PUBLIC_URL, f"/s/{order.merchant.slug}/orders/{order.reference}/")
    return SessionRequest(
        payment_id=payment.pk,
        order_reference=str(order.reference),
        lines=lines_to_pay(order) if payment.collection_id is None else (difference_to_pay(payment.amount, order),),
        success_url=f"{page}?paid=1",
        cancel_url=page,
        expires_at=_expiry(payment),
        language=order.language,
        idempotency_key=f"checkout-{order.reference}-{payment.attempt}",
        saves_card=settings.STRIPE_SAVED_CARDS and payment.collection_id is None,
        is_taxed=payment.collection_id is None,  # a difference has its tax in it
    )


def check_payment(payment: Payment) -> str:
    """Ask the provider how an open payment stands and act on it; close it there when its order is out of time.

    Covers webhooks that never came. Return what was done. Raises: GatewayUnavailable, GatewayRefused.
    """
    Payment.objects.filter(pk=payment.pk).update(checked_at=timezone.now())
    if not payment.session_id:
        payment = open_session(payment)  # the crash between call and save: the same key finds the same session
    facts = stripe_gateway.retrieve(payment.session_id)
    if facts.status == "open" and _is_over(payment):
        facts = stripe_gateway.expire(payment.session_id)
    return apply_facts(facts, at=timezone.now())


def _is_over(payment: Payment) -> bool:
    """Whether nobody may pay this any more."""
    if payment.collection is not None:
        return payment.collection.state != CollectionState.OWED
    order, held_until = payment.order, payment.order.reserved_until
    return order.state != OrderState.AWAITING_PAYMENT or (held_until is not None and held_until <= timezone.now())


def close_checkout(*, order_id: int) -> None:
    """Close an order's open pay page at the provider, so that it cannot be paid after what comes next.

    Raises: GatewayUnavailable, GatewayRefused.
    """
    for payment in Payment.objects.filter(order_id=order_id, state=PaymentState.OPEN).exclude(session_id=""):
        apply_facts(stripe_gateway.expire(payment.session_id), at=timezone.now(), keeps_order=True)


def cancel_order(*, order_id: int, reason: str, by_staff: bool = False) -> Order:
    """Cancel an order for its shopper or merchant; an open pay page is closed first, so that it cannot be paid after.

    A shopper's cancellation keeps the desk's rules; staff only wait until the bank has decided a dispute.
    Raises: OrderNotFound, OrderStateError, BadReason, GatewayUnavailable, OrderDisputed; for a shopper also
    TooLateToChange, AlreadyDownloaded.
    """
    close_checkout(order_id=order_id)
    with transaction.atomic():
        order = orders.locked_order(order_id)
        if order.is_disputed and (not by_staff or order.disputes.filter(state=DisputeState.OPEN).exists()):
            raise OrderDisputed(number=order.number)
        if not by_staff:
            check_cancellable(order)
            granting.revoke_unfetched(order)
        return orders.cancel(order_id=order_id, reason=reason, by_staff=by_staff)


def book_refund(*, order: Order, amount: Money, reference: str, payment_reference: str = "") -> list[RefundRequest]:
    """Book a refund in the ledger and write how it goes back; repeated, it returns the same rows.

    Args: `reference` makes it happen once; `payment_reference` limits it to the payment with that id at the provider.
    Two transactions: a refund that has to wait for a charge must be seen by whoever hears how that ended.
    """
    with transaction.atomic():
        ledger.book(order=order, kind=LedgerKind.REFUND, amount=amount, reference=reference, at=timezone.now())
    entry = order.ledger.filter(kind=LedgerKind.REFUND, reference=reference).first()
    return request_refund(entry_id=entry.pk, payment_reference=payment_reference) if entry else []
