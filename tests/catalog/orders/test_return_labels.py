"""A confirmed return gets one label; its parcel is followed until the goods are here."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.accounts.models import AuditEntry, Merchant
from catalog.accounts.shoppers import cookie_name, shopper_token
from catalog.money import Money
from catalog.orders import ledger, return_fake
from catalog.orders.desk.finishing import refuse_request
from catalog.orders.models import Order, OrderMessage, OrderRequest, ReturnLabel
from catalog.orders.return_carrier import ScanKind
from catalog.orders.return_labels import follow_returns
from catalog.outbox.models import OutboxMessage
from catalog.outbox.worker import drain
from tests.catalog.hearing import EVERYTHING, heard
from tests.catalog.orders.desk_orders import Desk, make_desk


@pytest.fixture(autouse=True)
def _own_carrier(settings: Settings, tmp_path: Path) -> None:
    settings.RETURN_FAKE_PATH = tmp_path / "returns.sqlite3"
    settings.RETURN_CARRIER = "catalog.orders.return_fake.FakeCarrier"
    settings.OUTBOX_SUBSCRIBERS = {
        **EVERYTHING,
        "return.requested": ["catalog.orders.return_labels.on_return_requested"],
        "order.return_label": ["catalog.orders.mails.on_order_event"],
    }


@pytest.fixture
def desk(in_scope: Merchant) -> Desk:
    """A shop that says where returns go, and a shopper it can write to."""
    in_scope.return_address = "Mei's Shelf\nReturns\n105 Taipei\n"
    in_scope.save()
    made = make_desk(in_scope)
    made.shopper.email = "lin@example.com"
    made.shopper.save()
    return made


def returned(desk: Desk) -> Order:
    order = desk.do(desk.order("C-50", state="delivered"), "order.return_items", variants=["C-50"])
    drain()
    return order


def exchanged(desk: Desk) -> Order:
    arguments = {"variants": ["C-50"], "new_variants": ["C-30"]}
    order = desk.do(desk.order("C-50", state="delivered"), "order.exchange_items", **arguments)
    drain()
    return order


def label() -> ReturnLabel:
    return ReturnLabel.objects.get()


def test_a_confirmed_return_has_a_label_with_all_the_carrier_needs(desk: Desk) -> None:
    order = returned(desk)

    parcel = return_fake.parcel_of(label().label_id)
    assert parcel is not None
    assert parcel.order_number == order.number
    assert parcel.sender[0] == "Lin Yi-ting"
    assert parcel.receiver == ("Mei's Shelf", "Returns", "105 Taipei")
    assert parcel.contents == ("Cream · C-50",)
    assert (label().state, label().carrier, len(label().tracking_number)) == ("made", "Test Parcel", 12)


def test_the_shopper_gets_link_and_place_by_mail_and_on_the_page(desk: Desk) -> None:
    order = returned(desk)

    [message] = mail.outbox
    assert message.subject == "Mei's Shelf · The label for your return of order #1001"
    assert label().url in str(message.body)
    assert "hand the parcel in at any Test Parcel point within 14 days" in str(message.body)
    client = Client()
    client.cookies[cookie_name(desk.merchant)] = shopper_token(desk.shopper)
    page = client.get(f"/s/meis-shelf/orders/{order.reference}/").content.decode()
    for expected in (label().url, label().tracking_number, "hand the parcel in at any Test Parcel point"):
        assert expected in page


def test_the_event_heard_twice_makes_one_label_and_one_mail(desk: Desk) -> None:
    returned(desk)
    OutboxMessage.objects.filter(topic="return.requested").update(delivered_at=None)

    drain()

    assert (ReturnLabel.objects.count(), len(mail.outbox), OrderMessage.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("bad", ["errors=1", "lost_answers=1", "delay_s=60"])
def test_a_carrier_that_does_not_answer_is_asked_again(desk: Desk, settings: Settings, bad: str) -> None:
    settings.RETURN_FAKE_BEHAVIOUR = bad
    returned(desk)
    assert (label().state, label().url) == ("asked", "")
    waiting = OutboxMessage.objects.get(topic="return.requested")
    assert (waiting.dead_at, waiting.delivered_at) == (None, None)

    settings.RETURN_FAKE_BEHAVIOUR = ""
    if bad.startswith("delay"):
        settings.RETURN_FAKE_PATH = settings.RETURN_FAKE_PATH.with_name("ready.sqlite3")
    OutboxMessage.objects.update(available_at=timezone.now())
    drain()

    assert (label().state, len(mail.outbox)) == ("made", 1)


def test_a_parcel_the_carrier_refuses_is_for_people(desk: Desk, settings: Settings) -> None:
    settings.RETURN_FAKE_BEHAVIOUR = "refuses=1"
    order = returned(desk)

    assert (label().state, "does not take" in label().error, mail.outbox) == ("refused", True, [])
    client = Client()
    client.cookies[cookie_name(desk.merchant)] = shopper_token(desk.shopper)
    page = client.get(f"/s/meis-shelf/orders/{order.reference}/").content.decode()
    assert "The shop will write to you how to send it back." in page


def test_without_a_carrier_no_label_is_made(desk: Desk, settings: Settings) -> None:
    settings.RETURN_CARRIER = ""

    returned(desk)

    assert not ReturnLabel.objects.exists()
    assert follow_returns() == 0


def test_a_return_refused_before_the_label_has_none(desk: Desk, settings: Settings) -> None:
    order = desk.do(desk.order("C-50", state="delivered"), "order.return_items", variants=["C-50"])
    refuse_request(request_id=OrderRequest.objects.get(order=order).pk, actor_id=None)

    drain()

    assert not ReturnLabel.objects.exists()


def test_a_received_parcel_ends_its_return_and_sends_the_money(desk: Desk) -> None:
    order = returned(desk)
    on_hand = desk.stock("C-50")[0]
    return_fake.scan(label().label_id, ScanKind.HANDED_IN)
    assert follow_returns() == 1
    order.refresh_from_db()
    assert (label().state, order.state) == ("handed_in", "return_requested")

    return_fake.scan(label().label_id, ScanKind.RECEIVED)
    ReturnLabel.objects.update(checked_at=None)
    assert (follow_returns(), follow_returns()) == (1, 0)

    order.refresh_from_db()
    assert (label().state, order.state) == ("received", "returned")
    assert ledger.net_paid(order) == Money(0, "TWD")
    assert [told["amount_minor"] for told in heard("refund.booked")] == [800_00]
    assert desk.stock("C-50")[0] == on_hand  # nobody has looked at the goods yet
    assert AuditEntry.objects.filter(action="return.parcel_received").count() == 1


def test_a_received_parcel_of_a_disputed_order_waits_for_the_bank(desk: Desk) -> None:
    order = returned(desk)
    Order.objects.update(is_disputed=True)
    return_fake.scan(label().label_id, ScanKind.RECEIVED)

    follow_returns()

    order.refresh_from_db()
    assert (label().state, order.state, OrderRequest.objects.get().state) == (
        "received",
        "return_requested",
        "requested",
    )
    assert ledger.net_paid(order) == order.total
    assert heard("refund.booked") == []


def test_a_carrier_is_asked_about_a_parcel_now_and_then(desk: Desk) -> None:
    returned(desk)
    follow_returns()
    return_fake.scan(label().label_id, ScanKind.RECEIVED)

    assert follow_returns() == 0  # asked a moment ago


def test_a_received_exchange_waits_for_people(desk: Desk) -> None:
    order = exchanged(desk)
    return_fake.scan(label().label_id, ScanKind.RECEIVED)

    follow_returns()

    order.refresh_from_db()
    assert (label().state, order.state) == ("received", "exchange_requested")


def test_a_shop_may_end_returns_by_hand(desk: Desk, settings: Settings) -> None:
    settings.RETURN_SCAN_ENDS_RETURN = False
    order = returned(desk)
    return_fake.scan(label().label_id, ScanKind.RECEIVED)

    follow_returns()

    order.refresh_from_db()
    assert (label().state, order.state) == ("received", "return_requested")


def test_the_label_pages_buttons_move_the_parcel_at_once(desk: Desk) -> None:
    order = returned(desk)
    page = f"/returns/{label().label_id}/"

    Client().post(page, {"scan": "received"})

    order.refresh_from_db()
    assert (label().state, order.state) == ("received", "returned")
    assert "The parcel arrives" not in Client().get(page).content.decode()


def test_the_label_page_is_closed_where_real_money_would_be_sent_back(desk: Desk, settings: Settings) -> None:
    order = returned(desk)
    page = f"/returns/{label().label_id}/"
    settings.STRIPE_SECRET_KEY = "sk_live_1"

    assert Client().post(page, {"scan": "received"}).status_code == 404

    order.refresh_from_db()
    assert (label().state, order.state) == ("made", "return_requested")
