"""What the provider reports becomes ours: once each, in any order, payments only ever moving up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.money import Money
from catalog.orders import ledger
from catalog.orders import services as orders
from catalog.orders.errors import AmountMismatch, OrderStateError
from catalog.orders.models import LedgerKind, Order, OrderState
from catalog.payments.facts import GatewayEvent, RefundFacts, SessionFacts
from catalog.payments.models import Payment, PaymentState, WebhookEvent

# A state may follow those of a lower rank only: a late `expired` never undoes `paid`.
RANKS = (PaymentState.OPEN, PaymentState.EXPIRED, PaymentState.FAILED, PaymentState.PAID)


@transaction.atomic
def apply_event(event: GatewayEvent) -> str:
    """Store an event and act on it, in one transaction; an event seen before does nothing.

    Return what was done: paid, already, paid_late, expired, failed, waiting, refunded, unknown, ignored or duplicate.
    """
    try:
        with transaction.atomic():
            # First of all the insert: its unique id decides between two deliveries at once.
            row = WebhookEvent.objects.create(provider_event_id=event.id, kind=event.kind, body=event.body)
    except IntegrityError:
        return "duplicate"
    row.outcome = _act_on(event)
    row.processed_at = timezone.now()
    row.save(update_fields=["outcome", "processed_at"])
    return row.outcome


def _act_on(event: GatewayEvent) -> str:
    at = _moment(event.created)
    if event.refund is not None:
        return _apply_refund(event.refund, at=at)
    if event.session is None:
        return "ignored"
    if event.kind == "checkout.session.async_payment_failed":
        return _apply_failure(event.session)
    return apply_facts(event.session, at=at)


def _moment(created: datetime) -> datetime:
    """Return when it happened: the provider counts whole seconds, which would put a payment before its own checkout."""
    now = timezone.now()
    return now if now - created < timedelta(seconds=5) else created


@transaction.atomic
def apply_facts(facts: SessionFacts, *, at: datetime, keeps_order: bool = False) -> str:
    """Bring a payment and its order to where the provider says the checkout is. Safe to repeat.

    Args: `keeps_order` leaves an order alone whose checkout has expired: the caller is about to cancel it.
    """
    payment = _payment_of(facts)
    if payment is None:
        return "unknown"
    with merchant_scope(payment.merchant):
        if facts.is_paid:
            return _settle(payment, facts, at)
        if facts.status == "expired":
            if not _raise_to(payment, PaymentState.EXPIRED):
                return "already"
            if not keeps_order:
                orders.expire(order_id=payment.order_id)
            return "expired"
    return "waiting"


def _payment_of(facts: SessionFacts) -> Payment | None:
    """Find our payment by session, or by the ids we gave: the webhook may be faster than our own save."""
    with every_merchant():
        payments = Payment.objects.select_related("merchant", "order")
        known = payments.filter(session_id=facts.session_id).first()
        if known is not None or facts.payment_id is None:
            return known
        unsaved = payments.filter(pk=facts.payment_id, session_id="").first()
    return unsaved if unsaved and str(unsaved.order.reference) == facts.order_reference else None


def _raise_to(payment: Payment, state: PaymentState, **changes: object) -> bool:
    """Move a payment up to `state` in one statement; False when it was there, or above, already."""
    below = RANKS[: RANKS.index(state)]
    return bool(Payment.objects.filter(pk=payment.pk, state__in=below).update(state=state, **changes))


def _settle(payment: Payment, facts: SessionFacts, at: datetime) -> str:
    reference = facts.payment_intent_id or facts.session_id
    took = _raise_to(
        payment,
        PaymentState.PAID,
        paid_at=at,
        payment_intent_id=facts.payment_intent_id,
        session_id=facts.session_id,
        amount_minor=facts.amount.minor,
        currency=facts.amount.currency,
    )
    if not took:
        return "already"
    try:
        orders.mark_paid(order_id=payment.order_id, paid=facts.amount, reference=reference, at=at)
    except (OrderStateError, AmountMismatch):
        order = orders.settle_late_payment(order_id=payment.order_id, paid=facts.amount, reference=reference, at=at)
        return "paid_late" if order.state == OrderState.PAID else "refund_due"
    return "paid"


def _apply_failure(facts: SessionFacts) -> str:
    """A bank said no after the shopper had finished: nothing was charged, the order may be paid another way."""
    payment = _payment_of(facts)
    if payment is None:
        return "unknown"
    with merchant_scope(payment.merchant):
        if not _raise_to(payment, PaymentState.FAILED):
            return "already"
        Order.objects.filter(pk=payment.order_id).update(checkout_open=False)
    return "failed"


def _apply_refund(refund: RefundFacts, *, at: datetime) -> str:
    intent = refund.payment_intent_id
    with every_merchant():
        payments = Payment.objects.select_related("merchant")
        payment = payments.filter(payment_intent_id=intent).first() if intent else None
        if payment is None and refund.payment_id is not None:
            payment = payments.filter(pk=refund.payment_id, payment_intent_id="").first()
    if payment is None:
        return "unknown"
    with merchant_scope(payment.merchant):
        booked = record_refund(payment_id=payment.pk, reference=intent, in_all=refund.refunded_in_all, at=at)
    return "refunded" if booked else "already"


@transaction.atomic
def record_refund(*, payment_id: int, reference: str, in_all: Money, at: datetime) -> bool:
    """Book that `in_all` of a payment has gone back by now; False when the books say so already.

    Args: `reference` is the provider's id of the payment.
    A total and not an increment, so that repeated and late reports do no harm.
    """
    payment = Payment.objects.select_for_update(of=("self",)).select_related("order").get(pk=payment_id)
    raised = Payment.objects.filter(
        pk=payment_id, refunded_minor=payment.refunded_minor, refunded_minor__lt=in_all.minor
    ).update(refunded_minor=in_all.minor)
    if not raised:
        return False
    return ledger.book(
        order=payment.order,
        kind=LedgerKind.REFUND,
        amount=Money(in_all.minor - payment.refunded_minor, in_all.currency),
        reference=f"{reference}:{in_all.minor}",
        at=at,
    )
