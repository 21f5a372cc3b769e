"""What every log of a room must keep: strictly one after the other, each once, seen only when committed."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from conversations.live.local_log import LocalLog
from conversations.live.log import LogEntry, Position, RoomLog, room_log
from conversations.live.models import LiveRoom, RoomEvent
from conversations.live.redis_log import RedisLog
from conversations.live.services import close_room, open_room
from tests.conversations.live.watching import make_room
from tests.engines.available import needs_redis

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(
    params=[
        pytest.param(LocalLog, id="local"),
        pytest.param(RedisLog, id="redis", marks=needs_redis),
    ]
)
def log(request: pytest.FixtureRequest, settings: Settings) -> RoomLog:
    adapter: type[RoomLog] = request.param
    settings.ROOM_LOG = f"{adapter.__module__}.{adapter.__name__}"
    return room_log()


def say(log: RoomLog, room: LiveRoom, key: str) -> Position:
    return log.publish(room_id=room.pk, kind="notice", payload={"key": key}, once_key=key)


def numbers(found: list[LogEntry] | None) -> list[int]:
    assert found is not None
    return [entry.sequence for entry in found]


def test_events_are_numbered_one_by_one(log: RoomLog, in_scope: Merchant) -> None:
    room = make_room(in_scope)  # opening is event 1

    places = [say(log, room, key) for key in ("a", "b", "c")]

    assert places == [Position(room.epoch, number) for number in (2, 3, 4)]
    assert log.position(room_id=room.pk) == Position(room.epoch, 4)


def test_what_is_read_is_what_was_published(log: RoomLog, in_scope: Merchant) -> None:
    room = make_room(in_scope)
    payload: dict[str, object] = {
        "text": "請問 3 號精華適合油肌嗎？",
        "price": {"minor": 68000, "text": "NT$680"},
        "cards": [],
        "ends_at": None,
    }
    log.publish(room_id=room.pk, kind="answer", payload=payload, once_key="answer:1")

    (entry,) = log.since(room_id=room.pk, position=Position(room.epoch, 1), limit=10) or []

    assert (entry.epoch, entry.sequence, entry.kind, entry.payload) == (room.epoch, 2, "answer", payload)
    assert entry.at == RoomEvent.objects.get(once_key="answer:1").at


def test_a_repeated_key_is_one_event_at_its_first_place(log: RoomLog, in_scope: Merchant) -> None:
    room = make_room(in_scope)
    first = say(log, room, "a")
    say(log, room, "b")

    assert say(log, room, "a") == first
    assert RoomEvent.objects.filter(room=room, once_key="a").count() == 1
    assert say(log, room, "c").sequence == 4
    assert numbers(log.since(room_id=room.pk, position=Position(room.epoch, 0), limit=10)) == [1, 2, 3, 4]


def test_what_came_after_a_place_is_told_in_order_or_not_at_all(log: RoomLog, in_scope: Merchant) -> None:
    room = make_room(in_scope)
    for key in "abcd":
        say(log, room, key)
    epoch = room.epoch

    assert numbers(log.since(room_id=room.pk, position=Position(epoch, 2), limit=10)) == [3, 4, 5]
    assert numbers(log.since(room_id=room.pk, position=Position(epoch, 5), limit=10)) == []
    assert numbers(log.since(room_id=room.pk, position=Position(epoch, 2), limit=3)) == [3, 4, 5]
    assert log.since(room_id=room.pk, position=Position(epoch, 2), limit=2) is None
    assert log.since(room_id=room.pk, position=Position(epoch, 6), limit=10) is None
    assert log.since(room_id=room.pk, position=Position(epoch - 1, 2), limit=10) is None


def test_a_room_that_opens_again_begins_a_new_epoch(log: RoomLog, in_scope: Merchant) -> None:
    room = make_room(in_scope)
    say(log, room, "a")
    close_room(room_id=room.pk)
    again = open_room(room_id=room.pk)

    assert again.epoch > room.epoch
    assert log.position(room_id=room.pk) == Position(again.epoch, 1)
    assert log.since(room_id=room.pk, position=Position(room.epoch, 1), limit=10) is None
    assert numbers(log.since(room_id=room.pk, position=Position(again.epoch, 0), limit=10)) == [1]


def test_a_rolled_back_event_is_never_seen_and_leaves_no_gap(log: RoomLog, in_scope: Merchant) -> None:
    room = make_room(in_scope)

    def say_and_crash() -> None:
        with transaction.atomic():
            say(log, room, "lost")
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        say_and_crash()

    assert numbers(log.since(room_id=room.pk, position=Position(room.epoch, 1), limit=10)) == []
    assert say(log, room, "kept").sequence == 2
    (kept,) = log.since(room_id=room.pk, position=Position(room.epoch, 1), limit=10) or []
    assert kept.payload == {"key": "kept"}


def test_every_acknowledged_event_is_a_row(log: RoomLog, in_scope: Merchant) -> None:
    room = make_room(in_scope)
    for key in "ab":
        say(log, room, key)

    rows = RoomEvent.objects.filter(room=room).order_by("sequence").values_list("epoch", "sequence", "once_key")
    assert list(rows)[1:] == [(room.epoch, 2, "a"), (room.epoch, 3, "b")]


def test_eight_threads_number_strictly_one_by_one(log: RoomLog, in_scope: Merchant) -> None:
    room, start = make_room(in_scope), threading.Barrier(8)

    def run(thread: int) -> list[int]:
        start.wait()
        try:
            with merchant_scope(in_scope):
                # Every third key is shared by all threads: one event, whoever is first.
                keys = [f"shared-{n}" if n % 3 == 0 else f"{thread}-{n}" for n in range(12)]
                return [say(log, room, key).sequence for key in keys]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = [number for numbers in pool.map(run, range(8)) for number in numbers]

    written = list(RoomEvent.objects.filter(room=room).order_by("sequence").values_list("sequence", flat=True))
    assert written == list(range(1, 1 + 1 + 8 * 8 + 4))
    assert sorted(set(given)) == written[1:]
    assert log.position(room_id=room.pk).sequence == len(written)
    assert numbers(log.since(room_id=room.pk, position=Position(room.epoch, 0), limit=1_000)) == written


def test_a_room_that_is_not_there_has_no_position(log: RoomLog, in_scope: Merchant) -> None:
    with pytest.raises(LiveRoom.DoesNotExist):
        log.position(room_id=uuid.uuid4())
