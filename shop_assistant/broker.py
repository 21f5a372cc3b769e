"""Celery's Redis transport, where a connection that is gone while it is put in order is a connection error.

Kombu's own then looks for the address of a connection it has let go and fails with AttributeError, which no part of a
worker expects: its main process ends, about once in fifteen outages of Redis while tasks run. Told as what it is the
worker connects again. A message that was not acknowledged comes once more, from the broker or sooner from the outbox's
sweep; the outbox knows what it delivered.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as ConnectionLost


class Channel(redis.Channel):
    """A channel that says so when its connection is gone."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise ConnectionLost("the connection to the broker was lost")
        found: dict[str, Any] = super()._connparams(asynchronous=asynchronous)  # type: ignore[misc]  # not in the stubs
        return found


class Transport(redis.Transport):
    """Kombu's Redis transport with that channel."""

    Channel = Channel
