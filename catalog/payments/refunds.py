"""Money that goes back, through the provider, once."""

from __future__ import annotations

import logging

from django.utils import timezone

from catalog.money import Money
from catalog.payments import stripe_gateway
from catalog.payments.models import Payment, PaymentState
from catalog.payments.settling import record_refund

logger = logging.getLogger(__name__)


def refund_order(*, order_id: int, amount: Money, payment_reference: str = "") -> Money:
    """Send up to `amount` back from an order's payments, the newest first; return how much went.

    Args: `payment_reference` limits it to the payment with that id at the provider.
    A repetition sends nothing more: what went back is in each payment's own total, and the provider knows the key.
    Raises: GatewayUnavailable, GatewayRefused.
    """
    payments = Payment.objects.filter(order_id=order_id, state=PaymentState.PAID)
    if payment_reference:
        payments = payments.filter(payment_intent_id=payment_reference)
    left, sent = amount.minor, 0
    for payment in payments:
        part = min(left, payment.amount_minor - payment.refunded_minor)
        if part <= 0:
            continue
        _refund(payment, Money(part, payment.currency))
        left, sent = left - part, sent + part
    if left:
        logger.warning("order %s: %s of a refund of %s has no payment to go back to", order_id, left, amount)
    return Money(sent, amount.currency)


def _refund(payment: Payment, part: Money) -> None:
    in_all = Money(payment.refunded_minor + part.minor, payment.currency)
    stripe_gateway.refund(
        payment_intent_id=payment.payment_intent_id,
        amount=part,
        idempotency_key=f"refund-{payment.pk}-{in_all.minor}",
    )
    record_refund(payment_id=payment.pk, reference=payment.payment_intent_id, in_all=in_all, at=timezone.now())
