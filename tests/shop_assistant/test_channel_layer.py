"""The channel layer on Redis: an outage closes nothing, and afterwards everybody looks again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from shop_assistant import channel_layer
from shop_assistant.channel_layer import PatientLayer
from tests.engines.available import needs_redis
from tests.engines.redis_server import RedisServer

pytestmark = [*needs_redis]
LOOK_AGAIN = {"type": "conversation.nudge", "kind": "message"}


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A Redis that the test may kill."""
    monkeypatch.setattr(channel_layer, "LOOK_S", 0.2)
    server = RedisServer()
    yield server.start()
    server.remove()


def layer_on(redis: RedisServer) -> PatientLayer:
    host = {"address": redis.url, "socket_connect_timeout": 1.0}
    return PatientLayer(hosts=[host], after_outage=LOOK_AGAIN)


async def test_a_group_hears_what_another_process_sends(redis: RedisServer) -> None:
    here, there = layer_on(redis), layer_on(redis)
    tab = await here.new_channel()
    await here.group_add("conversation.1", tab)

    await there.group_send("conversation.1", {"type": "x"})

    assert await asyncio.wait_for(here.receive(tab), 3) == {"type": "x"}
    await here.group_discard("conversation.1", tab)
    await there.group_send("conversation.1", {"type": "y"})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(here.receive(tab), 0.5)


async def test_after_an_outage_every_channel_looks_again_and_groups_are_whole(redis: RedisServer) -> None:
    here, there = layer_on(redis), layer_on(redis)
    tab = await here.new_channel()
    await here.group_add("conversation.1", tab)
    waiting = asyncio.create_task(here.receive(tab))
    await asyncio.sleep(0.3)

    redis.kill()
    await there.group_send("conversation.1", {"type": "lost"})  # fails quietly
    await asyncio.sleep(0.5)
    assert not waiting.done()
    redis.start()

    assert await asyncio.wait_for(waiting, 10) == LOOK_AGAIN
    await there.group_send("conversation.1", {"type": "heard"})
    assert await asyncio.wait_for(here.receive(tab), 5) == {"type": "heard"}


async def test_a_socket_that_opens_during_an_outage_joins_its_group_afterwards(redis: RedisServer) -> None:
    here, there = layer_on(redis), layer_on(redis)
    redis.kill()

    tab = await here.new_channel()
    await here.group_add("conversation.1", tab)
    await asyncio.sleep(0.5)
    redis.start()

    assert await asyncio.wait_for(here.receive(tab), 10) == LOOK_AGAIN
    await there.group_send("conversation.1", {"type": "heard"})
    assert await asyncio.wait_for(here.receive(tab), 5) == {"type": "heard"}
