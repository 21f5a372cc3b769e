"""One reader a process: hears from Redis that rooms watched here have something new, and how many watch elsewhere."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from conversations.live.log import WatchedRooms
from conversations.live.redis_presence import PRESENCE_S, Presence, process_name
from conversations.live.redis_stream import PAUSE_S, cast_key, log_key

log = logging.getLogger(__name__)
BLOCK_MS = 200  # a room that is joined meanwhile is heard from after at most this long
BATCH = 100


async def listen(rooms: WatchedRooms, *, name: str | None = None) -> None:
    """Ring and cast for the watched rooms until cancelled; an outage of Redis is waited for."""
    is_away = False
    while True:
        client = Redis.from_url(
            settings.REDIS_URL, socket_timeout=5.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
        )
        try:
            await _Ear(client, rooms, name or process_name()).hear()
        except (RedisError, OSError) as error:
            log.log(logging.DEBUG if is_away else logging.WARNING, "no word from Redis: %s", error)
            is_away = True
        except Exception:
            log.exception("the rooms' reader stumbled; trying again")
        finally:
            await client.aclose()
        await asyncio.sleep(PAUSE_S)


class _Ear:
    """Where each stream was read up to."""

    def __init__(self, client: Redis, rooms: WatchedRooms, name: str) -> None:
        self._client = client
        self._rooms = rooms
        self._seen: dict[str, str] = {}
        self._presence = Presence(client, name)

    async def hear(self) -> None:
        """Read until cancelled."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        presence_due = 0.0
        while True:
            if task is not None and task.cancelling():
                raise asyncio.CancelledError  # the client can swallow a cancellation that meets an answer
            streams = await self._streams()
            found: Any = await self._client.xread(streams, count=BATCH, block=BLOCK_MS)  # type: ignore[arg-type]  # the stubs want a wider dict
            for key, entries in found or ():
                self._tell(key.decode(), entries)
            if loop.time() >= presence_due:
                presence_due = loop.time() + PRESENCE_S
                for room_id, viewers in (await self._presence.exchange(self._rooms.watching_here())).items():
                    self._rooms.count_elsewhere(room_id, viewers)

    async def _streams(self) -> dict[str, str]:
        """Return the place each stream of the watched rooms was read up to; a new room begins where its viewers are."""
        places = self._rooms.places()
        casts = {cast_key(room_id) for room_id in places}
        if casts - self._seen.keys():
            seconds, microseconds = await self._client.time()
            self._seen.update(dict.fromkeys(casts - self._seen.keys(), f"{seconds * 1000 + microseconds // 1000}-0"))
        for room_id, place in places.items():
            self._seen.setdefault(log_key(room_id), f"{place.epoch}-{place.sequence}")
        self._seen = {key: self._seen[key] for room_id in places for key in (cast_key(room_id), log_key(room_id))}
        return self._seen

    def _tell(self, key: str, entries: list[tuple[bytes, Mapping[bytes, bytes]]]) -> None:
        self._seen[key] = entries[-1][0].decode()
        room_id = uuid.UUID(key[key.index("{") + 1 : key.index("}")])
        if key == log_key(room_id):
            self._rooms.wake(room_id)
            return
        for _, fields in entries:
            self._rooms.cast(room_id, fields[b"text"].decode())
