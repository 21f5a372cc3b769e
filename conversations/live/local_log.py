"""The room's log as rows of the app's database; wakes this process's viewers after the commit."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from conversations.live.hub import hub
from conversations.live.log import LogEntry, Position, WatchedRooms
from conversations.live.models import LiveRoom, RoomEvent


class LocalLog:
    """Fills RoomLog. An event joins the caller's transaction: it is seen when, and only when, that commits."""

    def publish(self, *, room_id: uuid.UUID, kind: str, payload: Mapping[str, Any], once_key: str) -> Position:
        """Append an event and return its place; a repeated `once_key` returns the place of the first."""
        with transaction.atomic():
            # The row lock (on SQLite the transaction's write lock) lasts until the commit, so nobody can read event
            # n+1 before event n is there.
            room = LiveRoom.objects.select_for_update().get(pk=room_id)
            written = RoomEvent.objects.filter(room_id=room_id, once_key=once_key).first()
            if written is not None:
                return Position(written.epoch, written.sequence)
            sequence = room.last_sequence + 1
            LiveRoom.objects.filter(pk=room_id).update(last_sequence=sequence)
            event = RoomEvent(
                merchant_id=room.merchant_id,
                room_id=room_id,
                epoch=room.epoch,
                sequence=sequence,
                kind=kind,
                once_key=once_key,
                payload=dict(payload),
            )
            event.save(force_insert=True)
            transaction.on_commit(partial(self.committed, room_id, _entry(event)), robust=True)
        return Position(room.epoch, sequence)

    def position(self, *, room_id: uuid.UUID) -> Position:
        """Return the place of the last event."""
        return Position(*LiveRoom.objects.values_list("epoch", "last_sequence").get(pk=room_id))

    def since(self, *, room_id: uuid.UUID, position: Position, limit: int) -> list[LogEntry] | None:
        """Return the events after `position`, or None when they cannot all be told."""
        now = self.position(room_id=room_id)
        if now.epoch != position.epoch or not 0 <= now.sequence - position.sequence <= limit:
            return None
        return self.rows_after(room_id=room_id, position=position)

    def rows_after(self, *, room_id: uuid.UUID, position: Position) -> list[LogEntry]:
        """Return the rows of an epoch after `position`, however many."""
        rows = RoomEvent.objects.filter(room_id=room_id, epoch=position.epoch, sequence__gt=position.sequence)
        return [_entry(row) for row in rows.order_by("sequence")]

    def committed(self, room_id: uuid.UUID, _entry: LogEntry) -> None:
        """Tell the viewers of this process that an event was committed."""
        hub.wake(room_id)

    def cast(self, *, room_id: uuid.UUID, text: str) -> None:
        """Hand a frame that is not in the log to the viewers of this process."""
        hub.cast(room_id, text)

    async def listen(self, rooms: WatchedRooms) -> None:
        """Nothing to listen to: who publishes wakes the viewers, and the hub looks once a second besides."""


def _entry(row: RoomEvent) -> LogEntry:
    return LogEntry(row.epoch, row.sequence, row.kind, row.at, row.payload)
