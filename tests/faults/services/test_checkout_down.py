"""Stripe unreachable at checkout: the order is held, the turn is honest and in time, one pay link when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from catalog.orders.models import LedgerEntry, Order, OrderState
from catalog.payments import stripe_fake_sessions as sessions
from catalog.payments.models import Payment, PaymentState
from catalog.payments.stripe_fake_store import fake_store
from catalog.payments.tasks import reconcile
from catalog.products.models import Stock
from conversations.chat.models import Conversation
from tests.contracts.stripe_over_http import StripeServer, stripe_server
from tests.conversations.chat.shop import Heard, Shop, ask, make_conversation
from tests.factories import make_address
from tests.faults.services.proxy import Stopwatch
from tests.wire.provider import closed_port, unanswering_port

UNAVAILABLE = "Payment is not available right now. Your order is kept; try again in a moment."


@pytest.fixture
def stripe(shop: Shop, settings: Settings, tmp_path: Path) -> Iterator[StripeServer]:
    """A Stripe behind a real port, which our own client of a real key is pointed at."""
    settings.STRIPE_FAKE_PATH = tmp_path / "stripe.sqlite3"
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    settings.STRIPE_CONNECT_S, settings.STRIPE_TIMEOUT_S, settings.STRIPE_RETRIES = 0.5, 1.0, 1
    with stripe_server(fake_store()) as server:
        settings.STRIPE_API_URL = server.url
        settings.STRIPE_WEBHOOK_SECRETS = [server.store.webhook_secret]
        yield server


def ready_to_order(shop: Shop) -> Conversation:
    """A shopper with an address and one serum in the cart, asked whether to order it."""
    make_address(shop.shopper)
    conversation = make_conversation(shop, currency="TWD")
    ask(conversation, "a serum for oily, sensitive skin")
    ask(conversation, "add the first one to my cart")
    ask(conversation, "check out please")
    return conversation


def says_yes(conversation: Conversation, settings: Settings) -> Heard:
    """Type the yes that places the order, and check that the answer came within the turn's deadline."""
    watch = Stopwatch()
    heard = ask(conversation, "yes")
    assert watch.seconds < settings.TURN_DEADLINE_S
    assert heard.turn.trace == {"intent": "affirm", "confirmation": "executed"}
    return heard


def check_held(heard: Heard) -> Order:
    """The order stands, unpaid, its goods reserved; the shopper knows that payment is down."""
    order = Order.objects.get()
    assert heard.reply.text == f"Order #{order.number} is placed. {UNAVAILABLE}"
    assert [card["kind"] for card in heard.reply.cards] == ["order"]
    assert order.state == OrderState.AWAITING_PAYMENT
    assert Stock.objects.get(variant__sku=order.lines.get().sku).reserved == 1
    assert Payment.objects.get().session_id == ""
    return order


def pay(server: StripeServer, payment: Payment) -> None:
    with server.store.transaction() as rows:
        sessions.pay_session(rows, payment.session_id)


def settle(server: StripeServer, live_server: Any) -> list[int]:
    return server.deliver(f"{live_server.url}/webhooks/stripe/")


@pytest.mark.parametrize("how", ["refused", "never connected", "hangs", "is out of order"])
def test_the_order_is_held_and_the_turn_says_so_in_time(
    shop: Shop, stripe: StripeServer, settings: Settings, how: str
) -> None:
    conversation = ready_to_order(shop)
    with unanswering_port() as silent:
        ports = {"refused": closed_port(), "never connected": silent}
        if how in ports:
            settings.STRIPE_API_URL = f"http://127.0.0.1:{ports[how]}"
        else:
            stripe.mood = how  # type: ignore[assignment]
        heard = says_yes(conversation, settings)

    check_held(heard)
    assert stripe.sessions() == []


def test_when_it_is_back_the_shopper_gets_one_link_and_pays_once(
    shop: Shop, stripe: StripeServer, settings: Settings
) -> None:
    conversation = ready_to_order(shop)
    stripe.mood = "is out of order"
    order = check_held(says_yes(conversation, settings))
    still_down = ask(conversation, f"where is my order #{order.number}")
    stripe.mood = "works"

    back = ask(conversation, f"where is my order #{order.number}")
    again = ask(conversation, f"where is my order #{order.number}")

    assert [card["kind"] for card in still_down.reply.cards] == ["order"]
    links = [[card["pay_url"] for card in heard.reply.cards if card["kind"] == "checkout"] for heard in (back, again)]
    assert links[0] == links[1] == [Payment.objects.get().url]
    assert len(stripe.sessions()) == 1


def test_an_answer_that_was_lost_opens_no_second_session(shop: Shop, stripe: StripeServer, settings: Settings) -> None:
    conversation = ready_to_order(shop)
    stripe.mood = "loses answers"
    order = check_held(says_yes(conversation, settings))
    assert len(stripe.sessions()) == 1  # it was opened, and nobody heard of it
    stripe.mood = "works"

    ask(conversation, f"where is my order #{order.number}")

    (session,) = stripe.sessions()
    payment = Payment.objects.get()
    assert (payment.session_id, payment.attempt, payment.url) == (session["id"], 1, session["url"])
    creations = [key for method, path, key in stripe.asked if (method, path) == ("post", "/v1/checkout/sessions")]
    assert set(creations) == {f"checkout-{order.reference}-1"}


def test_an_outage_longer_than_a_session_may_wait_still_ends_in_one_link(
    shop: Shop, stripe: StripeServer, settings: Settings
) -> None:
    conversation = ready_to_order(shop)
    stripe.mood = "is out of order"
    order = check_held(says_yes(conversation, settings))
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=5))  # a session would now end too soon
    stripe.mood = "works"

    back = ask(conversation, f"where is my order #{order.number}")

    (link,) = [card["pay_url"] for card in back.reply.cards if card["kind"] == "checkout"]
    (open_payment,) = Payment.objects.filter(state=PaymentState.OPEN)
    assert link == open_payment.url
    assert [session["id"] for session in stripe.sessions() if session["status"] == "open"] == [open_payment.session_id]


def test_nobody_needs_to_ask_the_link_is_opened_in_the_background(
    shop: Shop, stripe: StripeServer, settings: Settings
) -> None:
    conversation = ready_to_order(shop)
    stripe.mood = "loses answers"
    check_held(says_yes(conversation, settings))
    stripe.mood = "works"
    Payment.objects.update(checked_at=timezone.now() - timedelta(minutes=10))

    reconcile()
    reconcile()

    assert Payment.objects.get().session_id == stripe.sessions()[0]["id"]
    assert len(stripe.sessions()) == 1


def test_pressing_yes_again_while_it_is_down_places_nothing_twice(
    shop: Shop, stripe: StripeServer, settings: Settings
) -> None:
    conversation = ready_to_order(shop)
    stripe.mood = "is out of order"
    check_held(says_yes(conversation, settings))

    ask(conversation, "yes")
    ask(conversation, "check out please")

    assert Order.objects.count() == Payment.objects.count() == 1


def test_paid_over_real_sockets_in_spite_of_lost_answers_and_repeated_webhooks(
    shop: Shop, stripe: StripeServer, settings: Settings, live_server: Any
) -> None:
    conversation = ready_to_order(shop)
    stripe.mood = "loses answers"
    order = check_held(says_yes(conversation, settings))
    stripe.mood = "works"
    ask(conversation, f"where is my order #{order.number}")
    pay(stripe, Payment.objects.get())
    with stripe.store.transaction() as rows:
        due = rows.due_deliveries(timezone.now().timestamp() + 3600, 100)

    first = settle(stripe, live_server)
    with stripe.store.transaction() as rows:
        for event_id, *_rest in due:
            rows.failed(event_id, due_at=0, error="as if our 200 was lost")
    order.refresh_from_db()

    assert first == [200] * len(due)
    assert order.state == OrderState.PAID
    assert Payment.objects.get().state == PaymentState.PAID
    paid = LedgerEntry.objects.filter(order=order, kind="payment")
    assert [entry.amount_minor for entry in paid] == [order.total_minor]


def test_a_webhook_signed_by_somebody_else_pays_nothing(
    shop: Shop, stripe: StripeServer, settings: Settings, live_server: Any
) -> None:
    conversation = ready_to_order(shop)
    says_yes(conversation, settings)
    pay(stripe, Payment.objects.get())
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_other"]

    assert set(settle(stripe, live_server)) == {400}
    assert Order.objects.get().state == OrderState.AWAITING_PAYMENT

    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_other", stripe.store.webhook_secret]  # while a secret is rotated
    assert set(settle(stripe, live_server)) == {200}
    assert Order.objects.get().state == OrderState.PAID
