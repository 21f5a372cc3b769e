from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from conversations.chat import push


@pytest.fixture(autouse=True)
def _no_server() -> Iterator[None]:
    yield
    push.set_server_loop(None)


def test_a_nudge_from_a_drain_thread_reaches_the_servers_loop(transactional_db: None) -> None:
    conversation_id = uuid.uuid4()

    async def serve() -> object:
        layer = get_channel_layer()
        push.set_server_loop(asyncio.get_running_loop())
        await layer.group_add(push.group_of(conversation_id), "tab-one")
        threading.Thread(target=push.nudge, args=(conversation_id, "cart")).start()
        return await asyncio.wait_for(layer.receive("tab-one"), 5)

    assert async_to_sync(serve)() == {"type": "conversation.nudge", "kind": "cart"}


def test_a_nudge_waits_for_the_commit_and_dies_with_a_rollback(transactional_db: None) -> None:
    conversation_id = uuid.uuid4()
    layer = get_channel_layer()
    async_to_sync(layer.group_add)(push.group_of(conversation_id), "tab-two")

    with pytest.raises(ValueError, match="undone"), transaction.atomic():
        push.nudge(conversation_id, "owner")
        raise ValueError("undone")
    with transaction.atomic():
        push.nudge(conversation_id, "message")

    assert async_to_sync(layer.receive)("tab-two") == {"type": "conversation.nudge", "kind": "message"}
