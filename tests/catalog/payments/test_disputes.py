"""A dispute: the order is flagged, the goods stay, the merchant is told, a lost one is booked."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core import mail
from pytest_django import Settings

from catalog.accounts.models import Membership, Role
from catalog.money import Money
from catalog.orders import ledger
from catalog.orders import services as orders
from catalog.orders.errors import OrderDisputed
from catalog.orders.models import Order
from catalog.outbox.worker import drain
from catalog.payments import stripe_fake_charges as charges
from catalog.payments.models import Dispute, Payment
from catalog.payments.services import cancel_order, start_checkout
from catalog.payments.stripe_fake_behaviour import Behaviour
from catalog.payments.stripe_fake_deliveries import deliver_due
from catalog.payments.stripe_fake_store import FakeStore
from tests.catalog.buying import Buying
from tests.catalog.hearing import EVERYTHING
from tests.catalog.payments.paying import pay


@pytest.fixture
def paid(buying: Buying, store: FakeStore, settings: Settings) -> Order:
    """An order of NT$1,960, paid; the owner has an address."""
    settings.OUTBOX_SUBSCRIBERS = {**EVERYTHING, "order.disputed": ["catalog.payments.tasks.on_order_disputed"]}
    owner = User.objects.create(username="owner", email="owner@shop.example")
    Membership.objects.create(merchant=buying.merchant, user=owner, role=Role.OWNER)
    order = buying.order(2)
    pay(store, start_checkout(order_id=order.pk).session_id)
    deliver_due()
    return order


def dispute(store: FakeStore) -> str:
    with store.transaction() as rows:
        return str(charges.open_dispute(rows, Payment.objects.get().payment_intent_id)["id"])


def decide(store: FakeStore, dispute_id: str, *, won: bool) -> None:
    with store.transaction() as rows:
        charges.close_dispute(rows, dispute_id, won=won)


def is_disputed(order: Order) -> bool:
    order.refresh_from_db()
    return order.is_disputed


def test_a_disputed_order_is_flagged_and_not_sent(paid: Order, store: FakeStore) -> None:
    dispute(store)
    store.behaviour = Behaviour(duplicates=2, shuffle=True, seed=1)

    deliver_due()
    drain()

    [row] = Dispute.objects.all()
    assert (row.state, row.amount_minor, row.reason, row.order_id) == ("open", 196000, "fraudulent", paid.pk)
    assert is_disputed(paid)
    with pytest.raises(OrderDisputed):
        orders.mark_processed(order_id=paid.pk)
    assert Order.objects.get().state == "paid"
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["owner@shop.example"], f"Order #{paid.number} is disputed")
    assert "Do not send the goods" in letter.body


def test_a_dispute_that_is_won_lets_the_order_go(paid: Order, store: FakeStore) -> None:
    decide(store, dispute(store), won=True)
    store.behaviour = Behaviour(duplicates=2, shuffle=True, seed=2)

    deliver_due()
    drain()

    assert Dispute.objects.get().state == "won"
    assert not is_disputed(paid)
    assert orders.mark_processed(order_id=paid.pk).state == "processed"
    assert len(mail.outbox) == 2
    assert ledger.net_paid(paid) == Money(196000, "TWD")


def test_a_dispute_that_is_lost_is_booked_once_and_the_goods_stay(paid: Order, store: FakeStore) -> None:
    decide(store, dispute(store), won=False)
    store.behaviour = Behaviour(duplicates=3, shuffle=True, seed=4)

    deliver_due()
    drain()

    assert Dispute.objects.get().state == "lost"
    assert ledger.net_paid(paid) == Money(0, "TWD")
    assert is_disputed(paid)
    with pytest.raises(OrderDisputed):
        orders.mark_processed(order_id=paid.pk)


def test_staff_do_not_cancel_while_the_bank_decides_and_pay_nothing_back_once_it_has(
    paid: Order, store: FakeStore
) -> None:
    dispute_id = dispute(store)
    deliver_due()

    with pytest.raises(OrderDisputed):
        cancel_order(order_id=paid.pk, reason="merchant", by_staff=True)
    assert (Order.objects.get().state, ledger.net_paid(paid)) == ("paid", Money(196000, "TWD"))

    decide(store, dispute_id, won=False)
    deliver_due()
    with pytest.raises(OrderDisputed):
        cancel_order(order_id=paid.pk, reason="no longer needed")
    assert cancel_order(order_id=paid.pk, reason="merchant", by_staff=True).state == "cancelled"
    assert list(paid.ledger.values_list("kind", "amount_minor")) == [("payment", 196000), ("refund", 196000)]


def test_a_dispute_after_a_refund_books_only_what_was_left(paid: Order, store: FakeStore) -> None:
    with store.transaction() as rows:
        charges.create_refund(rows, {"payment_intent": Payment.objects.get().payment_intent_id, "amount": 96000})
    deliver_due()

    decide(store, dispute(store), won=False)
    deliver_due()

    assert ledger.net_paid(paid) == Money(0, "TWD")


def test_a_dispute_of_somebody_elses_payment_is_ignored(buying: Buying, store: FakeStore) -> None:
    pay(store, start_checkout(order_id=buying.order().pk).session_id)
    dispute_id = None
    deliver_due()
    Payment.objects.update(payment_intent_id="pi_other")
    with store.transaction() as rows:
        intent = rows.all_of("payment_intent")[0]["id"]
        dispute_id = charges.open_dispute(rows, intent)["id"]

    deliver_due()

    assert dispute_id
    assert Dispute.objects.count() == 0
