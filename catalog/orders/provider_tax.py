"""Tax that the payment provider worked out (STRIPE_TAX): written into the order when it is paid."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F

from catalog.money import Money
from catalog.orders.models import Order, OrderState


@transaction.atomic
def take_provider_tax(*, order_id: int, paid: Money, tax: Money) -> bool:
    """Write the provider's tax into an order that waits for payment; False when it does not explain what was paid.

    Args: `paid` is all that was paid, `tax` how much of it is tax: on top of our total, or inside it.
    Calling it again changes nothing.
    """
    order = Order.objects.select_for_update(of=("self",)).get(pk=order_id)
    waits = order.state in (OrderState.AWAITING_PAYMENT, OrderState.EXPIRED)
    if not tax.minor or not waits or order.tax_minor or order.tax_included_minor:
        return False
    part: dict[str, Any] = {"name": "Stripe Tax", "percent": "", "minor": tax.minor}
    if paid == order.total:
        changes: dict[str, Any] = {"tax_included_minor": tax.minor, "taxes": [{**part, "is_included": True}]}
    elif paid == order.total + tax:
        changes = {
            "tax_minor": tax.minor,
            "total_minor": F("total_minor") + tax.minor,
            "taxes": [{**part, "is_included": False}],
        }
    else:
        return False
    Order.objects.filter(pk=order_id).update(version=F("version") + 1, **changes)
    return True
