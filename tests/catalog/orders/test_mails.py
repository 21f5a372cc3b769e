"""E-mails about orders: in the shopper's language, from the shop, once for each thing that happened."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from catalog.orders.mails import on_order_event
from catalog.orders.message_models import OrderMessage
from catalog.orders.models import Order
from catalog.orders.services import cancel, mark_delivered, mark_paid, mark_processed
from catalog.outbox.models import OutboxMessage
from catalog.outbox.services import publish
from catalog.outbox.subscribers import Event
from catalog.outbox.worker import drain
from tests.catalog.buying import Buying

TOPICS = ("order.paid", "order.sent", "order.cancelled", "order.refunded", "order.return_received")
MAILS = {topic: ["catalog.orders.mails.on_order_event"] for topic in TOPICS}


@pytest.fixture(autouse=True)
def _mails(settings: Settings) -> None:
    """Only the mails listen."""
    settings.OUTBOX_SUBSCRIBERS = MAILS


@pytest.fixture
def order(buying: Buying) -> Order:
    """An order of somebody with an e-mail address."""
    buying.shopper.email = "lin@example.com"
    buying.shopper.save()
    return buying.order(2)


def paid(order: Order) -> Order:
    return mark_paid(order_id=order.pk, paid=order.total, reference="pi_1", at=timezone.now())


def refunded(order: Order, part: int, minor: int) -> None:
    payload = {"order_id": order.pk, "amount_minor": minor, "currency": "TWD"}
    publish(
        "order.refunded", key=f"{order.reference}:{part}", payload=payload, merchant_id=order.merchant_id, once=True
    )


def subjects() -> list[str]:
    return [str(message.subject) for message in mail.outbox]


def test_a_paid_order_is_written_about_in_text_and_html_by_the_shop(order: Order) -> None:
    paid(order)
    drain()

    [message] = mail.outbox
    assert message.to == ["lin@example.com"]
    assert message.from_email == "Mei's Shelf <orders@localhost>"
    assert message.subject == "Mei's Shelf · Order #1001 is paid"
    text, html = str(message.body), str(message.alternatives[0][0])
    for part in (text, html):
        assert "Paid. Order #1001 is being prepared." in part
        assert "2 × Product 1" in part
        assert "NT$1,960" in part
        assert "Lin Yi-ting" in part
        assert f"/s/meis-shelf/orders/{order.reference}/" in part
    assert "This message comes from Mei's Shelf, not from the AI double." in text
    assert "&amp;#x27;" not in html
    assert '<html lang="en">' in html


def test_the_same_event_twice_is_one_mail_with_one_id(order: Order) -> None:
    paid(order)
    drain()
    first = mail.outbox[0]
    OrderMessage.objects.update(sent_at=None)  # a crash between sending and remembering

    row = OutboxMessage.objects.get(topic="order.paid")
    event = Event(row.pk, row.topic, row.key, row.payload, row.merchant_id, row.created_at)
    on_order_event(event)
    on_order_event(event)

    assert len(mail.outbox) == 2  # sent again, under the same id, and then never more
    assert mail.outbox[1].extra_headers["Message-ID"] == first.extra_headers["Message-ID"]
    assert OrderMessage.objects.count() == 1


def test_each_parcel_and_each_refund_is_told_and_the_rest_once(order: Order) -> None:
    paid(order)
    mark_processed(order_id=order.pk, carrier="Post", tracking_numbers=("TW123",))
    refunded(order, 1, 5000)
    refunded(order, 1, 5000)
    refunded(order, 2, 700)
    payload = {"order_id": order.pk}
    for _ in range(2):
        publish(
            "order.return_received",
            key=str(order.reference),
            payload=payload,
            merchant_id=order.merchant_id,
            once=True,
        )
    drain()

    assert sorted(subjects()) == [
        "Mei's Shelf · Order #1001 is on its way",
        "Mei's Shelf · Order #1001 is paid",
        "Mei's Shelf · Refund for order #1001",
        "Mei's Shelf · Refund for order #1001",
        "Mei's Shelf · Your return of order #1001 has arrived",
    ]
    bodies = " ".join(str(message.body) for message in mail.outbox)
    assert "Tracking: TW123." in bodies
    assert "NT$50 of order #1001 has been sent back to you." in bodies
    assert "NT$7 of order #1001 has been sent back to you." in bodies


def test_a_cancelled_order_is_told(order: Order) -> None:
    cancel(order_id=order.pk, reason="changed my mind")
    drain()

    assert subjects() == ["Mei's Shelf · Order #1001 is cancelled"]


def test_it_is_written_in_the_language_of_the_order(order: Order) -> None:
    Order.objects.update(language="zh-hant")
    paid(order)
    drain()

    assert "已付款" in str(mail.outbox[0].body)
    assert OrderMessage.objects.get().language == "zh-hant"


def test_whoever_left_no_address_is_not_written_to(buying: Buying) -> None:
    paid(buying.order())
    drain()

    assert (mail.outbox, OrderMessage.objects.count()) == ([], 0)


def test_a_mail_server_that_fails_is_tried_again_later(order: Order, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.catalog.orders.test_mails.Broken"
    paid(order)
    drain()
    assert OrderMessage.objects.get().sent_at is None

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    OutboxMessage.objects.update(available_at=timezone.now())
    drain()

    assert OrderMessage.objects.get().sent_at is not None
    assert len(mail.outbox) == 1


class Broken:
    """A mail server that does not answer."""

    def __init__(self, *_args: Any, **_options: Any) -> None:
        pass

    def send_messages(self, _messages: Any) -> int:
        """Fail."""
        raise OSError("no route to the mail server")


def test_a_late_notice_of_a_delivered_order_does_not_call_it_on_its_way(order: Order) -> None:
    mark_processed(order_id=paid(order).pk, carrier="Post", tracking_numbers=("T1",))
    mark_delivered(order_id=order.pk)

    drain()

    sent = mail.outbox[-1]
    assert sent.subject == "Mei's Shelf · Order #1001 was delivered"
    assert "Order #1001 was delivered. Tracking: T1." in str(sent.body)
    assert "on its way" not in str(sent.body)
