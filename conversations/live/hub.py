"""Process-local fan-out: follows the log of every room that is watched here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable, Mapping

from django.conf import settings

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.database_threads import in_db
from conversations.live.crowd import Crowd
from conversations.live.log import Position, room_log
from conversations.live.viewer import Viewer

log = logging.getLogger(__name__)
POLL_S = 1.0  # finds what another process wrote, and a wake-up that was lost


class RoomHub:
    """All rooms that are watched in this process. Touched on the server's loop only, but for `wake` and `cast`."""

    def __init__(self) -> None:
        self._rooms: dict[uuid.UUID, Crowd] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ear: asyncio.Task[None] | None = None

    def set_server_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Remember the loop that the sockets live on."""
        self._loop = loop

    def join(self, viewer: Viewer, *, room_id: uuid.UUID, merchant: Merchant) -> None:
        """Add a viewer, whose position is that of the snapshot it was sent; it is held until `release`."""
        self._loop = asyncio.get_running_loop()
        room = self._rooms.get(room_id)
        if room is None:
            room = self._rooms[room_id] = Crowd(room_id, merchant, viewer.position)
            room.reader = self._loop.create_task(self._follow(room))
            self._listen(self._loop)
        room.add(viewer)

    def release(self, viewer: Viewer, *, room_id: uuid.UUID) -> None:
        """Let a held viewer have what came meanwhile, and everything from now on."""
        viewer.is_held = False
        if room_id in self._rooms and not viewer.is_closed:
            self._rooms[room_id].catch_up(viewer)

    def leave(self, viewer: Viewer, *, room_id: uuid.UUID) -> None:
        """Forget a viewer; a room without viewers is not followed."""
        viewer.close()
        room = self._rooms.get(room_id)
        if room is None:
            return
        room.viewers.discard(viewer)
        if not room.viewers:
            del self._rooms[room_id]
            if room.reader is not None:
                room.reader.cancel()
            if not self._rooms and self._ear is not None:
                self._ear.cancel()
                self._ear = None

    def watching(self, room_id: uuid.UUID) -> int:
        """Return how many shoppers watch a room, as far as this process knows."""
        room = self._rooms.get(room_id)
        return room.watching if room else 0

    def watching_here(self) -> Mapping[uuid.UUID, int]:
        """Return how many shoppers watch each room in this process."""
        return {room_id: room.watching_here for room_id, room in self._rooms.items()}

    def count_elsewhere(self, room_id: uuid.UUID, viewers: int) -> None:
        """Remember how many watch a room in the other processes; said at the crowd's next turn."""
        if room_id in self._rooms:
            self._rooms[room_id].elsewhere = viewers

    def places(self) -> Mapping[uuid.UUID, Position]:
        """Return how far each watched room's log was read."""
        return {room_id: room.position for room_id, room in self._rooms.items()}

    def joined_question(self, *, room_id: uuid.UUID, shopper_id: uuid.UUID, question_id: int, on: bool = True) -> None:
        """Remember in all of a shopper's tabs whether they wait for a question's answer."""
        room = self._rooms.get(room_id)
        for viewer in room.viewers if room else ():
            if viewer.shopper_id == shopper_id:
                (viewer.mine.add if on else viewer.mine.discard)(question_id)

    def wake(self, room_id: uuid.UUID) -> None:
        """Say that the log of a room grew; from any thread."""
        self._soon(lambda: self._ring(room_id))

    def cast(self, room_id: uuid.UUID, text: str) -> None:
        """Hand a frame that is not in the log to the viewers; from any thread, may be lost."""
        self._soon(lambda: self._cast(room_id, text))

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Keep one reader a process that hears of events other processes wrote, while anything is watched."""
        if self._ear is None or self._ear.done() or self._ear.get_loop() is not loop:
            self._ear = loop.create_task(room_log().listen(self))

    def _soon(self, call: Callable[[], None]) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        try:
            loop.call_soon_threadsafe(call)
        except RuntimeError:  # closed between the two lines: nobody is watching any more
            log.debug("the server's loop is closed")

    def _ring(self, room_id: uuid.UUID) -> None:
        if room_id in self._rooms:
            self._rooms[room_id].bell.set()

    def _cast(self, room_id: uuid.UUID, text: str) -> None:
        if room_id in self._rooms:
            self._rooms[room_id].cast(text)

    async def _follow(self, room: Crowd) -> None:
        """Read the log whenever the bell rings, for as long as somebody watches."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(room.bell.wait(), POLL_S)
            room.bell.clear()
            try:
                await self._read(room)
            except Exception:
                # The sockets outlive a database that restarts; the events are told when it is back.
                log.exception("room %s: the log could not be read; trying again", room.room_id)
                await asyncio.sleep(POLL_S)
            room.tell_presence()
            if room.is_lively:
                await asyncio.sleep(settings.ROOM_TICK_MS / 1000)

    async def _read(self, room: Crowd) -> None:
        position = room.position
        with merchant_scope(room.merchant):
            entries = await in_db(
                room_log().since, room_id=room.room_id, position=position, limit=settings.ROOM_HISTORY_MAX
            )
            now = position if entries is not None else await in_db(room_log().position, room_id=room.room_id)
        if room.position != position:  # a viewer with an older snapshot came meanwhile
            room.bell.set()
        elif entries is None:
            room.lose(now)
        elif entries:
            room.deliver(entries)


hub = RoomHub()


def set_server_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Remember the loop that this process's sockets live on; drain threads wake it."""
    hub.set_server_loop(loop)
