"""The drain: threads of the server that run, embedded, the same Celery tasks and the same schedule as a worker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from celery.schedules import maybe_schedule
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from catalog.outbox import leases, subscribers, wake
from catalog.outbox.models import ScheduledRun

log = logging.getLogger(__name__)


def drain(*, lanes: Iterable[str] | None = None) -> int:
    """Deliver everything that is due now, and what that publishes; return how many were delivered."""
    wanted = list(lanes or settings.OUTBOX_LANES)
    delivered = 0
    while True:
        rows = list(
            leases.due(now=timezone.now(), lanes=wanted).values_list("pk", "subscriber")[: settings.OUTBOX_BATCH]
        )
        if not rows:
            return delivered
        for message_id, name in rows:
            outcome = subscribers.by_name(name).task.apply(args=(message_id,), throw=False)
            delivered += bool(outcome.result is True)


def run_schedule(*, now: datetime | None = None) -> list[str]:
    """Run the periodic tasks that are due, each once across all servers; return their names."""
    moment = now or timezone.now()
    ran = []
    for name, entry in current_app.conf.beat_schedule.items():
        if _claim_run(name, maybe_schedule(entry["schedule"]), moment):
            current_app.tasks[entry["task"]].apply(throw=False)
            ran.append(name)
    return ran


def _claim_run(name: str, schedule: object, now: datetime) -> bool:
    period = getattr(schedule, "run_every", timedelta(minutes=1))
    row, created = ScheduledRun.objects.get_or_create(name=name, defaults={"last_run_at": now})
    if created:
        return True
    due = ScheduledRun.objects.filter(pk=row.pk, last_run_at__lte=now - period)
    return bool(due.update(last_run_at=now))


class EmbeddedWorkers:
    """One thread a lane and one for the schedule, from start() to stop()."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads."""
        current_app.loader.import_default_modules()
        for lane in settings.OUTBOX_LANES:
            self._spawn(f"outbox-{lane}", partial(self._drain_lane, lane))
        self._spawn("schedule", self._run_schedule)

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """Ask every thread to end after the task it is in, and wait."""
        self._stopping.set()
        for lane in settings.OUTBOX_LANES:
            wake.bell(lane).set()
        for thread in self._threads:
            thread.join(timeout_s)

    def _spawn(self, name: str, loop: Callable[[], None]) -> None:
        thread = threading.Thread(target=loop, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _drain_lane(self, lane: str) -> None:
        bell = wake.bell(lane)
        while not self._stopping.is_set():
            bell.wait(settings.OUTBOX_SWEEP_S)
            bell.clear()
            self._guarded(lambda: drain(lanes=[lane]))

    def _run_schedule(self) -> None:
        while not self._stopping.wait(settings.OUTBOX_SWEEP_S):
            self._guarded(run_schedule)

    def _guarded(self, act: Callable[[], object]) -> None:
        """A drain thread outlives a database that restarts, and a task that cannot even be begun."""
        try:
            close_old_connections()
            act()
        except DatabaseError:
            log.exception("the database does not answer; trying again")
        except Exception:
            log.exception("%s failed; going on", threading.current_thread().name)
        finally:
            close_old_connections()
