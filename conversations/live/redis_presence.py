"""How many watch a room in all processes together: each process says its own number and forgets who fell silent."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping

from redis.asyncio import Redis

PRESENCE_S = 2.0
SILENT_S = 10.0  # a process that died is forgotten after this
_RUN = uuid.uuid4().hex


def process_name() -> str:
    """Return this process's name, the same for its whole life; a forked process has another."""
    return f"{_RUN}-{os.getpid()}"


class Presence:
    """One process's voice."""

    def __init__(self, client: Redis, name: str) -> None:
        self._client = client
        self._name = name
        self._told: set[uuid.UUID] = set()

    async def exchange(self, here: Mapping[uuid.UUID, int]) -> dict[uuid.UUID, int]:
        """Say how many watch each room here; return how many watch it elsewhere.

        Raises: RedisError, OSError.
        """
        for room_id in self._told - here.keys():
            await self._client.hdel(_key(room_id), self._name)
        self._told = set(here)
        return {room_id: await self._say(room_id, viewers) for room_id, viewers in here.items()}

    async def _say(self, room_id: uuid.UUID, viewers: int) -> int:
        now, key = time.time(), _key(room_id)
        async with self._client.pipeline(transaction=False) as calls:
            calls.hset(key, self._name, f"{viewers} {now + SILENT_S}")
            calls.expire(key, int(SILENT_S) * 2)
            calls.hgetall(key)
            *_, voices = await calls.execute()
        elsewhere, silent = 0, []
        for name, said in voices.items():
            number, good_until = said.split()
            if float(good_until) < now:
                silent.append(name)
            elif name.decode() != self._name:
                elsewhere += int(number)
        if silent:
            await self._client.hdel(key, *silent)
        return elsewhere


def _key(room_id: uuid.UUID) -> str:
    return f"room:{{{room_id}}}:watching"
