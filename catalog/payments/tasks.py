"""Periodic work and what payments hear: reports that never came, refunds, the stand-in's deliveries."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.money import Money
from catalog.outbox.subscribers import Event, subscriber
from catalog.payments import client
from catalog.payments.errors import GatewayRefused, GatewayUnavailable
from catalog.payments.models import Payment, PaymentState
from catalog.payments.refunds import refund_order
from catalog.payments.services import check_payment
from catalog.payments.stripe_fake_deliveries import deliver_due

logger = logging.getLogger(__name__)

_FIRST_CHECK = timedelta(minutes=2)  # a webhook normally takes seconds
_NEXT_CHECK = timedelta(minutes=5)
_BATCH = 50


@shared_task(name="catalog.payments.reconcile", time_limit=120, ignore_result=True)
def reconcile() -> int:
    """Ask the provider about open payments of which nothing was heard, and close those out of time; return how many."""
    now = timezone.now()
    quiet = Q(checked_at=None, created_at__lt=now - _FIRST_CHECK) | Q(checked_at__lt=now - _NEXT_CHECK)
    out_of_time = Q(order__reserved_until__lt=now) & (
        Q(checked_at=None) | Q(checked_at__lt=now - timedelta(seconds=30))
    )
    with every_merchant():
        due = list(
            Payment.objects.filter(quiet | out_of_time, state=PaymentState.OPEN)
            .select_related("merchant", "order__merchant")
            .order_by("checked_at", "id")[:_BATCH]
        )
    for payment in due:
        try:
            with merchant_scope(payment.merchant):
                check_payment(payment)
        except (GatewayUnavailable, GatewayRefused) as error:
            logger.warning("payment %s could not be checked: %s", payment.pk, error.code)
    return len(due)


@shared_task(name="catalog.payments.deliver_fake_webhooks", time_limit=60, ignore_result=True)
def deliver_fake_webhooks() -> int:
    """Deliver what the stand-in for Stripe still has to report; nothing to do with a real key. Return how many."""
    return deliver_due() if client.uses_fake() else 0


@subscriber(lane="slow")
def on_refund_due(event: Event) -> None:
    """Send money back that an order may not keep."""
    payload = event.payload
    with event.scope():
        refund_order(
            order_id=payload["order_id"],
            amount=Money(payload["amount_minor"], payload["currency"]),
            payment_reference=payload["payment_reference"],
        )
