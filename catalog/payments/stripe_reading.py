"""Stripe's objects, read into our own words; nothing here speaks to the network."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from catalog.money import Money
from catalog.payments.facts import (
    DisputeFacts,
    GatewayEvent,
    IntentFacts,
    RefundFacts,
    RefundReport,
    SavedCard,
    SessionFacts,
)

Body = dict[str, Any]
_PAID = ("paid", "no_payment_required")
_REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
_INTENT_EVENTS = ("payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled")


def read_event(data: Body, *, body: str) -> GatewayEvent:
    """Return an event with the facts that its kind carries.

    Raises: KeyError, TypeError, ValueError, AttributeError when it is not shaped as Stripe's events are.
    """
    kind, thing = _text(data["type"])[:100], data["data"]["object"]
    return GatewayEvent(
        id=_text(data["id"]),
        kind=kind,
        created=_moment(data["created"]),
        body=body,
        session=session_facts(thing) if kind.startswith("checkout.session.") else None,
        intent=intent_facts(thing) if kind in _INTENT_EVENTS else None,
        refunded=_charge_facts(thing) if kind == "charge.refunded" else None,
        refund=refund_report(thing) if kind in _REFUND_EVENTS else None,
        dispute=_dispute_facts(thing) if kind.startswith("charge.dispute.") else None,
    )


def event_of_object(data: Body) -> GatewayEvent:
    """Return an event that was read from Stripe's list instead of delivered."""
    return read_event(data, body=json.dumps(data, ensure_ascii=False))


def session_facts(session: Body) -> SessionFacts:
    """Return how a Checkout Session stands."""
    return SessionFacts(
        session_id=_text(session["id"]),
        url=session.get("url") or "",
        status=session.get("status") or "open",
        is_paid=session.get("status") == "complete" and session.get("payment_status") in _PAID,
        amount=_money(session.get("amount_total") or 0, session.get("currency")),
        payment_intent_id=_id_of(session.get("payment_intent")),
        payment_id=_echoed(session, "payment"),
        order_reference=str(session.get("client_reference_id") or ""),
        expires_at=_moment(session["expires_at"]),
        tax=_money((session.get("total_details") or {}).get("amount_tax") or 0, session.get("currency")),
    )


def refund_report(refund: Body) -> RefundReport:
    """Return how one refund stands."""
    return RefundReport(
        refund_id=_text(refund["id"]),
        status=str(refund.get("status") or "pending"),
        payment_intent_id=_id_of(refund.get("payment_intent")),
        amount=_money(refund["amount"], refund["currency"]),
        request_id=_echoed(refund, "refund_request"),
        error=str(refund.get("failure_reason") or ""),
    )


def intent_facts(intent: Body) -> IntentFacts:
    """Return how a PaymentIntent stands."""
    error = intent.get("last_payment_error") or {}
    unconfirmed = "authentication_required" if intent.get("status") == "requires_action" else ""
    return IntentFacts(
        payment_intent_id=_text(intent["id"]),
        is_paid=intent.get("status") == "succeeded",
        received=_money(intent.get("amount_received") or 0, intent.get("currency")),
        error=str(error.get("decline_code") or error.get("code") or intent.get("cancellation_reason") or unconfirmed)[
            :80
        ],
        payment_id=_echoed(intent, "payment"),
        order_reference=str((intent.get("metadata") or {}).get("order", "")),
        collection_id=_echoed(intent, "collection"),
    )


def saved_card(intent: Body) -> SavedCard | None:
    """Return the card of a PaymentIntent whose method was expanded, if its owner let the provider keep it."""
    method = intent.get("payment_method")
    if not isinstance(method, dict) or method.get("allow_redisplay") != "always" or method.get("type") != "card":
        return None
    card, customer = method.get("card") or {}, _id_of(method.get("customer"))
    if not customer:
        return None
    return SavedCard(customer, _text(method["id"]), str(card.get("brand") or "")[:30], str(card.get("last4") or "")[:4])


def _charge_facts(charge: Body) -> RefundFacts:
    return RefundFacts(
        payment_intent_id=_id_of(charge.get("payment_intent")),
        refunded_in_all=_money(charge["amount_refunded"], charge["currency"]),
        payment_id=_echoed(charge, "payment"),
        order_reference=str((charge.get("metadata") or {}).get("order", "")),
    )


def _dispute_facts(dispute: Body) -> DisputeFacts:
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return DisputeFacts(
        dispute_id=_text(dispute["id"]),
        payment_intent_id=_id_of(dispute.get("payment_intent")),
        status=str(dispute["status"]),
        amount=_money(dispute["amount"], dispute["currency"]),
        reason=str(dispute.get("reason") or "")[:60],
        opened_at=_moment(dispute["created"]),
        evidence_due_at=_moment(due) if due else None,
    )


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except OverflowError as error:
        raise ValueError(f"{seconds} is no time") from error


def _money(minor: object, currency: object) -> Money:
    if isinstance(minor, bool) or not isinstance(minor, int) or not 0 <= minor < 10**15:
        raise ValueError(f"{minor!r} is no amount")
    return Money(minor, str(currency or "").upper())


def _text(value: object) -> str:
    """Return an id.

    Raises: ValueError for anything that is none.
    """
    if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isprintable():
        raise ValueError(f"{value!r} is no id")
    return value


def _id_of(value: object) -> str:
    """Return the id of a reference, which Stripe sends as an id or, expanded, as the object; "" for none."""
    if not value:
        return ""
    return _text(value["id"] if isinstance(value, dict) else value)


def _echoed(thing: Body, name: str) -> int | None:
    """Return the id that we gave along as metadata, if it is there."""
    given = str((thing.get("metadata") or {}).get(name, ""))
    return int(given) if given.isdecimal() and given.isascii() and len(given) < 19 else None
