"""The channel layer on Redis: groups that outlive an outage, so that no socket is closed because Redis was away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
Message = dict[str, Any]
LOOK_S = 1.0
_FAILURES = (RedisError, OSError, asyncio.TimeoutError)


class PatientLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels_redis has no types
    """Channels' publish-subscribe layer, which subscribes again by itself; here no call fails while Redis is away.

    What was sent meanwhile is lost, so `after_outage` (a message) is then handed to every channel of this process:
    a consumer that reads its rows on it has missed nothing.
    """

    def __init__(self, *args: Any, after_outage: Message | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._after_outage = after_outage
        self._keepers: dict[asyncio.AbstractEventLoop, asyncio.Task[None]] = {}

    async def new_channel(self, prefix: str = "specific.") -> str:
        """Return a new channel of this process."""
        layer = self._get_layer()
        self._keep(layer)
        known = set(layer.channels)
        try:
            return str(await layer.new_channel(prefix))
        except _FAILURES as error:
            log.warning("a channel without Redis: %s", error)
            (channel,) = set(layer.channels) - known  # it is there; the keeper subscribes it
            return str(channel)

    async def group_add(self, group: str, channel: str) -> None:
        """Add a channel to a group, at the latest when Redis is back."""
        await self._try(self._get_layer().group_add(group, channel))

    async def group_discard(self, group: str, channel: str) -> None:
        """Take a channel out of a group."""
        await self._try(self._get_layer().group_discard(group, channel))

    async def group_send(self, group: str, message: Message) -> None:
        """Send to a group; lost while Redis is away."""
        await self._try(self._get_layer().group_send(group, message))

    async def send(self, channel: str, message: Message) -> None:
        """Send to a channel; lost while Redis is away."""
        await self._try(self._get_layer().send(channel, message))

    async def _try(self, call: Awaitable[None]) -> None:
        try:
            await call
        except _FAILURES as error:
            log.warning("the channel layer does not reach Redis: %s", error)

    def _keep(self, layer: Any) -> None:
        """See to the layer of this loop for as long as it has channels."""
        loop = asyncio.get_running_loop()
        keeper = self._keepers.get(loop)
        if keeper is None or keeper.done():
            self._keepers = {known: task for known, task in self._keepers.items() if not known.is_closed()}
            self._keepers[loop] = loop.create_task(self._watch(layer))

    async def _watch(self, layer: Any) -> None:
        was_away = False
        await asyncio.sleep(LOOK_S)
        while layer.channels:
            is_away = not await self._subscribed(layer)
            if was_away and not is_away:
                self._hand_round(layer)
            was_away = is_away
            await asyncio.sleep(LOOK_S)

    async def _subscribed(self, layer: Any) -> bool:
        """Subscribe what an outage kept from it; return whether every subscription is connected now."""
        try:
            for name in (*layer.channels, *layer.groups):
                await layer._get_shard(name).subscribe(name)  # does nothing for what is subscribed
        except _FAILURES:
            return False
        connections = [shard._pubsub.connection for shard in layer._shards if shard._subscribed_to]
        return all(connection is not None and connection.is_connected for connection in connections)

    def _hand_round(self, layer: Any) -> None:
        if self._after_outage is None:
            return
        for queue in layer.channels.values():
            queue.put_nowait(self.serialize(self._after_outage))
