"""The fan-out: encoded once, coalesced when it is lively, patient with the database, bounded for each viewer."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.accounts.models import Merchant
from conversations.live import crowd as crowd_module
from conversations.live.crowd import Crowd
from conversations.live.hub import RoomHub, hub
from conversations.live.log import LogEntry, Position
from conversations.live.viewer import Viewer

AT = datetime(2026, 11, 16, 12, tzinfo=UTC)
ROOM = uuid.UUID(int=1)


class Transport:
    """What a viewer's socket was sent; `full` makes it push back."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.slow = self.lost = 0

    async def send(self, message: dict[str, Any]) -> None:
        self.texts.append(message["text"])
        await self.open.wait()

    def viewer(self, *, sequence: int = 0, epoch: int = 1, held: bool = False, mine: tuple[int, ...] = ()) -> Viewer:
        def slow() -> None:
            self.slow += 1

        def lost() -> None:
            self.lost += 1

        viewer = Viewer(
            shopper_id=uuid.uuid4(),
            send=self.send,
            position=Position(epoch, sequence),
            mine=mine,
            when_slow=slow,
            when_lost=lost,
        )
        viewer.is_held = held
        return viewer

    @property
    def numbers(self) -> list[int]:
        frames = [json.loads(text) for text in self.texts]
        flat = [frame for one in frames for frame in (one if isinstance(one, list) else [one])]
        return [frame["seq"] for frame in flat if frame["type"] == "event"]


def entries(*numbers: int, kind: str = "notice") -> list[LogEntry]:
    return [
        LogEntry(1, number, kind, AT, {"n": number, "question_id": number, "answer_id": number}) for number in numbers
    ]


def crowd_at(sequence: int) -> Crowd:
    return Crowd(ROOM, Merchant(slug="m"), Position(1, sequence))


async def test_a_batch_is_one_frame_for_everybody() -> None:
    crowd, first, second = crowd_at(0), Transport(), Transport()
    for transport in (first, second):
        crowd.add(transport.viewer())

    crowd.deliver(entries(1))
    crowd.deliver(entries(2, 3))

    assert len(first.texts) == 2
    assert first.texts == second.texts
    assert json.loads(first.texts[0])["payload"]["n"] == 1
    assert [frame["seq"] for frame in json.loads(first.texts[1])] == [2, 3]


async def test_viewers_with_newer_and_older_snapshots_each_get_the_rest_once() -> None:
    crowd, old, new = crowd_at(5), Transport(), Transport()
    crowd.add(new.viewer(sequence=7))
    crowd.deliver(entries(6))
    crowd.add(old.viewer(sequence=4))  # never read here: the log is read again from there
    assert crowd.position == Position(1, 4)

    crowd.deliver(entries(5, 6, 7, 8))

    assert (new.numbers, old.numbers) == ([8], [5, 6, 7, 8])


async def test_a_held_viewer_gets_what_came_meanwhile_when_it_is_released() -> None:
    crowd, transport = crowd_at(0), Transport()
    viewer = transport.viewer(held=True)
    crowd.add(viewer)
    crowd.deliver(entries(1, 2))
    crowd.deliver(entries(3))
    assert transport.numbers == []

    viewer.is_held = False
    crowd.catch_up(viewer)
    crowd.deliver(entries(4))

    assert transport.numbers == [1, 2, 3, 4]


async def test_askers_are_told_that_their_question_was_answered() -> None:
    crowd, asker, other = crowd_at(0), Transport(), Transport()
    crowd.add(asker.viewer(mine=(1,)))
    crowd.add(other.viewer())

    crowd.deliver(entries(1, kind="answer"))

    assert json.loads(asker.texts[1]) == {"type": "you", "question_id": 1, "answer_id": 1}
    assert len(other.texts) == 1


async def test_a_full_queue_closes_that_viewer_alone(settings: Any) -> None:
    settings.ROOM_QUEUE_MAX = 2
    crowd, stuck, fine = crowd_at(0), Transport(), Transport()
    stuck.open.clear()
    for transport in (stuck, fine):
        crowd.add(transport.viewer())

    for number in range(1, 4):
        crowd.deliver(entries(number))
    assert (stuck.slow, stuck.numbers) == (0, [1])
    crowd.deliver(entries(4))

    assert (stuck.slow, fine.slow) == (1, 0)
    assert fine.numbers == [1, 2, 3, 4]
    stuck.open.set()
    await asyncio.sleep(0)
    assert stuck.numbers == [1]


async def test_a_transport_that_pushes_back_gets_the_rest_when_it_can(settings: Any) -> None:
    crowd, transport = crowd_at(0), Transport()
    crowd.add(transport.viewer())
    transport.open.clear()
    for number in range(1, 4):
        crowd.deliver(entries(number))
    assert transport.numbers == [1]

    transport.open.set()
    await asyncio.sleep(0.01)

    assert transport.numbers == [1, 2, 3]
    crowd.deliver(entries(4))
    assert transport.numbers == [1, 2, 3, 4]


async def test_a_transport_that_is_gone_harms_nobody() -> None:
    crowd, fine = crowd_at(0), Transport()

    async def gone(message: dict[str, Any]) -> None:
        raise ConnectionResetError

    broken = Transport()
    broken.send = gone  # type: ignore[method-assign]
    crowd.add(broken.viewer())
    crowd.add(fine.viewer())

    crowd.deliver(entries(1))
    crowd.deliver(entries(2))

    assert (fine.numbers, broken.slow) == ([1, 2], 0)


async def test_a_room_is_lively_above_the_limit_of_events_a_second(settings: Any) -> None:
    settings.ROOM_TICK_ABOVE_PER_S = 10
    crowd = crowd_at(0)
    crowd.deliver(entries(*range(1, 11)))
    assert crowd.is_lively is False
    crowd.deliver(entries(11))
    assert crowd.is_lively is True


async def test_a_new_epoch_loses_everybody() -> None:
    crowd, first, late = crowd_at(3), Transport(), Transport()
    crowd.add(first.viewer(sequence=3))

    crowd.lose(Position(2, 1))
    crowd.add(late.viewer(sequence=3, epoch=1))

    assert (first.lost, late.lost) == (1, 1)


async def test_presence_is_told_when_it_changed_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd_module, "PRESENCE_S", 60.0)
    crowd, transport = crowd_at(0), Transport()
    crowd.add(transport.viewer())
    crowd.tell_presence()
    crowd.tell_presence()
    crowd.add(Transport().viewer())
    crowd.tell_presence()

    assert [json.loads(text) for text in transport.texts] == [{"type": "presence", "viewers": 1}]
    crowd.presence_due = 0.0
    crowd.tell_presence()
    assert json.loads(transport.texts[-1])["viewers"] == 2


async def test_frames_may_be_cast_from_any_thread() -> None:
    mine = RoomHub()
    mine.set_server_loop(asyncio.get_running_loop())
    crowd, transport = crowd_at(0), Transport()
    crowd.add(transport.viewer())
    mine._rooms[ROOM] = crowd

    def elsewhere() -> None:
        mine.cast(ROOM, '{"type":"answer_delta"}')
        mine.wake(ROOM)

    thread = threading.Thread(target=elsewhere)
    crowd.bell.clear()
    thread.start()
    thread.join()
    await asyncio.sleep(0.01)

    assert transport.texts == ['{"type":"answer_delta"}']
    assert crowd.bell.is_set()


def test_waking_without_a_server_does_nothing() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    RoomHub().wake(ROOM)
    closed = RoomHub()
    closed.set_server_loop(loop)
    closed.wake(ROOM)
    assert hub.watching(ROOM) == 0
