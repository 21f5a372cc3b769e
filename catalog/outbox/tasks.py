"""What Celery runs at scale beside the subscribers themselves: the sweep for rows that were not pushed."""

from __future__ import annotations

from celery import current_app, shared_task
from django.conf import settings
from django.utils import timezone

from catalog.outbox import leases


@shared_task(name="catalog.outbox.sweep", time_limit=60, ignore_result=True)
def sweep() -> int:
    """Push rows that are due to their lanes' queues: lost pushes, expired leases, retries. Return how many."""
    if settings.EMBEDDED_WORKERS or not settings.REDIS_URL:
        return 0  # the drain threads look by themselves
    rows = list(
        leases.due(now=timezone.now(), lanes=settings.OUTBOX_LANES).values_list("pk", "subscriber", "lane")[
            : settings.OUTBOX_BATCH * 20
        ]
    )
    for message_id, name, lane in rows:
        current_app.send_task(name, args=[message_id], queue=lane, ignore_result=True)
    return len(rows)
