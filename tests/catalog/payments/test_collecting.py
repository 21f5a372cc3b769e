"""A difference booked on a saved card is collected once: without its owner, or by him on a page of his own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.accounts.models import Merchant
from catalog.accounts.shoppers import cookie_name, shopper_token
from catalog.money import Money
from catalog.orders import ledger
from catalog.orders.errors import OrderOwes
from catalog.orders.models import LedgerKind, Order, PaymentMethod
from catalog.orders.services import cancel, mark_processed
from catalog.outbox.worker import drain
from catalog.payments import charging, collecting
from catalog.payments import stripe_fake_intents as intents
from catalog.payments import stripe_fake_sessions as sessions
from catalog.payments.models import Collection, Payment, RefundRequest
from catalog.payments.refunds import request_refund
from catalog.payments.stripe_fake_behaviour import Behaviour
from catalog.payments.stripe_fake_deliveries import deliver_due
from catalog.payments.stripe_fake_store import FakeStore
from catalog.payments.tasks import push_collections, reconcile
from tests.catalog.hearing import EVERYTHING, heard
from tests.catalog.orders.desk_orders import Desk, make_desk

BIGGER = {"variants": ["C-30"], "new_variants": ["C-50"], "payment_method": "card_1"}  # NT$500 -> NT$800


@pytest.fixture(autouse=True)
def _listening(settings: Settings) -> None:
    settings.OUTBOX_SUBSCRIBERS = {
        **EVERYTHING,
        "charge.booked": ["catalog.payments.tasks.on_charge_booked"],
        "charge.ended": ["catalog.payments.tasks.on_charge_ended"],
        "refund.booked": ["catalog.payments.tasks.on_refund_booked"],
        "refund.due": ["catalog.payments.tasks.on_refund_due"],
        "order.owed": ["catalog.payments.mails.on_owed"],
        "order.charged": ["catalog.orders.mails.on_order_event"],
    }


@pytest.fixture
def desk(in_scope: Merchant) -> Desk:
    """A shopper whose card ends in 4242, and whom the shop can write to."""
    made = make_desk(in_scope)
    made.shopper.email = "lin@example.com"
    made.shopper.save()
    return made


def kept(desk: Desk, store: FakeStore, *, last4: str = intents.WORKS) -> PaymentMethod:
    """Let the provider keep the shopper's card."""
    with store.transaction() as rows:
        card = intents.keep_card(rows, last4=last4)
    desk.card.provider_method, desk.card.provider_customer = card["id"], card["customer"]
    desk.card.save()
    return desk.card


def changed(desk: Desk) -> Order:
    """An order of NT$500 whose cream became one of NT$800; the card is to pay the difference."""
    order = desk.do(desk.order("C-30"), "order.modify_items", **BIGGER)
    order.refresh_from_db()
    return order


def objects(store: FakeStore, kind: str) -> list[dict[str, Any]]:
    with store.transaction() as rows:
        return rows.all_of(kind)


def state() -> tuple[str, str]:
    collection = Collection.objects.get()
    return collection.state, collection.error


def pay_link(store: FakeStore, payment: Payment) -> None:
    with store.transaction() as rows:
        sessions.pay_session(rows, payment.session_id)
    deliver_due()


def test_a_kept_card_is_charged_once_for_the_difference(desk: Desk, store: FakeStore) -> None:
    kept(desk, store)

    order = changed(desk)
    assert order.owed_minor == 300_00
    drain()
    deliver_due()  # the provider tells of what we know already
    drain()

    order.refresh_from_db()
    [intent] = objects(store, "payment_intent")
    assert (intent["amount"], intent["currency"], intent["status"]) == (300_00, "twd", "succeeded")
    payment = Payment.objects.get()
    assert (payment.amount_minor, payment.state, payment.payment_intent_id) == (300_00, "paid", intent["id"])
    assert (state(), order.owed_minor) == (("collected", ""), 0)
    entries = list(order.ledger.filter(kind=LedgerKind.PAYMENT).values_list("amount_minor", flat=True))
    assert entries == [500_00, 300_00]
    assert [str(message.subject) for message in mail.outbox] == ["Mei's Shelf · Order #1001: the difference is paid"]


@pytest.mark.parametrize("bad", [{"lost_answers": 1.0}, {"errors": 1.0}])
def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(
    desk: Desk, store: FakeStore, bad: dict[str, float]
) -> None:
    kept(desk, store)
    order = changed(desk)
    store.behaviour = Behaviour(**bad)
    drain()
    assert Collection.objects.get().state == "requested"

    store.behaviour = Behaviour()
    Collection.objects.update(due_at=timezone.now())
    assert push_collections() == 1

    order.refresh_from_db()
    assert (state()[0], order.owed_minor) == ("collected", 0)
    assert len(objects(store, "charge")) == 1
    assert push_collections() == 0


@pytest.mark.parametrize(
    ("last4", "error"), [(intents.IS_DECLINED, "generic_decline"), (intents.ASKS_AGAIN, "authentication_required")]
)
def test_a_refused_card_leaves_the_order_owing_and_its_shopper_a_link(
    desk: Desk, store: FakeStore, last4: str, error: str
) -> None:
    kept(desk, store, last4=last4)
    order = changed(desk)
    drain()
    deliver_due()  # the provider's own word of the refusal changes nothing more
    drain()

    order.refresh_from_db()
    assert (state(), order.owed_minor) == (("owed", error), 300_00)
    [message] = mail.outbox
    assert message.subject == "Mei's Shelf · Order #1001: something is still to pay"
    token = charging.owed_token(Collection.objects.get().pk)
    assert f"/s/meis-shelf/owed/{token}/" in str(message.body)
    with pytest.raises(OrderOwes):
        mark_processed(order_id=order.pk)


def test_a_card_of_another_system_is_owed_without_asking_anybody(desk: Desk, store: FakeStore) -> None:
    changed(desk)
    drain()

    assert state() == ("owed", "no_saved_card")
    assert objects(store, "payment_intent") == []


@pytest.fixture
def owing(desk: Desk, store: FakeStore) -> Order:
    """An order that owes NT$300."""
    order = changed(desk)
    drain()
    return Order.objects.get(pk=order.pk)


def test_the_link_pays_from_any_device_and_only_once(owing: Order, store: FakeStore) -> None:
    stranger = Client()
    url = f"/s/meis-shelf/owed/{charging.owed_token(Collection.objects.get().pk)}/"
    page = stranger.get(url).content.decode()
    assert "NT$300" in page
    assert "Cream" not in page

    first, again = stranger.post(url), stranger.post(url)

    assert (first.status_code, first["Location"]) == (302, again["Location"])
    pay_link(store, Payment.objects.get())
    owing.refresh_from_db()
    assert (state()[0], owing.owed_minor) == ("collected", 0)
    assert "Nothing is owed" in stranger.get(url).content.decode()
    assert stranger.post(url).status_code == 200
    assert Payment.objects.count() == 1
    assert sorted(owing.ledger.values_list("amount_minor", flat=True)) == [300_00, 500_00]
    drain()
    mark_processed(order_id=owing.pk)


def test_the_orders_page_says_what_is_owed_and_leads_to_its_pay_page(owing: Order, merchant: Merchant) -> None:
    mine, other = Client(), Client()
    mine.cookies[cookie_name(merchant)] = shopper_token(owing.shopper)
    page = f"/s/meis-shelf/orders/{owing.reference}/"

    shown = mine.get(page).content.decode()

    assert "NT$300 of this order is still owed" in shown
    assert mine.post(f"{page}owed/")["Location"] == Payment.objects.get().url
    assert other.post(f"{page}owed/").status_code == 404


def test_a_link_that_expires_is_opened_anew(owing: Order, store: FakeStore) -> None:
    collection = Collection.objects.get()
    first = charging.start_owed_payment(collection_id=collection.pk)
    with store.transaction() as rows:
        sessions.expire_session(rows, first.session_id)
    Payment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    second = charging.start_owed_payment(collection_id=collection.pk)

    assert (second.attempt, second.session_id != first.session_id) == (2, True)
    owing.refresh_from_db()
    assert owing.state == "paid_modified"


def test_the_reconciler_leaves_an_open_link_alone_and_hears_a_lost_report(owing: Order, store: FakeStore) -> None:
    payment = charging.start_owed_payment(collection_id=Collection.objects.get().pk)
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert reconcile() == 1
    assert sessions_status(store, payment) == "open"

    store.behaviour = Behaviour(lost_events=1.0)
    with store.transaction() as rows:
        rows.behaviour = store.behaviour
        sessions.pay_session(rows, payment.session_id)
    Payment.objects.update(checked_at=timezone.now() - timedelta(minutes=10))
    reconcile()

    assert state()[0] == "collected"


def sessions_status(store: FakeStore, payment: Payment) -> str:
    with store.transaction() as rows:
        return str(sessions.get_session(rows, payment.session_id)["status"])


def test_money_that_comes_after_the_debt_is_gone_goes_back(owing: Order, store: FakeStore) -> None:
    collection = Collection.objects.get()
    payment = charging.start_owed_payment(collection_id=collection.pk)
    assert collecting.settle_by_hand(collection_id=collection.pk)
    assert not collecting.settle_by_hand(collection_id=collection.pk)

    pay_link(store, payment)
    drain()

    assert [refund["amount"] for refund in objects(store, "refund")] == [300_00]
    owing.refresh_from_db()
    assert ledger.net_paid(owing) == Money(800_00, "TWD")
    assert owing.owed_minor == 0


def test_a_slow_bank_is_waited_for(desk: Desk, store: FakeStore) -> None:
    kept(desk, store, last4=intents.IS_SLOW)
    order = changed(desk)
    drain()
    [intent] = objects(store, "payment_intent")
    assert state() == ("requested", "processing")

    with store.transaction() as rows:
        intents.settle_intent(rows, intent["id"], arrives=True)
    Collection.objects.update(due_at=timezone.now())
    push_collections()  # asks; the report comes later and changes nothing
    deliver_due()

    order.refresh_from_db()
    assert (state()[0], order.owed_minor, Payment.objects.count()) == ("collected", 0, 1)


def test_cancelling_strikes_out_what_was_never_collected(owing: Order, store: FakeStore) -> None:
    cancel(order_id=owing.pk, reason="merchant", by_staff=True)
    drain()

    assert state()[0] == "dropped"
    owing.refresh_from_db()
    assert owing.owed_minor == 0
    [entry] = owing.ledger.filter(kind=LedgerKind.REFUND)
    assert entry.amount_minor == 800_00
    rows = list(RefundRequest.objects.order_by("part").values_list("amount_minor", "state", "error"))
    assert rows[0] == (300_00, "succeeded", "never_collected: this much was still owed; the two cancel each other out")
    assert rows[1][:2] == (500_00, "failed")  # paid in another system: people send it back
    assert objects(store, "refund") == []


def test_a_changed_payment_sends_the_old_one_back_only_once_the_new_one_is_there(desk: Desk, store: FakeStore) -> None:
    kept(desk, store, last4=intents.IS_DECLINED)
    old = PaymentMethod.objects.create(
        merchant=desk.merchant, shopper=desk.shopper, kind="credit_card", external_id="card_2"
    )
    order = desk.order("C-30", method=old)
    Payment.objects.create(
        merchant=desk.merchant,
        order=order,
        state="paid",
        amount_minor=500_00,
        currency="TWD",
        payment_intent_id=paid_at_the_provider(store, 500_00),
    )
    desk.do(order, "order.set_payment", payment_method="card_1")
    drain()
    assert (state()[0], RefundRequest.objects.count()) == ("owed", 0)

    pay_link(store, charging.start_owed_payment(collection_id=Collection.objects.get().pk))
    drain()

    assert state()[0] == "collected"
    [request] = RefundRequest.objects.all()
    assert request.payment is not None
    assert (request.amount_minor, request.state, request.payment.attempt) == (500_00, "succeeded", 1)


def paid_at_the_provider(store: FakeStore, amount: int) -> str:
    """Charge some card at the provider; return the payment's id."""
    with store.transaction() as rows:
        card = intents.keep_card(rows, last4=intents.WORKS)
        charge = {"amount": amount, "currency": "twd", "customer": card["customer"], "payment_method": card["id"]}
        return str(intents.create_intent(rows, {**charge, "off_session": "true", "confirm": "true"})["id"])


def test_the_same_booking_heard_twice_is_one_collection(desk: Desk, store: FakeStore) -> None:
    kept(desk, store)
    changed(desk)
    drain()
    [told] = heard("charge.booked")

    charging.push(collecting.request_collection(entry_id=told["ledger_entry_id"]))

    assert len(objects(store, "charge")) == 1


def test_a_refund_of_a_collected_difference_goes_to_its_own_payment(desk: Desk, store: FakeStore) -> None:
    kept(desk, store)
    order = changed(desk)
    drain()

    cancel(order_id=order.pk, reason="merchant", by_staff=True)
    drain()

    assert [refund["amount"] for refund in objects(store, "refund")] == [300_00]


def test_a_refund_that_another_system_sent_long_ago_is_not_sent_again(desk: Desk, store: FakeStore) -> None:
    card = kept(desk, store)
    order = desk.order("C-30")
    ledger.book(
        order=order,
        kind=LedgerKind.REFUND,
        amount=Money(200_00, "TWD"),
        reference="import:1",
        at=timezone.now(),
        method=card,
    )

    desk.do(order, "order.modify_items", **BIGGER)
    drain()

    assert state() == ("collected", "")
    assert (RefundRequest.objects.count(), objects(store, "refund")) == (0, [])


def test_a_refund_waits_for_a_charge_that_is_booked_and_not_heard_yet(desk: Desk, store: FakeStore) -> None:
    kept(desk, store)
    order = changed(desk)
    cancel(order_id=order.pk, reason="merchant", by_staff=True)
    [entry] = order.ledger.filter(kind=LedgerKind.REFUND)

    assert request_refund(entry_id=entry.pk) == []
    drain()

    assert state() == ("collected", "")
    rows = list(RefundRequest.objects.order_by("part").values_list("amount_minor", "state"))
    assert rows == [(300_00, "succeeded"), (500_00, "failed")]  # the rest was paid in another system
