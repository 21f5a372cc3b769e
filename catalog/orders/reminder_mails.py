"""The reminder of a cart: today's prices and stock, in the shopper's language, marked as written by an AI."""

from __future__ import annotations

from email.utils import formataddr
from urllib.parse import urljoin, urlsplit

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts.consents import consent_token
from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.orders import reminders
from catalog.orders.cart_views import CartView, cart_view
from catalog.orders.models import Cart, CartReminder
from catalog.outbox.subscribers import Event, TryLater, subscriber


@shared_task(name="catalog.orders.remind_carts", time_limit=120, ignore_result=True)
def remind_carts() -> int:
    """Plan the reminders of every shop that are due; return how many."""
    if not reminders.are_offered():
        return 0
    with every_merchant():
        ids = Cart.objects.filter(is_open=True, shopper__consent__kind=reminders.KIND).values_list("merchant_id")
        merchants = list(Merchant.objects.filter(pk__in=ids))
    planned = 0
    for merchant in merchants:
        with merchant_scope(merchant):
            planned += reminders.plan_reminders(merchant, at=timezone.now())
    return planned


@subscriber(lane="slow")
def on_reminder_due(event: Event) -> None:
    """Send one reminder, if it is still wanted; the night is waited out."""
    with event.scope():
        rows = CartReminder.objects.select_related("cart__merchant", "cart__creator", "cart__shopper", "consent")
        reminder = rows.filter(pk=event.payload["reminder_id"], sent_at=None, skipped="").first()
        if reminder is None:
            return
        reason = reminders.why_not(reminder, at=timezone.now())
        if reason == "quiet_hours":
            raise TryLater("it is night where the shop is")
        if reason:
            reminders.skip(reminder, reason)
            return
        with override(reminder.language):
            _send(reminder)


def _send(reminder: CartReminder) -> None:
    """Send the mail. The right to send it is taken first: a crash in between loses a mail rather than sending two."""
    view = cart_view(shopper_id=reminder.cart.shopper_id, language=reminder.language)
    if not any(line.in_stock and line.total is not None for line in view.lines):
        reminders.skip(reminder, "nothing_left")
        return
    if not reminders.take(reminder):
        return
    try:
        _mail(reminder, view).send()
    except OSError:
        reminders.give_back(reminder)
        raise


def _mail(reminder: CartReminder, view: CartView) -> EmailMultiAlternatives:
    cart = reminder.cart
    merchant, creator = cart.merchant, cart.creator
    site = settings.PUBLIC_URL
    stop_url = urljoin(site, f"/s/{merchant.slug}/reminders/{consent_token(reminder.consent)}/")
    double = creator.name(reminder.language) if creator else ""
    subject = _("You left something in your cart")
    context = {
        "shop": merchant.name,
        "double": double,
        "first": creator.short_name(reminder.language) if creator else "",
        "cart": view,
        "url": urljoin(site, f"/s/{merchant.slug}/cart/"),
        "stop_url": stop_url,
        "language": reminder.language,
        "subject": subject,
    }
    sender = _("%(name)s (AI double) · %(shop)s") % {"name": double, "shop": merchant.name} if double else merchant.name
    mail = EmailMultiAlternatives(
        subject=f"{merchant.name} · {subject}",
        body=render_to_string("orders/mail/reminder.txt", context),
        from_email=formataddr((sender, settings.DEFAULT_FROM_EMAIL)),
        to=[reminder.recipient],
        headers={
            "Message-ID": f"<cart-reminder-{reminder.pk}@{urlsplit(site).hostname or 'localhost'}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058: mail programs end it by one POST
        },
    )
    mail.attach_alternative(render_to_string("orders/mail/reminder.html", context), "text/html")
    return mail
