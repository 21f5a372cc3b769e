"""One open socket of a room: what it has seen, and a bounded queue of what it has yet to take."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from typing import Any

from django.conf import settings

from conversations.live.log import Position

log = logging.getLogger(__name__)
Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class _Rest:
    """What is left of a coroutine that was stepped by hand and had to wait."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    value = yield waits_for
                except BaseException as error:  # handed on into the coroutine, which decides
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(value)
        except StopIteration:
            return


class Viewer:
    """A socket. Frames are sent at once while the transport takes them; a task exists only while it does not."""

    def __init__(
        self,
        *,
        shopper_id: uuid.UUID,
        send: Send,
        position: Position,
        mine: Iterable[int] = (),
        when_slow: Callable[[], None],
        when_lost: Callable[[], None],
    ) -> None:
        """`when_slow` closes the socket; `when_lost` sends a reset: the log began anew or too much was missed."""
        self.shopper_id = shopper_id
        self.position = position
        self.mine = set(mine)  # questions asked or joined: their answer is announced
        self.is_held = True  # until the client says where it stands, or a moment has passed
        self.is_closed = False
        self.when_lost = when_lost
        self._when_slow = when_slow
        self._send = send
        self._waiting: deque[str] = deque()
        self._sending: asyncio.Task[None] | None = None

    def offer(self, text: str) -> None:
        """Send a frame, or queue it while the last is on its way; a full queue closes this socket alone."""
        if self.is_closed:
            return
        if self._sending is not None:
            if len(self._waiting) >= settings.ROOM_QUEUE_MAX:
                self._evict()
            else:
                self._waiting.append(text)
            return
        rest = self._started(text)
        if rest is not None:
            self._sending = asyncio.get_running_loop().create_task(self._drain(rest))

    def close(self) -> None:
        """Take no more frames."""
        self.is_closed = True
        self._waiting.clear()
        if self._sending is not None:
            self._sending.cancel()

    def _started(self, text: str) -> Awaitable[None] | None:
        """Run the send up to where it must wait; None when it is done already, which it nearly always is."""
        coroutine = self._send({"type": "websocket.send", "text": text})
        try:
            return _Rest(coroutine, coroutine.send(None))
        except StopIteration:
            return None
        except Exception as error:
            self._gone(error)
            return None

    async def _drain(self, rest: Awaitable[None]) -> None:
        try:
            await rest
            while self._waiting:
                await self._send({"type": "websocket.send", "text": self._waiting.popleft()})
        except Exception as error:
            self._gone(error)
        finally:
            self._sending = None

    def _gone(self, error: Exception) -> None:
        """The peer left in the middle of a frame; the consumer hears of it by its own disconnect."""
        log.debug("a viewer is gone: %s", error)
        self.close()

    def _evict(self) -> None:
        self.close()
        self._when_slow()
