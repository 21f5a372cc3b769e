"""The webhook under bodies that nobody should send: refused or ignored, never broken; nothing is written by them."""

from __future__ import annotations

import copy
import hmac
import json
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from pytest_django import Settings

from catalog.orders.models import LedgerEntry, Order
from catalog.payments import stripe_fake_objects as objects
from catalog.payments.models import Payment, WebhookEvent
from catalog.payments.services import start_checkout
from catalog.payments.stripe_fake_store import FakeStore, fake_store
from tests.api.conftest import EXAMPLES
from tests.catalog.buying import make_buying
from tests.catalog.hearing import EVERYTHING

_BOUNDS = bounds(
    max_examples=25 * EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_BROKEN: st.SearchStrategy[Any] = st.sampled_from(
    ["", "\x00", "\ud800", -1, 10**30, 1e308, None, [], {}, True, "x" * 300]
)


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> FakeStore:
    """An empty stand-in for Stripe."""
    settings.OUTBOX_SUBSCRIBERS = EVERYTHING
    settings.STRIPE_FAKE_PATH = tmp_path / "stripe.sqlite3"
    return fake_store()


@pytest.fixture
def payment(in_scope: Any, store: FakeStore) -> Payment:
    """A payment that is open."""
    return start_checkout(order_id=make_buying(in_scope).order().pk)


def send(body: bytes, secret: str) -> int:
    at = int(time.time())  # by hand: the library signs only what is text
    signature = hmac.new(secret.encode(), b"%d.%b" % (at, body), sha256).hexdigest()
    header = f"t={at},v1={signature}"
    response = Client(raise_request_exception=False).post(
        "/webhooks/stripe/", data=body, content_type="application/json", headers={"Stripe-Signature": header}
    )
    return response.status_code


def true_events(store: FakeStore, payment: Payment) -> list[dict[str, Any]]:
    """Return one event of every kind that is acted on, about a payment that is open."""
    with store.transaction() as rows:
        session = rows.found(payment.session_id, "checkout.session")
    intent = objects.payment_intent_object(session, charge_id="ch_1", metadata=session["metadata"])
    charge = objects.charge_object(session, charge_id="ch_1", intent=intent)
    refund = objects.refund_object(charge, amount=1, params={"metadata": {"refund_request": "1"}})
    return [
        objects.event_object(kind, thing)
        for kind, thing in (
            ("checkout.session.completed", session),
            ("checkout.session.expired", session),
            ("checkout.session.async_payment_failed", session),
            ("payment_intent.succeeded", intent),
            ("payment_intent.payment_failed", intent),
            ("charge.refunded", charge),
            ("refund.updated", refund),
            ("charge.dispute.created", objects.dispute_object(charge, amount=1, reason="fraudulent")),
        )
    ]


def places(thing: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside."""
    if isinstance(thing, dict):
        return [path, *(place for name, value in thing.items() for place in places(value, (*path, name)))]
    return [path]


def test_signed_events_with_one_value_replaced_never_break_the_endpoint(payment: Payment, store: FakeStore) -> None:
    events = true_events(store, payment)
    answers: set[int] = set()

    @_BOUNDS
    @given(data=st.data())
    def fuzz(data: st.DataObject) -> None:
        event = copy.deepcopy(data.draw(st.sampled_from(events)))
        *way, last = data.draw(st.sampled_from([place for place in places(event) if place]))
        inside = event
        for name in way:
            inside = inside[name]
        inside[last] = data.draw(_BROKEN | _JSON)
        with transaction.atomic():
            answers.add(send(json.dumps(event).encode(), store.webhook_secret))
            transaction.set_rollback(True)
        assert answers <= {200, 400}, event

    fuzz()
    assert answers == {200, 400}


def test_signed_junk_is_refused_and_leaves_nothing(payment: Payment, store: FakeStore) -> None:
    @_BOUNDS
    @given(body=st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode()))
    def fuzz(body: bytes) -> None:
        assert send(body, store.webhook_secret) == 400

    fuzz()
    assert (WebhookEvent.objects.count(), LedgerEntry.objects.count()) == (0, 0)
    assert Order.objects.get().state == "awaiting_payment"


def test_unsigned_junk_is_refused(payment: Payment) -> None:
    @_BOUNDS
    @given(body=st.binary(max_size=200), header=st.text(st.characters(codec="ascii", categories=["L", "N", "P"])))
    def fuzz(body: bytes, header: str) -> None:
        answer = Client(raise_request_exception=False).post(
            "/webhooks/stripe/", data=body, content_type="application/json", headers={"Stripe-Signature": header}
        )
        assert answer.status_code == 400

    fuzz()
    assert WebhookEvent.objects.count() == 0
