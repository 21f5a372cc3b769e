"""Order numbers: per merchant, rising from 1001, never given twice."""

from __future__ import annotations

from django.db.models import F

from catalog.accounts.models import Merchant
from catalog.orders.models import OrderCounter


def next_number(merchant: Merchant) -> str:
    """Take the merchant's next order number. Call inside the transaction that uses it: a roll-back gives it back."""
    OrderCounter.objects.get_or_create(merchant=merchant)
    # The UPDATE holds the row until the end of the transaction, so the read sees this order's own number.
    OrderCounter.objects.filter(merchant=merchant).update(last=F("last") + 1)
    return str(OrderCounter.objects.get(merchant=merchant).last)


def skip_past(merchant: Merchant, number: int) -> None:
    """Make the next number greater than `number`: imported orders may use plain numbers too."""
    OrderCounter.objects.get_or_create(merchant=merchant)
    OrderCounter.objects.filter(merchant=merchant, last__lt=number).update(last=number)
