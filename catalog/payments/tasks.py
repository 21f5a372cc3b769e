"""Periodic work and what payments hear: reports that never came, refunds, the stand-in's deliveries."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.money import Money
from catalog.orders.models import Order
from catalog.outbox.subscribers import Event, TryLater, subscriber
from catalog.payments import charging, client, refunds, stripe_gateway
from catalog.payments.collecting import request_collection
from catalog.payments.disputes import write_to_merchant
from catalog.payments.errors import GatewayRefused, GatewayUnavailable
from catalog.payments.models import (
    Collection,
    CollectionState,
    Dispute,
    Payment,
    PaymentState,
    RefundRequest,
    RefundState,
)
from catalog.payments.saved_cards import keep_card
from catalog.payments.services import book_refund, check_payment
from catalog.payments.settling import apply_event
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
            .select_related("merchant", "order__merchant", "collection")
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


@shared_task(name="catalog.payments.push_refunds", time_limit=120, ignore_result=True)
def push_refunds() -> int:
    """Send refunds that wait, and ask about those on their way; return how many were due.

    Makes good what a crash, a provider that was down or a lost webhook left behind.
    """
    waiting = Q(state__in=(RefundState.REQUESTED, RefundState.PENDING), due_at__lte=timezone.now())
    with every_merchant():
        due = list(RefundRequest.objects.filter(waiting).select_related("merchant").order_by("due_at")[:_BATCH])
    for request in due:
        with merchant_scope(request.merchant):
            refunds.push(request)
    return len(due)


@shared_task(name="catalog.payments.catch_up", time_limit=300, ignore_result=True)
def catch_up() -> int:
    """Ask the provider for the events of the last RECONCILE_EVENTS_S that never reached us, and act on them.

    Covers lost webhooks of every kind: payments, refunds, disputes. Return how many were new.
    """
    since = timedelta(seconds=settings.RECONCILE_EVENTS_S)
    try:
        outcomes = [apply_event(event) for event in stripe_gateway.undelivered_events(since=since)]
    except (GatewayUnavailable, GatewayRefused) as error:
        logger.warning("the provider's events could not be read: %s", error.code)
        return 0
    return sum(outcome != "duplicate" for outcome in outcomes)


@subscriber(lane="slow")
def on_refund_booked(event: Event) -> None:
    """Send the money of a refund that stands in the ledger."""
    with event.scope():
        for request in refunds.request_refund(entry_id=event.payload["ledger_entry_id"]):
            refunds.push(request)


@subscriber(lane="slow")
def on_charge_booked(event: Event) -> None:
    """Collect what the ledger has booked on a saved method."""
    with event.scope():
        charging.push(request_collection(entry_id=event.payload["ledger_entry_id"]))


@subscriber(lane="slow")
def on_charge_ended(event: Event) -> None:
    """Send refunds that waited to hear whether a charge of their order arrived."""
    with event.scope():
        for entry_id in refunds.waiting_refunds(order_id=event.payload["order_id"]):
            for request in refunds.request_refund(entry_id=entry_id):
                refunds.push(request)


@subscriber(lane="slow")
def on_order_paid(event: Event) -> None:
    """Remember the card an order was paid with, if its owner ticked that it is kept."""
    if not settings.STRIPE_SAVED_CARDS:
        return
    with event.scope():
        try:
            keep_card(order_id=event.payload["order_id"])
        except GatewayRefused as error:
            logger.warning("the card of order %s could not be read: %s", event.payload["order"], error)
        except GatewayUnavailable as error:
            raise TryLater("the payment provider does not answer") from error


@shared_task(name="catalog.payments.push_collections", time_limit=120, ignore_result=True)
def push_collections() -> int:
    """Charge what a crash or a provider that was down left behind; return how many were due."""
    with every_merchant():
        rows = Collection.objects.filter(state=CollectionState.REQUESTED, due_at__lte=timezone.now())
        due = list(rows.select_related("merchant").order_by("due_at")[:_BATCH])
    for collection in due:
        with merchant_scope(collection.merchant):
            charging.push(collection)
    return len(due)


@subscriber(lane="slow")
def on_refund_due(event: Event) -> None:
    """Book and send back money that an order may not keep."""
    payload = event.payload
    with event.scope():
        requests = book_refund(
            order=Order.objects.get(pk=payload["order_id"]),
            amount=Money(payload["amount_minor"], payload["currency"]),
            reference=refunds.due_reference(event.key),
            payment_reference=payload["payment_reference"],
        )
        for request in requests:
            refunds.push(request)


@subscriber(lane="slow")
def on_order_disputed(event: Event) -> None:
    """Write to the merchant that a dispute was opened or decided."""
    with event.scope():
        dispute = Dispute.objects.select_related("order").get(pk=event.payload["dispute_id"])
        write_to_merchant(dispute, state=event.payload["state"])
