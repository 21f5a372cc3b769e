"""Writing funnel events: each fact once, in the transaction that makes it true."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.products.models import ContentItem
from conversations.funnel.models import FunnelEvent
from conversations.funnel.steps import Step

_VIEW_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")


class BadViewId(ValueError):
    """A view id that cannot tell one page view from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """One step about to be recorded; ids as FunnelEvent keeps them, `amount_minor` in minor units of `currency`."""

    step: Step
    shopper_id: uuid.UUID
    dedupe_key: str
    occurred_at: datetime | None = None  # None = now
    creator_id: int | None = None
    surface: str = ""
    conversation_id: uuid.UUID | None = None
    room_id: uuid.UUID | None = None
    content_id: int | None = None
    product_id: int | None = None
    link_id: str = ""
    link_ids: Sequence[str] = ()
    order_id: int | None = None
    amount_minor: int | None = None
    currency: str = ""
    is_test: bool = False


def record(
    *,
    merchant: Merchant,
    step: Step,
    shopper_id: uuid.UUID,
    dedupe_key: str,
    occurred_at: datetime | None = None,
    creator_id: int | None = None,
    surface: str = "",
    conversation_id: uuid.UUID | None = None,
    room_id: uuid.UUID | None = None,
    content_id: int | None = None,
    product_id: int | None = None,
    link_id: str = "",
    link_ids: Sequence[str] = (),
    order_id: int | None = None,
    amount_minor: int | None = None,
    currency: str = "",
    is_test: bool = False,
) -> bool:
    """Record one step; return False when `dedupe_key` was recorded before (then nothing changes).

    Works inside and outside a transaction: a repeat undoes a savepoint, never the caller's work.
    """
    return record_event(
        merchant=merchant,
        event=NewEvent(
            step=step,
            shopper_id=shopper_id,
            dedupe_key=dedupe_key,
            occurred_at=occurred_at,
            creator_id=creator_id,
            surface=surface,
            conversation_id=conversation_id,
            room_id=room_id,
            content_id=content_id,
            product_id=product_id,
            link_id=link_id,
            link_ids=link_ids,
            order_id=order_id,
            amount_minor=amount_minor,
            currency=currency,
            is_test=is_test,
        ),
    )


def record_event(*, merchant: Merchant, event: NewEvent) -> bool:
    """Record `event`; return False when its dedupe key was recorded before."""
    row = _row(merchant, event, timezone.now())
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # The savepoint also catches a broken row; only a repeat is a success.
        recorded = FunnelEvent._base_manager.filter(merchant=merchant, dedupe_key=event.dedupe_key)
        if not recorded.exists():
            raise
        return False
    return True


def record_all(*, merchant: Merchant, events: Iterable[NewEvent]) -> None:
    """Record many steps with few statements; those recorded before are left as they are."""
    now = timezone.now()
    rows = [_row(merchant, event, now) for event in events]
    FunnelEvent._base_manager.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def content_viewed(
    *, merchant: Merchant, content: ContentItem, shopper: Shopper, view_id: str, surface: str = "content"
) -> bool:
    """Record that a shopper opened a piece of content; `view_id` is made by the page, one for each view.

    Raises: BadViewId.
    """
    if not _VIEW_ID.match(view_id):
        raise BadViewId("view_id: send 8 to 64 letters, digits, - or _, new for each page view")
    return record(
        merchant=merchant,
        step=Step.CONTENT_VIEWED,
        shopper_id=shopper.pk,
        dedupe_key=f"view:{shopper.pk}:{view_id}",
        creator_id=content.creator_id,
        surface=surface,
        content_id=content.pk,
    )


def room_viewed(*, merchant: Merchant, room_id: uuid.UUID, epoch: int, creator_id: int, shopper_id: uuid.UUID) -> bool:
    """Record that a shopper came into a live room, once for each time the room was opened."""
    return record(
        merchant=merchant,
        step=Step.CONTENT_VIEWED,
        shopper_id=shopper_id,
        dedupe_key=f"view:{shopper_id}:room:{room_id}:{epoch}",
        creator_id=creator_id,
        surface="live",
        room_id=room_id,
    )


def conversation_opened(
    *,
    merchant: Merchant,
    conversation_id: uuid.UUID,
    creator_id: int,
    shopper_id: uuid.UUID,
    surface: str,
) -> bool:
    """Record that a shopper opened the double's own page: the first step of those who come straight to it."""
    return record(
        merchant=merchant,
        step=Step.CONTENT_VIEWED,
        shopper_id=shopper_id,
        dedupe_key=f"view:{shopper_id}:conversation:{conversation_id}",
        creator_id=creator_id,
        surface=surface,
        conversation_id=conversation_id,
    )


def _row(merchant: Merchant, event: NewEvent, now: datetime) -> FunnelEvent:
    return FunnelEvent(
        merchant=merchant,
        step=event.step,
        dedupe_key=event.dedupe_key,
        occurred_at=event.occurred_at or now,
        shopper_id=event.shopper_id,
        creator_id=event.creator_id,
        surface=event.surface,
        conversation_id=event.conversation_id,
        room_id=event.room_id,
        content_id=event.content_id,
        product_id=event.product_id,
        link_id=event.link_id,
        link_ids=list(event.link_ids),
        order_id=event.order_id,
        amount_minor=event.amount_minor,
        currency=event.currency,
        is_test=event.is_test,
    )
