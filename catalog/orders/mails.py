"""E-mails about orders: one for each thing that happened, in the language of the order, written by the shop."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formataddr
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

from catalog.orders.appointments.calendar_file import CONTENT_TYPE, calendar_files
from catalog.orders.message_models import MessageKind, OrderMessage
from catalog.orders.message_texts import TOPICS, message_key, sentence, subject
from catalog.orders.models import Order
from catalog.orders.selectors import view_of
from catalog.outbox.subscribers import Event, subscriber


@dataclass(frozen=True, slots=True)
class Link:
    """Where a mail's button leads, and what stands on it."""

    url: str
    words: str | Promise


@subscriber(lane="slow")
def on_order_event(event: Event) -> None:
    """Write to the order's shopper about what happened, once; a shopper without an e-mail address is not written to."""
    write_about(event)


def write_about(event: Event, *, link: Link | None = None) -> None:
    """Write the mail of an event about an order; its button opens `link`, or the order's page.

    A crash between sending and remembering sends again under the same Message-ID, which mail programs show once.
    """
    with event.scope():
        order = (
            Order.objects.select_related("merchant", "shopper", "address")
            .filter(pk=event.payload["order_id"])
            .exclude(shopper__email="")
            .first()
        )
        if order is None:
            return
        kind = TOPICS[event.topic]
        with override(order.language):
            row = _claimed(order, kind, message_key(kind, event.key))
            if row.sent_at is None:
                _mail(row, order, sentence(kind, order, event.payload), link or _own_link(event, order)).send()
        OrderMessage.objects.filter(pk=row.pk, sent_at=None).update(sent_at=timezone.now())


@transaction.atomic
def _claimed(order: Order, kind: MessageKind, key: str) -> OrderMessage:
    """Return the row of this message; its unique constraint makes it one."""
    row, _created = OrderMessage.objects.get_or_create(
        order=order,
        kind=kind,
        key=key,
        defaults={
            "merchant_id": order.merchant_id,
            "language": order.language,
            "recipient": order.shopper.email,
            "subject": subject(kind, order)[:200],
        },
    )
    return row


def _own_link(event: Event, order: Order) -> Link:
    if event.topic == "order.return_label":
        return Link(str(event.payload["label_url"]), gettext_lazy("Open the return label"))
    page = urljoin(settings.PUBLIC_URL, f"/s/{order.merchant.slug}/orders/{order.reference}/")
    return Link(page, gettext_lazy("See the order"))


def _mail(row: OrderMessage, order: Order, what: str, link: Link) -> EmailMultiAlternatives:
    view = view_of(order, language=order.language)
    url = urljoin(settings.PUBLIC_URL, f"/s/{order.merchant.slug}/orders/{order.reference}/")
    files = [{"name": each.name, "url": urljoin(settings.PUBLIC_URL, each.path)} for each in view.downloads_open]
    context = {
        "shop": order.merchant.name,
        "subject": row.subject,
        "sentence": what,
        "order": view,
        "url": link.url,
        "button": link.words,
        "files": files,
        "language": order.language,
    }
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    mail = EmailMultiAlternatives(
        subject=f"{order.merchant.name} · {row.subject}",
        body=render_to_string("orders/mail/message.txt", context),
        from_email=formataddr((order.merchant.name, settings.DEFAULT_FROM_EMAIL)),
        to=[row.recipient],
        headers={
            "Message-ID": f"<order-message-{row.pk}-{order.reference}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string("orders/mail/message.html", context), "text/html")
    for name, content in calendar_files(order, language=order.language, url=url):
        mail.attach(name, content.decode(), CONTENT_TYPE)
    return mail
