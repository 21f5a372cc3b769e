"""Every request our gateway can send is one that Stripe's own mock takes; errors have Stripe's shape."""

from __future__ import annotations

import ast
import inspect
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
from pytest_django import Settings

from catalog.money import Money
from catalog.payments import stripe_gateway
from catalog.payments.facts import ChargeRequest, LineToPay, SessionRequest
from catalog.payments.stripe_fake import FakeStripe
from catalog.payments.stripe_fake_store import FakeStore, fake_store
from tests.contracts.forwarding import Forwarder, forwarding
from tests.contracts.stripe_examples import MOCK, Body, ask_mock, needs_mock


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> FakeStore:
    """An empty stand-in."""
    settings.STRIPE_FAKE_PATH = tmp_path / "stripe.sqlite3"
    return fake_store()


def a_request(**changes: Any) -> SessionRequest:
    given: Body = {
        "payment_id": 7,
        "order_reference": "5c1c7c5e-8a54-4b0e-8f0e-000000000001",
        "lines": (LineToPay("No. 3 serum", Money(98000, "TWD"), 2), LineToPay("Delivery", Money(8000, "TWD"), 1)),
        "success_url": "https://shop.example/ok",
        "cancel_url": "https://shop.example/no",
        "expires_at": datetime.now(UTC) + timedelta(minutes=31),
        "language": "zh-hant",
        "idempotency_key": f"k-{time.time_ns()}",
    }
    return SessionRequest(**{**given, **changes})


# --- requests ---------------------------------------------------------------------------------------------------

REQUESTS: dict[str, list[Callable[[], object]]] = {
    "create_session": [
        lambda: stripe_gateway.create_session(a_request()),
        lambda: stripe_gateway.create_session(a_request(language="zh-hans")),
        lambda: stripe_gateway.create_session(
            a_request(language="en", lines=(LineToPay("Order #1001", Money(3100, "USD"), 1),))
        ),
        lambda: stripe_gateway.create_session(a_request(saves_card=True)),
        lambda: stripe_gateway.create_session(a_request(is_taxed=False)),
    ],
    "retrieve": [lambda: stripe_gateway.retrieve("cs_test_1")],
    "expire": [lambda: stripe_gateway.expire("cs_test_1")],
    "refund": [
        lambda: stripe_gateway.refund(
            payment_intent_id="pi_1", amount=Money(4000, "TWD"), idempotency_key=f"r-{time.time_ns()}", request_id=3
        )
    ],
    "charge": [
        lambda: stripe_gateway.charge(
            ChargeRequest(
                collection_id=5,
                order_reference="5c1c7c5e-8a54-4b0e-8f0e-000000000001",
                customer="cus_1",
                method="pm_1",
                amount=Money(30000, "TWD"),
                idempotency_key=f"charge-{time.time_ns()}",
            )
        )
    ],
    "retrieve_charge": [lambda: stripe_gateway.retrieve_charge("pi_1")],
    "card_of": [lambda: stripe_gateway.card_of("pi_1")],
    "refunds_of": [lambda: stripe_gateway.refunds_of("pi_1")],
    "undelivered_events": [lambda: list(stripe_gateway.undelivered_events(since=timedelta(hours=1)))],
}


def functions_that_ask_stripe() -> set[str]:
    """Return the public functions of the gateway that use the client."""
    found = set()
    for node in ast.parse(inspect.getsource(stripe_gateway)).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            called = {
                each.func.id for each in ast.walk(node) if isinstance(each, ast.Call) and hasattr(each.func, "id")
            }
            if "stripe_client" in called:
                found.add(node.name)
    return found


def test_the_table_of_requests_names_every_function_that_asks_stripe() -> None:
    assert functions_that_ask_stripe() == set(REQUESTS)


@pytest.fixture
def mock(settings: Settings) -> Iterator[Forwarder]:
    """Stripe's mock, behind a listener that writes down how it answered our own client."""
    with forwarding(MOCK) as forwarder:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL = "sk_test_123", forwarder.url
        yield forwarder


@needs_mock
@pytest.mark.parametrize("tax", [False, True])
@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_stripes_own_mock_takes_every_request_of_the_gateway(
    mock: Forwarder, settings: Settings, name: str, tax: bool
) -> None:
    settings.STRIPE_TAX = tax
    for ask in REQUESTS[name]:
        try:
            ask()
        except ValueError:  # the mock's amounts and currencies are made up; what counts is that it took the request
            continue

    assert len(mock.answered) == len(REQUESTS[name])
    assert {status for _method, _path, status in mock.answered} == {200}


@needs_mock
@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("post", "/v1/checkout/sessions", "colour=green"),
        ("post", "/v1/checkout/sessions", "expires_at=soon"),
        ("post", "/v1/refunds", "colour=green"),
        ("post", "/v1/payment_intents", "colour=green"),
        ("get", "/v1/nothing", ""),
    ],
)
def test_errors_have_the_shape_of_stripes(store: FakeStore, method: str, path: str, sent: str) -> None:
    their_status, answer = ask_mock(method, path, sent)
    theirs = answer["error"]

    body, status, _headers = FakeStripe(store).request(method, f"https://api.stripe.com{path}", {}, sent)

    ours = json.loads(body)["error"]
    assert (status, ours["type"]) == (their_status, theirs["type"])
    assert set(theirs) <= set(ours)
    assert set(ours) <= set(stripe.ErrorObject.__annotations__)
    assert {type(value) for value in ours.values()} == {str}
