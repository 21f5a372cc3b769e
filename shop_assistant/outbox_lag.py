"""How much waits in each lane of the outbox, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone

from catalog.outbox.models import OutboxMessage


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: how many messages wait, how long the oldest that is due has waited, how many were given up.

    `behind_s`: how long ago the oldest that waits was written, retries and all: how old what it changes may be.
    """

    name: str
    waiting: int
    oldest_s: float
    given_up: int
    behind_s: float = 0.0


def lanes_now() -> list[Lane]:
    """Return every lane that settings name, also the empty ones. Two queries, each over a partial index."""
    now = timezone.now()
    rows = OutboxMessage.objects.order_by().values("lane")
    waiting = {
        row["lane"]: row
        for row in rows.filter(delivered_at=None, dead_at=None).annotate(
            count=Count("pk"), oldest=Min("available_at", filter=Q(available_at__lte=now)), first=Min("created_at")
        )
    }
    given_up = {row["lane"]: row["count"] for row in rows.filter(dead_at__isnull=False).annotate(count=Count("pk"))}
    return [
        Lane(
            name=name,
            waiting=waiting[name]["count"] if name in waiting else 0,
            oldest_s=_age_s(waiting[name]["oldest"] if name in waiting else None, now),
            given_up=given_up.get(name, 0),
            behind_s=_age_s(waiting[name]["first"] if name in waiting else None, now),
        )
        for name in settings.OUTBOX_LANES
    ]


def _age_s(oldest: datetime | None, now: datetime) -> float:
    return max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
