"""The mail about what an order still owes: its button pays, on any device."""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.utils.translation import gettext_lazy

from catalog.orders.mails import Link, write_about
from catalog.outbox.subscribers import Event, subscriber
from catalog.payments.charging import owed_token
from catalog.payments.models import Collection


@subscriber(lane="slow")
def on_owed(event: Event) -> None:
    """Ask the order's shopper to pay a difference that could not be taken from his card."""
    with event.scope():
        collection = Collection.objects.select_related("merchant").get(pk=event.payload["collection_id"])
    url = urljoin(settings.PUBLIC_URL, f"/s/{collection.merchant.slug}/owed/{owed_token(collection.pk)}/")
    write_about(event, link=Link(url, gettext_lazy("Pay what is still open")))
