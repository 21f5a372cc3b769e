"""What Celery runs at scale beside the subscribers themselves: the sweep for rows that were not pushed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from celery import current_app, shared_task
from django.conf import settings
from django.utils import timezone

from catalog.outbox import leases, wake


@shared_task(name="catalog.outbox.sweep", time_limit=60, ignore_result=True)
def sweep() -> int:
    """Push rows that are due to their lanes' queues: lost pushes, expired leases, retries. Return how many.

    A lane whose queue is still full is left alone: its rows were pushed and wait for a worker.
    """
    if settings.EMBEDDED_WORKERS or not settings.REDIS_URL:
        return 0  # the drain threads look by themselves
    # A row of this moment was pushed after its commit.
    settled = timezone.now() - timedelta(seconds=settings.OUTBOX_SWEEP_S)
    return sum(_sweep_lane(lane, room, settled=settled) for lane, room in _room_in_queues().items() if room > 0)


@shared_task(name="catalog.outbox.forget_delivered", time_limit=300, ignore_result=True)
def forget_delivered() -> int:
    """Delete messages delivered OUTBOX_KEEP_DAYS ago, those that happen once later; return how many.

    What was given up stays until somebody has looked at it.
    """
    if not settings.OUTBOX_KEEP_DAYS:
        return 0
    now = timezone.now()
    kept = max(settings.OUTBOX_KEEP_DAYS, settings.OUTBOX_KEEP_ONCE_DAYS)
    return leases.forget(now - timedelta(days=settings.OUTBOX_KEEP_DAYS), once_before=now - timedelta(days=kept))


def _sweep_lane(lane: str, room: int, *, settled: datetime) -> int:
    rows = leases.due(now=settled, lanes=[lane]).values_list("pk", "subscriber", "lane")[:room]
    return wake.push(list(rows))


def _room_in_queues() -> dict[str, int]:
    """Return how many messages each lane's queue may still take."""
    most = settings.OUTBOX_BATCH * 20
    with current_app.connection_for_write() as connection:
        channel: Any = connection.default_channel  # the stubs know the abstract channel only
        waiting = {
            lane: channel.queue_declare(queue=lane, passive=False, durable=True).message_count
            for lane in settings.OUTBOX_LANES
        }
    return {lane: most - count for lane, count in waiting.items()}
