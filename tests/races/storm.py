"""A webhook storm: the lives of many orders, told several times over, out of order and contradicting themselves."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import stripe
from django.db.models import F
from django.test import Client

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.orders.models import LedgerEntry, LedgerKind, Order, OrderState
from catalog.outbox.models import OutboxMessage
from catalog.payments import stripe_fake_objects as objects
from catalog.payments.models import Payment
from catalog.payments.services import start_checkout
from catalog.payments.stripe_fake_store import FakeStore
from tests.catalog.buying import make_buying

COPIES = 4
TRIES = 4
REFUNDS = (1000, 5000)  # what has gone back in all, as it is told
Deliver = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a storm left behind."""

    orders: int
    paid: int
    fulfilled: int  # orders for which `order.paid` went out
    fulfilled_twice: int
    wrong_refunds: int  # orders whose payment, or whose ledger, shows another total than the last one told
    answers: frozenset[int]

    @property
    def is_right(self) -> bool:
        """Whether every order was paid once, and every total is what was told last."""
        return (self.paid, self.fulfilled, self.fulfilled_twice, self.wrong_refunds, self.answers) == (
            self.orders,
            self.orders,
            0,
            0,
            frozenset({200}),
        )


def place_orders(merchant: Merchant, count: int) -> list[Payment]:
    """Return the open payments of `count` orders of one piece each."""
    with merchant_scope(merchant):
        buying = make_buying(merchant, stock=count)
        return [start_checkout(order_id=buying.order().pk) for _number in range(count)]


def deliveries(store: FakeStore, payments: list[Payment]) -> list[str]:
    """Return every event of every order COPIES times, shuffled: at least 13 deliveries an order."""
    bodies: list[str] = []
    for number, payment in enumerate(payments):
        bodies += COPIES * [json.dumps(event) for event in _life(store, payment, contradicts=number % 10 < 3)]
    random.Random(7).shuffle(bodies)
    return bodies


def _life(store: FakeStore, payment: Payment, *, contradicts: bool) -> list[dict[str, Any]]:
    """Paid, refunded in two steps (each told as the total); 3 in 10 are also told, late, to have expired."""
    with store.transaction() as rows:
        session = rows.found(payment.session_id, "checkout.session")
    intent = objects.payment_intent_object(session, charge_id="ch_1", metadata=session["metadata"])
    complete = session | {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"]}
    charge = objects.charge_object(session, charge_id=f"ch_{payment.pk}", intent=intent)
    life = [objects.event_object("checkout.session.completed", complete)]
    life += [objects.event_object("charge.refunded", charge | {"amount_refunded": total}) for total in REFUNDS]
    if contradicts:
        life.append(objects.event_object("checkout.session.expired", session | {"status": "expired"}))
    return life


def through_the_endpoint(store: FakeStore) -> Deliver:
    """Deliver to the real endpoint, signed, over HTTP; a server error is delivered again, as Stripe does.

    (A crowded SQLite may answer "locked" to one of sixteen writers; nothing of that delivery is then written.)
    """

    def deliver(body: str) -> int:
        answer = 500
        for _try in range(TRIES):
            header = stripe.WebhookSignature.generate_signature_header(body, store.webhook_secret)
            answer = (
                Client(raise_request_exception=False)
                .post("/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": header})
                .status_code
            )
            if answer < 500:
                break
        return answer

    return deliver


def naively(body: str) -> int:
    """What a first draft of a handler does: no event is remembered, and the last one told wins."""
    data = json.loads(body)
    thing = data["data"]["object"]
    with every_merchant():
        payment = Payment.objects.select_related("order").get(pk=int(thing["metadata"]["payment"]))
        if data["type"] == "charge.refunded":
            Payment.objects.filter(pk=payment.pk).update(refunded_minor=thing["amount_refunded"])
            return 200
        is_paid = data["type"] == "checkout.session.completed"
        if is_paid and payment.order.state != OrderState.PAID:
            _naive_fulfilment(payment.order)
        Order.objects.filter(pk=payment.order_id).update(state=OrderState.PAID if is_paid else OrderState.EXPIRED)
    return 200


def _naive_fulfilment(order: Order) -> None:
    OutboxMessage.objects.create(
        topic="order.paid", subscriber="x", lane="money", key=str(order.reference), available_at=order.placed_at
    )


def tally(payments: list[Payment], answers: list[int]) -> Tally:
    """Count what is true after the storm."""
    with every_merchant():
        keys = list(OutboxMessage.objects.filter(topic="order.paid").values_list("key", flat=True))
        wrong = {payment.order_id for payment in Payment.objects.exclude(refunded_minor=REFUNDS[-1])} | {
            order_id for order_id, booked in _booked_refunds().items() if booked != REFUNDS[-1]
        }
        return Tally(
            orders=len(payments),
            paid=Order.objects.filter(state=OrderState.PAID).count(),
            fulfilled=len(set(keys)),
            fulfilled_twice=len(keys) - len(set(keys)),
            wrong_refunds=len(wrong),
            answers=frozenset(answers),
        )


def _booked_refunds() -> dict[int, int]:
    totals = dict.fromkeys(Order.objects.values_list("pk", flat=True), 0)
    refunds = LedgerEntry.objects.filter(kind=LedgerKind.REFUND).values_list("order_id", "amount_minor")
    for order_id, amount in refunds:
        totals[order_id] += amount
    return totals


def payments_in_ledger() -> int:
    """Return how many payments were booked at the order's full total."""
    with every_merchant():
        booked = LedgerEntry.objects.filter(kind=LedgerKind.PAYMENT, amount_minor=F("order__total_minor"))
        return booked.count()
