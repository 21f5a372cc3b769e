"""The room's log: strictly one after the other, each once, seen only when committed."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from conversations.live.local_log import LocalLog
from conversations.live.log import LogEntry, Position, room_log
from conversations.live.models import LiveRoom, RoomEvent
from tests.conversations.live.watching import make_room


def say(room: LiveRoom, key: str) -> Position:
    return room_log().publish(room_id=room.pk, kind="notice", payload={"key": key}, once_key=key)


def numbers(found: list[LogEntry] | None) -> list[int]:
    assert found is not None
    return [entry.sequence for entry in found]


def test_settings_name_the_local_log() -> None:
    assert isinstance(room_log(), LocalLog)


def test_events_are_numbered_one_by_one(in_scope: Merchant) -> None:
    room = make_room(in_scope)  # opening is event 1

    places = [say(room, key) for key in ("a", "b", "c")]

    assert places == [Position(room.epoch, number) for number in (2, 3, 4)]
    assert room_log().position(room_id=room.pk) == Position(room.epoch, 4)


def test_a_repeated_key_is_one_event_at_its_first_place(in_scope: Merchant) -> None:
    room = make_room(in_scope)
    first = say(room, "a")
    say(room, "b")

    assert say(room, "a") == first
    assert RoomEvent.objects.filter(room=room, once_key="a").count() == 1
    assert say(room, "c").sequence == 4


def test_what_came_after_a_place_is_told_in_order_or_not_at_all(in_scope: Merchant) -> None:
    room = make_room(in_scope)
    for key in "abcd":
        say(room, key)
    log, epoch = room_log(), room.epoch

    assert numbers(log.since(room_id=room.pk, position=Position(epoch, 2), limit=10)) == [3, 4, 5]
    assert numbers(log.since(room_id=room.pk, position=Position(epoch, 5), limit=10)) == []
    assert numbers(log.since(room_id=room.pk, position=Position(epoch, 2), limit=3)) == [3, 4, 5]
    assert log.since(room_id=room.pk, position=Position(epoch, 2), limit=2) is None
    assert log.since(room_id=room.pk, position=Position(epoch, 6), limit=10) is None
    assert log.since(room_id=room.pk, position=Position(epoch - 1, 2), limit=10) is None


def test_a_rolled_back_event_leaves_no_gap(in_scope: Merchant) -> None:
    room = make_room(in_scope)

    def say_and_crash() -> None:
        with transaction.atomic():
            say(room, "lost")
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        say_and_crash()

    assert say(room, "kept").sequence == 2


@pytest.mark.django_db(transaction=True)
def test_eight_threads_number_strictly_one_by_one(in_scope: Merchant) -> None:
    room, start = make_room(in_scope), threading.Barrier(8)

    def run(thread: int) -> list[int]:
        start.wait()
        try:
            with merchant_scope(in_scope):
                # Every third key is shared by all threads: one event, whoever is first.
                keys = [f"shared-{n}" if n % 3 == 0 else f"{thread}-{n}" for n in range(12)]
                return [say(room, key).sequence for key in keys]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = [number for numbers in pool.map(run, range(8)) for number in numbers]

    written = list(RoomEvent.objects.filter(room=room).order_by("sequence").values_list("sequence", flat=True))
    assert written == list(range(1, 1 + 1 + 8 * 8 + 4))
    assert sorted(set(given)) == written[1:]
    assert room_log().position(room_id=room.pk).sequence == len(written)


def test_another_merchants_room_is_not_there(in_scope: Merchant) -> None:
    with pytest.raises(LiveRoom.DoesNotExist):
        room_log().position(room_id=uuid.uuid4())
