"""What search tells the funnel: a product was opened from a page of answers."""

from __future__ import annotations

import uuid
from datetime import datetime

from catalog.accounts.models import Merchant
from catalog.outbox.subscribers import Event, subscriber
from conversations.funnel.services import record
from conversations.funnel.steps import Step

SURFACE = "search"


@subscriber(lane="money")
def on_search_clicked(event: Event) -> None:
    """Record `product_clicked`, once for each product of a search."""
    payload = event.payload
    with event.scope():
        record(
            merchant=Merchant.objects.get(pk=event.merchant_id or 0),
            step=Step.PRODUCT_CLICKED,
            shopper_id=uuid.UUID(str(payload["shopper"])),
            dedupe_key=f"search:{event.key}",
            occurred_at=datetime.fromisoformat(payload["at"]),
            creator_id=payload["creator_id"],
            surface=SURFACE,
            product_id=int(payload["product_id"]),
        )
