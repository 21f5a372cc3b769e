"""The webhook endpoint: what it refuses, and that at-least-once becomes exactly once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.orders.models import LedgerEntry
from catalog.payments.models import Payment, WebhookEvent
from catalog.payments.services import start_checkout
from catalog.payments.stripe_fake_deliveries import deliver_due
from catalog.payments.stripe_fake_store import FakeStore
from tests.catalog.buying import Buying
from tests.catalog.payments.paying import event, pay, send, session

SECRET = "whsec_other"


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_a_body_that_was_changed_is_refused(store: FakeStore, db: None) -> None:
    header = f"t={int(time.time())},v1={'0' * 64}"

    assert refusal(send(event("x", {}), store.webhook_secret, header=header)) == (400, "bad_signature")
    assert refusal(send(event("x", {}), SECRET)) == (400, "bad_signature")
    assert WebhookEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "missing_signature"),
        ("v1=00", "bad_signature"),
        ("t=soon,v1=00", "bad_signature"),
        ("nonsense", "bad_signature"),
    ],
)
def test_a_header_that_is_no_signature_is_refused(store: FakeStore, db: None, header: str, code: str) -> None:
    assert refusal(send(event("x", {}), store.webhook_secret, header=header)) == (400, code)


@pytest.mark.parametrize(
    ("offset", "code"), [(-302, "old_signature"), (302, "future_signature"), (86400, "future_signature")]
)
def test_a_signature_of_another_time_is_refused(store: FakeStore, db: None, offset: int, code: str) -> None:
    body = event("checkout.session.completed", {})

    assert refusal(send(body, store.webhook_secret, at=int(time.time()) + offset)) == (400, code)
    assert WebhookEvent.objects.count() == 0


def test_any_of_several_secrets_is_good_and_an_empty_list_is_not(
    db: None, settings: Settings, store: FakeStore
) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    assert refusal(send(event("x", {}), SECRET)) == (400, "no_secret")

    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", SECRET]
    assert send(event("charge.updated", {}), SECRET).status_code == 200
    # The stand-in's own secret is worth nothing beside a real key.
    assert refusal(send(event("x", {}), store.webhook_secret)) == (400, "bad_signature")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        '{"id": "evt_1"}',
        '{"id": "e", "type": "checkout.session.completed", "created": 0, "data": {"object": {}}}',
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(store: FakeStore, db: None, body: str) -> None:
    assert refusal(send(body, store.webhook_secret)) == (400, "bad_body")
    assert WebhookEvent.objects.count() == 0


def test_an_oversized_body_is_refused_unread(store: FakeStore, db: None, settings: Settings) -> None:
    settings.WEBHOOK_BODY_MAX_BYTES = 100

    assert refusal(send("x" * 101, store.webhook_secret)) == (400, "body_too_large")


def test_only_post_is_answered(db: None) -> None:
    assert Client().get("/webhooks/stripe/").status_code == 405


def test_an_event_of_somebody_elses_checkout_is_stored_and_ignored(buying: Buying, store: FakeStore) -> None:
    payment = start_checkout(order_id=buying.order().pk)
    foreign = session(store, payment.session_id) | {
        "id": "cs_test_foreign",
        "status": "complete",
        "payment_status": "paid",
        "client_reference_id": "not one of ours",
    }

    response = send(event("checkout.session.completed", foreign), store.webhook_secret)

    assert (response.status_code, response.json()) == (200, {"outcome": "unknown"})
    payment.refresh_from_db()
    assert payment.state == "open"


def test_a_completed_session_that_is_not_paid_yet_waits(buying: Buying, store: FakeStore) -> None:
    order = buying.order()
    payment = start_checkout(order_id=order.pk)
    thing = session(store, payment.session_id) | {"status": "complete", "payment_status": "unpaid"}

    assert send(event("checkout.session.completed", thing), store.webhook_secret).json() == {"outcome": "waiting"}
    paid = thing | {"payment_status": "paid", "payment_intent": "pi_1"}
    kind = "checkout.session.async_payment_succeeded"
    assert send(event(kind, paid, event_id="evt_2"), store.webhook_secret).json() == {"outcome": "paid"}


def test_a_bank_that_says_no_later_leaves_the_order_to_be_paid_again(buying: Buying, store: FakeStore) -> None:
    order = buying.order()
    payment = start_checkout(order_id=order.pk)
    thing = session(store, payment.session_id) | {"status": "complete", "payment_status": "unpaid"}

    response = send(event("checkout.session.async_payment_failed", thing), store.webhook_secret)

    assert response.json() == {"outcome": "failed"}
    order.refresh_from_db()
    assert (order.state, order.checkout_open) == ("awaiting_payment", False)
    assert start_checkout(order_id=order.pk).attempt == 2


def test_a_partial_refund_made_at_the_provider_is_booked_by_its_total(buying: Buying, store: FakeStore) -> None:
    order = buying.order()
    pay(store, start_checkout(order_id=order.pk).session_id)
    deliver_due()
    intent = Payment.objects.get().payment_intent_id
    for number, in_all in enumerate((30000, 10000, 50000, 50000)):
        charge = {"payment_intent": intent, "amount_refunded": in_all, "currency": "twd"}
        send(event("charge.refunded", charge, event_id=f"evt_r{number}"), store.webhook_secret)

    refunds = LedgerEntry.objects.filter(kind="refund").values_list("amount_minor", flat=True)
    assert list(refunds) == [30000, 20000]
    assert Payment.objects.get().refunded_minor == 50000
