"""The log on Redis: heard at once in every process, and nothing lost when Redis is away or comes back empty."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings
from redis import Redis

from catalog.accounts.models import Merchant
from catalog.database_threads import in_db
from conversations.live import redis_presence, redis_stream
from conversations.live.log import LogEntry, Position
from conversations.live.models import LiveRoom, RoomEvent
from conversations.live.redis_ear import listen
from conversations.live.redis_log import RedisLog
from tests.conversations.live.watching import make_room
from tests.engines.available import REDIS_URL, needs_redis
from tests.engines.process import free_port

pytestmark = [*needs_redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _redis_is_near(settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = REDIS_URL
    settings.ROOM_LOG = "conversations.live.redis_log.RedisLog"
    yield
    redis_stream.line._away_until = 0.0


@pytest.fixture
def server() -> Iterator[Any]:
    with Redis.from_url(REDIS_URL, decode_responses=True) as client:
        yield client


def say(room: LiveRoom, *keys: str) -> list[Position]:
    return [RedisLog().publish(room_id=room.pk, kind="notice", payload={"key": key}, once_key=key) for key in keys]


def since(room: LiveRoom, sequence: int, limit: int = 100) -> list[int] | None:
    found = RedisLog().since(room_id=room.pk, position=Position(room.epoch, sequence), limit=limit)
    return None if found is None else [entry.sequence for entry in found]


def stream_of(server: Any, room: LiveRoom) -> list[str]:
    return [place for place, _ in server.xrange(redis_stream.log_key(room.pk))]


def test_a_committed_event_stands_in_the_stream_under_its_epoch_and_sequence(server: Any, in_scope: Merchant) -> None:
    room = make_room(in_scope)

    with transaction.atomic():
        say(room, "a")
        assert stream_of(server, room) == [f"{room.epoch}-1"]

    assert stream_of(server, room) == [f"{room.epoch}-1", f"{room.epoch}-2"]
    assert 0 < server.ttl(redis_stream.log_key(room.pk)) <= redis_stream.KEPT_S


def test_what_the_stream_has_is_read_without_the_database(
    in_scope: Merchant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    room = make_room(in_scope)
    say(room, "a", "b", "c")

    with django_assert_num_queries(0):
        assert since(room, 1) == [2, 3, 4]
        assert since(room, 1, limit=2) is None


def test_a_process_that_died_between_commit_and_stream_leaves_no_hole(server: Any, in_scope: Merchant) -> None:
    room = make_room(in_scope)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisLog, "committed", lambda *_: None)  # killed right after the commit, twice
        say(room, "a", "b")
    assert stream_of(server, room) == [f"{room.epoch}-1"]
    assert since(room, 1) == [2, 3]

    say(room, "c")

    assert stream_of(server, room) == [f"{room.epoch}-{number}" for number in (1, 2, 3, 4)]


def test_events_that_reach_the_stream_in_the_wrong_order_are_put_right(server: Any, in_scope: Merchant) -> None:
    room, log = make_room(in_scope), RedisLog()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisLog, "committed", lambda *_: None)
        say(room, "a", "b")
    first, second = log.rows_after(room_id=room.pk, position=Position(room.epoch, 1))

    for entry in (second, first, second):
        log.committed(room.pk, entry)

    assert stream_of(server, room) == [f"{room.epoch}-{number}" for number in (1, 2, 3)]


def test_a_redis_that_came_back_empty_changes_neither_epoch_nor_sequence(server: Any, in_scope: Merchant) -> None:
    room = make_room(in_scope)
    say(room, "a", "b")
    server.delete(redis_stream.log_key(room.pk))

    assert since(room, 1) == [2, 3]
    assert say(room, "c") == [Position(room.epoch, 4)]
    assert stream_of(server, room) == [f"{room.epoch}-4"]
    assert since(room, 1) == [2, 3, 4]
    assert since(room, 3) == [4]


def test_without_redis_events_are_kept_and_read_and_no_call_waits_for_it(
    settings: Settings, in_scope: Merchant
) -> None:
    room = make_room(in_scope)
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    began = time.monotonic()

    assert say(room, "a", "b", "c") == [Position(room.epoch, number) for number in (2, 3, 4)]
    assert since(room, 1) == [2, 3, 4]

    assert time.monotonic() - began < redis_stream.TIMEOUT_S
    assert RoomEvent.objects.filter(room=room).count() == 4


def test_the_stream_is_bounded(server: Any, settings: Settings) -> None:
    settings.ROOM_HISTORY_MAX = 100
    room_id, at = uuid.uuid4(), timezone.now()

    for first in range(1, 1000, 50):
        redis_stream.append(room_id, [LogEntry(1, number, "notice", at, {}) for number in range(first, first + 50)])

    assert 100 <= server.xlen(redis_stream.log_key(room_id)) <= 300


@dataclass
class OtherProcess:
    """What a hub of another process is told."""

    room: LiveRoom
    viewers: int = 1
    woken: int = 0
    elsewhere: list[int] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def places(self) -> Mapping[uuid.UUID, Position]:
        return {self.room.pk: Position(self.room.epoch, 1)}

    def watching_here(self) -> Mapping[uuid.UUID, int]:
        return {self.room.pk: self.viewers}

    def count_elsewhere(self, _room_id: uuid.UUID, viewers: int) -> None:
        self.elsewhere.append(viewers)

    def wake(self, _room_id: uuid.UUID) -> None:
        self.woken += 1

    def cast(self, _room_id: uuid.UUID, text: str) -> None:
        self.heard.append(text)


@asynccontextmanager
async def listening(*processes: OtherProcess) -> Any:
    tasks = [asyncio.create_task(listen(process, name=uuid.uuid4().hex)) for process in processes]
    await asyncio.sleep(0.3)
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Any, within_s: float = 3.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        await asyncio.sleep(0.01)


async def test_every_process_hears_of_an_event_and_of_what_is_cast(in_scope: Merchant) -> None:
    room = await in_db(make_room, in_scope)
    one, two = OtherProcess(room), OtherProcess(room)

    async with listening(one, two):
        await in_db(say, room, "a")
        await in_db(RedisLog().cast, room_id=room.pk, text='{"type":"answer_delta"}')
        await until(lambda: one.woken and two.woken and one.heard and two.heard)

    assert one.heard == two.heard == ['{"type":"answer_delta"}']
    assert (one.woken, two.woken) == (1, 1)


async def test_every_process_knows_how_many_watch_in_the_others(
    in_scope: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.live.redis_ear.PRESENCE_S", 0.1)
    monkeypatch.setattr(redis_presence, "SILENT_S", 1.0)
    room = await in_db(make_room, in_scope)
    one, two = OtherProcess(room, viewers=3), OtherProcess(room, viewers=4)

    async with listening(one):
        async with listening(two):
            await until(lambda: one.elsewhere[-1:] == [4] and two.elsewhere[-1:] == [3])
        await until(lambda: one.elsewhere[-1:] == [0])  # the other fell silent


async def test_the_reader_waits_for_redis_and_goes_on(
    settings: Settings, in_scope: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.live.redis_ear.PAUSE_S", 0.1)
    room = await in_db(make_room, in_scope)
    process = OtherProcess(room)
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    async with listening(process):
        settings.REDIS_URL = REDIS_URL
        await in_db(say, room, "a")
        await until(lambda: process.woken == 1)
