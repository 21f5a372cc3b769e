"""Every object the stand-in for Stripe can give, and how Stripe's own mock is asked for the same."""

from __future__ import annotations

import http.client
import json
import os
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe

from catalog.payments import stripe_fake_charges as charges
from catalog.payments import stripe_fake_intents as intents
from catalog.payments import stripe_fake_sessions as sessions
from catalog.payments.stripe_fake import FakeStripe
from catalog.payments.stripe_fake_store import FakeRows, FakeStore

MOCK = os.environ.get("STRIPE_MOCK_URL", "")
needs_mock = pytest.mark.skipif(not MOCK, reason="STRIPE_MOCK_URL is not set: no stripe-mock to compare with")
Body = dict[str, Any]


def ask_mock(method: str, path: str, sent: str = "") -> tuple[int, Body]:
    """Ask Stripe's mock; return (status, body)."""
    address = urlsplit(MOCK)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    headers = {"Authorization": "Bearer sk_test_123", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(method.upper(), path, sent or None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def objects_of(store: FakeStore) -> dict[str, list[Body]]:
    """Return every object the stand-in gives, in every state it can be in, by the name Stripe gives its kind."""
    client = stripe.StripeClient("sk_test_123", http_client=FakeStripe(store), max_network_retries=0)
    made: list[Body] = []
    with store.transaction() as rows:
        for end in ("paid", "declined", "promised", "kept", "broken", "expired", "open"):
            session = sessions.create_session(rows, _session_params())
            if end in ("promised", "kept", "broken"):
                sessions.promise_session(rows, session["id"])
            if end in ("kept", "broken"):
                sessions.settle_promise(rows, session["id"], arrives=end == "kept")
            if end == "paid":
                intent = sessions.pay_session(rows, session["id"])["payment_intent"]
                charges.create_refund(rows, {"payment_intent": intent, "amount": 100})
                late = charges.create_refund(rows, {"payment_intent": intent, "amount": 100}, status="pending")
                charges.settle_refund(rows, late["id"], arrives=False)
                dispute = charges.open_dispute(rows, intent)
                charges.close_dispute(rows, dispute["id"], won=True)
            if end == "declined":
                sessions.decline_session(rows, session["id"])
            if end == "expired":
                sessions.expire_session(rows, session["id"])
        for last4 in intents.CARDS:
            made += _charges_of(rows, last4)
        for kind in ("checkout.session", "payment_method", "payment_intent", "charge", "refund", "dispute"):
            made += rows.all_of(kind)
        made += rows.events(since=0, delivered=None)
        lines = sessions.line_items(rows, session["id"])
    made += [lines, *lines["data"], client.v1.refunds.list().to_dict(), client.v1.events.list().to_dict()]
    by_kind: dict[str, list[Body]] = {}
    for each in made:
        by_kind.setdefault(each["object"], []).append(each)
    return by_kind


def _charges_of(rows: FakeRows, last4: str) -> list[Body]:
    """Charge a kept card without its owner; return the payment with its card in place of its name, if it kept one."""
    card = intents.keep_card(rows, last4=last4)
    intents.create_intent(
        rows,
        {
            "amount": 30000,
            "currency": "twd",
            "customer": card["customer"],
            "payment_method": card["id"],
            "off_session": "true",
            "confirm": "true",
            "metadata": {"collection": "5"},
        },
    )
    session = sessions.create_session(rows, {**_session_params(), **_SAVING})
    sessions.pay_session(rows, session["id"], kept_last4=last4)
    return [session]


_SAVING: Body = {"customer_creation": "always", "saved_payment_method_options": {"payment_method_save": "enabled"}}


def _session_params() -> Body:
    price = {"currency": "twd", "unit_amount": 98000, "product_data": {"name": "No. 3 serum"}}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 2, "price_data": price}],
        "client_reference_id": "ref-1",
        "metadata": {"payment": "7"},
        "payment_intent_data": {"metadata": {"payment": "7"}},
        "success_url": "https://shop.example/ok",
        "cancel_url": "https://shop.example/no",
        "expires_at": int(time.time()) + 31 * 60,
        "locale": "zh-TW",
    }
