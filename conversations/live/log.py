"""The room's log: one order of events for everybody, and the port that every way of keeping it fills."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log. An epoch begins when the room opens; within it the sequence rises by one."""

    epoch: int
    sequence: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event of the room."""

    epoch: int
    sequence: int
    kind: str
    at: datetime
    payload: Mapping[str, Any]


class WatchedRooms(Protocol):
    """The rooms that somebody watches in this process, as a log sees them."""

    def places(self) -> Mapping[uuid.UUID, Position]:
        """Return how far each room's log was read."""
        ...

    def watching_here(self) -> Mapping[uuid.UUID, int]:
        """Return how many shoppers watch each room in this process."""
        ...

    def count_elsewhere(self, room_id: uuid.UUID, viewers: int) -> None:
        """Remember how many watch a room in the other processes."""
        ...

    def wake(self, room_id: uuid.UUID) -> None:
        """Say that the log of a room grew."""
        ...

    def cast(self, room_id: uuid.UUID, text: str) -> None:
        """Hand a frame that is not in the log to the viewers of this process."""
        ...


class RoomLog(Protocol):
    """Keeps the events of rooms. Called inside the merchant's scope."""

    def publish(self, *, room_id: uuid.UUID, kind: str, payload: Mapping[str, Any], once_key: str) -> Position:
        """Append an event and return its place; a repeated `once_key` returns the place of the first."""
        ...

    def position(self, *, room_id: uuid.UUID) -> Position:
        """Return the place of the last event."""
        ...

    def since(self, *, room_id: uuid.UUID, position: Position, limit: int) -> list[LogEntry] | None:
        """Return the events after `position`, in order.

        None when they cannot all be told: another epoch, more than `limit`, or a place that was never reached.
        """
        ...

    def cast(self, *, room_id: uuid.UUID, text: str) -> None:
        """Hand a frame that is not in the log to the viewers of every process; may be lost."""
        ...

    async def listen(self, rooms: WatchedRooms) -> None:
        """Ring for the watched rooms whose log grew in any process, until cancelled; done at once if none needs it."""
        ...


def room_log() -> RoomLog:
    """Return the log that settings name in ROOM_LOG."""
    return cast("RoomLog", import_string(settings.ROOM_LOG)())
