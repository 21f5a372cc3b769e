"""Publish a message inside the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.outbox import subscribers, wake
from catalog.outbox.models import OutboxMessage


class OutsideTransaction(RuntimeError):
    """A message was published where a crash could lose either the write or the message."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish; `once` makes (topic, key) happen once for ever."""

    key: str
    payload: Mapping[str, Any]
    once: bool = False


def publish(topic: str, *, key: str, payload: Mapping[str, Any], merchant_id: int | None, once: bool = False) -> None:
    """Write one row per subscriber of `topic`, in the caller's transaction.

    Raises: OutsideTransaction when there is none.
    """
    publish_many(topic, [Outgoing(key, payload, once)], merchant_id=merchant_id)


def publish_many(topic: str, messages: Iterable[Outgoing], *, merchant_id: int | None) -> None:
    """Write many messages of one topic with one insert.

    Raises: OutsideTransaction when there is no transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(f"{topic}: publish inside the transaction that makes it true")
    now = timezone.now()
    rows = [
        OutboxMessage(
            topic=topic,
            subscriber=name,
            lane=subscribers.lane_of(name),
            key=message.key,
            payload=dict(message.payload),
            merchant_id=merchant_id,
            once_key=f"{topic}:{message.key}:{name}" if message.once else None,
            available_at=now,
        )
        for message in messages
        for name in settings.OUTBOX_SUBSCRIBERS.get(topic, ())
    ]
    if not rows:
        return
    repeats = any(row.once_key for row in rows)
    written = OutboxMessage.objects.bulk_create(rows, batch_size=500, ignore_conflicts=repeats)
    transaction.on_commit(lambda: wake.announce(written), robust=True)
