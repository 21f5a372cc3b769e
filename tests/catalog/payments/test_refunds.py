"""Money that goes back: what the ledger says, sent once, followed until it has arrived or a person must help."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts.models import Membership, Role
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.money import Money
from catalog.orders import ledger
from catalog.orders.models import LedgerEntry, LedgerKind, Order, PaymentMethod
from catalog.outbox.services import publish
from catalog.outbox.worker import drain
from catalog.payments import refunds
from catalog.payments import stripe_fake_charges as charges
from catalog.payments.models import Payment, RefundRequest
from catalog.payments.refunds import ALL_PAYMENTS, due_reference, request_refund
from catalog.payments.services import book_refund, start_checkout
from catalog.payments.stripe_fake_behaviour import Behaviour
from catalog.payments.stripe_fake_deliveries import deliver_due
from catalog.payments.stripe_fake_store import FakeStore
from catalog.payments.tasks import catch_up, push_refunds
from tests.catalog.buying import Buying, make_buying
from tests.catalog.hearing import EVERYTHING, heard
from tests.catalog.payments.paying import pay
from tests.factories import make_merchant


@pytest.fixture(autouse=True)
def _listening(store: FakeStore, settings: Settings) -> None:
    """The refunds hear what is booked."""
    settings.OUTBOX_SUBSCRIBERS = {**EVERYTHING, "refund.booked": ["catalog.payments.tasks.on_refund_booked"]}


@pytest.fixture
def paid(buying: Buying, store: FakeStore) -> Order:
    """An order of NT$1,960, paid."""
    order = buying.order(2)
    pay(store, start_checkout(order_id=order.pk).session_id)
    deliver_due()
    order.refresh_from_db()
    return order


def book(order: Order, minor: int, *, method: PaymentMethod | None = None, reference: str = "r1") -> LedgerEntry:
    """Book a refund as the order desk does, and tell the house twice, as an outbox may."""
    amount = Money(minor, "TWD")
    at = timezone.now()
    ledger.book(order=order, kind=LedgerKind.REFUND, amount=amount, reference=reference, at=at, method=method)
    entry = order.ledger.get(kind=LedgerKind.REFUND, reference=reference)
    payload = {
        "order_id": order.pk,
        "ledger_entry_id": entry.pk,
        "amount_minor": minor,
        "currency": "TWD",
        "method_id": method.pk if method else None,
    }
    for _time in range(2):
        publish("refund.booked", key=str(entry.pk), payload=payload, merchant_id=order.merchant_id)
    return entry


def at_provider(store: FakeStore) -> list[tuple[int, str]]:
    """Return (amount, status) of every refund the provider made, the first first."""
    with store.transaction() as rows:
        made = charges.list_refunds(rows, {"limit": 100})["data"]
    return [(refund["amount"], refund["status"]) for refund in reversed(made)]


def rows() -> list[tuple[str, int]]:
    return list(RefundRequest.objects.order_by("pk").values_list("state", "amount_minor"))


def make_due() -> None:
    RefundRequest.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_booked_refund_is_sent_once_and_told_once(paid: Order, store: FakeStore) -> None:
    entry = book(paid, 40000)

    drain()
    deliver_due()
    drain()
    push_refunds()

    assert rows() == [("succeeded", 40000)]
    assert at_provider(store) == [(40000, "succeeded")]
    assert Payment.objects.get().refunded_minor == 40000
    assert [refund.amount_minor for refund in paid.ledger.filter(kind="refund")] == [40000]
    [told] = heard("order.refunded")
    assert (told["order_id"], told["ledger_entry_id"], told["amount_minor"]) == (paid.pk, entry.pk, 40000)
    assert RefundRequest.objects.get().idempotency_key == f"refund-{entry.pk}"


def test_a_gift_cards_refund_needs_no_provider(paid: Order, store: FakeStore) -> None:
    card = PaymentMethod.objects.create(
        merchant=paid.merchant, shopper=paid.shopper, kind="gift_card", balance_minor=0, currency="TWD"
    )
    book(paid, 40000, method=card)

    drain()

    assert rows() == [("succeeded", 40000)]
    assert at_provider(store) == []
    assert [told["method_id"] for told in heard("order.refunded")] == [card.pk]


def test_an_answer_that_was_lost_sends_the_money_once(paid: Order, store: FakeStore) -> None:
    store.behaviour = Behaviour(lost_answers=1.0, seed=1)
    book(paid, 40000)
    drain()
    assert rows() == [("requested", 40000)]
    assert "out of order" in RefundRequest.objects.get().error

    store.behaviour = Behaviour()
    assert push_refunds() == 0  # not due yet: it backs off
    make_due()
    push_refunds()

    assert rows() == [("succeeded", 40000)]
    assert at_provider(store) == [(40000, "succeeded")]


def test_a_webhook_settles_a_refund_whose_answer_was_lost(paid: Order, store: FakeStore) -> None:
    store.behaviour = Behaviour(lost_answers=1.0)
    book(paid, 40000)
    drain()
    store.behaviour = Behaviour(duplicates=2, shuffle=True, seed=3)

    deliver_due()

    assert rows() == [("succeeded", 40000)]
    assert LedgerEntry.objects.filter(kind="refund").count() == 1
    assert len(heard("order.refunded")) == 1


def test_the_provider_is_asked_first_once_it_forgot_the_key(paid: Order, store: FakeStore) -> None:
    store.behaviour = Behaviour(lost_answers=1.0)
    book(paid, 40000)
    drain()
    store.behaviour = Behaviour()
    with store.transaction() as kept:
        kept._sql("DELETE FROM replies")
    make_due()
    RefundRequest.objects.update(asked_at=timezone.now() - timedelta(hours=30))

    push_refunds()

    assert rows() == [("succeeded", 40000)]
    assert at_provider(store) == [(40000, "succeeded")]


def test_a_refund_tried_too_often_fails_until_a_person_tries_again(
    paid: Order, store: FakeStore, settings: Settings
) -> None:
    settings.REFUND_TRIES_MAX = 2
    store.behaviour = Behaviour(errors=1.0)
    book(paid, 40000)
    drain()
    make_due()
    push_refunds()
    request = RefundRequest.objects.get()
    assert (request.state, request.tries, at_provider(store)) == ("failed", 2, [])

    store.behaviour = Behaviour()
    assert refunds.try_again(request_id=request.pk)
    assert not refunds.try_again(request_id=request.pk)
    push_refunds()

    assert rows() == [("succeeded", 40000)]
    assert RefundRequest.objects.get().idempotency_key.endswith("-again-1")


def test_a_refund_that_was_made_unheard_is_found_and_not_made_again_when_a_person_tries_again(
    paid: Order, store: FakeStore, settings: Settings
) -> None:
    settings.REFUND_TRIES_MAX = 1
    store.behaviour = Behaviour(lost_answers=1.0, lost_events=1.0)
    book(paid, 40000)
    drain()
    assert (rows(), at_provider(store)) == ([("failed", 40000)], [(40000, "succeeded")])

    store.behaviour = Behaviour()
    assert refunds.try_again(request_id=RefundRequest.objects.get().pk)
    push_refunds()

    assert (rows(), at_provider(store)) == ([("succeeded", 40000)], [(40000, "succeeded")])


def test_an_amount_the_provider_cannot_take_is_a_failure_that_says_so_and_holds_up_no_other(
    paid: Order, store: FakeStore
) -> None:
    for minor, reference in ((15050, "odd"), (40000, "even")):
        refunds.request_refund(entry_id=book(paid, minor, reference=reference).pk)
    RefundRequest.objects.filter(amount_minor=15050).update(currency="ISK")
    make_due()

    push_refunds()

    assert rows() == [("failed", 15050), ("succeeded", 40000)]
    assert "in steps of 100" in RefundRequest.objects.get(amount_minor=15050).error
    assert at_provider(store) == [(40000, "succeeded")]


def test_a_refund_the_bank_sends_back_fails_and_can_be_settled_by_hand(paid: Order, store: FakeStore) -> None:
    store.behaviour = Behaviour(slow_refunds=True)
    book(paid, 40000)
    drain()
    deliver_due()
    request = RefundRequest.objects.get()
    assert (request.state, heard("order.refunded")) == ("pending", [])

    with store.transaction() as kept:
        charges.settle_refund(kept, request.refund_id, arrives=False)
    deliver_due()
    request.refresh_from_db()
    assert (request.state, request.error) == ("failed", "lost_or_stolen_card")
    assert not refunds.try_again(request_id=request.pk)

    assert refunds.settle_by_hand(request_id=request.pk)
    assert not refunds.settle_by_hand(request_id=request.pk)
    assert len(heard("order.refunded")) == 1
    assert [entry.amount_minor for entry in LedgerEntry.objects.filter(kind="refund")] == [40000]


def test_a_slow_refund_whose_webhook_is_lost_is_asked_about(paid: Order, store: FakeStore) -> None:
    store.behaviour = Behaviour(slow_refunds=True, lost_events=1.0)
    book(paid, 40000)
    drain()
    with store.transaction() as kept:
        charges.settle_refund(kept, RefundRequest.objects.get().refund_id, arrives=True)
    make_due()

    push_refunds()

    assert rows() == [("succeeded", 40000)]


def test_what_cannot_go_back_is_a_failure_that_says_so(buying: Buying) -> None:
    order = buying.order()
    Order.objects.update(state="paid")
    book(order, 5000)

    drain()

    [request] = RefundRequest.objects.all()
    assert (request.state, request.payment) == ("failed", None)
    assert request.error.startswith("no_payment")


def test_a_refund_larger_than_one_payment_goes_back_to_several(paid: Order, store: FakeStore) -> None:
    first = Payment.objects.get()
    second = Payment.objects.create(
        merchant=paid.merchant,
        order=paid,
        attempt=2,
        state="paid",
        amount_minor=10000,
        currency="TWD",
        payment_intent_id="pi_gone",
    )

    [small, large] = refunds.request_refund(entry_id=_entry_of_all(paid, 206000).pk)

    assert [(part.payment_id, part.amount_minor) for part in (small, large)] == [
        (second.pk, 10000),
        (first.pk, 196000),
    ]
    assert small.idempotency_key != large.idempotency_key
    assert refunds.push(large) == "succeeded"
    assert refunds.push(small) == "failed"
    assert "No such payment_intent" in RefundRequest.objects.get(pk=small.pk).error


def _entry_of_all(order: Order, minor: int) -> LedgerEntry:
    ledger.book(order=order, kind=LedgerKind.REFUND, amount=Money(minor, "TWD"), reference="all", at=timezone.now())
    return order.ledger.get(kind=LedgerKind.REFUND)


def test_a_refund_made_at_the_provider_beside_ours_is_booked_by_itself(paid: Order, store: FakeStore) -> None:
    with store.transaction() as kept:
        charges.create_refund(kept, {"payment_intent": Payment.objects.get().payment_intent_id, "amount": 1500})
    book(paid, 40000)
    drain()
    store.behaviour = Behaviour(duplicates=1, shuffle=True, seed=5)

    deliver_due()

    booked = sorted(paid.ledger.filter(kind="refund").values_list("amount_minor", flat=True))
    assert booked == [1500, 40000]
    assert Payment.objects.get().refunded_minor == 41500
    assert sorted(told["amount_minor"] for told in heard("order.refunded")) == [1500, 40000]


def test_webhooks_that_never_came_are_read_from_the_providers_list(buying: Buying, store: FakeStore) -> None:
    store.behaviour = Behaviour(lost_events=1.0)
    order = buying.order(2)
    pay(store, start_checkout(order_id=order.pk).session_id)
    assert deliver_due() == 0
    assert catch_up() == 2
    order.refresh_from_db()
    assert order.state == "paid"
    with store.transaction() as kept:
        charges.create_refund(kept, {"payment_intent": Payment.objects.get().payment_intent_id, "amount": 1500})

    assert (catch_up(), catch_up()) == (2, 0)

    assert [entry.amount_minor for entry in order.ledger.filter(kind="refund")] == [1500]


def test_staff_see_a_failed_refund_and_can_act_on_it(paid: Order, store: FakeStore, settings: Settings) -> None:
    settings.REFUND_TRIES_MAX = 1
    store.behaviour = Behaviour(errors=1.0)
    book(paid, 40000)
    drain()
    store.behaviour = Behaviour()
    request = RefundRequest.objects.get()
    user = User.objects.create(username="owner", is_staff=True)
    Membership.objects.create(merchant=paid.merchant, user=user, role=Role.OWNER)
    browser = Client()
    browser.force_login(user)
    url = "/admin/payments/refundrequest/"

    page = browser.get(url).content.decode()
    assert "unavailable" in page
    browser.post(url, {"action": "try_again", "_selected_action": [request.pk]})

    push_refunds()
    assert rows() == [("succeeded", 40000)]


def test_a_refund_that_had_to_wait_still_goes_to_the_payment_that_was_one_too_many(paid: Order) -> None:
    first = Payment.objects.get()
    newer = Payment.objects.get()
    newer.pk, newer.attempt, newer.session_id, newer.payment_intent_id = None, 2, "cs_newer", "pi_newer"
    newer.save()
    entry = book(paid, 196000, reference=due_reference(f"{paid.reference}:{first.payment_intent_id}"))

    assert [row.payment for row in request_refund(entry_id=entry.pk)] == [first]
    every = book(paid, 1000, reference=due_reference(f"{paid.reference}:{ALL_PAYMENTS}"))
    assert [row.payment for row in request_refund(entry_id=every.pk)] == [newer]


def seen_elsewhere(reference: str) -> bool:
    """Whether another connection sees the entry: whoever hears how a charge ended looks from there."""

    def look() -> bool:
        try:
            with every_merchant():
                return LedgerEntry.objects.filter(reference=reference).exists()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(look).result()


@pytest.mark.django_db(transaction=True)
def test_a_refund_that_may_have_to_wait_is_seen_before_it_asks_whether_it_has_to(transactional_db: None) -> None:
    merchant = make_merchant()
    with merchant_scope(merchant):
        order = make_buying(merchant).order()
        seen: list[bool] = []

        def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            if 'FROM "payments_collection"' in sql:
                seen.append(seen_elsewhere("due:1:all"))
            return execute(sql, *rest)

        with connection.execute_wrapper(watch):
            book_refund(order=order, amount=Money(100, "TWD"), reference="due:1:all")

    assert seen[0]
