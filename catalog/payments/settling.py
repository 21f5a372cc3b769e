"""What the provider reports becomes ours: once each, in any order, payments only ever moving up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.money import Money
from catalog.orders import services as orders
from catalog.orders.errors import AmountMismatch, OrderStateError
from catalog.orders.models import Order, OrderState
from catalog.orders.provider_tax import take_provider_tax
from catalog.payments import collecting
from catalog.payments.disputes import apply_dispute
from catalog.payments.facts import DisputeFacts, GatewayEvent, IntentFacts, RefundFacts, RefundReport, SessionFacts
from catalog.payments.models import Collection, Payment, PaymentState, RefundRequest, WebhookEvent
from catalog.payments.refund_totals import book_outside, record_total
from catalog.payments.refunds import apply_report

# A state may follow those of a lower rank only: a late `expired` never undoes `paid`.
RANKS = (PaymentState.OPEN, PaymentState.EXPIRED, PaymentState.FAILED, PaymentState.PAID)


@transaction.atomic
def apply_event(event: GatewayEvent) -> str:
    """Store an event and act on it, in one transaction; an event seen before does nothing.

    Return what was done: paid, already, paid_late, refund_due, expired, failed, declined, waiting, refunded, collected,
    unknown, ignored, duplicate, or what `apply_report` and `apply_dispute` return.
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
    outcome = "ignored"
    match event:
        case GatewayEvent(refunded=RefundFacts() as total):
            outcome = _apply_total(total, at=at)
        case GatewayEvent(refund=RefundReport() as report):
            outcome = _apply_refund(report, at=at)
        case GatewayEvent(dispute=DisputeFacts() as dispute):
            outcome = apply_dispute(dispute, at=at)
        case GatewayEvent(intent=IntentFacts() as intent):
            outcome = _apply_intent(intent, at=at)
        case GatewayEvent(kind="checkout.session.async_payment_failed", session=SessionFacts() as session):
            outcome = _apply_failure(session)
        case GatewayEvent(session=SessionFacts() as session):
            outcome = apply_facts(session, at=at)
    return outcome


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
            if settings.STRIPE_TAX and facts.tax is not None:
                take_provider_tax(order_id=payment.order_id, paid=facts.amount, tax=facts.tax)
            intent, session_id = facts.payment_intent_id, facts.session_id
            return _settle(payment, facts.amount, at, intent=intent, session_id=session_id)
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
        known = Payment.objects.select_related("merchant", "order").filter(session_id=facts.session_id).first()
    return known or _echoed(facts.payment_id, facts.order_reference, session_id="")


def _payment_of_intent(facts: IntentFacts | RefundFacts) -> Payment | None:
    """Find our payment by the provider's id, or by the ids we gave along while that is not known yet."""
    intent = facts.payment_intent_id
    with every_merchant():
        known = Payment.objects.select_related("merchant", "order").filter(payment_intent_id=intent).first()
    if known is not None and intent:
        return known
    return _echoed(facts.payment_id, facts.order_reference, payment_intent_id="")


def _echoed(payment_id: int | None, order_reference: str, **empty: str) -> Payment | None:
    """Find a payment by the ids it was opened with; both must fit, since others may use the same provider account."""
    if payment_id is None:
        return None
    with every_merchant():
        found = Payment.objects.select_related("merchant", "order").filter(pk=payment_id, **empty).first()
    return found if found and str(found.order.reference) == order_reference else None


def _raise_to(payment: Payment, state: PaymentState, **changes: object) -> bool:
    """Move a payment up to `state` in one statement; False when it was there, or above, already."""
    below = RANKS[: RANKS.index(state)]
    return bool(Payment.objects.filter(pk=payment.pk, state__in=below).update(state=state, **changes))


def _settle(payment: Payment, paid: Money, at: datetime, *, intent: str, session_id: str) -> str:
    reference = intent or session_id
    took = _raise_to(
        payment,
        PaymentState.PAID,
        paid_at=at,
        payment_intent_id=intent,
        session_id=session_id,
        amount_minor=paid.minor,
        currency=paid.currency,
        last_error="",
    )
    if not took:
        return "already"
    if payment.collection_id is not None:
        outcome = collecting.settle(collecting.locked(payment.collection_id), paid=paid, intent=reference, at=at)
        book_outside(payment, at=at)
        return outcome
    try:
        orders.mark_paid(order_id=payment.order_id, paid=paid, reference=reference, at=at)
        outcome = "paid"
    except (OrderStateError, AmountMismatch):
        order = orders.settle_late_payment(order_id=payment.order_id, paid=paid, reference=reference, at=at)
        outcome = "paid_late" if order.state == OrderState.PAID else "refund_due"
    book_outside(payment, at=at)  # a refund may have been told first
    return outcome


def _apply_intent(facts: IntentFacts, *, at: datetime) -> str:
    """A payment apart from its checkout: covers a lost report of the checkout; a refusal is kept for people to read."""
    if facts.collection_id is not None:
        return _apply_charge(facts, facts.collection_id, at=at)
    payment = _payment_of_intent(facts)
    if payment is None:
        return "unknown"
    with merchant_scope(payment.merchant):
        if facts.is_paid and settings.STRIPE_TAX and facts.received != payment.order.total:
            return "waiting"  # the checkout's own report says how much of it is tax
        if facts.is_paid:
            return _settle(payment, facts.received, at, intent=facts.payment_intent_id, session_id=payment.session_id)
        noted = Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN).update(last_error=facts.error)
    return "declined" if noted else "already"


def _apply_charge(facts: IntentFacts, collection_id: int, *, at: datetime) -> str:
    with every_merchant():
        collection = Collection.objects.select_related("merchant").filter(pk=collection_id).first()
    if collection is None:
        return "unknown"
    with merchant_scope(collection.merchant):
        return collecting.apply_intent(facts, at=at)


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


def _apply_total(facts: RefundFacts, *, at: datetime) -> str:
    payment = _payment_of_intent(facts)
    if payment is None:
        return "unknown"
    with merchant_scope(payment.merchant):
        is_new = record_total(payment_id=payment.pk, in_all=facts.refunded_in_all, at=at)
    return "refunded" if is_new else "already"


def _apply_refund(report: RefundReport, *, at: datetime) -> str:
    if report.request_id is None:
        return "unknown"  # made at the provider: its total is told by charge.refunded
    with every_merchant():
        request = RefundRequest.objects.select_related("merchant").filter(pk=report.request_id).first()
    if request is None:
        return "unknown"
    with merchant_scope(request.merchant):
        return apply_report(report, at=at)
