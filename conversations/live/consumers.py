"""The WebSocket of a live room: what a viewer sends, and the place at which the room's events begin for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import BadToken, shopper_of_token
from catalog.database_threads import in_db
from conversations.funnel.services import room_viewed
from conversations.live import services
from conversations.live.crowd import frame_text, joined
from conversations.live.door import accepted_protocol, offered_token, wanted_language
from conversations.live.errors import RoomError
from conversations.live.frames import parsed, refusal
from conversations.live.hub import hub
from conversations.live.log import Position
from conversations.live.models import LiveRoom
from conversations.live.protocol import Ack, Ask, Hello, MeToo, Nack, Reset, ResumeRoom, RoomFrame, You
from conversations.live.selectors import events_since, room_door, room_snapshot
from conversations.live.viewer import Viewer
from conversations.live.wire import RoomSnapshot

logger = logging.getLogger(__name__)
NO_SUCH_ROOM, REFUSED, TOO_SLOW, TOO_FAST = 4404, 4403, 4008, 4029
HOLD_S = 1.0  # how long a socket waits for `resume` before live events flow
FRAMES_PER_10S = 60
SLOW_CLOSE_S = 5.0


class RoomConsumer(AsyncConsumer):  # type: ignore[misc]  # Channels has no types
    """One viewer. It is in no channel-layer group: the hub hands it the room's events."""

    channel_layer_alias = None
    room: LiveRoom
    merchant: Merchant
    shopper: Shopper
    viewer: Viewer | None = None
    language: str
    frames = 0
    frames_since = 0.0

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the handler of a message, without Channels' thread hop for old connections (in_db sees to those)."""
        handlers = {
            "websocket.connect": self.websocket_connect,
            "websocket.receive": self.websocket_receive,
            "websocket.disconnect": self.websocket_disconnect,
        }
        await handlers[message["type"]](message)

    async def websocket_connect(self, _message: dict[str, Any]) -> None:
        """Let a shopper of the room's shop in and say what is there; others are closed with 4404 or 4403."""
        room = await in_db(room_door, self.scope["url_route"]["kwargs"]["room_id"])
        if room is None:
            await self._close(NO_SUCH_ROOM)
            return
        self.room, self.merchant = room, room.merchant
        with merchant_scope(self.merchant):
            try:
                self.shopper = await in_db(
                    shopper_of_token, merchant=self.merchant, token=offered_token(self.scope, self.merchant)
                )
            except BadToken:
                await self._close(REFUSED)
                return
        self.language = wanted_language(self.scope, self.shopper)
        await self.base_send({"type": "websocket.accept", "subprotocol": accepted_protocol(self.scope)})
        snapshot = await self._enter()
        self._join(snapshot)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Parse one frame and do what it asks; what is wrong is answered, never passed over."""
        if self.viewer is None or self.viewer.is_closed:
            return
        if self._floods():
            await self._close(TOO_FAST)
            return
        with override(self.language):
            frame = parsed(message)
            if isinstance(frame, Nack):
                self._send(frame)
                return
            try:
                await self._act(frame)
            except RoomError as error:
                self._send(refusal(error, getattr(frame, "client_id", "")))
            except DatabaseError:
                logger.exception("a %s frame failed in room %s", frame.type, self.room.pk)
                text = _("That did not work on our side. Try again.")
                self._send(Nack(client_id=getattr(frame, "client_id", ""), code="failed", message=text))
        if self.viewer.is_held and not isinstance(frame, ResumeRoom):
            hub.release(self.viewer, room_id=self.room.pk)

    async def websocket_disconnect(self, _message: dict[str, Any]) -> None:
        """Leave the room."""
        if self.viewer is not None:
            hub.leave(self.viewer, room_id=self.room.pk)
        raise StopConsumer

    async def _act(self, frame: Ask | MeToo | ResumeRoom) -> None:
        if isinstance(frame, Ask):
            await self._ask(frame)
        elif isinstance(frame, MeToo):
            await self._me_too(frame)
        else:
            await self._resume(Position(frame.epoch, frame.seq))

    async def _ask(self, frame: Ask) -> None:
        with merchant_scope(self.merchant):
            asked = await in_db(
                services.ask,
                merchant=self.merchant,
                room_id=self.room.pk,
                shopper=self.shopper,
                client_id=frame.client_id,
                text=frame.text,
                language=self.language,
            )
        self._remember(asked.question_id)
        self._send(Ack(client_id=frame.client_id, question_id=asked.question_id, merged=asked.merged))
        if asked.answer_id is not None:  # answered before: nothing will be broadcast any more
            self._send(You(question_id=asked.question_id, answer_id=asked.answer_id))

    async def _me_too(self, frame: MeToo) -> None:
        with merchant_scope(self.merchant):
            await in_db(
                services.me_too,
                merchant=self.merchant,
                room_id=self.room.pk,
                question_id=frame.question_id,
                shopper=self.shopper,
                on=frame.on,
            )
        self._remember(frame.question_id, on=frame.on)

    async def _resume(self, seen: Position) -> None:
        """Tell what came after `seen`, up to where this socket's live events begin; or reset."""
        viewer = self._viewer
        with merchant_scope(self.merchant):
            missed = await in_db(events_since, room_id=self.room.pk, position=seen)
        if missed is None or seen.epoch != viewer.position.epoch:
            await self._reset()
            return
        # A held socket was sent nothing yet, so it can be handed everything; another gets the rest live.
        told = [entry for entry in missed if viewer.is_held or entry.sequence <= viewer.position.sequence]
        if told:
            viewer.position = Position(seen.epoch, max(viewer.position.sequence, told[-1].sequence))
            viewer.offer(joined([frame_text(entry) for entry in told]))
        hub.release(viewer, room_id=self.room.pk)

    async def _reset(self) -> None:
        viewer = self._viewer
        viewer.is_held = True
        snapshot = await self._snapshot()
        viewer.position = Position(snapshot.epoch, snapshot.seq)
        self._send(Reset(epoch=snapshot.epoch, seq=snapshot.seq, snapshot=snapshot.json_object()))
        hub.release(viewer, room_id=self.room.pk)

    async def _enter(self) -> RoomSnapshot:
        """Count the view, take the snapshot and greet."""
        with merchant_scope(self.merchant):
            await in_db(
                room_viewed,
                merchant=self.merchant,
                room_id=self.room.pk,
                epoch=self.room.epoch,
                creator_id=self.room.creator_id,
                shopper_id=self.shopper.pk,
            )
        snapshot = await self._snapshot()
        hello = Hello(
            room=str(self.room.pk),
            viewer=str(self.shopper.pk),
            epoch=snapshot.epoch,
            seq=snapshot.seq,
            heartbeat_s=settings.ROOM_HEARTBEAT_S,
            limits={
                "question_chars": settings.ROOM_QUESTION_CHARS_MAX,
                "asks_per_10s": settings.ROOM_ASKS_PER_10S,
                "frame_bytes": settings.FRAME_BYTES_MAX,
            },
            server_time=timezone.now().isoformat(),
            snapshot=snapshot.json_object(),
        )
        await self.base_send({"type": "websocket.send", "text": hello.model_dump_json()})
        return snapshot

    async def _snapshot(self) -> RoomSnapshot:
        with merchant_scope(self.merchant):
            return await in_db(
                room_snapshot,
                room_id=self.room.pk,
                shopper_id=self.shopper.pk,
                language=self.language,
                viewers=hub.watching(self.room.pk) + (self.viewer is None),
            )

    def _join(self, snapshot: RoomSnapshot) -> None:
        viewer = Viewer(
            shopper_id=self.shopper.pk,
            send=self.base_send,
            position=Position(snapshot.epoch, snapshot.seq),
            mine=[question.question_id for question in snapshot.questions if question.mine],
            when_slow=lambda: self._later(self._close_slow()),
            when_lost=lambda: self._later(self._reset()),
        )
        self.viewer = viewer
        hub.join(viewer, room_id=self.room.pk, merchant=self.merchant)
        release = partial(hub.release, viewer, room_id=self.room.pk)
        asyncio.get_running_loop().call_later(HOLD_S, release)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.get_running_loop().create_task(work)  # kept: a task nobody holds may be collected

    async def _close_slow(self) -> None:
        hub.leave(self._viewer, room_id=self.room.pk)
        # The transport is full; whoever does not even take the close is left to the server's ping.
        await asyncio.wait_for(self._close(TOO_SLOW), SLOW_CLOSE_S)

    async def _close(self, code: int) -> None:
        await self.base_send({"type": "websocket.close", "code": code})

    @property
    def _viewer(self) -> Viewer:
        if self.viewer is None:
            raise RuntimeError("the socket is not in the room yet")
        return self.viewer

    def _send(self, frame: RoomFrame) -> None:
        self._viewer.offer(frame.model_dump_json())

    def _remember(self, question_id: int, *, on: bool = True) -> None:
        hub.joined_question(room_id=self.room.pk, shopper_id=self.shopper.pk, question_id=question_id, on=on)

    def _floods(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self.frames_since > 10:
            self.frames, self.frames_since = 0, now
        self.frames += 1
        return self.frames > FRAMES_PER_10S
