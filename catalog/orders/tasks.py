"""Periodic work: orders that nobody paid give their stock back."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.orders.models import Order, OrderState
from catalog.orders.services import expire

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
