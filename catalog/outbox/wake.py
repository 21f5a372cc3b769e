"""After a commit: tell whoever drains that there is work. Losing this loses time, never work."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
_bells: defaultdict[str, threading.Event] = defaultdict(threading.Event)


def bell(lane: str) -> threading.Event:
    """Return the event that a lane's drain thread waits on."""
    return _bells[lane]


def announce(rows: list[tuple[int | None, str, str]]) -> None:
    """Ring the lanes' bells (embedded), or push (message id, subscriber, lane) to Celery's queues (at scale)."""
    if settings.EMBEDDED_WORKERS:
        for lane in {lane for _, _, lane in rows}:
            _bells[lane].set()
    elif settings.REDIS_URL:
        _push(rows)


def _push(rows: list[tuple[int | None, str, str]]) -> None:
    try:
        for message_id, subscriber, lane in rows:
            if message_id is not None:
                current_app.send_task(subscriber, args=[message_id], queue=lane, ignore_result=True)
    except OperationalError:
        log.warning("the broker does not answer; the sweep will deliver what waits")
