"""What the stand-in does: a checkout's life from open to complete, paid at once or later, or expired."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urljoin

from django.conf import settings

from catalog.payments.stripe_fake_intents import keep_card
from catalog.payments.stripe_fake_objects import (
    charge_object,
    event_object,
    line_item_objects,
    new_id,
    payment_error_object,
    payment_intent_object,
    session_object,
)
from catalog.payments.stripe_fake_params import FakeError
from catalog.payments.stripe_fake_store import FakeRows

Body = dict[str, Any]

# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
_EXPIRES_S = (30 * 60, 24 * 3600)


def create_session(rows: FakeRows, params: Body) -> Body:
    """Open a session.

    Raises: FakeError 400 as Stripe would.
    """
    _check_session(params)
    session_id = new_id("cs_test")
    session = session_object(params, url=urljoin(settings.PUBLIC_URL, f"/pay/{session_id}/"), session_id=session_id)
    rows.put(session, open_until=session["expires_at"])
    intent_metadata = params.get("payment_intent_data", {}).get("metadata", {})
    rows.put({"id": _beside(session_id), "data": line_item_objects(params), "intent_metadata": intent_metadata})
    return session


def _check_session(params: Body) -> None:
    for name in ("mode", "success_url", "line_items"):
        if not params.get(name):
            raise FakeError(400, "parameter_missing", f"Missing required param: {name}.", param=name)
    if params["mode"] != "payment":
        raise FakeError(400, "parameter_invalid_enum", "the stand-in knows only mode=payment", param="mode")
    for index, line in enumerate(params["line_items"]):
        _check_line(line, f"line_items[{index}]")
    if len({line["price_data"]["currency"] for line in params["line_items"]}) != 1:
        raise FakeError(400, "", "All line items must have the same currency.", param="line_items")
    shortest, longest = _EXPIRES_S
    expires_at = params.setdefault("expires_at", int(time.time()) + longest)
    # A second of grace: the caller's clock is ours, but a whole second was cut off its time.
    if not shortest - 1 <= expires_at - time.time() <= longest + 1:
        message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
        raise FakeError(400, "", message, param="expires_at")


def _check_line(line: Body, path: str) -> None:
    price = line.get("price_data") or {}
    if not price.get("currency") or "unit_amount" not in price or not (price.get("product_data") or {}).get("name"):
        raise FakeError(400, "parameter_missing", f"Missing required param: {path}.", param=f"{path}[price_data]")
    if price["unit_amount"] < 0 or line.get("quantity", 0) < 1:
        raise FakeError(400, "parameter_invalid_integer", "This value must be greater than or equal to 0.", param=path)
    if price["currency"] != price["currency"].lower():
        raise FakeError(400, "", f"Invalid currency: {price['currency']}", param=f"{path}[price_data][currency]")


def get_session(rows: FakeRows, session_id: str) -> Body:
    """Return a session, expired first if its time is over.

    Raises: FakeError 404.
    """
    session = rows.found(session_id, "checkout.session")
    if session["status"] == "open" and session["expires_at"] <= time.time():
        return _expire(rows, session)
    return session


def line_items(rows: FakeRows, session_id: str) -> Body:
    """Return a session's line items as a list object.

    Raises: FakeError 404.
    """
    rows.found(session_id, "checkout.session")
    url = f"/v1/checkout/sessions/{session_id}/line_items"
    return {"object": "list", "data": _kept(rows, session_id)["data"], "has_more": False, "url": url}


def _beside(session_id: str) -> str:
    """Return the id of what is kept of a session beside the object itself."""
    return f"{session_id}:kept"


def _kept(rows: FakeRows, session_id: str) -> Body:
    return rows.get(_beside(session_id)) or {"data": [], "intent_metadata": {}}


def expire_session(rows: FakeRows, session_id: str) -> Body:
    """Close an open session.

    Raises: FakeError 404; 400 when it is not open any more.
    """
    session = get_session(rows, session_id)
    if session["status"] != "open":
        message = f'Only Checkout Sessions with a status in ["open"] can be expired; this one is {session["status"]}.'
        raise FakeError(400, "", message)
    return _expire(rows, session)


def _expire(rows: FakeRows, session: Body) -> Body:
    session = {**session, "status": "expired", "url": None}
    rows.put(session)
    rows.add_delivery(event_object("checkout.session.expired", session))
    return session


def expire_overdue(rows: FakeRows) -> None:
    """Expire every open session whose time is over, as Stripe does without being asked."""
    for session in rows.overdue(time.time()):
        _expire(rows, session)


def may_keep_card(session: Body) -> bool:
    """Whether the pay page asks if the card is to be kept."""
    asked = session.get("saved_payment_method_options") or {}
    return bool(asked.get("payment_method_save") == "enabled")


def pay_session(rows: FakeRows, session_id: str, *, kept_last4: str = "") -> Body:
    """Pay an open session with a card that works; a session that is not open is returned as it is.

    Args: `kept_last4` the card is kept for later, where the session allows that; its last digits say how it will behave
    then (`stripe_fake_intents`).
    Raises: FakeError 404; 400 for a card the stand-in does not know.
    """
    session = get_session(rows, session_id)
    if session["status"] != "open":
        return session
    session = {**session, "status": "complete", "url": None, "payment_status": "no_payment_required"}
    card = keep_card(rows, last4=kept_last4) if kept_last4 and may_keep_card(session) else None
    if session["amount_total"]:
        session |= {"payment_status": "paid", "payment_intent": _charge(rows, session, card=card)["id"]}
    if card:
        session |= {"customer": card["customer"]}
    rows.put(session)
    rows.add_delivery(event_object("checkout.session.completed", session))
    return session


def decline_session(rows: FakeRows, session_id: str) -> Body:
    """Try a card that is declined: the session stays open, the payment's refusal is reported.

    Raises: FakeError 404.
    """
    session = get_session(rows, session_id)
    if session["status"] == "open":
        error = payment_error_object("card_declined", decline_code="generic_decline")
        intent = _intent(rows, session, status="requires_payment_method", error=error)
        rows.add_delivery(event_object("payment_intent.payment_failed", intent))
    return session


def promise_session(rows: FakeRows, session_id: str) -> Body:
    """Complete an open session by a method that settles later (a bank transfer): complete, but not paid.

    Raises: FakeError 404.
    """
    session = get_session(rows, session_id)
    if session["status"] != "open":
        return session
    intent = _intent(rows, session, status="processing")
    session = {**session, "status": "complete", "url": None, "payment_intent": intent["id"]}
    rows.put(session)
    rows.add_delivery(event_object("checkout.session.completed", session))
    return session


def settle_promise(rows: FakeRows, session_id: str, *, arrives: bool) -> Body:
    """Let the money of a promised session arrive, or not; a session that waits for none is returned as it is.

    Raises: FakeError 404.
    """
    session = get_session(rows, session_id)
    if session["status"] != "complete" or session["payment_status"] != "unpaid":
        return session
    if arrives:
        session = {**session, "payment_status": "paid", "payment_intent": _charge(rows, session)["id"]}
    else:
        error = payment_error_object("payment_intent_payment_attempt_failed")
        intent = _intent(rows, session, status="requires_payment_method", error=error)
        rows.add_delivery(event_object("payment_intent.payment_failed", intent))
    rows.put(session)
    outcome = "succeeded" if arrives else "failed"
    rows.add_delivery(event_object(f"checkout.session.async_payment_{outcome}", session))
    return session


def _charge(rows: FakeRows, session: Body, *, card: Body | None = None) -> Body:
    """Take a session's money; return its PaymentIntent, which names a card that is kept."""
    charge_id = new_id("ch")
    intent = _intent(rows, session, status="succeeded", charge_id=charge_id)
    if card:
        intent |= {"payment_method": card["id"], "customer": card["customer"]}
        rows.put(intent)
    rows.put(charge_object(session, charge_id=charge_id, intent=intent))
    rows.add_delivery(event_object("payment_intent.succeeded", intent))
    return intent


def _intent(
    rows: FakeRows, session: Body, *, status: str, charge_id: str | None = None, error: Body | None = None
) -> Body:
    """Write the session's one PaymentIntent as it is now."""
    kept = _kept(rows, session["id"])
    metadata = kept["intent_metadata"]
    intent = payment_intent_object(session, charge_id=charge_id, metadata=metadata, status=status, error=error)
    intent["id"] = kept.setdefault("intent_id", intent["id"])
    rows.put({**kept, "id": _beside(session["id"])})
    rows.put(intent)
    return intent
