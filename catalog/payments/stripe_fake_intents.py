"""What the stand-in does with cards that were kept: charged without their owner, or refused as a bank would."""

from __future__ import annotations

from typing import Any

from catalog.payments.stripe_fake_objects import (
    card_object,
    charge_object,
    event_object,
    new_id,
    payment_error_object,
    payment_intent_object,
)
from catalog.payments.stripe_fake_params import FakeError
from catalog.payments.stripe_fake_store import FakeRows

Body = dict[str, Any]

# How a kept card behaves when it is charged later: the last digits of Stripe's own test cards.
# https://docs.stripe.com/testing
WORKS, ASKS_AGAIN, IS_DECLINED, IS_SLOW = "4242", "3184", "0341", "0000"
CARDS = (WORKS, ASKS_AGAIN, IS_DECLINED, IS_SLOW)


def keep_card(rows: FakeRows, *, last4: str) -> Body:
    """Keep a card for a customer of its own; return the payment method.

    Raises: FakeError 400 for a card the stand-in does not know.
    """
    if last4 not in CARDS:
        raise FakeError(400, "incorrect_number", "Your card number is incorrect.", param="number", kind="card_error")
    method = card_object(last4=last4, customer=new_id("cus"))
    rows.put(method)
    return method


def expanded(rows: FakeRows, intent: Body, names: list[str]) -> Body:
    """Return an intent with its payment method in place of its name, where that was asked for."""
    method = rows.get(intent["payment_method"]) if intent["payment_method"] else None
    return {**intent, "payment_method": method} if method and "payment_method" in names else intent


def create_intent(rows: FakeRows, params: Body) -> Body:
    """Charge a kept card at once; return the PaymentIntent, or {"error": …} as Stripe answers with status 402.

    Raises: FakeError 400 for parameters Stripe would refuse; 404 for a card it does not have.
    """
    method = _checked(rows, params)
    error = _refusal(method["card"]["last4"])
    status = "requires_payment_method" if error else "succeeded"
    if method["card"]["last4"] == IS_SLOW:
        status = "processing"
    charge_id = new_id("ch") if status == "succeeded" else None
    money = {"amount_total": params["amount"], "currency": params["currency"]}
    intent = payment_intent_object(
        money, charge_id=charge_id, metadata=params.get("metadata", {}), status=status, error=error
    ) | {"customer": params["customer"], "payment_method": None if error else method["id"]}
    rows.put(intent)
    if charge_id:
        rows.put(charge_object(money, charge_id=charge_id, intent=intent))
        rows.add_delivery(event_object("payment_intent.succeeded", intent))
    if error:
        rows.add_delivery(event_object("payment_intent.payment_failed", intent))
        return {"error": {**error, "payment_intent": intent}}
    return intent


def settle_intent(rows: FakeRows, intent_id: str, *, arrives: bool) -> Body:
    """Let a charge that the bank had not decided succeed, or not; one that is decided is returned as it is.

    Raises: FakeError 404.
    """
    intent = rows.found(intent_id, "payment_intent")
    if intent["status"] != "processing":
        return intent
    if arrives:
        charge_id = new_id("ch")
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge_id}
        money = {"amount_total": intent["amount"], "currency": intent["currency"]}
        rows.put(charge_object(money, charge_id=charge_id, intent=intent))
    else:
        error = payment_error_object("card_declined", decline_code="generic_decline")
        intent |= {"status": "requires_payment_method", "last_payment_error": error, "payment_method": None}
    rows.put(intent)
    rows.add_delivery(event_object(f"payment_intent.{'succeeded' if arrives else 'payment_failed'}", intent))
    return intent


def _checked(rows: FakeRows, params: Body) -> Body:
    for name in ("amount", "currency"):
        if name not in params:
            raise FakeError(400, "parameter_missing", f"Missing required param: {name}.", param=name)
    if params["amount"] < 1:
        message = "This value must be greater than or equal to 1."
        raise FakeError(400, "parameter_invalid_integer", message, param="amount")
    if params.get("confirm") != "true" or params.get("off_session") != "true":
        message = "the stand-in knows only charges at once of a card whose owner is not there"
        raise FakeError(400, "parameter_missing", message, param="confirm")
    method = rows.get(params.get("payment_method", ""))
    if method is None or method.get("object") != "payment_method":
        name = params.get("payment_method", "")
        raise FakeError(404, "resource_missing", f"No such PaymentMethod: '{name}'", param="payment_method")
    if method["customer"] != params.get("customer"):
        message = "The provided PaymentMethod does not belong to the Customer you supplied."
        raise FakeError(400, "payment_method_customer_mismatch", message, param="payment_method")
    return method


def _refusal(last4: str) -> Body | None:
    if last4 == ASKS_AGAIN:
        return payment_error_object("authentication_required", decline_code="authentication_required")
    if last4 == IS_DECLINED:
        return payment_error_object("card_declined", decline_code="generic_decline")
    return None
