"""At scale: after the commit each row is pushed by its id to its lane's queue; what was not pushed is swept."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings
from redis import Redis

from catalog.outbox import leases, tasks, wake
from catalog.outbox.models import OutboxMessage
from catalog.outbox.services import publish
from tests.catalog.outbox import listeners
from tests.engines.available import REDIS_URL, needs_redis
from tests.engines.process import free_port

pytestmark = [*needs_redis, pytest.mark.django_db(transaction=True)]
LANES = ("money", "index", "live", "slow")


@pytest.fixture(autouse=True)
def queues(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The broker's queues, empty before and after."""
    settings.REDIS_URL = REDIS_URL
    settings.OUTBOX_SUBSCRIBERS = {
        "both": ["tests.catalog.outbox.listeners.remember", "tests.catalog.outbox.listeners.stumble"]
    }
    listeners.heard.clear()
    monkeypatch.setattr(wake, "_away_until", 0.0)
    with Redis.from_url(REDIS_URL) as client:
        client.delete(*LANES)
        yield client
        client.delete(*LANES)


def pushed(queues: Any, lane: str) -> list[int]:
    """Return the message ids in a lane's queue, oldest first."""
    bodies = [json.loads(raw)["body"] for raw in reversed(queues.lrange(lane, 0, -1))]
    return [json.loads(b64decode(body))[0][0] for body in bodies]


def write(*, once: bool = False, key: str = "1") -> dict[str, int]:
    with transaction.atomic():
        publish("both", key=key, payload={}, merchant_id=None, once=once)
    return dict(OutboxMessage.objects.filter(key=key).values_list("lane", "pk"))


def let_time_pass() -> None:
    OutboxMessage.objects.update(available_at=timezone.now() - timedelta(minutes=1))


def test_each_row_is_pushed_by_id_to_the_queue_of_its_lane(queues: Any) -> None:
    rows = write()

    assert {lane: pushed(queues, lane) for lane in LANES} == {
        "money": [rows["money"]], "index": [rows["index"]], "live": [], "slow": [],
    }  # fmt: skip


def test_a_message_that_happens_once_is_pushed_at_once_and_once(queues: Any) -> None:
    rows = write(once=True)
    leases.finish(OutboxMessage.objects.get(pk=rows["money"]))
    write(once=True)

    assert pushed(queues, "money") == [rows["money"]]


def test_nothing_is_pushed_before_the_commit_or_after_a_rollback(queues: Any) -> None:
    with transaction.atomic():
        publish("both", key="1", payload={}, merchant_id=None)
        assert pushed(queues, "money") == []
        transaction.set_rollback(True)

    assert pushed(queues, "money") == []


def test_the_sweep_pushes_what_was_lost_and_leaves_what_is_leased_or_new(queues: Any) -> None:
    rows = write()
    queues.delete(*LANES)
    assert tasks.sweep() == 0  # of this moment: pushed by whoever wrote it

    let_time_pass()
    leases.claim(rows["index"])

    assert tasks.sweep() == 1
    assert (pushed(queues, "money"), pushed(queues, "index")) == ([rows["money"]], [])


def test_the_sweep_does_not_fill_a_queue_that_nobody_empties(queues: Any, settings: Settings) -> None:
    settings.OUTBOX_BATCH = 1  # a queue takes twenty
    for number in range(30):
        write(key=str(number))
    queues.delete(*LANES)
    let_time_pass()

    swept = [tasks.sweep() for _ in range(3)]

    assert swept == [40, 0, 0]
    assert len(pushed(queues, "money")) == 20


def test_without_a_broker_the_write_stands_and_waits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with current_app.connection_for_write(f"redis://127.0.0.1:{free_port()}/0") as nowhere:
        monkeypatch.setattr(current_app, "producer_or_acquire", lambda *_: nowhere.Producer(auto_declare=False))
        write()

    assert OutboxMessage.objects.filter(delivered_at=None).count() == 2
    assert "the broker does not answer" in caplog.text
