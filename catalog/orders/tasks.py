"""Periodic work: orders that nobody paid give their stock back, and those who wait are told."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.orders.appointments import holding
from catalog.orders.digital import granting
from catalog.orders.ledger import net_paid
from catalog.orders.models import Order, OrderState
from catalog.orders.services import expire, locked_order
from catalog.orders.waitlist import tell_waiting
from catalog.orders.waitlist_models import WaitlistEntry, WaitlistState
from catalog.outbox.subscribers import Event, subscriber

_BATCH = 200


@shared_task(name="catalog.orders.sweep_reservations", time_limit=60, ignore_result=True)
def sweep_reservations() -> int:
    """Expire orders whose hold has ended and that never reached the payment provider; return how many.

    Orders with a checkout at the provider are left to `catalog.payments.reconcile`, which closes that first: otherwise
    the goods could be sold again and still be paid for.
    """
    with every_merchant():
        due = list(
            Order.objects.filter(
                state=OrderState.AWAITING_PAYMENT, checkout_open=False, reserved_until__lt=timezone.now()
            ).select_related("merchant")[:_BATCH]
        )
    for order in due:
        with merchant_scope(order.merchant):
            expire(order_id=order.pk)
    return len(due)


@shared_task(name="catalog.orders.tell_waitlist", time_limit=120, ignore_result=True)
def tell_waitlist() -> int:
    """Call the next in line wherever units are still there after the head start of the first; return how many."""
    with every_merchant():
        ids = WaitlistEntry.objects.filter(state=WaitlistState.WAITING).values_list("merchant_id", flat=True)
        merchants = list(Merchant.objects.filter(pk__in=ids.distinct()))
    told = 0
    for merchant in merchants:
        with merchant_scope(merchant):
            told += tell_waiting()
    return told


@subscriber(lane="money")
def on_money_back(event: Event) -> None:
    """Give back the times and files of an order that keeps no money any more, however it went back."""
    with event.scope(), transaction.atomic():
        order = locked_order(event.payload["order_id"])
        if order.paid_at is not None and net_paid(order).minor <= 0:
            holding.free(order)
            granting.revoke(order)


@subscriber(lane="slow")
def on_stock_rose(event: Event) -> None:
    """Call those who wait for a product that has more units than before."""
    with event.scope():
        tell_waiting(product_ids=event.payload["product_ids"])


# Rows of the outbox that were written under this name are still to be delivered.
on_product_changed = on_stock_rose
