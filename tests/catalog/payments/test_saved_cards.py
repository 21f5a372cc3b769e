"""A card is kept when its owner ticks the box on the pay page, and not otherwise."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.orders.models import PaymentMethod
from catalog.outbox.worker import drain
from catalog.payments import services
from catalog.payments.models import Payment
from catalog.payments.stripe_fake_store import FakeStore
from tests.catalog.buying import Buying
from tests.catalog.hearing import EVERYTHING


@pytest.fixture
def payment(buying: Buying, settings: Settings) -> Payment:
    """An open checkout; the house keeps cards."""
    settings.OUTBOX_SUBSCRIBERS = {**EVERYTHING, "order.paid": ["catalog.payments.tasks.on_order_paid"]}
    return services.start_checkout(order_id=buying.order().pk)


def pay(payment: Payment, **fields: str) -> int:
    return Client().post(f"/pay/{payment.session_id}/", {"act": "pay", **fields}).status_code


def test_a_ticked_box_keeps_the_card_by_brand_and_last_digits(payment: Payment, store: FakeStore) -> None:
    page = Client().get(f"/pay/{payment.session_id}/").content.decode()
    assert 'name="keep" value="1">' in page  # empty unless the shopper ticks it

    assert pay(payment, keep="1", card="4242") == 302
    drain()
    drain()

    card = PaymentMethod.objects.get()
    assert (card.shopper_id, card.kind, card.brand, card.last4) == (
        payment.order.shopper_id,
        "credit_card",
        "visa",
        "4242",
    )
    assert card.provider_method.startswith("pm_fake_")
    assert card.provider_customer.startswith("cus_fake_")


def test_without_the_tick_nothing_is_kept(payment: Payment, store: FakeStore) -> None:
    pay(payment, card="4242")
    drain()

    assert not PaymentMethod.objects.exists()


def test_a_shop_that_keeps_no_cards_does_not_ask(buying: Buying, settings: Settings, store: FakeStore) -> None:
    settings.STRIPE_SAVED_CARDS = False
    payment = services.start_checkout(order_id=buying.order().pk)

    assert "keep" not in Client().get(f"/pay/{payment.session_id}/").content.decode()
    pay(payment, keep="1", card="4242")
    drain()
    assert not PaymentMethod.objects.exists()


def test_a_card_that_does_not_exist_is_refused_with_a_sentence(payment: Payment, store: FakeStore) -> None:
    answer = Client().post(f"/pay/{payment.session_id}/", {"act": "pay", "keep": "1", "card": "1234"})

    assert (answer.status_code, "Choose one of the cards below." in answer.content.decode()) == (400, True)
    payment.refresh_from_db()
    assert payment.state == "open"
