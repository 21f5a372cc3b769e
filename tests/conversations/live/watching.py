"""A viewer's client for tests: a real socket, arrays taken apart, presence set aside."""

from __future__ import annotations

import json
import uuid
from collections import deque
from typing import Any

from channels.routing import URLRouter
from django.urls import path

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.shoppers import shopper_token
from catalog.database_threads import in_db
from conversations.live.consumers import RoomConsumer
from conversations.live.models import LiveRoom
from conversations.live.services import open_room
from tests.factories import make_creator
from tests.sockets import Socket

application = URLRouter([path("ws/rooms/<uuid:room_id>/", RoomConsumer.as_asgi())])


def make_room(merchant: Merchant, *, is_open: bool = True, **fields: Any) -> LiveRoom:
    """Mei's evening room, live unless told otherwise."""
    creator = fields.pop("creator", None) or make_creator(merchant)
    room = LiveRoom.objects.create(
        **{
            "merchant": merchant,
            "creator": creator,
            "slug": "evening-clinic",
            "titles": {"en": "Mei's evening skin clinic", "zh-hant": "小梅的晚間保養診間"},
            **fields,
        }
    )
    if is_open:
        open_room(room_id=room.pk)
        room.refresh_from_db()
    room.merchant, room.creator = merchant, creator  # read here: an async test may not
    return room


class Watcher:
    """One socket."""

    def __init__(self, room_id: uuid.UUID, token: str, *, language: str = "en", headers: Any = None) -> None:
        self.socket = Socket(
            application,
            f"/ws/rooms/{room_id}/?language={language}",
            headers=headers,
            subprotocols=["room.v1", token] if token else ["room.v1"],
        )
        self.frames: deque[dict[str, Any]] = deque()
        self.viewers: list[int] = []
        self.kept: list[dict[str, Any]] = []  # what `ask` passed over

    async def enter(self) -> dict[str, Any]:
        """Connect and return the hello frame."""
        accepted, protocol = await self.socket.connect(timeout=5)
        assert (accepted, protocol) == (True, "room.v1")
        return await self.next("hello")

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send_to(text_data=json.dumps(frame))

    async def next(self, kind: str) -> dict[str, Any]:
        """Return the next frame, which must be of this type; presence is set aside."""
        frame = await self.any()
        assert frame["type"] == kind, frame
        return frame

    async def any(self) -> dict[str, Any]:
        """Return the next frame but presence."""
        while not self.frames:
            received = json.loads(await self.socket.receive_from(timeout=5))
            for frame in received if isinstance(received, list) else [received]:
                if frame["type"] == "presence":
                    self.viewers.append(frame["viewers"])
                else:
                    self.frames.append(frame)
        return self.frames.popleft()

    async def events(self, count: int) -> list[dict[str, Any]]:
        """Return the next events, whatever stands between them."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            frame = await self.any()
            if frame["type"] == "event":
                found.append(frame)
        return found

    async def ask(self, text: str, client_id: str = "") -> dict[str, Any]:
        """Ask and return the ack or nack."""
        await self.send(type="ask", client_id=client_id or uuid.uuid4().hex, text=text)
        while True:
            frame = await self.any()
            if frame["type"] in ("ack", "nack"):
                return frame
            self.kept.append(frame)

    async def leave(self) -> None:
        """Close the socket."""
        await self.socket.disconnect(timeout=5)


async def watcher_of(room: LiveRoom, shopper: Shopper, **options: Any) -> Watcher:
    """Return a client of this shopper, not yet connected."""
    return Watcher(room.pk, await in_db(shopper_token, shopper), **options)
