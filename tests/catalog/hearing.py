"""A subscriber that only makes rows, so that a test can read what was published."""

from __future__ import annotations

from typing import Any

from catalog.outbox.models import OutboxMessage
from catalog.outbox.subscribers import Event, subscriber

TOPICS = (
    "cart.changed",
    "checkout.started",
    "order.paid",
    "order.cancelled",
    "refund.due",
    "refund.booked",
    "charge.booked",
    "sign_in.requested",
    "product.changed",
    "stock.rose",
    "charge.ended",
    "order.owed",
    "order.charged",
    "return.requested",
    "order.return_label",
    "order.refunded",
    "order.disputed",
    "order.appointment",
)
EVERYTHING = {topic: ["tests.catalog.hearing.hear"] for topic in TOPICS}


@subscriber(lane="money")
def hear(event: Event) -> None:
    """Do nothing."""


def heard(topic: str) -> list[dict[str, Any]]:
    """Return the payloads published about `topic`, in order."""
    return list(OutboxMessage.objects.filter(topic=topic).order_by("id").values_list("payload", flat=True))
