"""The only gateway: Checkout Sessions, refunds and events, by the stripe library."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.conf import settings

from catalog.money import Money, NotChargeable
from catalog.payments.client import stripe_client, webhook_secrets
from catalog.payments.errors import BadWebhook, GatewayRefused, GatewayUnavailable
from catalog.payments.facts import (
    ChargeRequest,
    GatewayEvent,
    IntentFacts,
    RefundReport,
    SavedCard,
    SessionFacts,
    SessionRequest,
)
from catalog.payments.stripe_reading import (
    event_of_object,
    intent_facts,
    read_event,
    refund_report,
    saved_card,
    session_facts,
)
from catalog.payments.stripe_session import charge_params, session_params

if TYPE_CHECKING:
    import stripe
    from stripe.params import PaymentIntentCreateParams
    from stripe.params.checkout import SessionCreateParams

_PAGE = 100  # the most Stripe gives at once


@contextmanager
def _gateway_errors() -> Iterator[None]:
    """Turn the library's errors into ours: worth another try, or not."""
    import stripe  # slow to import, and needed only once money moves

    try:
        yield
    except NotChargeable as error:  # Stripe would refuse it: asking again will not help
        raise GatewayRefused(str(error)) from error
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
    with _gateway_errors():
        session = stripe_client().v1.checkout.sessions.create(
            cast("SessionCreateParams", session_params(request)), {"idempotency_key": request.idempotency_key}
        )
    return session_facts(session.to_dict())


def retrieve(session_id: str) -> SessionFacts:
    """Ask how a checkout stands.

    Raises: GatewayUnavailable, GatewayRefused (also for an unknown id).
    """
    with _gateway_errors():
        return session_facts(stripe_client().v1.checkout.sessions.retrieve(session_id).to_dict())


def expire(session_id: str) -> SessionFacts:
    """Close a checkout so that nobody can pay it any more; return how it stands then (it may have been paid).

    Raises: GatewayUnavailable, GatewayRefused for an unknown id.
    """
    try:
        with _gateway_errors():
            return session_facts(stripe_client().v1.checkout.sessions.expire(session_id).to_dict())
    except GatewayRefused:
        return retrieve(session_id)  # it was no longer open: completed or expired


def refund(*, payment_intent_id: str, amount: Money, idempotency_key: str, request_id: int) -> RefundReport:
    """Send `amount` of a payment back, or find the refund that this key made before; return how it stands.

    Raises: GatewayUnavailable, GatewayRefused (more than was paid).
    """
    with _gateway_errors():
        made = stripe_client().v1.refunds.create(
            {
                "payment_intent": payment_intent_id,
                "amount": amount.stripe_amount,
                "metadata": {"refund_request": str(request_id)},
            },
            {"idempotency_key": idempotency_key},
        )
    return refund_report(made.to_dict())


def charge(request: ChargeRequest) -> IntentFacts:
    """Charge a saved card without its owner, or find the charge that this key made before; return how it stands.

    A bank that declines, or wants the owner to confirm, is an answer: `error` names it.
    Raises: GatewayUnavailable, GatewayRefused.
    """
    import stripe  # slow to import, and needed only once money moves

    try:
        with _gateway_errors():
            made = stripe_client().v1.payment_intents.create(
                cast("PaymentIntentCreateParams", charge_params(request)),
                {"idempotency_key": request.idempotency_key},
            )
    except GatewayRefused as refused:
        if not isinstance(refused.__cause__, stripe.CardError):
            raise
        return _declined(request, refused.__cause__)
    return intent_facts(made.to_dict())


def _declined(request: ChargeRequest, error: stripe.CardError) -> IntentFacts:
    body = error.json_body if isinstance(error.json_body, dict) else {}
    told = body.get("error") or {}
    return IntentFacts(
        payment_intent_id=str((told.get("payment_intent") or {}).get("id") or ""),
        is_paid=False,
        received=Money(0, request.amount.currency),
        error=str(told.get("decline_code") or error.code or "card_declined")[:80],
        payment_id=None,
        order_reference=request.order_reference,
        collection_id=request.collection_id,
    )


def retrieve_charge(payment_intent_id: str) -> IntentFacts:
    """Ask how a charge stands.

    Raises: GatewayUnavailable, GatewayRefused (also for an unknown id).
    """
    with _gateway_errors():
        return intent_facts(stripe_client().v1.payment_intents.retrieve(payment_intent_id).to_dict())


def card_of(payment_intent_id: str) -> SavedCard | None:
    """Return the card a payment was made with, if its owner let the provider keep it.

    Raises: GatewayUnavailable, GatewayRefused (also for an unknown id).
    """
    with _gateway_errors():
        intent = stripe_client().v1.payment_intents.retrieve(payment_intent_id, {"expand": ["payment_method"]})
    return saved_card(intent.to_dict())


def refunds_of(payment_intent_id: str) -> list[RefundReport]:
    """Return every refund of a payment, wherever it was made.

    Raises: GatewayUnavailable, GatewayRefused.
    """
    with _gateway_errors():
        page = stripe_client().v1.refunds.list({"payment_intent": payment_intent_id, "limit": _PAGE})
        return [refund_report(row.to_dict()) for row in page.auto_paging_iter()]


def undelivered_events(*, since: timedelta) -> Iterator[GatewayEvent]:
    """Yield the events of the last `since` that did not reach us, oldest first; what is no event of ours is left out.

    Raises: GatewayUnavailable, GatewayRefused.
    """
    with _gateway_errors():
        oldest = int(time.time() - since.total_seconds())
        page = stripe_client().v1.events.list({"created": {"gte": oldest}, "delivery_success": False, "limit": _PAGE})
        rows = [row.to_dict() for row in page.auto_paging_iter()]
    for row in reversed(rows):
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            yield event_of_object(row)


def parse_event(*, body: bytes, signature: str) -> GatewayEvent:
    """Return the event of a webhook whose signature, age and shape are right.

    Raises: BadWebhook with the codes missing_signature, bad_signature, old_signature, future_signature, bad_body,
    no_secret.
    """
    _verify(body, signature)
    try:
        return read_event(json.loads(body), body=body.decode())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadWebhook("bad_body", f"the body is not a Stripe event: {error!r}") from error


def _verify(body: bytes, signature: str) -> None:
    if not signature:
        raise BadWebhook("missing_signature", "send Stripe's header Stripe-Signature")
    secrets = [secret for secret in webhook_secrets() if secret.strip()]
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
