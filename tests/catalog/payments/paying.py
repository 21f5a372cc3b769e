"""What a shopper and Stripe do in tests of payments."""

from __future__ import annotations

import json
from typing import Any

import stripe
from django.test import Client

from catalog.payments import stripe_fake_sessions as sessions
from catalog.payments.stripe_fake_store import FakeStore


def pay(store: FakeStore, session_id: str) -> None:
    """Pay at the provider; nothing is delivered yet."""
    with store.transaction() as rows:
        sessions.pay_session(rows, session_id)


def session(store: FakeStore, session_id: str) -> dict[str, Any]:
    """Return the session as the provider has it."""
    with store.transaction() as rows:
        return sessions.get_session(rows, session_id)


def event(kind: str, thing: dict[str, Any], *, event_id: str = "evt_1", created: int = 0) -> str:
    """Return the body of an event."""
    body = {"id": event_id, "object": "event", "type": kind, "created": created, "data": {"object": thing}}
    return json.dumps(body)


def send(body: str | bytes, secret: str, *, at: int | None = None, header: str | None = None) -> Any:
    """Send a signed webhook over HTTP."""
    text = body if isinstance(body, str) else body.decode()
    signature = header if header is not None else stripe.WebhookSignature.generate_signature_header(text, secret, at)
    return Client().post(
        "/webhooks/stripe/", data=body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
