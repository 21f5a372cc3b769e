"""The objects of the stand-in, with the names Stripe gives their fields."""

from __future__ import annotations

import secrets
import time
from typing import Any

from catalog.payments import stripe_fake_blanks as blanks

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
        **blanks.SESSION,
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
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer": None,
        "customer_creation": params.get("customer_creation"),
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
        "saved_payment_method_options": _saving(params),
        "shipping_options": [],
        "status": "open",
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted",
        "url": url,
    }


def _saving(params: Body) -> Body | None:
    asked = params.get("saved_payment_method_options")
    if asked is None:
        return None
    save = asked.get("payment_method_save")
    return {"allow_redisplay_filters": ["always"], "payment_method_remove": None, "payment_method_save": save}


def line_item_objects(params: Body) -> list[Body]:
    """Return the line items of a session's `params`."""
    return [
        {
            **blanks.LINE,
            "id": new_id("li"),
            "object": "item",
            "amount_discount": 0,
            "amount_subtotal": line["quantity"] * line["price_data"]["unit_amount"],
            "amount_tax": 0,
            "amount_total": line["quantity"] * line["price_data"]["unit_amount"],
            "currency": line["price_data"]["currency"],
            "description": line["price_data"]["product_data"]["name"],
            "price": _price_object(line["price_data"]),
            "quantity": line["quantity"],
        }
        for line in params["line_items"]
    ]


def _price_object(asked: Body) -> Body:
    """Return the price Stripe makes of a line's `price_data`."""
    return {
        **blanks.PRICE,
        "id": new_id("price"),
        "created": int(time.time()),
        "currency": asked["currency"],
        "product": new_id("prod"),
        "unit_amount": asked["unit_amount"],
        "unit_amount_decimal": str(asked["unit_amount"]),
    }


def payment_intent_object(
    session: Body, *, charge_id: str | None, metadata: Body, status: str = "succeeded", error: Body | None = None
) -> Body:
    """Return the PaymentIntent of a session: succeeded, processing, or refused with `error`."""
    amount = session["amount_total"]
    return {
        **blanks.PAYMENT_INTENT,
        "id": new_id("pi"),
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": amount if status == "succeeded" else 0,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "created": int(time.time()),
        "currency": session["currency"],
        "last_payment_error": error,
        "latest_charge": charge_id,
        "livemode": False,
        "metadata": metadata,
        "payment_method_types": ["card"],
        "status": status,
    }


def payment_error_object(code: str, *, decline_code: str = "") -> Body:
    """Return why a payment was refused, as `last_payment_error` holds it."""
    kind = "card_error" if decline_code else "invalid_request_error"
    error = {"code": code, "message": "The payment was refused.", "type": kind}
    return {**error, "decline_code": decline_code} if decline_code else error


def card_object(*, last4: str, customer: str) -> Body:
    """Return a card that its owner let the provider keep."""
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "always",
        "billing_details": dict.fromkeys(("address", "email", "name", "phone", "tax_id")),
        "card": {**blanks.CARD, "exp_year": time.gmtime().tm_year + 3, "last4": last4},
        "created": int(time.time()),
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def charge_object(session: Body, *, charge_id: str, intent: Body) -> Body:
    """Return the captured charge of a paid session; it copies the metadata of its PaymentIntent, as Stripe's does."""
    amount = session["amount_total"]
    return {
        **blanks.CHARGE,
        "id": charge_id,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "billing_details": dict.fromkeys(("address", "email", "name", "phone", "tax_id")),
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


def refund_object(charge: Body, *, amount: int, params: Body, status: str = "succeeded") -> Body:
    """Return a refund of `amount`: succeeded, or pending until it is settled."""
    return {
        **blanks.REFUND,
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": int(time.time()),
        "currency": charge["currency"],
        "metadata": params.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "status": status,
    }


_NO_EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def dispute_object(charge: Body, *, amount: int, reason: str) -> Body:
    """Return a dispute about a charge that waits for the merchant's answer."""
    now = int(time.time())
    return {
        **blanks.DISPUTE,
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_NO_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + 7 * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
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
