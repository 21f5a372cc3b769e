"""A clearly marked local Stripe: the stripe library is handed this HTTP client instead of a network."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import stripe

from catalog.payments import stripe_fake_charges as charges
from catalog.payments import stripe_fake_intents as intents
from catalog.payments import stripe_fake_sessions as sessions
from catalog.payments.stripe_fake_objects import new_id
from catalog.payments.stripe_fake_params import (
    EVENT_LIST,
    EXPAND_ONLY,
    INTENT_CREATE,
    PAGE,
    REFUND_CREATE,
    REFUND_LIST,
    SESSION_CREATE,
    FakeError,
    Params,
    read_params,
)
from catalog.payments.stripe_fake_store import FakeRows, FakeStore

Body = dict[str, Any]
Answer = tuple[str, int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: re.Pattern[str]
    shape: Params
    act: Callable[[FakeRows, list[str], Params], Body]


def _route(method: str, path: str, shape: Params, act: Callable[[FakeRows, list[str], Params], Body]) -> _Route:
    return _Route(method, re.compile(path.replace("{id}", "([^/]+)")), shape, act)


def _refund(rows: FakeRows, params: Params) -> Body:
    return charges.create_refund(rows, params, status="pending" if rows.behaviour.slow_refunds else "succeeded")


_SESSIONS = "/v1/checkout/sessions"
_ROUTES = (
    _route("post", _SESSIONS, SESSION_CREATE, lambda rows, ids, params: sessions.create_session(rows, params)),
    _route("get", _SESSIONS + "/{id}", EXPAND_ONLY, lambda rows, ids, params: sessions.get_session(rows, *ids)),
    _route("get", _SESSIONS + "/{id}/line_items", PAGE, lambda rows, ids, params: sessions.line_items(rows, *ids)),
    _route(
        "post", _SESSIONS + "/{id}/expire", EXPAND_ONLY, lambda rows, ids, params: sessions.expire_session(rows, *ids)
    ),
    _route(
        "get",
        "/v1/payment_intents/{id}",
        EXPAND_ONLY,
        lambda rows, ids, params: intents.expanded(
            rows, charges.get_payment_intent(rows, *ids), params.get("expand", [])
        ),
    ),
    _route("post", "/v1/payment_intents", INTENT_CREATE, lambda rows, ids, params: intents.create_intent(rows, params)),
    _route("post", "/v1/refunds", REFUND_CREATE, lambda rows, ids, params: _refund(rows, params)),
    _route("get", "/v1/refunds", REFUND_LIST, lambda rows, ids, params: charges.list_refunds(rows, params)),
    _route("get", "/v1/events", EVENT_LIST, lambda rows, ids, params: charges.list_events(rows, params)),
)


class FakeStripe(stripe.HTTPClient):
    """Answers the library's requests from a FakeStore."""

    name = "local stand-in"

    def __init__(self, store: FakeStore) -> None:
        super().__init__()
        self._store = store

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> Answer:
        """Answer one request as Stripe would: (body, status, headers)."""
        address = urlsplit(url)
        encoded = post_data if method == "post" else address.query
        key = (headers or {}).get("Idempotency-Key", "") if method == "post" else ""
        behaviour = self._store.behaviour
        if behaviour.happens(behaviour.errors):
            return _out_of_order()
        try:
            with self._store.transaction() as rows:
                body, replayed = _answer(rows, method, address.path, encoded or "", key)
        except FakeError as error:
            return json.dumps(error.body), error.status, {"Request-Id": new_id("req")}
        if behaviour.happens(behaviour.lost_answers):
            return _out_of_order()
        more = {"Idempotent-Replayed": "true"} if replayed else {}
        # A refused card is an answer like any other: remembered under its key, told with its payment.
        status = 402 if body.startswith('{"error"') else 200
        return body, status, {"Request-Id": new_id("req"), **more}

    def close(self) -> None:
        """There is nothing to close."""


def _out_of_order() -> Answer:
    """Return what a provider answers that is out of order; the library then asks again."""
    error = {"type": "api_error", "message": "The stand-in is out of order, as it was told to be."}
    return json.dumps({"error": error}), 500, {"Request-Id": new_id("req")}


def _answer(rows: FakeRows, method: str, path: str, encoded: str, key: str) -> tuple[str, bool]:
    """Return (body, whether it is a replay). A reply is remembered in the transaction that made it true.

    Raises: FakeError.
    """
    request = hashlib.sha256(f"{method} {path} {encoded}".encode()).hexdigest()
    known = rows.reply(key) if key else None
    if known is not None:
        if known[0] != request:
            message = "Keys for idempotent requests can only be used with the same parameters they were first used with"
            raise FakeError(400, "", f"{message}: '{key}'.", kind="idempotency_error")
        return known[1], True
    for route in _ROUTES:
        match = route.path.fullmatch(path)
        if match and route.method == method:
            body = json.dumps(route.act(rows, list(match.groups()), read_params(encoded, route.shape)))
            if key:
                rows.keep_reply(key, request, body)
            return body, False
    raise FakeError(404, "", f"Unrecognized request URL ({method.upper()}: {path}).")


def sign(body: str, secret: str) -> str:
    """Return the Stripe-Signature header of an event, signed now."""
    return str(stripe.WebhookSignature.generate_signature_header(body, secret))
