"""Cards that their owners let the provider keep: known here by brand, last four digits and the provider's names."""

from __future__ import annotations

from django.db import transaction

from catalog.orders.models import Order, PaymentMethod, PaymentMethodKind
from catalog.payments import stripe_gateway
from catalog.payments.models import Payment, PaymentState


def keep_card(*, order_id: int) -> PaymentMethod | None:
    """Keep the card that an order's checkout was paid with; None when its owner did not ask for that.

    Raises: GatewayUnavailable, GatewayRefused.
    """
    paid = Payment.objects.filter(order_id=order_id, state=PaymentState.PAID, collection=None)
    payment = paid.exclude(payment_intent_id="").order_by("-attempt").first()
    card = stripe_gateway.card_of(payment.payment_intent_id) if payment else None
    if payment is None or card is None:
        return None
    with transaction.atomic():
        # The order's row is the lock: the same event heard twice keeps one card.
        order = Order.objects.select_for_update(of=("self",)).get(pk=payment.order_id)
        kept, _created = PaymentMethod.objects.get_or_create(
            shopper_id=order.shopper_id,
            provider_method=card.method,
            defaults={
                "merchant_id": order.merchant_id,
                "kind": PaymentMethodKind.CREDIT_CARD,
                "brand": card.brand,
                "last4": card.last4,
                "provider_customer": card.customer,
            },
        )
    return kept
