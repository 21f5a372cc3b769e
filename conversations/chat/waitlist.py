"""What a shopper waited for is back: said once in the conversation, and once by mail where that was agreed to."""

from __future__ import annotations

import uuid
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts.models import Merchant
from catalog.orders.waitlist import claim_mail, entry_token, return_mail
from catalog.orders.waitlist_models import WaitlistEntry
from catalog.outbox.subscribers import Event, subscriber
from catalog.products.selectors import ProductView, product_views
from conversations.chat.models import Conversation, Speaker, Surface
from conversations.chat.services import say
from tools.addresses import product_url
from tools.cards import shown_product


@subscriber(lane="slow")
def on_back_in_stock(event: Event) -> None:
    """Tell one shopper, once, that what he waited for is back."""
    with event.scope():
        entries = WaitlistEntry.objects.select_related("merchant", "variant", "shopper")
        entry = entries.filter(pk=event.payload["entry_id"]).first()
        if entry is None:
            return
        currency = entry.merchant.currency_for(entry.language)
        views = product_views(product_ids=[entry.variant.product_id], language=entry.language, currency=currency)
        if not views:
            return  # taken off the shop meanwhile
        with override(entry.language):
            _say(entry, views[0])
            _write(entry, views[0])


def _say(entry: WaitlistEntry, view: ProductView) -> None:
    conversation = _conversation_of(entry)
    if conversation is not None:
        say(
            conversation_id=conversation.pk,
            speaker=Speaker.SYSTEM,
            text=_("%(title)s is back in stock. You asked to be told.") % {"title": view.title},
            cards=(shown_product(view, url=product_url(entry.merchant.slug, view.slug)),),
            once_key=f"waitlist:{entry.pk}",
        )


def _write(entry: WaitlistEntry, view: ProductView) -> None:
    """Send the mail. The right to send it is taken first: a crash in between loses a mail rather than sending two."""
    if not claim_mail(entry):
        return
    facts = {
        "title": view.title,
        "shop": entry.merchant.name,
        "url": urljoin(settings.PUBLIC_URL, product_url(entry.merchant.slug, view.slug)),
        "leave": _leave_url(entry.merchant, entry),
    }
    text = _(
        "%(title)s is back in stock:\n%(url)s\n\nYou asked %(shop)s to tell you once. Units are not held for you.\n"
        "To be told of nothing more: %(leave)s"
    )
    mail = EmailMessage(
        _("%(title)s is back in stock") % facts,
        text % facts,
        to=[entry.email],
        headers={"List-Unsubscribe": f"<{facts['leave']}>"},
    )
    try:
        mail.send()
    except OSError:
        return_mail(entry)
        raise


def _leave_url(merchant: Merchant, entry: WaitlistEntry) -> str:
    site: str = settings.PUBLIC_URL
    return urljoin(site, f"/s/{merchant.slug}/waitlist/{entry_token(entry)}/")


def _conversation_of(entry: WaitlistEntry) -> Conversation | None:
    """Return the conversation the wish came from, else the one this shopper spoke in last."""
    spoken = Conversation.objects.filter(shopper_id=entry.shopper_id).exclude(
        surface__in=(Surface.LIVE, Surface.TRY_OUT)
    )
    kind, _colon, value = entry.source_ref.partition(":")
    if kind == "conversation":
        try:
            found = spoken.filter(pk=uuid.UUID(value)).first()
        except ValueError:
            found = None
        if found is not None:
            return found
    return spoken.order_by("-updated_at").first()
