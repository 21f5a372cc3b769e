"""From the placed order to the paid one, and every way this can be interrupted."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.orders import ledger
from catalog.orders import services as orders
from catalog.orders.errors import OrderStateError
from catalog.orders.message_models import MessageKind
from catalog.orders.message_texts import sentence
from catalog.orders.models import LedgerEntry, Order
from catalog.orders.tasks import sweep_reservations
from catalog.outbox.worker import drain
from catalog.payments import stripe_gateway
from catalog.payments.errors import FakeRefused, GatewayRefused, LiveKeyRefused
from catalog.payments.models import Payment, WebhookEvent
from catalog.payments.services import cancel_order, check_payment, start_checkout
from catalog.payments.stripe_fake_deliveries import deliver_due
from catalog.payments.stripe_fake_store import FakeStore, fake_store
from catalog.payments.tasks import deliver_fake_webhooks, reconcile
from tests.catalog.buying import Buying
from tests.catalog.hearing import EVERYTHING, heard
from tests.catalog.payments.paying import pay, session


def states(order: Order) -> tuple[str, list[str]]:
    order.refresh_from_db()
    return order.state, list(order.payments.order_by("attempt").values_list("state", flat=True))


def let_time_pass(order: Order, minutes: int) -> None:
    """Move everything the shop remembers of an order back in time."""
    ago = timedelta(minutes=minutes)
    order.refresh_from_db()
    Order.objects.filter(pk=order.pk).update(
        reserved_until=order.reserved_until - ago if order.reserved_until else None
    )
    for payment in order.payments.all():
        Payment.objects.filter(pk=payment.pk).update(created_at=payment.created_at - ago)


def test_a_checkout_holds_the_orders_total_and_leads_to_the_pay_page(buying: Buying, store: FakeStore) -> None:
    order = buying.order(1)

    payment = start_checkout(order_id=order.pk)

    assert (payment.amount_minor, payment.currency, payment.is_test, payment.attempt) == (106000, "TWD", True, 1)
    assert payment.url == f"http://127.0.0.1:8000/pay/{payment.session_id}/"
    at_provider = session(store, payment.session_id)
    assert (at_provider["amount_total"], at_provider["currency"]) == (106000, "twd")
    assert at_provider["client_reference_id"] == str(order.reference)
    assert payment.expires_at is not None
    assert payment.expires_at - payment.created_at < timedelta(minutes=31)
    [payload] = heard("checkout.started")
    assert (payload["order_id"], payload["amount_minor"], payload["is_test"]) == (order.pk, 106000, True)


def test_starting_again_returns_the_open_checkout_and_tells_nothing_new(buying: Buying) -> None:
    order = buying.order()

    first, second = start_checkout(order_id=order.pk), start_checkout(order_id=order.pk)

    assert first.session_id == second.session_id
    assert len(heard("checkout.started")) == 1


def test_a_crash_after_the_providers_answer_finds_the_same_session(buying: Buying) -> None:
    order = buying.order()
    first = start_checkout(order_id=order.pk)
    Payment.objects.update(session_id="", url="", expires_at=None)

    again = start_checkout(order_id=order.pk)

    assert again.session_id == first.session_id


def test_a_refused_attempt_ends_and_the_next_one_opens(buying: Buying, settings: Settings) -> None:
    settings.CHECKOUT_EXPIRES_S = 60
    order = buying.order()

    with pytest.raises(GatewayRefused):
        start_checkout(order_id=order.pk)
    order.refresh_from_db()
    assert not order.checkout_open

    settings.CHECKOUT_EXPIRES_S = 31 * 60
    assert start_checkout(order_id=order.pk).attempt == 2
    assert states(order) == ("awaiting_payment", ["failed", "open"])


def test_a_demo_shop_refuses_a_live_key(buying: Buying, settings: Settings) -> None:
    order = buying.order()
    Merchant.objects.update(is_demo=True)
    settings.STRIPE_SECRET_KEY = "sk_live_x"

    with pytest.raises(LiveKeyRefused):
        start_checkout(order_id=order.pk)

    assert Payment.objects.count() == 0


def test_the_stand_in_refuses_to_run_where_strangers_could_reach_it(buying: Buying, settings: Settings) -> None:
    order = buying.order()
    settings.DEBUG = settings.BOUND_TO_LOOPBACK = False

    with pytest.raises(FakeRefused):
        start_checkout(order_id=order.pk)
    assert Client().get("/pay/cs_test_fake_1/").status_code == 404

    settings.BOUND_TO_LOOPBACK = True
    assert start_checkout(order_id=order.pk).session_id


def test_a_payment_makes_the_order_paid_exactly_once(buying: Buying, store: FakeStore) -> None:
    order = buying.order(2)
    payment = start_checkout(order_id=order.pk)
    pay(store, payment.session_id)

    assert (deliver_due(), deliver_due()) == (2, 0)

    assert states(order) == ("paid", ["paid"])
    entry = LedgerEntry.objects.get()
    payment.refresh_from_db()
    assert (entry.kind, entry.amount_minor, entry.reference) == ("payment", 196000, payment.payment_intent_id)
    assert list(WebhookEvent.objects.order_by("id").values_list("kind", "outcome")) == [
        ("payment_intent.succeeded", "paid"),
        ("checkout.session.completed", "already"),
    ]
    [started], [paid] = heard("checkout.started"), heard("order.paid")
    assert paid["at"] > started["at"]
    assert order.paid_at is not None
    assert paid["at"] == order.paid_at.isoformat()


def test_a_paid_session_whose_delivery_never_ran_is_delivered_by_the_task(buying: Buying, store: FakeStore) -> None:
    order = buying.order()
    pay(store, start_checkout(order_id=order.pk).session_id)
    fake_store.__globals__["_store_at"].cache_clear()  # the process that took the payment is gone

    assert deliver_fake_webhooks() == 2

    assert states(order) == ("paid", ["paid"])


def test_a_delivery_that_fails_is_tried_again_later(
    buying: Buying, store: FakeStore, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    order = buying.order()
    pay(store, start_checkout(order_id=order.pk).session_id)
    settings.WEBHOOK_BODY_MAX_BYTES = 10

    assert (deliver_due(), deliver_due()) == (0, 0)
    settings.WEBHOOK_BODY_MAX_BYTES = 1_000_000
    assert deliver_due() == 0  # not due yet: it backs off
    with store.transaction() as rows:
        attempts = [attempts for _event_id, _body, attempts in rows.due_deliveries(time.time() + 2, 10)]
        rows._sql("UPDATE deliveries SET due_at = 0")
    assert attempts == [1, 1]

    assert deliver_due() == 2
    assert states(order)[0] == "paid"


def test_the_webhook_may_be_faster_than_our_own_save(buying: Buying, store: FakeStore) -> None:
    order = buying.order()
    payment = start_checkout(order_id=order.pk)
    Payment.objects.update(session_id="", url="")
    pay(store, payment.session_id)

    deliver_due()

    assert states(order) == ("paid", ["paid"])


def test_a_webhook_that_never_came_is_made_good_by_the_reconciler(buying: Buying, store: FakeStore) -> None:
    order = buying.order()
    pay(store, start_checkout(order_id=order.pk).session_id)
    assert reconcile() == 0  # nothing is quiet for long enough

    let_time_pass(order, 3)
    assert (reconcile(), reconcile()) == (1, 0)

    assert states(order) == ("paid", ["paid"])
    deliver_due()  # and the webhook, when it comes after all, does nothing
    assert set(WebhookEvent.objects.values_list("outcome", flat=True)) == {"already"}
    assert (LedgerEntry.objects.count(), len(heard("order.paid"))) == (1, 1)


def test_the_provider_closes_first_and_then_the_stock_is_free(buying: Buying, store: FakeStore) -> None:
    order = buying.order(3)
    payment = start_checkout(order_id=order.pk)
    let_time_pass(order, 60)
    assert sweep_reservations() == 0
    assert buying.stock() == (10, 3)

    assert reconcile() == 1

    assert session(store, payment.session_id)["status"] == "expired"
    assert states(order) == ("expired", ["expired"])
    assert buying.stock() == (10, 0)


def test_an_order_paid_at_the_last_second_is_kept(buying: Buying, store: FakeStore) -> None:
    order = buying.order(3)
    pay(store, start_checkout(order_id=order.pk).session_id)
    let_time_pass(order, 60)

    reconcile()

    assert states(order) == ("paid", ["paid"])
    assert buying.stock() == (10, 3)


def test_a_session_that_was_never_saved_is_closed_with_its_order(buying: Buying, store: FakeStore) -> None:
    order = buying.order(3)
    payment = start_checkout(order_id=order.pk)
    Payment.objects.update(session_id="", url="", expires_at=None)
    Order.objects.update(reserved_until=timezone.now() - timedelta(seconds=1))

    assert reconcile() == 1

    assert session(store, payment.session_id)["status"] == "expired"
    assert (states(order), buying.stock()) == (("expired", ["expired"]), (10, 0))


def test_a_paid_order_does_not_go_to_checkout_again(buying: Buying, store: FakeStore) -> None:
    order = buying.order()
    pay(store, start_checkout(order_id=order.pk).session_id)
    deliver_due()

    with pytest.raises(OrderStateError):
        start_checkout(order_id=order.pk)


def test_a_total_the_provider_cannot_take_is_refused_and_no_server_error(buying: Buying) -> None:
    order = buying.order()
    Order.objects.update(currency="ISK", total_minor=98050)  # as an order of elsewhere may be taken over

    with pytest.raises(GatewayRefused, match="in steps of 100"):
        start_checkout(order_id=order.pk)

    assert states(order) == ("awaiting_payment", ["failed"])


def test_cancelling_closes_the_pay_page_first(buying: Buying, store: FakeStore) -> None:
    order = buying.order(3)
    payment = start_checkout(order_id=order.pk)

    cancelled = cancel_order(order_id=order.pk, reason="no longer needed")

    assert (cancelled.state, buying.stock()) == ("cancelled", (10, 0))
    assert session(store, payment.session_id)["status"] == "expired"
    assert states(order) == ("cancelled", ["expired"])
    deliver_due()
    assert states(order) == ("cancelled", ["expired"])


def send_back(settings: Settings) -> None:
    """Let the house hear that money is due back."""
    settings.OUTBOX_SUBSCRIBERS = {
        **EVERYTHING,
        "refund.due": ["catalog.payments.tasks.on_refund_due"],
        "refund.booked": ["catalog.payments.tasks.on_refund_booked"],
    }


def test_cancelling_an_order_paid_meanwhile_sends_the_money_back(
    buying: Buying, store: FakeStore, settings: Settings
) -> None:
    send_back(settings)
    order = buying.order(3)
    payment = start_checkout(order_id=order.pk)
    pay(store, payment.session_id)

    cancel_order(order_id=order.pk, reason="no longer needed")
    drain()
    drain()

    payment.refresh_from_db()
    assert (payment.state, payment.refunded_minor) == ("paid", 294000)
    assert sorted(LedgerEntry.objects.values_list("kind", "amount_minor")) == [("payment", 294000), ("refund", 294000)]
    assert ledger.net_paid(order) == Money(0, "TWD")
    deliver_due()  # the provider tells of the payment and of the refund too
    assert LedgerEntry.objects.count() == 2
    assert set(WebhookEvent.objects.values_list("kind", "outcome")) == {
        ("charge.refunded", "already"),
        ("refund.created", "already"),
        ("checkout.session.completed", "already"),
        ("payment_intent.succeeded", "already"),
    }


def test_money_for_an_expired_order_without_goods_is_refunded_of_itself(
    buying: Buying, store: FakeStore, settings: Settings
) -> None:
    send_back(settings)
    order = buying.order(6)
    payment = start_checkout(order_id=order.pk)
    pay(store, payment.session_id)
    orders.expire(order_id=order.pk)  # the shop let go although the provider had taken the money
    buying.order(6)

    deliver_due()
    drain()

    assert states(order) == ("cancelled", ["paid"])
    assert (order.cancel_reason, buying.stock()) == ("paid_too_late", (10, 6))
    said = sentence(MessageKind.CANCELLED, order, {})
    assert said.endswith("they are sold out. The order is cancelled and the money goes back to you.")
    payment.refresh_from_db()
    assert payment.refunded_minor == payment.amount_minor == 588000
    assert WebhookEvent.objects.order_by("id").first().outcome == "refund_due"


def test_money_for_an_expired_order_whose_goods_are_there_pays_it(buying: Buying, store: FakeStore) -> None:
    order = buying.order(6)
    pay(store, start_checkout(order_id=order.pk).session_id)
    orders.expire(order_id=order.pk)

    deliver_due()

    assert states(order) == ("paid", ["paid"])
    assert buying.stock() == (10, 6)


def test_another_amount_than_asked_is_kept_in_the_books_and_sent_back(buying: Buying, store: FakeStore) -> None:
    order = buying.order()
    payment = start_checkout(order_id=order.pk)
    Order.objects.update(total_minor=999)
    pay(store, payment.session_id)

    deliver_due()

    assert states(order) == ("cancelled", ["paid"])
    assert order.cancel_reason == "amount_mismatch"
    assert LedgerEntry.objects.get().amount_minor == 106000
    assert [event["amount_minor"] for event in heard("refund.due")] == [106000]
    assert buying.stock() == (10, 0)


def test_checking_an_unknown_session_is_refused(buying: Buying) -> None:
    payment = start_checkout(order_id=buying.order().pk)
    payment.session_id = "cs_test_nothing"

    with pytest.raises(GatewayRefused):
        check_payment(payment)
    with pytest.raises(GatewayRefused):
        stripe_gateway.retrieve("cs_test_nothing")
