"""The only gateway: Checkout Sessions, refunds and events, by the stripe library."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

from catalog.languages import SIMPLIFIED, TRADITIONAL
from catalog.money import Money
from catalog.payments.client import stripe_client, webhook_secrets
from catalog.payments.errors import BadWebhook, GatewayRefused, GatewayUnavailable
from catalog.payments.facts import GatewayEvent, RefundFacts, SessionFacts, SessionRequest

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

# Stripe's names of the languages its pay page speaks.
_LOCALES = {TRADITIONAL: "zh-TW", SIMPLIFIED: "zh"}
_PAID = ("paid", "no_payment_required")


@contextmanager
def _gateway_errors() -> Iterator[None]:
    """Turn the library's errors into ours: worth another try, or not."""
    import stripe  # slow to import, and needed only once money moves

    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise GatewayUnavailable from error
    except stripe.StripeError as error:
        if error.http_status is None or error.http_status >= 500 or error.http_status == 409:
            raise GatewayUnavailable from error
        raise GatewayRefused(str(error)) from error


def create_session(request: SessionRequest) -> SessionFacts:
    """Open a checkout, or find the one that this idempotency key opened before.

    Raises: GatewayUnavailable, GatewayRefused.
    """
    params = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": line.quantity,
                "price_data": {
                    "currency": line.unit.currency.lower(),
                    "unit_amount": line.unit.minor,
                    "product_data": {"name": line.title},
                },
            }
            for line in request.lines
        ],
        "client_reference_id": request.order_reference,
        "metadata": {"payment": str(request.payment_id)},
        "payment_intent_data": {"metadata": {"payment": str(request.payment_id)}},
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": _LOCALES.get(request.language, "en"),
    }
    with _gateway_errors():
        session = stripe_client().v1.checkout.sessions.create(
            cast("SessionCreateParams", params), {"idempotency_key": request.idempotency_key}
        )
    return _facts(session.to_dict())


def retrieve(session_id: str) -> SessionFacts:
    """Ask how a checkout stands.

    Raises: GatewayUnavailable, GatewayRefused (also for an unknown id).
    """
    with _gateway_errors():
        return _facts(stripe_client().v1.checkout.sessions.retrieve(session_id).to_dict())


def expire(session_id: str) -> SessionFacts:
    """Close a checkout so that nobody can pay it any more; return how it stands then (it may have been paid).

    Raises: GatewayUnavailable, GatewayRefused for an unknown id.
    """
    try:
        with _gateway_errors():
            return _facts(stripe_client().v1.checkout.sessions.expire(session_id).to_dict())
    except GatewayRefused:
        return retrieve(session_id)  # it was no longer open: completed or expired


def refund(*, payment_intent_id: str, amount: Money, idempotency_key: str) -> None:
    """Send `amount` of a payment back.

    Raises: GatewayUnavailable, GatewayRefused (more than was paid).
    """
    with _gateway_errors():
        stripe_client().v1.refunds.create(
            {"payment_intent": payment_intent_id, "amount": amount.minor}, {"idempotency_key": idempotency_key}
        )


def parse_event(*, body: bytes, signature: str) -> GatewayEvent:
    """Return the event of a webhook whose signature, age and shape are right.

    Raises: BadWebhook with the codes missing_signature, bad_signature, old_signature, future_signature, bad_body,
    no_secret.
    """
    _verify(body, signature)
    try:
        data = json.loads(body)
        thing = data["data"]["object"]
        event = GatewayEvent(
            id=str(data["id"]),
            kind=str(data["type"]),
            created=datetime.fromtimestamp(data["created"], UTC),
            body=body.decode(),
            session=_facts(thing) if str(data["type"]).startswith("checkout.session.") else None,
            refund=_refund_facts(thing) if data["type"] == "charge.refunded" else None,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadWebhook("bad_body", f"the body is not a Stripe event: {error!r}") from error
    return event


def _verify(body: bytes, signature: str) -> None:
    if not signature:
        raise BadWebhook("missing_signature", "send Stripe's header Stripe-Signature")
    secrets = webhook_secrets()
    if not secrets:
        raise BadWebhook("no_secret", "set STRIPE_WEBHOOK_SECRETS to the endpoint's signing secret")
    now, signed_at = time.time(), _signed_at(signature)
    if signed_at < now - settings.WEBHOOK_TOLERANCE_S:
        raise BadWebhook("old_signature", f"signed more than {settings.WEBHOOK_TOLERANCE_S} s ago: send it again")
    # The library lets a timestamp in the future pass, so a signature taken ahead of time would work for ever.
    if signed_at > now + settings.WEBHOOK_TOLERANCE_S:
        raise BadWebhook("future_signature", "signed in the future: set the sender's clock")
    if not any(_is_signed_with(secret, body, signature) for secret in secrets):
        raise BadWebhook("bad_signature", "the signature does not fit the body: check STRIPE_WEBHOOK_SECRETS")


def _signed_at(signature: str) -> int:
    for part in signature.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t" and value.isdecimal() and value.isascii() and len(value) < 13:
            return int(value)
    raise BadWebhook("bad_signature", "the header Stripe-Signature has no timestamp t=…")


def _is_signed_with(secret: str, body: bytes, signature: str) -> bool:
    import stripe  # slow to import, and needed only once money moves

    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, settings.WEBHOOK_TOLERANCE_S)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def _facts(session: dict[str, Any]) -> SessionFacts:
    return SessionFacts(
        session_id=session["id"],
        url=session.get("url") or "",
        status=session.get("status") or "open",
        is_paid=session.get("status") == "complete" and session.get("payment_status") in _PAID,
        amount=Money(session.get("amount_total") or 0, (session.get("currency") or "").upper()),
        payment_intent_id=session.get("payment_intent") or "",
        payment_id=_echoed(session),
        order_reference=session.get("client_reference_id") or "",
        expires_at=datetime.fromtimestamp(session["expires_at"], UTC),
    )


def _refund_facts(charge: dict[str, Any]) -> RefundFacts:
    return RefundFacts(
        payment_intent_id=charge.get("payment_intent") or "",
        refunded_in_all=Money(charge["amount_refunded"], charge["currency"].upper()),
        payment_id=_echoed(charge),
    )


def _echoed(thing: dict[str, Any]) -> int | None:
    """Return the id of our payment that we gave along, if it is there."""
    given = str((thing.get("metadata") or {}).get("payment", ""))
    return int(given) if given.isdecimal() and given.isascii() and len(given) < 19 else None
