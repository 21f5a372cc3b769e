from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync, sync_to_async
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
        tab = await layer.new_channel()
        await layer.group_add(push.group_of(conversation_id), tab)
        threading.Thread(target=push.nudge, args=(conversation_id, "cart")).start()
        return await asyncio.wait_for(layer.receive(tab), 5)

    assert async_to_sync(serve)() == {"type": "conversation.nudge", "kind": "cart"}


def test_a_nudge_waits_for_the_commit_and_dies_with_a_rollback(transactional_db: None) -> None:
    conversation_id = uuid.uuid4()

    def write() -> None:
        with transaction.atomic():
            push.nudge(conversation_id, "owner")
            transaction.set_rollback(True)
        with transaction.atomic():
            push.nudge(conversation_id, "message")

    async def serve() -> object:
        layer = get_channel_layer()
        tab = await layer.new_channel()
        await layer.group_add(push.group_of(conversation_id), tab)
        await sync_to_async(write)()
        return await asyncio.wait_for(layer.receive(tab), 5)

    assert async_to_sync(serve)() == {"type": "conversation.nudge", "kind": "message"}
