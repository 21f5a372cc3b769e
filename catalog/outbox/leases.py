"""Who delivers a message now: leases, outcomes, and giving up."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.outbox.models import OutboxMessage

log = logging.getLogger(__name__)


def due(*, now: datetime, lanes: Iterable[str]) -> QuerySet[OutboxMessage]:
    """Return the rows that wait and are not leased, oldest first."""
    return (
        OutboxMessage.objects.filter(lane__in=list(lanes), delivered_at=None, dead_at=None, available_at__lte=now)
        .filter(Q(leased_until=None) | Q(leased_until__lt=now))
        .order_by("id")
    )


def claim(message_id: int, *, lease_s: float | None = None) -> OutboxMessage | None:
    """Lease a due message to the caller (for OUTBOX_LEASE_S); None when another has it or it is finished."""
    now = timezone.now()
    lasts_s = settings.OUTBOX_LEASE_S if lease_s is None else lease_s
    claimed = (
        due(now=now, lanes=settings.OUTBOX_LANES)
        .filter(pk=message_id)
        .order_by()
        .update(leased_until=now + timedelta(seconds=lasts_s))
    )
    return OutboxMessage.objects.get(pk=message_id) if claimed else None


def finish(message: OutboxMessage) -> None:
    """Record that the subscriber did its work."""
    OutboxMessage.objects.filter(pk=message.pk).update(
        delivered_at=timezone.now(), leased_until=None, attempts=message.attempts + 1, error=""
    )


def fail(message: OutboxMessage, error: BaseException) -> None:
    """Record a failure: try again later, later each time, or give up after OUTBOX_MAX_ATTEMPTS."""
    now = timezone.now()
    attempts = message.attempts + 1
    is_dead = attempts >= settings.OUTBOX_MAX_ATTEMPTS
    wait_s = settings.OUTBOX_RETRY_BASE_S * 2 ** (attempts - 1)
    OutboxMessage.objects.filter(pk=message.pk).update(
        attempts=attempts,
        leased_until=None,
        available_at=now + timedelta(seconds=wait_s),
        dead_at=now if is_dead else None,
        error=f"{type(error).__name__}: {error}"[:2000],
    )
    log.log(logging.ERROR if is_dead else logging.WARNING, "%s failed (%s)", message, message.pk, exc_info=error)


def postpone(message: OutboxMessage, reason: BaseException) -> None:
    """Put a message back that waits for a service which does not answer: it is not given up, however long that lasts.

    The pause grows with the message's age, up to OUTBOX_WAIT_MAX_S; what fails for a reason of its own is `fail`.
    """
    now = timezone.now()
    age_s = (now - message.created_at).total_seconds()
    wait_s = min(max(settings.OUTBOX_RETRY_BASE_S, age_s / 4), settings.OUTBOX_WAIT_MAX_S)
    OutboxMessage.objects.filter(pk=message.pk).update(
        leased_until=None, available_at=now + timedelta(seconds=wait_s), error=str(reason)[:2000]
    )
    log.warning("%s (%s) waits: %s", message, message.pk, reason)


def forget(before: datetime, *, once_before: datetime) -> int:
    """Delete what was delivered before a time; what may happen once for ever, before another. Return how many.

    In bites, so that nobody waits for a long statement.
    """
    old = Q(delivered_at__lt=before, once_key=None) | Q(delivered_at__lt=once_before)
    deleted = 0
    while ids := list(
        OutboxMessage.objects.filter(old).order_by().values_list("pk", flat=True)[: settings.OUTBOX_FORGET_BATCH]
    ):
        deleted += OutboxMessage.objects.filter(pk__in=ids).delete()[0]
    return deleted


def replay(message_ids: Iterable[int]) -> int:
    """Put dead or delivered messages back in line; return how many."""
    return OutboxMessage.objects.filter(pk__in=list(message_ids)).update(
        delivered_at=None, dead_at=None, leased_until=None, attempts=0, available_at=timezone.now()
    )
