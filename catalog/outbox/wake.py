"""After a commit: tell whoever drains that there is work. Losing this loses time, never work."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from catalog.outbox.models import OutboxMessage

log = logging.getLogger(__name__)
_bells: defaultdict[str, threading.Event] = defaultdict(threading.Event)
Push = tuple[int, str, str]  # message id, subscriber, lane
PAUSE_S = 1.0  # a broker that failed is left alone this long: it must not slow every commit
_away_until = 0.0


def bell(lane: str) -> threading.Event:
    """Return the event that a lane's drain thread waits on."""
    return _bells[lane]


def announce(rows: Sequence[OutboxMessage]) -> None:
    """Ring the lanes' bells (embedded), or push (message id, subscriber, lane) to Celery's queues (at scale)."""
    if settings.EMBEDDED_WORKERS:
        for lane in {row.lane for row in rows}:
            _bells[lane].set()
    elif settings.REDIS_URL:
        push([*((row.pk, row.subscriber, row.lane) for row in rows if row.pk), *_without_id(rows)])


def push(rows: Iterable[Push]) -> int:
    """Push rows to their lanes' queues over one connection; return how many the broker took."""
    global _away_until
    pushed = 0
    if time.monotonic() < _away_until:
        return pushed
    try:
        with current_app.producer_or_acquire() as producer:
            for message_id, subscriber, lane in rows:
                current_app.send_task(
                    subscriber, args=[message_id], queue=lane, ignore_result=True, producer=producer, retry=False
                )
                pushed += 1
    except (OperationalError, OSError) as error:
        _away_until = time.monotonic() + PAUSE_S
        log.warning("the broker does not answer; the sweep will deliver what waits: %s", error)
    return pushed


def _without_id(rows: Iterable[OutboxMessage]) -> list[Push]:
    """Look up messages that happen once: with conflicts ignored the database returns no ids."""
    keys = [row.once_key for row in rows if not row.pk and row.once_key]
    if not keys:
        return []
    waiting = OutboxMessage.objects.filter(once_key__in=keys, delivered_at=None, attempts=0, leased_until=None)
    return list(waiting.values_list("pk", "subscriber", "lane"))
