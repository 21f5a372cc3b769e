"""The room itself: opening, closing, and what is on the table."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.languages import LANGUAGES
from catalog.products.models import Product, ProductStatus
from conversations.live.cards import current_products
from conversations.live.errors import NotInThisRoom, RoomNotOpen
from conversations.live.log import room_log
from conversations.live.models import LiveRoom, PinnedProduct, RoomState
from conversations.live.wire import PinPayload, RoomPayload, UnpinPayload


@transaction.atomic
def open_room(*, room_id: uuid.UUID) -> LiveRoom:
    """Take questions from now on; the log begins a new epoch. An open room stays as it is."""
    room = LiveRoom.objects.select_for_update().get(pk=room_id)
    if room.state == RoomState.LIVE:
        return room
    now = timezone.now()
    room.state, room.started_at, room.ended_at = RoomState.LIVE, now, None
    # Seconds since 1970, so that an epoch never comes back, even when the rows are lost.
    room.epoch, room.last_sequence = max(int(now.timestamp()), room.epoch + 1), 0
    room.save()
    _say_state(room)
    room.refresh_from_db()
    return room


@transaction.atomic
def close_room(*, room_id: uuid.UUID) -> LiveRoom:
    """End the room; what was said stays to be read."""
    room = LiveRoom.objects.select_for_update().get(pk=room_id)
    if room.state != RoomState.LIVE:
        return room
    room.state, room.ended_at = RoomState.ENDED, timezone.now()
    room.save(update_fields=["state", "ended_at"])
    _say_state(room)
    room.refresh_from_db()
    return room


@transaction.atomic
def pin(*, room_id: uuid.UUID, product_id: int, ends_at: datetime | None = None) -> PinnedProduct:
    """Put a product on the table, in place of the one there.

    Raises: RoomNotOpen; NotInThisRoom when the product is not sold by this shop.
    """
    room = LiveRoom.objects.select_related("merchant").select_for_update(of=("self",)).get(pk=room_id)
    if room.state != RoomState.LIVE:
        raise RoomNotOpen
    product = Product.objects.filter(pk=product_id, status=ProductStatus.ACTIVE).first()
    if product is None:
        raise NotInThisRoom
    now = timezone.now()
    PinnedProduct.objects.filter(room=room, unpinned_at=None).update(unpinned_at=now)
    pinned = PinnedProduct.objects.create(
        merchant=room.merchant, room=room, product=product, ends_at=ends_at, room_second=second_of(room, now)
    )
    room_log().publish(
        room_id=room_id,
        kind="pin",
        payload=_pin_payload(room.merchant, pinned).json_object(),
        once_key=f"pin:{pinned.pk}",
    )
    return pinned


@transaction.atomic
def unpin(*, room_id: uuid.UUID) -> None:
    """Clear the table; nothing changes when it is clear."""
    pinned = PinnedProduct.objects.select_for_update().filter(room_id=room_id, unpinned_at=None).first()
    if pinned is None:
        return
    PinnedProduct.objects.filter(pk=pinned.pk).update(unpinned_at=timezone.now())
    room_log().publish(
        room_id=room_id,
        kind="unpin",
        payload=UnpinPayload(pin_id=pinned.pk, product_id=pinned.product_id).json_object(),
        once_key=f"unpin:{pinned.pk}",
    )


@transaction.atomic
def show_again(*, product_id: int, once: str) -> int:
    """Tell open rooms where this product is on the table what it costs now; return how many. `once` names the cause."""
    tables = PinnedProduct.objects.filter(product_id=product_id, unpinned_at=None, room__state=RoomState.LIVE)
    shown = 0
    for pinned in tables.select_related("room__merchant", "product"):
        if pinned.product.status != ProductStatus.ACTIVE:
            continue
        room_log().publish(
            room_id=pinned.room_id,
            kind="pin",
            payload=_pin_payload(pinned.room.merchant, pinned).json_object(),
            once_key=f"pin:{pinned.pk}:{once}",
        )
        shown += 1
    return shown


def second_of(room: LiveRoom, moment: datetime) -> int:
    """Return the second of the stream at `moment`; 0 before it began."""
    return max(int((moment - room.started_at).total_seconds()), 0) if room.started_at else 0


def _say_state(room: LiveRoom) -> None:
    payload = RoomPayload.model_validate({"state": room.state})
    key = f"room:{room.epoch}:{room.state}"
    room_log().publish(room_id=room.pk, kind="room", payload=payload.json_object(), once_key=key)


def _pin_payload(merchant: Merchant, pinned: PinnedProduct) -> PinPayload:
    by_language = {
        language: current_products(
            merchant=merchant,
            product_ids=[pinned.product_id],
            language=language,
            currency=merchant.currency_for(language),
        )
        for language in LANGUAGES
    }
    return PinPayload(
        pin_id=pinned.pk,
        product_id=pinned.product_id,
        pinned_at=pinned.pinned_at.isoformat(),
        ends_at=pinned.ends_at.isoformat() if pinned.ends_at else None,
        room_second=pinned.room_second,
        cards={language: cards[pinned.product_id] for language, cards in by_language.items()},
    )
