"""One turn, from a shopper's message to the stored reply: the heart of every surface."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DatabaseError

from catalog.database_threads import in_db
from conversations.chat.briefs import brief_of
from conversations.chat.models import Conversation, Turn, TurnState
from conversations.chat.observed_turn import observed_turn
from conversations.chat.protocol import Accepted, Arrived, Done, OwnerChanged, ServerFrame, Token
from conversations.chat.replies import Reply, reply_within
from conversations.chat.selectors import messages_after, person_of, reply_of, said
from conversations.chat.services import (
    GRACE_S,
    OpenedTurn,
    claim_turn,
    close_turn,
    give_up,
    must_wait,
    open_turn,
    was_given_up,
)
from tools.context import Watching

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

OnFrame = Callable[[ServerFrame], Awaitable[None]]
POLL_S = 0.05
BREAK_OFF_S = 0.5  # between two tries to record that a turn broke off
_breaking_off: set[asyncio.Task[None]] = set()  # kept: a task nobody holds may be collected


async def answer(
    *,
    conversation_id: uuid.UUID,
    client_id: str,
    text: str,
    context: Mapping[str, Any] | None = None,
    on_frame: OnFrame | None = None,
    stop: asyncio.Event | None = None,
    watching: Watching | None = None,
    model: BaseChatModel | None = None,
) -> Turn:
    """Store a message, answer it when its turn has come, and return the turn as it ended. Call inside the scope.

    Args: `context` is what the shopper looks at ({"content": slug, "second": 97, "product_id": 5}); `watching` names it
    directly (a live room does); `on_frame` receives Accepted, Token… and Done; `stop` ends the answer early; `model`
    replaces the one that settings name.
    A repeated `client_id` answers nothing again: it waits for the turn it names and repeats its Done; a turn that broke
    off without a reply is answered then.
    Raises: ChatError (errors.py) when the message is not taken; then nothing was stored.
    """
    tell = on_frame or _to_nobody
    opening = partial(open_turn, conversation_id=conversation_id, client_id=client_id, text=text, context=context)
    opened = await in_db(opening)
    await tell(Accepted(client_id=client_id, turn=opened.turn.pk, sequence=opened.message.sequence))
    if not opened.is_new and await _broke_off(opened.turn.pk):
        opened = await in_db(opening)  # it broke off while we waited for it: it begins again
    try:
        if opened.is_new and await _turn_comes(opened.turn.pk):
            await _drive(opened.turn.pk, tell, stop or asyncio.Event(), watching, model)
        else:
            await _wait_for_end(opened.turn.pk)
            await _repeat_done(opened, tell)
    except Exception:
        if opened.is_new:
            _break_off(opened.turn.pk)
        raise
    return await in_db(Turn.objects.select_related("conversation").get, pk=opened.turn.pk)


async def _turn_comes(turn_id: int) -> bool:
    """Wait until the message may be answered; False when another turn answers it, or a person."""
    while (claimed := await in_db(claim_turn, turn_id=turn_id)) == "wait":
        await asyncio.sleep(POLL_S)
        while await in_db(must_wait, turn_id=turn_id):
            await asyncio.sleep(POLL_S)
    return claimed == "yours"


async def _drive(
    turn_id: int, tell: OnFrame, stop: asyncio.Event, watching: Watching | None, model: BaseChatModel | None
) -> None:
    with observed_turn(turn_id) as watch:
        stream = TokenStream(turn_id, tell, on_sent=watch.speaks)
        brief = await in_db(brief_of, turn_id=turn_id, watching=watching)
        watch.begins(brief)
        reply = Reply(brief, stream.send, model=model)
        # The deadline counts from the claim; a second is kept for storing what was made.
        outcome = await reply_within(reply, deadline_s=max(settings.TURN_DEADLINE_S - 1.0, 0.1), stop=stop)
        await stream.flush()
        message = await in_db(close_turn, turn_id=turn_id, outcome=outcome)
        watch.ends(outcome)
    if message is None:
        await tell(await in_db(_owner_now, turn_id))
        return
    await tell(Done(turn=turn_id, state=outcome.state, message=await in_db(said, message)))
    if outcome.afterword:
        for more in await in_db(messages_after, conversation_id=message.conversation_id, after=message.sequence):
            await tell(Arrived(message=more))


def _break_off(turn_id: int) -> None:
    """See to it that nobody waits for a turn that failed; the database may be what failed."""
    task = asyncio.get_running_loop().create_task(_given_up(turn_id))
    _breaking_off.add(task)
    task.add_done_callback(_breaking_off.discard)


async def _given_up(turn_id: int) -> None:
    until = time.monotonic() + settings.TURN_DEADLINE_S
    while time.monotonic() < until:
        try:
            return await in_db(give_up, turn_id=turn_id)
        except DatabaseError:
            await asyncio.sleep(BREAK_OFF_S)
    return None


async def _wait_for_end(turn_id: int) -> Turn:
    """Wait for a turn that another call drives, as long as it may last; return the one that answers its message."""
    give_up_at = time.monotonic() + settings.TURN_DEADLINE_S + GRACE_S
    turn = await in_db(_answering_turn, turn_id)
    while turn.state == TurnState.RUNNING and time.monotonic() < give_up_at:
        await asyncio.sleep(POLL_S)
        turn = await in_db(_answering_turn, turn_id)
    return turn


async def _broke_off(turn_id: int) -> bool:
    """Whether a turn that another call drives ends without a reply, or never ends: its process died."""
    turn = await _wait_for_end(turn_id)
    return turn.state == TurnState.RUNNING or was_given_up(turn)


async def _repeat_done(opened: OpenedTurn, tell: OnFrame) -> None:
    """Tell how a turn ended that this call did not drive: sent before, answered with another, or left to a person."""
    turn = await in_db(_answering_turn, opened.turn.pk)
    reply = await in_db(reply_of, turn.pk)
    if reply is not None and turn.state != TurnState.RUNNING:
        await tell(Done.model_validate({"turn": opened.turn.pk, "state": turn.state, "message": reply}))
    elif turn.state != TurnState.RUNNING:
        await tell(await in_db(_owner_now, turn.pk))


def _answering_turn(turn_id: int) -> Turn:
    """Return the turn that answers a message: its own, or the one it joined."""
    turn = Turn.objects.get(pk=turn_id)
    while joined := turn.trace.get("joined"):
        turn = Turn.objects.get(pk=joined)
    return turn


def _owner_now(turn_id: int) -> OwnerChanged:
    conversation = Conversation.objects.get(turns=turn_id)
    return OwnerChanged.model_validate({"owner": conversation.owner, "person": person_of(conversation)})


class TokenStream:
    """Sends pieces of an answer at most every TOKEN_INTERVAL_MS; what comes faster is sent together."""

    def __init__(self, turn_id: int, tell: OnFrame, *, on_sent: Callable[[], None] = lambda: None) -> None:
        self._turn_id, self._tell, self._on_sent = turn_id, tell, on_sent
        self._waiting, self._index, self._sent_at = "", 0, 0.0

    async def send(self, text: str) -> None:
        """Send `text`, or keep it for the next piece."""
        self._waiting += text
        if (time.monotonic() - self._sent_at) * 1000 >= settings.TOKEN_INTERVAL_MS:
            await self.flush()

    async def flush(self) -> None:
        """Send what waits."""
        if self._waiting:
            piece, self._waiting = self._waiting, ""
            self._sent_at = time.monotonic()
            await self._tell(Token(turn=self._turn_id, index=self._index, text=piece))
            self._on_sent()
            self._index += 1


async def _to_nobody(frame: ServerFrame) -> None:
    """Send a frame to nobody: the caller reads the stored turn."""
