"""The room's log for many processes: rows of the database, told through a Redis stream a room.

The table is the truth: an event is a row of the transaction that makes it true, so nothing that was acknowledged hangs
on Redis, and a Redis that comes back empty changes neither epoch nor sequence. The stream is how every process hears of
an event at once and where it reads it; what the stream lacks is read from the table.
"""

from __future__ import annotations

import uuid
from functools import partial

from conversations.live import redis_stream
from conversations.live.hub import hub
from conversations.live.local_log import LocalLog
from conversations.live.log import LogEntry, Position, WatchedRooms
from conversations.live.redis_ear import listen
from conversations.live.redis_stream import line


class RedisLog(LocalLog):
    """Fills RoomLog for web processes and workers that share a Redis."""

    def since(self, *, room_id: uuid.UUID, position: Position, limit: int) -> list[LogEntry] | None:
        """Return the events after `position`, from the stream when it has them all, else from the table."""
        found = line.attempt(partial(redis_stream.after, room_id, position, limit=limit + 1))
        if not found or Position(found[0].epoch, found[0].sequence - 1) != position:
            return super().since(room_id=room_id, position=position, limit=limit)
        if len(found) > limit or found[-1].epoch != position.epoch:
            return None
        return found

    def committed(self, room_id: uuid.UUID, entry: LogEntry) -> None:
        """Append a committed event to the stream, after those that another process has yet to append."""
        if not line.attempt(partial(self._append, room_id, entry)):
            hub.wake(room_id)  # viewers of this process are told at once, others by their next look at the table

    def cast(self, *, room_id: uuid.UUID, text: str) -> None:
        """Hand a frame that is not in the log to the viewers of every process; may be lost."""
        line.attempt(partial(redis_stream.cast, room_id, text))

    async def listen(self, rooms: WatchedRooms) -> None:
        """Ring for the rooms that are watched here, until cancelled."""
        await listen(rooms)

    def _append(self, room_id: uuid.UUID, entry: LogEntry) -> bool:
        there = redis_stream.append(room_id, [entry])
        if there.epoch == entry.epoch and there.sequence < entry.sequence:
            # Its forerunners are committed (the room's row was locked in that order) and not in the stream yet: their
            # process is a moment late, or died in between.
            missing = self.rows_after(room_id=room_id, position=there)
            redis_stream.append(room_id, missing)
        return True
