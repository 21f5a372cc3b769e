"""What the stand-in does with money it took: refunds, disputes, and the list of what it reported."""

from __future__ import annotations

from typing import Any

from catalog.payments.stripe_fake_objects import dispute_object, event_object, refund_object
from catalog.payments.stripe_fake_params import FakeError
from catalog.payments.stripe_fake_store import FakeRows

Body = dict[str, Any]


def get_payment_intent(rows: FakeRows, intent_id: str) -> Body:
    """Return a PaymentIntent.

    Raises: FakeError 404.
    """
    return rows.found(intent_id, "payment_intent")


def create_refund(rows: FakeRows, params: Body, *, status: str = "succeeded") -> Body:
    """Send money of a payment back; without an amount, all that is left.

    Args: `status` pending leaves it on its way until `settle_refund`.
    Raises: FakeError 404; 400 for more than is left, or while the payment is disputed.
    """
    if not params.get("payment_intent"):
        raise FakeError(400, "parameter_missing", "Missing required param: payment_intent.", param="payment_intent")
    charge = _charge_of(rows, params["payment_intent"])
    if charge["disputed"]:
        raise FakeError(400, "charge_disputed", f"Charge {charge['id']} has been charged back; cannot issue a refund.")
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if not 0 < amount <= left:
        code = "charge_already_refunded" if not left else "amount_too_large"
        raise FakeError(400, code, f"Refund amount ({amount}) is greater than what is left ({left}).", param="amount")
    charge = _refunded(rows, charge, amount)
    refund = refund_object(charge, amount=amount, params=params, status=status)
    rows.put(refund)
    rows.add_delivery(event_object("refund.created", refund))
    rows.add_delivery(event_object("charge.refunded", charge))
    return refund


def settle_refund(rows: FakeRows, refund_id: str, *, arrives: bool) -> Body:
    """Let a refund arrive, or come back because the cardholder's bank refused it.

    Raises: FakeError 404.
    """
    refund = rows.found(refund_id, "refund")
    refund |= {"status": "succeeded"} if arrives else {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    rows.put(refund)
    if not arrives:
        _refunded(rows, rows.found(refund["charge"], "charge"), -refund["amount"])
    rows.add_delivery(event_object("refund.updated" if arrives else "refund.failed", refund))
    return refund


def list_refunds(rows: FakeRows, params: Body) -> Body:
    """Return the refunds of a payment, the newest first."""
    of_payment = {"payment_intent": params["payment_intent"]} if params.get("payment_intent") else {}
    return _page(rows.all_of("refund", **of_payment), params, "/v1/refunds")


def open_dispute(rows: FakeRows, intent_id: str, *, reason: str = "fraudulent", amount: int | None = None) -> Body:
    """Let the cardholder ask the bank for the money of a payment.

    Raises: FakeError 404.
    """
    charge = _charge_of(rows, intent_id) | {"disputed": True}
    rows.put(charge)
    dispute = dispute_object(charge, amount=charge["amount"] if amount is None else amount, reason=reason)
    rows.put(dispute)
    for kind in ("charge.dispute.created", "charge.dispute.funds_withdrawn"):
        rows.add_delivery(event_object(kind, dispute))
    return dispute


def close_dispute(rows: FakeRows, dispute_id: str, *, won: bool) -> Body:
    """Let the bank decide.

    Raises: FakeError 404.
    """
    dispute = rows.found(dispute_id, "dispute") | {"status": "won" if won else "lost"}
    rows.put(dispute)
    kinds = ("charge.dispute.closed", "charge.dispute.funds_reinstated") if won else ("charge.dispute.closed",)
    for kind in kinds:
        rows.add_delivery(event_object(kind, dispute))
    return dispute


def list_events(rows: FakeRows, params: Body) -> Body:
    """Return the events that were reported, the newest first; `delivery_success` asks for the delivered or the rest."""
    wanted = {"true": True, "false": False}.get(str(params.get("delivery_success", "")).lower())
    oldest = params.get("created", {}).get("gte", 0)
    return _page(rows.events(since=oldest, delivered=wanted), params, "/v1/events")


def _page(newest_first: list[Body], params: Body, url: str) -> Body:
    ids = [row["id"] for row in newest_first]
    after = params.get("starting_after")
    start = ids.index(after) + 1 if after in ids else 0
    limit = params.get("limit", 10)
    page = newest_first[start : start + limit]
    return {"object": "list", "data": page, "has_more": len(newest_first) > start + limit, "url": url}


def _charge_of(rows: FakeRows, intent_id: str) -> Body:
    charge_id = get_payment_intent(rows, intent_id)["latest_charge"]
    if charge_id is None:
        raise FakeError(400, "", f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.")
    return rows.found(charge_id, "charge")


def _refunded(rows: FakeRows, charge: Body, amount: int) -> Body:
    refunded = charge["amount_refunded"] + amount
    charge |= {"amount_refunded": refunded, "refunded": refunded == charge["amount"]}
    rows.put(charge)
    return charge
