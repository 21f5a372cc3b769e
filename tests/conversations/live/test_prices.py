"""A live price begins or ends while its product is on the table: the room is shown the price that holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts.models import Merchant
from catalog.outbox.worker import drain
from catalog.products.live_prices import end_live_price, set_live_price
from conversations.live import services
from conversations.live.models import LiveRoom, RoomEvent
from conversations.live.selectors import room_snapshot
from tests.conversations.live.watching import make_room
from tests.factories import make_product


@pytest.fixture
def room(in_scope: Merchant, settings: Settings) -> LiveRoom:
    settings.OUTBOX_SUBSCRIBERS = {"live_price.turned": ["conversations.live.prices.on_live_price_turned"]}
    return make_room(in_scope)


def pins(room: LiveRoom) -> list[tuple[str, str | None, bool]]:
    """Return price, was and whether it is a live price, of each pin the room was shown."""
    payloads = RoomEvent.objects.filter(room=room, kind="pin").order_by("sequence").values_list("payload", flat=True)
    cards = [payload["cards"]["en"] for payload in payloads]
    return [(card["price"]["text"], (card["was"] or {}).get("text"), bool(card["live_until"])) for card in cards]


def test_the_room_sees_the_live_price_come_and_go(room: LiveRoom) -> None:
    serum = make_product(room.merchant)
    variant = serum.variants.get()
    services.pin(room_id=room.pk, product_id=serum.pk)
    now = timezone.now()

    row = set_live_price(
        variant_id=variant.pk, currency="USD", amount_minor=2600, starts_at=now, ends_at=now + timedelta(minutes=5)
    )
    drain()
    drain()
    snapshot = room_snapshot(room_id=room.pk, shopper_id=None, language="en")
    assert snapshot.pinned is not None
    assert snapshot.pinned.product.live_until == row.ends_at.isoformat()
    end_live_price(live_price_id=row.pk)
    drain()

    assert pins(room) == [("$31.00", None, False), ("$26.00", "$31.00", True), ("$31.00", None, False)]


def test_a_product_that_is_not_on_the_table_is_not_shown(room: LiveRoom) -> None:
    serum = make_product(room.merchant)
    services.pin(room_id=room.pk, product_id=serum.pk)
    services.unpin(room_id=room.pk)
    now = timezone.now()

    set_live_price(
        variant_id=serum.variants.get().pk,
        currency="USD",
        amount_minor=2600,
        starts_at=now,
        ends_at=now + timedelta(minutes=5),
    )
    drain()

    assert len(pins(room)) == 1
