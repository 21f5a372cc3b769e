"""The stand-in for Stripe on a bad day: what was asked for happens, and money comes out right all the same."""

from __future__ import annotations

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from catalog.orders.models import LedgerEntry
from catalog.payments.errors import GatewayUnavailable
from catalog.payments.models import Payment, WebhookEvent
from catalog.payments.services import start_checkout
from catalog.payments.stripe_fake_behaviour import Behaviour, read_behaviour
from catalog.payments.stripe_fake_deliveries import deliver_due
from catalog.payments.stripe_fake_store import FakeStore
from catalog.payments.tasks import catch_up
from tests.catalog.buying import Buying
from tests.catalog.hearing import heard
from tests.catalog.payments.paying import pay


def test_the_setting_is_read_and_a_mistake_is_named() -> None:
    assert configured.STRIPE_FAKE_BEHAVIOUR == ""
    assert read_behaviour("") == Behaviour()
    assert read_behaviour("duplicates=2, shuffle=1,delay_s=0.5,errors=0.1,seed=7") == Behaviour(
        duplicates=2, shuffle=True, delay_s=0.5, errors=0.1, seed=7
    )
    for wrong in ("duplicate=2", "duplicates=two", "shuffle"):
        with pytest.raises(ValueError, match="STRIPE_FAKE_BEHAVIOUR"):
            read_behaviour(wrong)


def test_repeated_and_shuffled_events_pay_once(buying: Buying, store: FakeStore) -> None:
    store.behaviour = Behaviour(duplicates=3, shuffle=True, seed=11)
    for _number in range(3):
        pay(store, start_checkout(order_id=buying.order().pk).session_id)

    assert deliver_due() == 6

    assert WebhookEvent.objects.count() == 6
    assert LedgerEntry.objects.count() == 3
    assert len(heard("order.paid")) == 3


def test_a_delayed_event_comes_later(buying: Buying, store: FakeStore) -> None:
    store.behaviour = Behaviour(delay_s=1000.0, seed=1)
    pay(store, start_checkout(order_id=buying.order().pk).session_id)

    assert deliver_due() == 0
    with store.transaction() as rows:
        rows._sql("UPDATE deliveries SET due_at = due_at - 1000")
    assert deliver_due() == 2


def test_a_lost_event_is_never_delivered_but_listed(buying: Buying, store: FakeStore) -> None:
    store.behaviour = Behaviour(lost_events=1.0)
    pay(store, start_checkout(order_id=buying.order().pk).session_id)

    assert deliver_due() == 0
    assert catch_up() == 2
    assert Payment.objects.get().state == "paid"


def test_a_provider_out_of_order_opens_no_checkout_and_the_next_try_opens_one(
    buying: Buying, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # the library's own pauses between its tries
    order = buying.order()
    store.behaviour = Behaviour(lost_answers=1.0)

    with pytest.raises(GatewayUnavailable):
        start_checkout(order_id=order.pk)
    store.behaviour = Behaviour()
    payment = start_checkout(order_id=order.pk)

    assert payment.attempt == 1
    with store.transaction() as rows:
        assert [session["id"] for session in rows.all_of("checkout.session")] == [payment.session_id]


def test_an_error_now_and_then_is_tried_again_by_the_library(
    buying: Buying, store: FakeStore, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    store.behaviour = Behaviour(errors=0.4, seed=2)

    opened = [start_checkout(order_id=buying.order().pk).session_id for _number in range(4)]

    assert len(set(opened)) == 4
