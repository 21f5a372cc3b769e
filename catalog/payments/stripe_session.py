"""What Stripe is told of a checkout to open; every amount passes the table of currency exceptions."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from catalog.languages import SIMPLIFIED, TRADITIONAL
from catalog.payments.facts import ChargeRequest, LineToPay, SessionRequest

# Stripe's names of the languages its pay page speaks.
_LOCALES = {TRADITIONAL: "zh-TW", SIMPLIFIED: "zh"}


def session_params(request: SessionRequest) -> dict[str, Any]:
    """Return the parameters of a Checkout Session.

    Raises: NotChargeable for an amount Stripe would refuse in its currency.
    """
    ours = {"payment": str(request.payment_id), "order": request.order_reference}
    params: dict[str, Any] = {
        "mode": "payment",
        "line_items": [_line_item(line, is_taxed=request.is_taxed) for line in request.lines],
        "client_reference_id": request.order_reference,
        "metadata": ours,
        "payment_intent_data": {"metadata": ours},  # the payment's own events must find their order too
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": _LOCALES.get(request.language, "en"),
    }
    if request.saves_card:
        # Stripe asks with a box of its own; only a card whose owner ticked it is kept.
        params["customer_creation"] = "always"
        params["saved_payment_method_options"] = {"payment_method_save": "enabled"}
    if settings.STRIPE_TAX and request.is_taxed:
        # Stripe asks for the address the tax depends on, and adds or finds the tax; the paid event tells how much.
        params["automatic_tax"] = {"enabled": True}
        params["billing_address_collection"] = "required"
    return params


def charge_params(request: ChargeRequest) -> dict[str, Any]:
    """Return the parameters of a PaymentIntent that is charged at once, its owner not being there.

    Raises: NotChargeable for an amount Stripe would refuse in its currency.
    """
    return {
        "amount": request.amount.stripe_amount,
        "currency": request.amount.currency.lower(),
        "customer": request.customer,
        "payment_method": request.method,
        "payment_method_types": ["card"],
        "off_session": True,
        "confirm": True,
        "metadata": {"collection": str(request.collection_id), "order": request.order_reference},
    }


def _line_item(line: LineToPay, *, is_taxed: bool) -> dict[str, Any]:
    price: dict[str, Any] = {
        "currency": line.unit.currency.lower(),
        "unit_amount": line.unit.stripe_amount,
        "product_data": {"name": line.title},
    }
    if settings.STRIPE_TAX and is_taxed:
        price["tax_behavior"] = settings.STRIPE_TAX_BEHAVIOR
    return {"quantity": line.quantity, "price_data": price}
