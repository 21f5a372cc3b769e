"""Tells open sockets that a conversation has something new; the socket then reads the row."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any, Literal

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

logger = logging.getLogger(__name__)
Kind = Literal["message", "owner", "cart"]
_server_loop: asyncio.AbstractEventLoop | None = None


def set_server_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Remember the loop that the sockets live on: the in-memory layer's queues belong to it."""
    global _server_loop
    _server_loop = loop


def group_of(conversation_id: uuid.UUID | str) -> str:
    """Return the name of the group of a conversation's sockets."""
    return f"conversation.{conversation_id}"


def nudge(conversation_id: uuid.UUID | str, kind: Kind = "message") -> None:
    """After commit, tell every socket of a conversation to look again. From any thread; never raises."""
    transaction.on_commit(lambda: _send(conversation_id, kind), robust=True)


def _send(conversation_id: uuid.UUID | str, kind: Kind) -> None:
    layer: Any = get_channel_layer()
    if layer is None:
        return
    call = layer.group_send(group_of(conversation_id), {"type": "conversation.nudge", "kind": kind})
    if _server_loop is not None and _server_loop.is_running():
        asyncio.run_coroutine_threadsafe(call, _server_loop)  # a lost nudge is caught up by the next read
        return

    async def send() -> None:
        await call

    try:
        async_to_sync(send)()
    except RuntimeError:  # called on a thread that runs a loop of its own
        asyncio.get_running_loop().create_task(send())
    except OSError as error:
        logger.warning("no nudge for conversation %s: %s", conversation_id, error)
