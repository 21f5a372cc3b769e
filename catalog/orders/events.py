"""What orders tell the rest of the house, by the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from catalog.orders.models import Fulfillment, Order, OrderRequest
from catalog.outbox.services import publish


def order_payload(order: Order, *, at: datetime) -> dict[str, Any]:
    """Return the ids of an order and of what led to it; `at` is when the thing happened, to the microsecond."""
    lines = list(order.lines.values_list("product_id", "link_id"))
    return {
        "order_id": order.pk,
        "order": order.number,
        "reference": str(order.reference),
        "shopper": str(order.shopper_id),
        "creator_id": order.creator_id,
        "source_ref": order.source_ref,
        "link_ids": list(dict.fromkeys(link for _, link in lines if link)),
        "product_ids": list(dict.fromkeys(product for product, _ in lines if product is not None)),
        "amount_minor": order.total_minor,
        "currency": order.currency,
        "is_test": order.is_test,
        "at": at.isoformat(),
    }


def publish_order(topic: str, order: Order, *, at: datetime) -> None:
    """Publish `topic` about `order`, once for ever."""
    payload = order_payload(order, at=at)
    publish(topic, key=str(order.reference), payload=payload, merchant_id=order.merchant_id, once=True)


def publish_sent(order: Order, parcel: Fulfillment) -> None:
    """Publish that a parcel of `order` was sent, once a parcel."""
    payload = {
        **order_payload(order, at=parcel.sent_at or timezone.now()),
        "carrier": parcel.carrier,
        "tracking": parcel.tracking_numbers,
    }
    key = f"{order.reference}:{parcel.pk}"
    publish("order.sent", key=key, payload=payload, merchant_id=order.merchant_id, once=True)


def publish_return(order: Order, request: OrderRequest) -> None:
    """Publish that goods of `order` are to come back, once a request."""
    payload = {**order_payload(order, at=timezone.now()), "request_id": request.pk, "kind": request.kind}
    key = f"{order.reference}:{request.pk}"
    publish("return.requested", key=key, payload=payload, merchant_id=order.merchant_id, once=True)
