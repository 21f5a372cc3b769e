"""The WebSocket of a direct message. It holds no truth: all it sends can be read again from the database."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts.scoping import merchant_scope
from catalog.database_threads import in_db
from conversations.chat import hands, turns
from conversations.chat.errors import ChatError
from conversations.chat.frames import parsed, refusal
from conversations.chat.models import Conversation
from conversations.chat.protocol import (
    Accepted,
    Act,
    AnyClientFrame,
    Arrived,
    CartChanged,
    Confirm,
    Done,
    Missed,
    OwnerChanged,
    Problem,
    Resume,
    SendAddress,
    SendMessage,
    ServerFrame,
    SetLanguage,
    Stop,
)
from conversations.chat.push import group_of
from conversations.chat.selectors import cart_count, messages_after, news, person_of, welcome
from conversations.chat.services import set_language
from conversations.chat.visits import accepted_protocol, visited
from conversations.chat.warming import warm_up

logger = logging.getLogger(__name__)
REFUSED = 4403
FRAMES_PER_10S = 60
LOOK_AGAIN_S = 1.0


class ChatConsumer(AsyncConsumer):  # type: ignore[misc]  # Channels has no types
    """One tab of one shopper. Frames are handled in order; turns run beside them, so that Stop gets through."""

    conversation: Conversation

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_open = False
        self.stops: dict[str, asyncio.Event] = {}  # client id -> ends that answer early; in the order they were sent
        self.tasks: set[asyncio.Task[None]] = set()
        self.own_client_ids: set[str] = set()
        self.told_done: set[int] = set()
        self.delivered: set[int] = set()  # message numbers this socket was sent
        self.after = 0
        self.frames_at: list[float] = []

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the handler of a message, without Channels' thread hop for old connections (in_db sees to those)."""
        handlers = {
            "websocket.connect": self.websocket_connect,
            "websocket.receive": self.websocket_receive,
            "websocket.disconnect": self.websocket_disconnect,
            "conversation.nudge": self.conversation_nudge,
        }
        await handlers[message["type"]](message)

    async def websocket_connect(self, _message: dict[str, Any]) -> None:
        """Welcome the conversation's own shopper; anyone else is closed with 4403."""
        found = await in_db(visited, self.scope, self.scope["url_route"]["kwargs"]["conversation_id"])
        # Accepted before it is refused: a browser learns the close code of an open socket only.
        await self.base_send({"type": "websocket.accept", "subprotocol": accepted_protocol(self.scope)})
        if found is None:
            await self.base_send({"type": "websocket.close", "code": REFUSED})
            return
        self.conversation, self.is_open = found, True
        await self.channel_layer.group_add(group_of(found.pk), self.channel_name)
        with merchant_scope(found.merchant):
            frame = await in_db(welcome, found)
        self.after = max((message.sequence for message in frame.messages), default=0)
        await self._send(frame)
        self._start(warm_up())

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Read one frame and do what it asks; what is wrong is answered, never passed over, and closes nothing."""
        if not self.is_open:
            return
        with merchant_scope(self.conversation.merchant), override(self.conversation.language):
            if self._floods():
                text = _("Too many frames. Wait a few seconds.")
                await self._send(Problem(code="too_many", message=text))
                return
            frame = parsed(message.get("text"))
            if isinstance(frame, Problem):
                await self._send(frame)
                return
            try:
                await self._act(frame)
            except ChatError as error:
                await self._send(refusal(error, getattr(frame, "client_id", "")))
            except Exception:
                logger.exception("a %s frame failed in conversation %s", frame.type, self.conversation.pk)
                text = _("That did not work on our side. Try again.")
                await self._send(Problem(code="failed", message=text, client_id=getattr(frame, "client_id", "")))

    async def websocket_disconnect(self, _message: dict[str, Any]) -> None:
        """Leave. What is being answered is finished and stored; nothing is left running."""
        was_open, self.is_open = self.is_open, False
        if was_open:
            await self.channel_layer.group_discard(group_of(self.conversation.pk), self.channel_name)
        if self.tasks:
            await asyncio.wait(self.tasks)
        raise StopConsumer

    async def conversation_nudge(self, message: dict[str, Any]) -> None:
        """Something is new: read the rows and send what this socket does not know."""
        try:
            await self._tell_news(message)
        except DatabaseError as error:  # it restarts: the socket stays, and looks again
            logger.warning("news of conversation %s wait for the database: %s", self.conversation.pk, error)
            self._start(self._look_again(message))

    async def _look_again(self, message: dict[str, Any]) -> None:
        await asyncio.sleep(LOOK_AGAIN_S)
        await self.conversation_nudge(message)

    async def _tell_news(self, message: dict[str, Any]) -> None:
        if not self.is_open:
            return
        with merchant_scope(self.conversation.merchant):
            if message["kind"] == "cart":
                await self._send(CartChanged(count=await in_db(cart_count, shopper_id=self.conversation.shopper_id)))
                return
            if message["kind"] == "owner":
                await self._tell_owner()
                return
            for client_id, said in await in_db(news, conversation_id=self.conversation.pk, after=self.after):
                # What belongs to a message sent here comes by that turn's own frames.
                if said.sequence not in self.delivered and client_id not in self.own_client_ids:
                    self._note(said.sequence)
                    await self._send(Arrived(message=said))

    async def _act(self, frame: AnyClientFrame) -> None:
        if isinstance(frame, SendMessage):
            self.own_client_ids.add(frame.client_id)
            self.stops[frame.client_id] = asyncio.Event()
            self._start(self._answer(frame, self.stops[frame.client_id]))
        elif isinstance(frame, Stop):
            for running in list(self.stops.values())[:1]:  # the oldest is the one being written
                running.set()
        elif isinstance(frame, Resume):
            missed = await in_db(messages_after, conversation_id=self.conversation.pk, after=frame.after)
            self._note(*(said.sequence for said in missed))
            await self._send(Missed(messages=tuple(missed)))
        elif isinstance(frame, SetLanguage):
            changed = await in_db(set_language, conversation_id=self.conversation.pk, language=frame.language)
            self.conversation.language = changed.language
            await self._send(await in_db(welcome, self.conversation))
        else:
            await self._by_hand(frame)

    async def _by_hand(self, frame: Act | Confirm | SendAddress) -> None:
        conversation = await in_db(self._fresh)
        if isinstance(frame, Act):
            kept = await hands.press(conversation=conversation, frame=frame)
        elif isinstance(frame, Confirm):
            kept = await hands.confirm(conversation=conversation, frame=frame)
        else:
            kept = await hands.send_address(conversation=conversation, frame=frame)
        if kept.sequence is not None:
            self._note(kept.sequence)  # its frame says it all; the stored message is for the other tabs
        await self._send(kept.frame)

    async def _answer(self, frame: SendMessage, stop: asyncio.Event) -> None:
        """Run one turn; whatever happens, the client hears of it."""
        try:
            await turns.answer(
                conversation_id=self.conversation.pk,
                client_id=frame.client_id,
                text=frame.text,
                context=frame.context.model_dump(exclude_defaults=True),
                on_frame=self._hear,
                stop=stop,
            )
        except ChatError as error:
            await self._send(refusal(error, frame.client_id))
        except Exception:
            logger.exception("a turn failed in conversation %s", self.conversation.pk)
            text = _("That did not work on our side. Your message is kept; send it again.")
            await self._send(Problem(code="failed", message=text, client_id=frame.client_id))
        finally:
            self.stops.pop(frame.client_id, None)

    async def _hear(self, frame: ServerFrame) -> None:
        if isinstance(frame, Done):
            if frame.message.sequence in self.told_done:
                return  # one answer to two messages is told once
            self.told_done.add(frame.message.sequence)
            self._note(frame.message.sequence)
        elif isinstance(frame, Accepted):
            self._note(frame.sequence)
        elif isinstance(frame, Arrived):
            self._note(frame.message.sequence)
        await self._send(frame)
        if isinstance(frame, Done) and any(card.kind == "cart" for card in frame.message.cards):
            await self._send(CartChanged(count=await in_db(cart_count, shopper_id=self.conversation.shopper_id)))

    async def _tell_owner(self) -> None:
        conversation = await in_db(self._fresh)
        person = await in_db(person_of, conversation)
        await self._send(OwnerChanged.model_validate({"owner": conversation.owner, "person": person}))

    def _fresh(self) -> Conversation:
        rows = Conversation.objects.select_related("merchant", "creator", "shopper")
        return rows.get(pk=self.conversation.pk)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _note(self, *sequences: int) -> None:
        """Remember what this socket was sent, and up to where it knows everything."""
        self.delivered.update(sequences)
        while self.after + 1 in self.delivered:
            self.after += 1

    def _floods(self) -> bool:
        now = time.monotonic()
        self.frames_at = [at for at in self.frames_at if now - at < 10.0] + [now]
        return len(self.frames_at) > FRAMES_PER_10S

    async def _send(self, frame: ServerFrame) -> None:
        if self.is_open:
            await self.base_send({"type": "websocket.send", "text": frame.model_dump_json()})
