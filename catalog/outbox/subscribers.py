"""Turns a function into a subscriber: one Celery task that delivers one outbox message at least once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, cast

from celery import shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils.module_loading import import_string
from django_scopes import scope

from catalog import observing
from catalog.outbox import leases
from catalog.outbox.models import OutboxMessage

USUAL_S = 30  # the time limit that OUTBOX_LEASE_S is made for
GRACE_S = 5  # between the soft time limit, which is told to the subscriber, and the end of its process


class TryLater(Exception):
    """Raised by a subscriber when a service it needs does not answer: the message waits, and is never given up."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a subscriber hears. `id` rises with every message: usable as a version."""

    id: int
    topic: str
    key: str
    payload: Mapping[str, Any]
    merchant_id: int | None
    created_at: datetime

    def scope(self) -> AbstractContextManager[None]:
        """Limit queries inside to the message's merchant."""
        return cast("AbstractContextManager[None]", scope(merchant=self.merchant_id))


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscriber's task and lane; calling it runs the bare function (tests)."""

    function: Callable[[Event], None]
    task: Any  # a Celery task: celery-types cannot name what shared_task returns
    lane: str

    def __call__(self, event: Event) -> None:
        self.function(event)


def subscriber(*, lane: str, time_limit_s: int = USUAL_S) -> Callable[[Callable[[Event], None]], Subscriber]:
    """Make a function a subscriber in `lane`. It must be safe to call twice with the same event."""

    def make(function: Callable[[Event], None]) -> Subscriber:
        def run(message_id: int) -> bool:
            # The lease outlives the time limit: nobody else begins while this one may still be at it.
            return deliver(message_id, function, lease_s=settings.OUTBOX_LEASE_S + max(0, time_limit_s - USUAL_S))

        task = shared_task(
            name=f"{function.__module__}.{function.__name__}",
            time_limit=time_limit_s + GRACE_S,
            soft_time_limit=time_limit_s,
            acks_late=True,
            ignore_result=True,
        )(run)
        return Subscriber(function, task, lane)

    return make


@cache
def by_name(name: str) -> Subscriber:
    """Return the subscriber that settings name."""
    found = import_string(name)
    if not isinstance(found, Subscriber):
        raise TypeError(f"{name} in OUTBOX_SUBSCRIBERS is not decorated with @subscriber")
    return found


def lane_of(name: str) -> str:
    """Return the lane of the subscriber that settings name."""
    return by_name(name).lane


def deliver(message_id: int, function: Callable[[Event], None], *, lease_s: float | None = None) -> bool:
    """Claim a message, run its subscriber, record the outcome; False when there was nothing to claim or it failed.

    A subscriber's error is kept in the row and tried again later (bounded); it never reaches the caller.
    """
    message = leases.claim(message_id, lease_s=lease_s)
    if message is None:
        return False
    event = Event(
        id=message.pk,
        topic=message.topic,
        key=message.key,
        payload=message.payload,
        merchant_id=message.merchant_id,
        created_at=message.created_at,
    )
    about: dict[str, observing.Value] = {
        "outbox.topic": event.topic,
        "outbox.lane": message.lane,
        "outbox.message": event.id,
    }
    with observing.bound(topic=event.topic, outbox_id=event.id), observing.span("outbox.deliver", about) as span:
        watch = observing.Stopwatch()
        try:
            function(event)
        except TryLater as reason:
            _kept(partial(leases.postpone, message, reason))
            _told(message, watch, "waits")
            return False
        except Exception as error:
            _kept(partial(leases.fail, message, error))
            _told(message, watch, "given_up" if message.attempts + 1 >= settings.OUTBOX_MAX_ATTEMPTS else "failed")
            span.set({"error.type": type(error).__name__})
            return False
        _kept(partial(leases.finish, message))
        _told(message, watch, "delivered")
    return True


def _kept(record: Callable[[], None]) -> None:
    """Write an outcome down although the database restarts: a lost one leaves its message leased, so idle, for long."""
    pauses_s = (*settings.OUTBOX_RECORD_PAUSES_S, None)
    for pause_s in pauses_s:
        try:
            return record()
        except (OperationalError, InterfaceError):
            if pause_s is None or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause_s)


def _told(message: OutboxMessage, watch: observing.Stopwatch, outcome: str) -> None:
    observing.observe("delivery_seconds", watch.seconds, lane=message.lane, topic=message.topic, outcome=outcome)
