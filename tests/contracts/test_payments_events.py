"""The stand-in's events: read by Stripe's library, delivered signed over real HTTP, paid for once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import stripe
from pytest_django import Settings
from stripe.params import WebhookEndpointCreateParams

from catalog.payments import stripe_gateway
from catalog.payments.stripe_fake import sign
from catalog.payments.stripe_fake_objects import event_object
from catalog.payments.stripe_fake_store import FakeStore, fake_store
from tests.contracts.stripe_examples import objects_of


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> FakeStore:
    """An empty stand-in."""
    settings.STRIPE_FAKE_PATH = tmp_path / "stripe.sqlite3"
    return fake_store()


def test_every_event_of_the_stand_in_is_one_the_library_reads(store: FakeStore) -> None:
    told = objects_of(store)["event"]
    kinds = {event["type"] for event in told}

    for event in told:
        body = json.dumps(event)
        read = stripe.Webhook.construct_event(body, sign(body, store.webhook_secret), store.webhook_secret)
        assert (read.id, read.type, read.api_version) == (event["id"], event["type"], stripe.api_version)
        assert read.data.object.to_dict()["object"] == event["data"]["object"]["object"]
        assert (
            stripe_gateway.parse_event(body=body.encode(), signature=sign(body, store.webhook_secret)).kind
            == event["type"]
        )
    assert {
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "charge.refunded",
        "refund.created",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.closed",
    } <= kinds
    # Names are Stripe's own: the library knows each of them.
    assert kinds <= _event_kinds_of_the_library()


def _event_kinds_of_the_library() -> set[str]:
    return _literals(WebhookEndpointCreateParams.__annotations__["enabled_events"])


def _literals(kind: Any) -> set[str]:
    inner = get_args(kind)
    return set(inner) if get_origin(kind) is Literal else set().union(*(_literals(each) for each in inner))


@pytest.mark.parametrize("bend", [lambda text: text + " ", lambda text: text.replace("evt_", "evx_", 1)])
def test_an_event_that_was_changed_on_its_way_is_refused(store: FakeStore, bend: Callable[[str], str]) -> None:
    body = json.dumps(event_object("charge.refunded", {"id": "ch_1", "object": "charge"}))

    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(bend(body), sign(body, store.webhook_secret), store.webhook_secret)
