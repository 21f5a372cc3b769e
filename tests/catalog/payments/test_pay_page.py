"""The stand-in's pay page: marked as a test, in the shopper's language, with three ways out."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.orders.models import LedgerEntry, Order
from catalog.payments.models import Payment
from catalog.payments.services import start_checkout
from catalog.payments.stripe_fake_store import FakeStore
from tests.catalog.buying import Buying
from tests.catalog.payments.paying import session


@pytest.fixture
def order(buying: Buying) -> Order:
    return buying.order(1)


@pytest.fixture
def page(order: Order) -> str:
    return f"/pay/{start_checkout(order_id=order.pk).session_id}/"


def test_the_page_says_what_is_paid_and_that_no_money_moves(page: str) -> None:
    response = Client().get(page, headers={"Accept-Language": "zh-hant"})

    html = response.content.decode()
    assert (response.status_code, response.headers["Cache-Control"].split(",")[0]) == (200, "max-age=0")
    for text in ("Test payment. No money moves.", "Product 1", "NT$980", "Home delivery", "NT$80", "Pay NT$1,060"):
        assert text in html
    assert '<html lang="en">' in html  # the order's language, not the browser's
    assert "<script" not in html
    assert "style=" not in html


def test_paying_pays_the_order_and_leads_to_it(page: str, order: Order) -> None:
    response = Client().post(page, {"act": "pay"})

    assert (response.status_code, response["Location"]) == (302, f"/s/meis-shelf/orders/{order.reference}/?paid=1")
    order.refresh_from_db()
    assert order.state == "paid"


def test_a_double_click_pays_once(page: str, order: Order) -> None:
    browser = Client()
    browser.post(page, {"act": "pay"})

    again = browser.post(page, {"act": "pay"})

    assert again.status_code == 200
    assert "This order is paid" in again.content.decode()
    assert LedgerEntry.objects.count() == 1


def test_a_declined_card_charges_nothing_and_the_page_stays_open(page: str, order: Order, store: FakeStore) -> None:
    response = Client().post(page, {"act": "decline"})

    assert response.status_code == 200
    assert "Card declined. Nothing was charged." in response.content.decode()
    order.refresh_from_db()
    payment = Payment.objects.get()
    assert (order.state, payment.state, payment.last_error) == ("awaiting_payment", "open", "generic_decline")
    assert session(store, Payment.objects.get().session_id)["status"] == "open"
    assert Client().post(page, {"act": "pay"}).status_code == 302


def test_cancelling_leads_back_to_the_order_that_waits(page: str, order: Order) -> None:
    response = Client().post(page, {"act": "cancel"})

    assert response["Location"] == f"/s/meis-shelf/orders/{order.reference}/"
    order.refresh_from_db()
    assert order.state == "awaiting_payment"


def test_a_bank_transfer_pays_the_order_when_it_arrives(page: str, order: Order) -> None:
    browser = Client()
    browser.post(page, {"act": "promise"})
    order.refresh_from_db()
    assert (order.state, order.checkout_open) == ("awaiting_payment", True)
    assert "The transfer is on its way" in browser.get(page).content.decode()

    browser.post(page, {"act": "arrive"})

    order.refresh_from_db()
    assert (order.state, Payment.objects.get().state) == ("paid", "paid")
    assert LedgerEntry.objects.get().amount_minor == 106000


def test_a_bank_transfer_that_comes_back_leaves_the_order_to_be_paid_again(page: str, order: Order) -> None:
    browser = Client()
    browser.post(page, {"act": "promise"})

    browser.post(page, {"act": "bounce"})

    order.refresh_from_db()
    payment = Payment.objects.get()
    assert (order.state, order.checkout_open, payment.state) == ("awaiting_payment", False, "failed")
    assert start_checkout(order_id=order.pk).attempt == 2


def test_an_unknown_button_is_refused(page: str, order: Order) -> None:
    assert Client().post(page, {"act": "steal"}).status_code == 400
    order.refresh_from_db()
    assert order.state == "awaiting_payment"


def test_a_form_of_another_site_is_refused(page: str, order: Order) -> None:
    assert Client(enforce_csrf_checks=True).post(page, {"act": "pay"}).status_code == 403
    order.refresh_from_db()
    assert order.state == "awaiting_payment"


@pytest.mark.parametrize("session_id", ["cs_test_fake_nothing", "pi_fake_1", "x:kept"])
def test_an_unknown_checkout_is_not_found(db: None, session_id: str) -> None:
    assert Client().get(f"/pay/{session_id}/").status_code == 404


def test_with_a_real_key_there_is_no_such_page(page: str, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_x"

    assert Client().get(page).status_code == 404
