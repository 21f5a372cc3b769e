"""The objects of the stand-in, with the names Stripe gives their fields."""

from __future__ import annotations

import secrets
import time
from typing import Any

Body = dict[str, Any]

API_VERSION = "2026-10-28.endive"  # the one the library is pinned to; a test compares


def new_id(prefix: str) -> str:
    """Return an id that looks like Stripe's and says that it is not."""
    return f"{prefix}_fake_{secrets.token_hex(12)}"


def session_object(params: Body, *, url: str, session_id: str) -> Body:
    """Return an open Checkout Session for checked `params`."""
    lines = params["line_items"]
    total = sum(line["quantity"] * line["price_data"]["unit_amount"] for line in lines)
    return {
        "id": session_id,
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": int(time.time()),
        "currency": lines[0]["price_data"]["currency"],
        "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None},
        "customer": None,
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "expires_at": params["expires_at"],
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted",
        "url": url,
    }


def line_item_objects(params: Body) -> list[Body]:
    """Return the line items of a session's `params`."""
    return [
        {
            "id": new_id("li"),
            "object": "item",
            "amount_discount": 0,
            "amount_subtotal": line["quantity"] * line["price_data"]["unit_amount"],
            "amount_tax": 0,
            "amount_total": line["quantity"] * line["price_data"]["unit_amount"],
            "currency": line["price_data"]["currency"],
            "description": line["price_data"]["product_data"]["name"],
            "quantity": line["quantity"],
        }
        for line in params["line_items"]
    ]


def payment_intent_object(session: Body, *, charge_id: str, metadata: Body) -> Body:
    """Return the succeeded PaymentIntent of a paid session."""
    amount = session["amount_total"]
    return {
        "id": new_id("pi"),
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": amount,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "created": int(time.time()),
        "currency": session["currency"],
        "latest_charge": charge_id,
        "livemode": False,
        "metadata": metadata,
        "payment_method_types": ["card"],
        "status": "succeeded",
    }


def charge_object(session: Body, *, charge_id: str, intent: Body) -> Body:
    """Return the captured charge of a paid session; it copies the metadata of its PaymentIntent, as Stripe's does."""
    amount = session["amount_total"]
    return {
        "id": charge_id,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": True,
        "created": int(time.time()),
        "currency": session["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": True,
        "payment_intent": intent["id"],
        "refunded": False,
        "status": "succeeded",
    }


def refund_object(charge: Body, *, amount: int, params: Body) -> Body:
    """Return a succeeded refund of `amount`."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": int(time.time()),
        "currency": charge["currency"],
        "metadata": params.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "status": "succeeded",
    }


def event_object(kind: str, thing: Body) -> Body:
    """Return the event that tells of `thing` as it is now."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "data": {"object": thing},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
