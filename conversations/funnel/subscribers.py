"""What the shop tells the funnel: into the cart, at the checkout, paid."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.accounts.models import Merchant
from catalog.outbox.subscribers import Event, subscriber
from conversations.funnel import links
from conversations.funnel.models import FunnelEvent, ProductLink
from conversations.funnel.services import record
from conversations.funnel.steps import Step


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a step began: known from its tracked link, else from the conversation the shop was told of."""

    creator_id: int | None = None
    surface: str = ""
    conversation_id: uuid.UUID | None = None
    room_id: uuid.UUID | None = None


@subscriber(lane="money")
def on_cart_changed(event: Event) -> None:
    """Record `cart_added` for units that were added; each message once.

    A product added from its card or by name in the conversation was chosen as surely as by following the link, so
    the link's click is recorded at the same moment when there was none.
    """
    payload = event.payload
    if int(payload["delta"]) <= 0:
        return
    with event.scope():
        merchant = _merchant(event)
        shopper_id, at = uuid.UUID(str(payload["shopper"])), datetime.fromisoformat(payload["at"])
        product_id = int(payload["product_id"])
        link = _link_of_addition(payload, shopper_id=shopper_id, product_id=product_id)
        origin = _origin(payload, link)
        # A link passed on to a friend stays the click of the one it was shown to.
        if link is not None and link.shopper_id == shopper_id:
            _choose(link, at)
        record(
            merchant=merchant,
            step=Step.CART_ADDED,
            shopper_id=shopper_id,
            dedupe_key=f"cart:{event.id}",
            occurred_at=at,
            creator_id=origin.creator_id,
            surface=origin.surface,
            conversation_id=origin.conversation_id,
            room_id=origin.room_id,
            product_id=product_id,
            link_id=link.pk if link else "",
        )


@subscriber(lane="money")
def on_checkout_started(event: Event) -> None:
    """Record `checkout_started`, once an order."""
    _record_order(event, Step.CHECKOUT_STARTED, f"checkout:{event.key}")


@subscriber(lane="money")
def on_order_paid(event: Event) -> None:
    """Record `order_paid`, once an order."""
    _record_order(event, Step.ORDER_PAID, f"paid:{event.key}")


def _record_order(event: Event, step: Step, dedupe_key: str) -> None:
    payload = event.payload
    with event.scope():
        link_ids: list[str] = list(dict.fromkeys(link_id for link_id in payload.get("link_ids", ()) if link_id))
        origin = _origin(payload, _first_link(link_ids))
        record(
            merchant=_merchant(event),
            step=step,
            shopper_id=uuid.UUID(str(payload["shopper"])),
            dedupe_key=dedupe_key,
            occurred_at=datetime.fromisoformat(payload["at"]),
            creator_id=origin.creator_id,
            surface=origin.surface,
            conversation_id=origin.conversation_id,
            room_id=origin.room_id,
            link_id=link_ids[0] if link_ids else "",
            link_ids=link_ids,
            order_id=payload["order_id"],
            amount_minor=payload["amount_minor"],
            currency=payload["currency"],
            is_test=payload["is_test"],
        )


def _merchant(event: Event) -> Merchant:
    if event.merchant_id is None:
        raise ValueError(f"{event.topic} {event.key}: the message names no merchant")
    return Merchant.objects.get(pk=event.merchant_id)


def _first_link(link_ids: Sequence[str]) -> ProductLink | None:
    return ProductLink.objects.filter(pk__in=link_ids).order_by("created_at").first()


def _link_of_addition(payload: Mapping[str, Any], *, shopper_id: uuid.UUID, product_id: int) -> ProductLink | None:
    """Return the link named, else the one last made for this product in this very conversation."""
    if payload.get("link_id"):
        return ProductLink.objects.filter(pk=payload["link_id"]).first()
    conversation_id = _conversation_of(payload)
    if conversation_id is None:
        return None
    shown = ProductLink.objects.filter(shopper_id=shopper_id, product_id=product_id, conversation_id=conversation_id)
    return shown.order_by("-created_at").first()


def _choose(link: ProductLink, at: datetime) -> None:
    clicked = FunnelEvent.objects.filter(link_id=link.pk, step=Step.PRODUCT_CLICKED, occurred_at__lte=at)
    if not clicked.exists():
        links.click(link=link, view_id="card", at=at)


def _origin(payload: Mapping[str, Any], link: ProductLink | None) -> Origin:
    if link is not None:
        creator_id = payload.get("creator_id") or link.creator_id
        return Origin(creator_id, link.surface, link.conversation_id, link.room_id)
    conversation_id = _conversation_of(payload)
    if conversation_id is None:
        return Origin(payload.get("creator_id"))
    # Chat lies above the funnel; what it recorded of this conversation tells its surface.
    said = FunnelEvent.objects.filter(conversation_id=conversation_id).order_by("occurred_at").first()
    return Origin(
        payload.get("creator_id") or (said.creator_id if said else None),
        said.surface if said else "",
        conversation_id,
        said.room_id if said else None,
    )


def _conversation_of(payload: Mapping[str, Any]) -> uuid.UUID | None:
    kind, _, reference = str(payload.get("source_ref") or "").partition(":")
    try:
        return uuid.UUID(reference) if kind == "conversation" else None
    except ValueError:
        return None
