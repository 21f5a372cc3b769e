"""What a shopper waited for is back: told once here, and once by mail where that was agreed to."""

from __future__ import annotations

from django.core import mail
from django.test import Client
from pytest_django import Settings

from catalog.accounts.models import Merchant, Shopper
from catalog.orders import waitlist
from catalog.orders.models import WaitlistEntry
from catalog.outbox.models import OutboxMessage
from catalog.outbox.worker import drain
from catalog.products.models import Variant
from catalog.products.services import set_stock
from conversations.chat.models import Message
from conversations.chat.services import open_conversation
from tests.factories import make_creator, make_shopper, make_variant


def sold_out(merchant: Merchant) -> Variant:
    return make_variant(merchant, stock=0, product={"titles": {"en": "No. 3 Serum", "zh-hant": "三號精華"}})


def wish(merchant: Merchant, variant: Variant, shopper: Shopper, *, email: str = "") -> WaitlistEntry:
    talk = open_conversation(
        merchant=merchant,
        creator=make_creator(merchant),
        shopper=shopper,
        surface="direct",
        language="en",
        currency="TWD",
    )
    return waitlist.join(
        merchant=merchant,
        shopper_id=shopper.pk,
        variant_id=variant.pk,
        language="en",
        email=email,
        source_ref=f"conversation:{talk.pk}",
    )


def test_it_is_said_and_written_once(in_scope: Merchant) -> None:
    variant, shopper = sold_out(in_scope), make_shopper(in_scope)
    wish(in_scope, variant, shopper, email="fan@example.com")

    set_stock(variant_id=variant.pk, on_hand=3)
    drain()
    OutboxMessage.objects.update(delivered_at=None, attempts=0)  # the same messages come again
    drain()

    [said] = Message.objects.filter(speaker="system")
    assert said.text == "No. 3 Serum is back in stock. You asked to be told."
    assert [card["kind"] for card in said.cards] == ["product"]
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["fan@example.com"], "No. 3 Serum is back in stock")
    link = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert link in letter.body
    assert Client().post(link.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_without_an_address_nothing_is_written(in_scope: Merchant) -> None:
    variant, shopper = sold_out(in_scope), make_shopper(in_scope)
    wish(in_scope, variant, shopper)

    set_stock(variant_id=variant.pk, on_hand=3)
    drain()

    assert Message.objects.filter(speaker="system").count() == 1
    assert mail.outbox == []


def test_a_mail_server_that_is_down_is_tried_again(in_scope: Merchant, settings: Settings) -> None:
    variant, shopper = sold_out(in_scope), make_shopper(in_scope)
    entry = wish(in_scope, variant, shopper, email="fan@example.com")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    settings.EMAIL_TIMEOUT = 1
    set_stock(variant_id=variant.pk, on_hand=3)
    drain()
    entry.refresh_from_db()
    assert (entry.state, entry.mailed_at) == ("told", None)

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    OutboxMessage.objects.update(available_at=entry.told_at)
    drain()

    entry.refresh_from_db()
    assert entry.mailed_at is not None
    assert len(mail.outbox) == 1
    assert Message.objects.filter(speaker="system").count() == 1
