"""A message is a row before it is a task: nothing is lost, nothing is done by two, what fails comes again."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.outbox import leases, tasks
from catalog.outbox.models import OutboxMessage, ScheduledRun
from catalog.outbox.services import OutsideTransaction, publish
from catalog.outbox.worker import drain, run_schedule
from tests.catalog.outbox import listeners

assert tasks.sweep  # registered with Celery by its import
REMEMBER = "tests.catalog.outbox.listeners.remember"
STUMBLE = "tests.catalog.outbox.listeners.stumble"


@pytest.fixture(autouse=True)
def _listeners(settings: Settings) -> Iterator[None]:
    settings.OUTBOX_SUBSCRIBERS = {"tea.ready": [REMEMBER], "both": [REMEMBER, STUMBLE], "wobble": [STUMBLE]}
    listeners.heard.clear()
    listeners.broken["yes"] = True
    yield
    listeners.heard.clear()


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused_and_writes_nothing() -> None:
    with pytest.raises(OutsideTransaction):
        publish("tea.ready", key="1", payload={}, merchant_id=None)

    assert OutboxMessage.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_message_of_a_rolled_back_transaction_never_existed() -> None:
    with transaction.atomic():
        publish("tea.ready", key="1", payload={}, merchant_id=None)
        transaction.set_rollback(True)

    assert drain() == 0
    assert listeners.heard == []


def test_every_subscriber_of_a_topic_gets_its_own_row_in_its_own_lane(db: None) -> None:
    publish("both", key="7", payload={"cup": 2}, merchant_id=None)

    rows = OutboxMessage.objects.order_by("id").values_list("subscriber", "lane", "key", "payload")
    assert list(rows) == [(REMEMBER, "money", "7", {"cup": 2}), (STUMBLE, "index", "7", {"cup": 2})]


def test_one_failing_subscriber_does_not_hold_up_or_repeat_the_other(db: None) -> None:
    publish("both", key="7", payload={}, merchant_id=None)

    delivered = drain()

    assert delivered == 1
    assert [event.key for event in listeners.heard] == ["7"]
    failed = OutboxMessage.objects.get(subscriber=STUMBLE)
    assert (failed.attempts, failed.delivered_at, failed.error) == (
        1, None, "ConnectionError: the index does not answer",
    )  # fmt: skip


def test_a_failed_message_waits_longer_each_time_and_is_given_up_at_the_limit(db: None, settings: Settings) -> None:
    settings.OUTBOX_MAX_ATTEMPTS = 3
    publish("wobble", key="1", payload={}, merchant_id=None)

    waits = []
    for _ in range(3):
        OutboxMessage.objects.update(available_at=timezone.now())
        before = timezone.now()
        drain()
        waits.append(round((OutboxMessage.objects.get().available_at - before).total_seconds()))

    assert waits == [2, 4, 8]
    assert OutboxMessage.objects.get().dead_at is not None
    OutboxMessage.objects.update(available_at=timezone.now())
    assert drain() == 0


def test_a_dead_message_that_is_replayed_is_delivered(db: None, settings: Settings) -> None:
    settings.OUTBOX_MAX_ATTEMPTS = 1
    publish("wobble", key="1", payload={}, merchant_id=None)
    drain()
    listeners.broken["yes"] = False

    assert leases.replay([OutboxMessage.objects.get().pk]) == 1
    assert drain() == 1


def test_a_message_published_once_is_never_published_again(db: None) -> None:
    publish("tea.ready", key="order-1", payload={}, merchant_id=None, once=True)
    publish("tea.ready", key="order-1", payload={}, merchant_id=None, once=True)
    publish("tea.ready", key="order-2", payload={}, merchant_id=None, once=True)
    drain()
    publish("tea.ready", key="order-1", payload={}, merchant_id=None, once=True)
    drain()

    assert [event.key for event in listeners.heard] == ["order-1", "order-2"]


def test_a_leased_message_is_not_claimed_again_until_the_lease_runs_out(db: None) -> None:
    publish("tea.ready", key="1", payload={}, merchant_id=None)
    message_id = OutboxMessage.objects.get().pk

    assert leases.claim(message_id) is not None
    assert leases.claim(message_id) is None
    OutboxMessage.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert leases.claim(message_id) is not None


def test_draining_one_lane_leaves_the_others_waiting(db: None) -> None:
    listeners.broken["yes"] = False
    publish("both", key="1", payload={}, merchant_id=None)

    assert drain(lanes=["index"]) == 1
    assert OutboxMessage.objects.filter(delivered_at=None).get().lane == "money"


def test_a_periodic_act_runs_once_a_period_however_many_servers_ask(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in set(current_app.conf.beat_schedule) - {"outbox-sweep"}:
        monkeypatch.delitem(current_app.conf.beat_schedule, name)
    now = timezone.now()

    assert run_schedule(now=now) == ["outbox-sweep"]
    assert run_schedule(now=now + timedelta(seconds=1)) == []
    assert run_schedule(now=now + timedelta(seconds=6)) == ["outbox-sweep"]
    assert ScheduledRun.objects.get(name="outbox-sweep").last_run_at == now + timedelta(seconds=6)


_CHILD = """
import os, sys, time
sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.catalog.outbox.child_settings"
import django; django.setup()
from catalog.outbox.worker import drain
while True:
    drain()
    time.sleep(0.02)
"""
_WRITE_DOWN = "tests.catalog.outbox.child_listener.write_down"


def test_killed_in_the_middle_nothing_is_lost_and_no_effect_happens_twice(tmp_path: Path) -> None:
    """A child process drains 120 messages into a file of its own; it is killed with SIGKILL four times on the way."""
    environment = {**os.environ, "CHILD_FOLDER": str(tmp_path)}
    _make_child_database(environment, tmp_path / "child.sqlite3")

    def count(table: str) -> int:
        with sqlite3.connect(tmp_path / "child.sqlite3", timeout=30) as database:
            found: int = database.execute(f"select count(*) from {table}").fetchone()[0]
        return found

    for effects_before_the_kill in (10, 30, 50, 80):
        child = subprocess.Popen([sys.executable, "-c", _CHILD], env=environment)
        _wait_until(partial(_reached, count, effects_before_the_kill), child)
        child.send_signal(signal.SIGKILL)
        child.wait()
    child = subprocess.Popen([sys.executable, "-c", _CHILD], env=environment)
    _wait_until(lambda: count("outbox_outboxmessage where delivered_at is null") == 0, child)
    child.kill()
    child.wait()

    assert count("effects") == 120
    # Each kill may make one message come a second time; its effect has a key, so it happened once.
    assert 120 <= count("diary") <= 124
    assert count("outbox_outboxmessage where attempts <> 1") <= 4


def _reached(count: Callable[[str], int], target: int) -> bool:
    return count("effects") >= target


def _make_child_database(environment: dict[str, str], path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity=0"],
        env={**environment, "DJANGO_SETTINGS_MODULE": "tests.catalog.outbox.child_settings", "PYTHONPATH": "."},
        check=True,
    )
    with sqlite3.connect(path) as database:
        database.execute("create table effects (key text unique)")
        database.execute("create table diary (key text)")
        database.executemany(
            "insert into outbox_outboxmessage (topic, subscriber, lane, key, payload, created_at, available_at,"
            f" attempts, error) values ('t', '{_WRITE_DOWN}', 'money', ?, '{{}}', datetime('now'),"
            " datetime('now', '-1 minute'), 0, '')",
            [(str(number),) for number in range(120)],
        )


def _wait_until(condition: Callable[[], bool], child: subprocess.Popen[bytes], *, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert child.poll() is None, "the child ended by itself"
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def delivered(*, days: int, once: bool = False, state: str = "delivered_at") -> int:
    """Return the id of a message that was delivered (or given up) so many days ago."""
    at = timezone.now() - timedelta(days=days)
    row = OutboxMessage.objects.create(
        topic="x", subscriber="x.y", lane="slow", key=f"{days}{once}{state}", available_at=at, **{state: at}
    )
    if once:
        OutboxMessage.objects.filter(pk=row.pk).update(once_key=f"x:{row.key}:x.y")
    return row.pk


def test_what_was_delivered_long_ago_is_forgotten(db: None, settings: Settings) -> None:
    settings.OUTBOX_KEEP_DAYS, settings.OUTBOX_KEEP_ONCE_DAYS, settings.OUTBOX_FORGET_BATCH = 14, 400, 2
    gone = [delivered(days=days) for days in (15, 16, 30)] + [delivered(days=401, once=True)]
    stays = [
        delivered(days=13),
        delivered(days=30, once=True),  # it would happen a second time
        delivered(days=90, state="dead_at"),  # nobody has looked at it yet
        delivered(days=90, state="created_at"),
    ]

    assert tasks.forget_delivered() == len(gone)

    assert set(OutboxMessage.objects.values_list("pk", flat=True)) == set(stays)


def test_a_shop_may_keep_all_its_messages(db: None, settings: Settings) -> None:
    settings.OUTBOX_KEEP_DAYS = 0
    delivered(days=900)

    assert tasks.forget_delivered() == 0
    assert OutboxMessage.objects.count() == 1
