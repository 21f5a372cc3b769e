"""A cart that was left: its shopper is reminded only with his yes, a few times, by day, and never after an order."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.accounts.consents import consent_token
from catalog.accounts.models import Consent, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import cookie_name, shopper_token
from catalog.orders import reminders
from catalog.orders.models import Cart, CartReminder
from catalog.orders.reminder_mails import remind_carts
from catalog.outbox.models import OutboxMessage
from catalog.outbox.worker import drain
from catalog.products.services import set_price, set_stock
from tests.catalog.buying import Buying, make_buying
from tests.catalog.hearing import EVERYTHING
from tests.factories import make_creator

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # in Taipei


@pytest.fixture(autouse=True)
def _listening(settings: Settings) -> None:
    settings.CART_REMINDER_QUIET = (0, 0)  # the tests run at any hour
    settings.OUTBOX_SUBSCRIBERS = {
        **EVERYTHING,
        "cart.reminder": ["catalog.orders.reminder_mails.on_reminder_due"],
    }


@pytest.fixture
def left(buying: Buying) -> Cart:
    """A cart of two pieces, left five hours ago by somebody who agreed to be reminded."""
    buying.shopper.email = "lin@example.com"
    buying.shopper.save()
    agree(buying)
    return leave(buying)


def agree(buying: Buying, language: str = "en") -> Consent:
    return reminders.agree(merchant=buying.merchant, shopper_id=buying.shopper.pk, language=language, source="cart")


def leave(buying: Buying, *, hours: float = 5) -> Cart:
    cart = buying.add(2)
    Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now() - timedelta(hours=hours))
    cart.refresh_from_db()
    return cart


def visitor(buying: Buying) -> Client:
    client = Client()
    client.cookies[cookie_name(buying.merchant)] = shopper_token(buying.shopper)
    return client


# --- consent ----------------------------------------------------------------------------------------------------


def test_the_box_in_the_cart_is_empty_until_it_is_ticked(buying: Buying) -> None:
    buying.shopper.email = "lin@example.com"
    buying.shopper.save()
    buying.add()
    client = visitor(buying)

    page = client.get("/s/meis-shelf/cart/").content.decode()

    assert re.search(r'<input type="checkbox" name="agree" value="1">', page)
    assert "at most 2 times a cart" in page
    assert not Consent.objects.exists()


def test_a_yes_is_kept_with_its_words_their_version_and_where_it_was_given(buying: Buying) -> None:
    buying.shopper.email = "lin@example.com"
    buying.shopper.save()
    buying.add()

    visitor(buying).post("/s/meis-shelf/cart/reminders/", {"agree": "1"})
    visitor(buying).post("/s/meis-shelf/cart/reminders/", {"agree": "1"})

    consent = Consent.objects.get()
    assert (consent.kind, consent.wording_version, consent.source, consent.language) == (
        "cart_reminders",
        reminders.WORDING_VERSION,
        "cart",
        "en",
    )
    assert consent.wording == reminders.consent_wording(language="en", shop="Mei's Shelf")
    assert "checked" in visitor(buying).get("/s/meis-shelf/cart/").content.decode()


def test_taking_the_tick_out_withdraws_it_and_keeps_the_record(buying: Buying) -> None:
    agree(buying)

    visitor(buying).post("/s/meis-shelf/cart/reminders/", {})

    consent = Consent.objects.get()
    assert consent.withdrawn_at is not None
    assert (consent.withdrawn_by, reminders.agreed(shopper_id=buying.shopper.pk)) == ("cart", False)
    assert agree(buying).pk != consent.pk  # a new yes is a new record


def test_nobody_without_an_address_is_asked(buying: Buying) -> None:
    buying.add()

    assert 'name="agree"' not in visitor(buying).get("/s/meis-shelf/cart/").content.decode()


# --- the mail ---------------------------------------------------------------------------------------------------


def test_a_left_cart_is_reminded_of_once_with_a_way_out(left: Cart) -> None:
    assert (remind_carts(), remind_carts()) == (1, 0)
    drain()
    drain()

    [message] = mail.outbox
    assert (message.to, message.subject) == (["lin@example.com"], "Mei's Shelf · You left something in your cart")
    token = consent_token(Consent.objects.get())
    url = f"http://127.0.0.1:8000/s/meis-shelf/reminders/{token}/"
    assert message.extra_headers["List-Unsubscribe"] == f"<{url}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html = str(message.alternatives[0][0])
    for part in (str(message.body), html):
        assert "2 × Product 1" in part
        assert "NT$1,960" in part
        assert url in part


def test_the_double_says_that_it_is_one(left: Cart, merchant: Merchant) -> None:
    Cart.objects.update(creator=make_creator(merchant), updated_at=left.updated_at)
    remind_carts()
    drain()

    [message] = mail.outbox
    sender = str(make_header(decode_header(message.from_email)))
    assert sender == "Mei Lin (AI double) · Mei's Shelf <orders@localhost>"
    assert "Hi, this is Mei's AI double." in str(message.body)
    assert "Written by Mei Lin's AI double for Mei's Shelf, not by Mei Lin in person." in str(message.body)


def test_prices_and_stock_are_those_of_the_moment_it_is_sent(left: Cart, buying: Buying) -> None:
    remind_carts()
    set_price(variant_id=buying.variant.pk, currency="TWD", amount_minor=900_00)
    set_stock(variant_id=buying.variant.pk, on_hand=3)

    drain()

    body = str(mail.outbox[0].body)
    assert ("NT$1,800" in body, "NT$1,960" in body, "3 left" in body) == (True, False, True)


def touch(cart: Cart, buying: Buying) -> None:
    buying.add()


def empty(cart: Cart, buying: Buying) -> None:
    cart.lines.all().delete()


def order(cart: Cart, buying: Buying) -> None:
    buying.place(Cart.objects.get(pk=cart.pk))


def withdraw(cart: Cart, buying: Buying) -> None:
    reminders.stop(shopper_id=buying.shopper.pk, source="mail")


def sell_out(cart: Cart, buying: Buying) -> None:
    set_stock(variant_id=buying.variant.pk, on_hand=0)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (touch, "cart_touched"),
        (empty, "cart_empty"),
        (order, "ordered"),
        (withdraw, "consent_withdrawn"),
        (sell_out, "nothing_left"),
    ],
)
def test_what_happens_between_plan_and_mail_stops_it(left: Cart, buying: Buying, act: Any, reason: str) -> None:
    remind_carts()

    act(left, buying)
    drain()

    assert (mail.outbox, CartReminder.objects.get().skipped) == ([], reason)


@pytest.mark.parametrize("act", [touch, empty, order, withdraw])
def test_what_happened_before_plans_none(left: Cart, buying: Buying, act: Any) -> None:
    act(left, buying)

    assert remind_carts() == 0


def test_nobody_is_reminded_without_consent_or_address(buying: Buying) -> None:
    leave(buying)
    assert remind_carts() == 0

    agree(buying)
    assert remind_carts() == 0  # no address

    buying.shopper.email = "lin@example.com"
    buying.shopper.save()
    assert remind_carts() == 1


@pytest.mark.parametrize("hours", [3.9, 7 * 24 + 1])
def test_a_young_cart_and_an_old_one_are_left_in_peace(left: Cart, hours: float) -> None:
    Cart.objects.update(updated_at=timezone.now() - timedelta(hours=hours))

    assert remind_carts() == 0


def test_a_cart_is_reminded_of_so_often_and_no_more(left: Cart, settings: Settings) -> None:
    settings.CART_REMINDER_NEXT_S = 3600
    sent = []
    for _round in range(4):
        sent.append(remind_carts())
        drain()
        CartReminder.objects.update(planned_at=timezone.now() - timedelta(hours=2))

    assert (sent, len(mail.outbox)) == ([1, 1, 0, 0], 2)


def test_a_shop_that_reminds_nobody_does_not_ask_either(left: Cart, buying: Buying, settings: Settings) -> None:
    settings.CART_REMINDERS_MAX = 0

    assert remind_carts() == 0
    assert 'name="agree"' not in visitor(buying).get("/s/meis-shelf/cart/").content.decode()


@pytest.mark.parametrize(
    ("at", "zone", "quiet"),
    [
        (NOON, "Asia/Taipei", False),
        (NOON.replace(hour=14), "Asia/Taipei", True),  # 22:00
        (NOON.replace(hour=13), "Asia/Taipei", True),  # 21:00: the quiet begins
        (NOON.replace(hour=1), "Asia/Taipei", False),  # 09:00: it is over
        (NOON, "America/New_York", True),  # 23:00 of the day before
        (NOON.replace(hour=16), "America/New_York", False),
    ],
)
def test_the_night_is_the_merchants(
    merchant: Merchant, settings: Settings, at: datetime, zone: str, quiet: bool
) -> None:
    settings.CART_REMINDER_QUIET = (21, 9)
    merchant.timezone = zone

    assert reminders.is_quiet(merchant, at=at) is quiet


def test_a_mail_that_would_come_at_night_waits_for_the_morning(left: Cart, settings: Settings) -> None:
    remind_carts()
    settings.CART_REMINDER_QUIET = (0, 24)
    drain()
    waiting = OutboxMessage.objects.get(topic="cart.reminder")
    assert (mail.outbox, waiting.dead_at, waiting.delivered_at) == ([], None, None)

    settings.CART_REMINDER_QUIET = (0, 0)
    OutboxMessage.objects.update(available_at=timezone.now())
    drain()

    assert len(mail.outbox) == 1


def test_in_the_language_of_the_consent(buying: Buying) -> None:
    buying.shopper.email = "lin@example.com"
    buying.shopper.save()
    agree(buying, language="zh-hant")
    leave(buying)
    remind_carts()
    drain()

    assert '<html lang="zh-hant">' in str(mail.outbox[0].alternatives[0][0])


# --- the way out ------------------------------------------------------------------------------------------------


def test_the_link_asks_first_and_ends_all_by_one_press(left: Cart, merchant: Merchant) -> None:
    url = f"/s/meis-shelf/reminders/{consent_token(Consent.objects.get())}/"
    stranger = Client(enforce_csrf_checks=True)

    assert "Stop the reminders?" in stranger.get(url).content.decode()
    assert Consent.objects.get().withdrawn_at is None
    # What a mail program sends (RFC 8058): no page was seen, no cookie is there.
    answer = stranger.post(url, {"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, Consent.objects.get().withdrawn_by) == (200, "mail")
    assert "No more reminders" in stranger.get(url).content.decode()
    assert remind_carts() == 0


def test_a_broken_link_is_not_found(left: Cart) -> None:
    assert Client().get("/s/meis-shelf/reminders/1~x/").status_code == 404


# --- two workers ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one() -> None:
    shop = Merchant.objects.create(slug="meis-shelf", name="Mei's Shelf", currency="TWD")
    with merchant_scope(shop):
        buying = make_buying(shop)
        buying.shopper.email = "lin@example.com"
        buying.shopper.save()
        agree(buying)
        leave(buying)
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait(10)
            remind_carts()
            drain()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    drain()

    with merchant_scope(shop):
        assert (CartReminder.objects.count(), len(mail.outbox)) == (1, 1)
