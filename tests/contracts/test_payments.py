"""The local stand-in behaves as Stripe does, as far as our code can tell; names are compared with the library's own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import pytest
import stripe
from pytest_django import Settings

from catalog.payments import stripe_fake_intents as intents
from catalog.payments import stripe_fake_objects as objects
from catalog.payments import stripe_fake_sessions as sessions
from catalog.payments.client import stripe_client
from catalog.payments.stripe_fake_deliveries import deliver_due
from catalog.payments.stripe_fake_store import FakeStore, fake_store
from tests.contracts.stripe_over_http import stripe_server

# `stripe-mock -http-addr 127.0.0.1:12111`, Stripe's own: right on names and types, without memory.
STRIPE_MOCK = os.environ.get("STRIPE_MOCK_URL", "")


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> FakeStore:
    """An empty stand-in."""
    settings.STRIPE_FAKE_PATH = tmp_path / "stripe.sqlite3"
    return fake_store()


@pytest.fixture(params=["stand-in", "stand-in over HTTP"])
def remembering(request: pytest.FixtureRequest, store: FakeStore) -> Iterator[stripe.StripeClient]:
    """The library, in front of the stand-in: in process, and as a server behind a real socket."""
    if request.param == "stand-in":
        yield stripe_client()
        return
    with stripe_server(store) as server:
        yield stripe.StripeClient("sk_test_123", base_addresses={"api": server.url}, max_network_retries=0)


@pytest.fixture(params=["stand-in", "stand-in over HTTP", "stripe-mock"])
def client(request: pytest.FixtureRequest, store: FakeStore) -> Iterator[stripe.StripeClient]:
    """The library, in front of each server there is."""
    if request.param == "stand-in":
        yield stripe_client()
    elif request.param == "stand-in over HTTP":
        with stripe_server(store) as server:
            yield stripe.StripeClient("sk_test_123", base_addresses={"api": server.url}, max_network_retries=0)
    elif STRIPE_MOCK:
        yield stripe.StripeClient("sk_test_123", base_addresses={"api": STRIPE_MOCK}, max_network_retries=0)
    else:
        pytest.skip("STRIPE_MOCK_URL is not set: no stripe-mock to compare with")


def params(**changes: Any) -> Any:
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 2,
                "price_data": {"currency": "twd", "unit_amount": 98000, "product_data": {"name": "No. 3 serum"}},
            },
            {
                "quantity": 1,
                "price_data": {"currency": "twd", "unit_amount": 8000, "product_data": {"name": "Delivery"}},
            },
        ],
        "client_reference_id": "ref-1",
        "metadata": {"payment": "7"},
        "payment_intent_data": {"metadata": {"payment": "7"}},
        "success_url": "https://shop.example/ok",
        "cancel_url": "https://shop.example/no",
        "expires_at": int(time.time()) + 31 * 60,
        "locale": "zh-TW",
        **changes,
    }


def refused(client: stripe.StripeClient, **changes: Any) -> tuple[int | None, str | None]:
    with pytest.raises(stripe.InvalidRequestError) as error:
        client.v1.checkout.sessions.create(params(**changes))
    return error.value.http_status, error.value.param


# --- what both must do ------------------------------------------------------------------------------------------


def test_a_session_opens(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(params())

    assert (session.object, session.status, session.mode, session.livemode) == (
        "checkout.session",
        "open",
        "payment",
        False,
    )
    assert session.url


def test_an_unknown_parameter_is_refused(client: stripe.StripeClient) -> None:
    assert refused(client, colour="green")[0] == 400


def test_a_wrong_type_is_refused(client: stripe.StripeClient) -> None:
    assert refused(client, expires_at="soon")[0] == 400


def test_every_request_of_the_gateway_is_understood(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(params(), {"idempotency_key": f"k-{time.time()}"})

    assert client.v1.checkout.sessions.retrieve(session.id).object == "checkout.session"
    assert client.v1.checkout.sessions.line_items.list(session.id).to_dict()["object"] == "list"
    assert client.v1.checkout.sessions.expire(session.id).object == "checkout.session"


# --- what only a part with memory can do ----------------------------------------------------------------------


def test_a_session_is_what_was_asked_for(store: FakeStore, remembering: stripe.StripeClient) -> None:
    asked = params()

    created = remembering.v1.checkout.sessions.create(asked)
    session = remembering.v1.checkout.sessions.retrieve(created.id)

    assert (session.amount_total, session.currency, session.payment_status) == (204000, "twd", "unpaid")
    assert (session.client_reference_id, session.to_dict()["metadata"]) == ("ref-1", {"payment": "7"})
    assert (session.expires_at, session.success_url) == (asked["expires_at"], "https://shop.example/ok")
    assert session.locale == "zh-TW"
    lines = remembering.v1.checkout.sessions.line_items.list(created.id).data
    assert [(line.description, line.quantity, line.amount_total) for line in lines] == [
        ("No. 3 serum", 2, 196000),
        ("Delivery", 1, 8000),
    ]


def test_the_same_key_replays_the_first_answer(store: FakeStore, remembering: stripe.StripeClient) -> None:
    asked = params()

    first = remembering.v1.checkout.sessions.create(asked, {"idempotency_key": "k"})
    again = remembering.v1.checkout.sessions.create(asked, {"idempotency_key": "k"})
    other = remembering.v1.checkout.sessions.create(asked, {"idempotency_key": "k2"})

    assert (again.id, other.id != first.id) == (first.id, True)


def test_the_same_key_with_other_parameters_is_an_error(store: FakeStore, remembering: stripe.StripeClient) -> None:
    remembering.v1.checkout.sessions.create(params(), {"idempotency_key": "k"})

    with pytest.raises(stripe.IdempotencyError):
        remembering.v1.checkout.sessions.create(params(client_reference_id="ref-2"), {"idempotency_key": "k"})


def test_a_refused_request_leaves_its_key_free(store: FakeStore, remembering: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        remembering.v1.checkout.sessions.create(params(expires_at=1), {"idempotency_key": "k"})

    assert remembering.v1.checkout.sessions.create(params(), {"idempotency_key": "k"}).status == "open"


def test_one_key_from_many_threads_opens_one_session(store: FakeStore, remembering: stripe.StripeClient) -> None:
    asked = params()

    def create(_number: int) -> str:
        return remembering.v1.checkout.sessions.create(asked, {"idempotency_key": "k"}).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(16)))) == 1


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"colour": "green"}, "colour"),
        ({"metadata": "plain"}, "metadata"),
        ({"mode": "subscription"}, "mode"),
        ({"line_items": []}, "line_items"),
        ({"success_url": ""}, "success_url"),
        ({"expires_at": 1}, "expires_at"),
        ({"expires_at": 99999999999}, "expires_at"),
        ({"line_items": [{"quantity": 1, "price_data": {"currency": "twd"}}]}, "line_items[0][price_data]"),
    ],
)
def test_what_stripe_would_refuse_is_refused(
    store: FakeStore, remembering: stripe.StripeClient, changes: dict[str, Any], param: str
) -> None:
    assert refused(remembering, **changes) == (400, param)


def test_less_than_thirty_minutes_is_refused(store: FakeStore, remembering: stripe.StripeClient) -> None:
    assert refused(remembering, expires_at=int(time.time()) + 29 * 60) == (400, "expires_at")


@pytest.mark.parametrize("act", ["retrieve", "expire"])
def test_an_unknown_id_is_not_found(store: FakeStore, remembering: stripe.StripeClient, act: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as error:
        getattr(remembering.v1.checkout.sessions, act)("cs_test_nothing")

    assert (error.value.http_status, error.value.code) == (404, "resource_missing")


def test_an_unknown_address_is_not_found(store: FakeStore, remembering: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as error:
        remembering.v1.customers.create({"email": "a@b.example"})

    assert error.value.http_status == 404


def test_an_expired_session_cannot_expire_again_or_be_paid(store: FakeStore, remembering: stripe.StripeClient) -> None:
    session = remembering.v1.checkout.sessions.create(params())
    assert remembering.v1.checkout.sessions.expire(session.id).status == "expired"

    with pytest.raises(stripe.InvalidRequestError):
        remembering.v1.checkout.sessions.expire(session.id)
    with store.transaction() as rows:
        assert sessions.pay_session(rows, session.id)["status"] == "expired"


def test_a_paid_session_has_a_payment_and_cannot_expire(store: FakeStore, remembering: stripe.StripeClient) -> None:
    session = remembering.v1.checkout.sessions.create(params())
    with store.transaction() as rows:
        first, again = sessions.pay_session(rows, session.id), sessions.pay_session(rows, session.id)

    assert first == again
    assert (first["status"], first["payment_status"], first["url"]) == ("complete", "paid", None)
    intent = remembering.v1.payment_intents.retrieve(first["payment_intent"])
    assert (intent.amount_received, intent.status) == (204000, "succeeded")
    assert intent.to_dict()["metadata"] == {"payment": "7"}
    with pytest.raises(stripe.InvalidRequestError):
        remembering.v1.checkout.sessions.expire(session.id)


def test_refunds_add_up_to_what_was_paid_and_no_further(store: FakeStore, remembering: stripe.StripeClient) -> None:
    session = remembering.v1.checkout.sessions.create(params())
    with store.transaction() as rows:
        intent = sessions.pay_session(rows, session.id)["payment_intent"]

    part = remembering.v1.refunds.create({"payment_intent": intent, "amount": 4000})
    with pytest.raises(stripe.InvalidRequestError):
        remembering.v1.refunds.create({"payment_intent": intent, "amount": 200001})
    rest = remembering.v1.refunds.create({"payment_intent": intent})

    assert (part.amount, rest.amount, rest.status) == (4000, 200000, "succeeded")


def test_a_session_expires_by_itself_and_tells(store: FakeStore, remembering: stripe.StripeClient, db: None) -> None:
    session = remembering.v1.checkout.sessions.create(params())
    with store.transaction() as rows:
        body = rows.get(session.id) or {}
        rows.put({**body, "expires_at": 1}, open_until=1)

    assert deliver_due() == 1
    assert remembering.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_memory_survives_the_process(store: FakeStore, settings: Settings) -> None:
    session = stripe_client().v1.checkout.sessions.create(params())

    another = FakeStore(Path(settings.STRIPE_FAKE_PATH))

    assert another.webhook_secret == store.webhook_secret
    with another.transaction() as rows:
        assert sessions.get_session(rows, session.id)["id"] == session.id


# --- names are Stripe's -----------------------------------------------------------------------------------------


def fields_of(cls: type) -> tuple[set[str], set[str]]:
    """Return (every field of a Stripe object as the library knows it, those that are never absent)."""
    fields = {name: kind for name, kind in cls.__annotations__.items() if not name.isupper()}
    may_be_absent = {name for name, kind in fields.items() if type(None) in get_args(kind) or "Optional[" in str(kind)}
    return set(fields), set(fields) - may_be_absent


def an_example(kind: str) -> dict[str, Any]:
    session = objects.session_object(params(), url="u", session_id="cs_1")
    intent = objects.payment_intent_object(session, charge_id="ch_1", metadata={})
    charge = objects.charge_object(session, charge_id="ch_1", intent=intent)
    return {
        "session": session,
        "intent": intent,
        "charge": charge,
        "refund": objects.refund_object(charge, amount=1, params={}),
        "line": objects.line_item_objects(params())[0],
        "event": objects.event_object("x", session),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "cls"),
    [
        ("session", stripe.checkout.Session),
        ("intent", stripe.PaymentIntent),
        ("charge", stripe.Charge),
        ("refund", stripe.Refund),
        ("line", stripe.LineItem),
        ("event", stripe.Event),
    ],
)
def test_objects_have_stripes_fields_and_no_invented_ones(kind: str, cls: type) -> None:
    known, required = fields_of(cls)

    given = set(an_example(kind))

    assert given - known == set()
    assert required - given - {"type"} == set()


def test_the_api_version_is_the_librarys() -> None:
    assert stripe.api_version == objects.API_VERSION


# --- cards that were kept ---------------------------------------------------------------------------------------


def kept_card(store: FakeStore, last4: str = intents.WORKS) -> dict[str, Any]:
    with store.transaction() as rows:
        return intents.keep_card(rows, last4=last4)


def charge(client: stripe.StripeClient, card: dict[str, Any], key: str = "k", **changes: Any) -> stripe.PaymentIntent:
    asked: Any = {
        "amount": 30000,
        "currency": "twd",
        "customer": card["customer"],
        "payment_method": card["id"],
        "payment_method_types": ["card"],
        "off_session": True,
        "confirm": True,
        "metadata": {"collection": "5"},
        **changes,
    }
    return client.v1.payment_intents.create(asked, {"idempotency_key": key})


def test_a_kept_card_is_charged_at_once_and_once_a_key(store: FakeStore, remembering: stripe.StripeClient) -> None:
    card = kept_card(store)

    first, again, other = (charge(remembering, card, key) for key in ("k", "k", "k2"))

    assert (first.status, first.amount_received, first.to_dict()["metadata"]) == (
        "succeeded",
        30000,
        {"collection": "5"},
    )
    assert (again.id == first.id, other.id == first.id) == (True, False)
    refund = remembering.v1.refunds.create({"payment_intent": first.id})
    assert (refund.amount, refund.status) == (30000, "succeeded")


@pytest.mark.parametrize(
    ("last4", "code", "decline"),
    [
        (intents.IS_DECLINED, "card_declined", "generic_decline"),
        (intents.ASKS_AGAIN, "authentication_required", "authentication_required"),
    ],
)
def test_a_refused_card_is_answered_the_same_each_time(
    store: FakeStore, remembering: stripe.StripeClient, last4: str, code: str, decline: str
) -> None:
    card = kept_card(store, last4)
    told = []
    for _time in range(2):
        with pytest.raises(stripe.CardError) as refused:
            charge(remembering, card)
        body: Any = refused.value.json_body
        told.append((refused.value.http_status, refused.value.code, body["error"]["decline_code"]))
        intent = body["error"]["payment_intent"]

    assert told == [(402, code, decline)] * 2
    assert remembering.v1.payment_intents.retrieve(intent["id"]).status == "requires_payment_method"
    with store.transaction() as rows:
        assert len(rows.all_of("payment_intent")) == 1


def test_a_slow_bank_decides_later(store: FakeStore, remembering: stripe.StripeClient) -> None:
    intent = charge(remembering, kept_card(store, intents.IS_SLOW))
    assert intent.status == "processing"

    with store.transaction() as rows:
        intents.settle_intent(rows, intent.id, arrives=False)

    kept = remembering.v1.payment_intents.retrieve(intent.id)
    assert (kept.status, kept.amount_received) == ("requires_payment_method", 0)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"customer": "cus_of_another"}, "payment_method"),
        ({"payment_method": "pm_nobody"}, "payment_method"),
        ({"amount": 0}, "amount"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_what_stripe_would_refuse_of_a_charge_is_refused(
    store: FakeStore, remembering: stripe.StripeClient, changes: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        charge(remembering, kept_card(store), **changes)

    assert refused.value.param == param


def test_a_payment_names_its_card_and_shows_it_when_asked(store: FakeStore, remembering: stripe.StripeClient) -> None:
    saving = {"customer_creation": "always", "saved_payment_method_options": {"payment_method_save": "enabled"}}
    session = remembering.v1.checkout.sessions.create(params(**saving))
    with store.transaction() as rows:
        intent_id = sessions.pay_session(rows, session.id, kept_last4=intents.WORKS)["payment_intent"]

    plain = remembering.v1.payment_intents.retrieve(intent_id).to_dict()
    shown = remembering.v1.payment_intents.retrieve(intent_id, {"expand": ["payment_method"]}).to_dict()

    assert plain["payment_method"] == shown["payment_method"]["id"]
    assert shown["payment_method"]["allow_redisplay"] == "always"
    assert shown["payment_method"]["customer"] == plain["customer"]
