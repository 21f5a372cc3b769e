"""Files that are sold: granted with the payment, fetched by a signed link so often, taken back with the money."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import cookie_name, shopper_token
from catalog.money import Money
from catalog.orders import ledger, services
from catalog.orders.desk import planning
from catalog.orders.desk.carrying_out import carry_out
from catalog.orders.digital.errors import AlreadyDownloaded, DownloadRevoked, DownloadsUsedUp, LinkInvalid
from catalog.orders.digital.granting import count_download
from catalog.orders.digital.links import grant_of, token_of
from catalog.orders.digital_models import DownloadGrant
from catalog.orders.errors import NotForSale
from catalog.orders.events import order_payload
from catalog.orders.models import LedgerKind, Order, OrderAddress
from catalog.orders.selectors import view_of
from catalog.outbox.services import publish
from catalog.outbox.worker import drain
from catalog.products.models import Variant
from tests.catalog.buying import Buying, make_buying
from tests.catalog.orders.desk_orders import make_desk
from tests.factories import make_download, make_merchant, make_shopper, make_variant

CONTENT = b"%PDF-1.7 a plan"
MAILS = {
    "order.paid": ["catalog.orders.mails.on_order_event"],
    "order.refunded": ["catalog.orders.tasks.on_money_back"],
}


@pytest.fixture
def selling(in_scope: Merchant, settings: Settings, tmp_path: object) -> Buying:
    """A shopper in front of a plan (PDF) at NT$980; the shop also delivers parcels."""
    settings.PRIVATE_FILES_ROOT = tmp_path
    settings.OUTBOX_SUBSCRIBERS = {**settings.OUTBOX_SUBSCRIBERS, **MAILS}
    buying = make_buying(in_scope, stock=None)
    make_download(buying.variant)
    return buying


def pay(order: Order) -> Order:
    return services.mark_paid(order_id=order.pk, paid=order.total, reference="pi_1", at=timezone.now())


def path_of(order: Order) -> str:
    [file] = view_of(order, language="en").downloads
    return file.path


def fetch(path: str) -> bytes:
    return b"".join(Client().post(path).streaming_content)


def test_a_file_needs_no_address_and_costs_no_delivery(selling: Buying) -> None:
    Shopper.objects.all()[0].address.delete()

    order = selling.order()

    assert (order.delivery_minor, order.delivery_code, order.total_minor) == (0, "", 98000)
    assert not OrderAddress.objects.exists()
    assert view_of(order, language="en").downloads == ()  # nothing before it is paid


def test_a_parcel_beside_the_file_is_delivered_as_ever(selling: Buying) -> None:
    selling.add(1, make_variant(selling.merchant))

    order = selling.order()

    assert (order.delivery_code, order.delivery_minor) == ("home", 0)  # free from NT$1,500
    assert OrderAddress.objects.count() == 1


def test_the_payment_grants_the_file_and_the_link_sends_it(selling: Buying, settings: Settings) -> None:
    order = pay(selling.order())
    path = path_of(order)

    page = Client().get(path)
    sent = Client().post(path)

    assert page.status_code == 200
    assert b"plan.pdf" in page.content
    assert DownloadGrant.objects.get().used == 1  # looking at the page did not count
    assert b"".join(sent.streaming_content) == CONTENT
    assert sent["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert sent["Content-Type"] == "application/pdf"
    assert (sent["X-Content-Type-Options"], sent["Cache-Control"]) == ("nosniff", "private, no-store")
    assert view_of(order, language="en").steps == (("Ordered", "done"), ("Paid", "now"))
    assert settings.DOWNLOADS_MAX == 5


def test_the_limit_holds_and_is_said(selling: Buying, settings: Settings) -> None:
    settings.DOWNLOADS_MAX = 2
    path = path_of(pay(selling.order()))

    assert [fetch(path), fetch(path)] == [CONTENT, CONTENT]
    refused = Client().post(path)

    assert refused.status_code == 410
    assert b"downloaded 2 times" in refused.content
    assert DownloadGrant.objects.get().used == 2
    with pytest.raises(DownloadsUsedUp):
        count_download(DownloadGrant.objects.get())
    with pytest.raises(IntegrityError), transaction.atomic():
        DownloadGrant.objects.update(used=3)


def test_a_file_that_cannot_be_opened_costs_the_shopper_nothing(selling: Buying) -> None:
    path = path_of(pay(selling.order()))
    stored = Path(DownloadGrant.objects.get().file.file.path)
    stored.rename(stored.with_suffix(".away"))

    refused = Client().post(path)

    assert refused.status_code == 503
    assert b"This did not count" in refused.content
    assert DownloadGrant.objects.get().used == 0
    stored.with_suffix(".away").rename(stored)
    assert fetch(path) == CONTENT


def test_two_of_the_file_may_be_fetched_twice_as_often(selling: Buying) -> None:
    pay(selling.order(2))

    assert DownloadGrant.objects.get().allowed == 10


def test_an_old_link_has_expired_and_the_order_has_a_new_one(selling: Buying, settings: Settings) -> None:
    order = pay(selling.order())
    old = path_of(order)

    with time_machine.travel(timezone.now() + timedelta(seconds=settings.DOWNLOAD_LINK_S + 60), tick=False):
        expired = Client().post(old)
        new = fetch(path_of(order))

    assert expired.status_code == 410
    assert b"has expired" in expired.content
    assert new == CONTENT


@pytest.mark.parametrize("token", ["nonsense", "a:b:c", "x" * 400])
def test_a_changed_link_opens_nothing(selling: Buying, token: str) -> None:
    path = path_of(pay(selling.order()))

    assert Client().get(f"/s/meis-shelf/downloads/{token}/").status_code == 404
    assert Client().get(path[:-3] + "zz/").status_code == 404
    assert DownloadGrant.objects.get().used == 0


def test_another_shop_does_not_open_it(selling: Buying) -> None:
    pay(selling.order())
    token = token_of(DownloadGrant.objects.get())
    other = make_merchant(slug="north-ridge")

    with merchant_scope(other), pytest.raises(LinkInvalid):
        grant_of(token)
    assert Client().post(f"/s/north-ridge/downloads/{token}/").status_code == 404


def test_a_cancelled_order_takes_the_file_back(selling: Buying) -> None:
    order = pay(selling.order())
    path = path_of(order)

    services.cancel(order_id=order.pk, reason="no longer needed", by_staff=True)

    assert b"taken back" in Client().get(path).content
    assert Client().post(path).status_code == 410
    with pytest.raises(DownloadRevoked):
        count_download(DownloadGrant.objects.get())
    assert DownloadGrant.objects.get().used == 0


def test_a_refund_made_at_the_provider_takes_the_file_back_when_nothing_is_left(selling: Buying) -> None:
    order = pay(selling.order())
    half = Money(order.total_minor // 2, "TWD")
    for part in ("first", "second"):
        ledger.book(order=order, kind=LedgerKind.REFUND, amount=half, reference=part, at=timezone.now())

        with transaction.atomic():
            payload = {**order_payload(order, at=timezone.now()), "amount_minor": half.minor, "ledger_entry_id": 1}
            publish("order.refunded", key=part, payload=payload, merchant_id=order.merchant_id, once=True)
        drain()
        assert (DownloadGrant.objects.get().revoked_at is not None) == (part == "second")


def test_what_was_fetched_is_no_longer_cancelled_by_the_shopper(selling: Buying) -> None:
    order = pay(selling.order())
    reason = {"reason": "no longer needed"}
    assert planning.plan(order, operation=planning.CANCEL, arguments=reason).money[0].amount == order.total

    fetch(path_of(order))

    with pytest.raises(AlreadyDownloaded, match="downloaded already"):
        planning.plan(order, operation=planning.CANCEL, arguments=reason)


def test_a_file_fetched_while_the_order_is_being_cancelled_stops_the_cancellation(selling: Buying) -> None:
    order = pay(selling.order())
    plan = planning.plan(order, operation=planning.CANCEL, arguments={"reason": "no longer needed"})
    count_download(DownloadGrant.objects.get())  # between the look and the act

    with pytest.raises(AlreadyDownloaded):
        carry_out(plan)

    order.refresh_from_db()
    assert (order.state, ledger.net_paid(order), DownloadGrant.objects.get().revoked_at) == ("paid", order.total, None)


def test_a_cancellation_in_the_chat_takes_the_file_back(selling: Buying) -> None:
    order = pay(selling.order())

    carry_out(planning.plan(order, operation=planning.CANCEL, arguments={"reason": "ordered by mistake"}))

    assert DownloadGrant.objects.get().revoked_at is not None


def test_an_order_paid_late_has_its_file_again(selling: Buying) -> None:
    order = selling.order()
    services.expire(order_id=order.pk)

    services.settle_late_payment(order_id=order.pk, paid=order.total, reference="late", at=timezone.now())

    assert [(row.used, row.revoked_at) for row in DownloadGrant.objects.all()] == [(0, None)]


def test_the_mail_has_the_link_and_no_delivery(selling: Buying) -> None:
    Shopper.objects.filter(pk=selling.shopper.pk).update(email="hana@example.com")
    pay(selling.order())
    drain()

    [sent] = mail.outbox
    assert "Paid. The files of order #1001 are ready for you." in sent.body
    assert "Download plan.pdf: " in sent.body
    assert "Delivery" not in sent.body
    link = next(word for word in sent.body.split() if "/downloads/" in word)
    assert fetch("/s/" + link.partition("/s/")[2]) == CONTENT


def test_the_orders_page_offers_the_file_to_its_shopper_alone(selling: Buying) -> None:
    order = pay(selling.order())
    page = f"/s/meis-shelf/orders/{order.reference}/"
    owner, stranger = Client(), Client()
    owner.cookies[cookie_name(selling.merchant)] = shopper_token(selling.shopper)
    stranger.cookies[cookie_name(selling.merchant)] = shopper_token(make_shopper(selling.merchant))

    shown = owner.get(page)

    assert shown.status_code == 200
    assert b"/s/meis-shelf/downloads/" in shown.content
    assert b"plan.pdf" in shown.content
    assert stranger.get(page).status_code == 404


def test_an_order_is_not_changed_into_a_file_that_nobody_would_grant(
    in_scope: Merchant, settings: Settings, tmp_path: object
) -> None:
    settings.PRIVATE_FILES_ROOT = tmp_path
    desk = make_desk(in_scope)
    order = desk.order("C-30")
    make_download(Variant.objects.get(sku="C-50"))

    with pytest.raises(NotForSale):
        desk.do(order, "order.modify_items", variants=["C-30"], new_variants=["C-50"], payment_method="card_1")

    assert (order.ledger.count(), DownloadGrant.objects.count()) == (1, 0)
