"""A room's stream in Redis: its keys, the one call that appends, and the pause after a failure."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from conversations.live.log import LogEntry, Position

log = logging.getLogger(__name__)
R = TypeVar("R")
TIMEOUT_S = 1.0
PAUSE_S = 1.0
KEPT_S = 24 * 3600  # a stream nobody wrote to for a day is dropped; the table has it all
CAST_MAX, CAST_KEPT_S = 200, 60

# Appends what the stream does not have yet and nothing out of turn: an entry is added when it is the first, the next of
# its epoch, or of a later epoch. Returns the last place; smaller than the last entry's means that some are missing.
_APPEND = """
local epoch, sequence = -1, 0
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if last then
  local a, b = string.match(last[1], '(%d+)-(%d+)')
  epoch, sequence = tonumber(a), tonumber(b)
end
for i = 3, #ARGV, 3 do
  local e, s = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  if e > epoch or (e == epoch and s == sequence + 1) then
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], ARGV[i] .. '-' .. ARGV[i + 1], 'event', ARGV[i + 2])
    epoch, sequence = e, s
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {epoch, sequence}
"""


def log_key(room_id: uuid.UUID) -> str:
    """Return the key of a room's log; the braces keep all keys of a room on one node of a Redis cluster."""
    return f"room:{{{room_id}}}:log"


def cast_key(room_id: uuid.UUID) -> str:
    """Return the key of what is told to a room's viewers outside its log."""
    return f"room:{{{room_id}}}:cast"


def append(room_id: uuid.UUID, entries: Sequence[LogEntry]) -> Position:
    """Append entries in their order, each once; return the stream's last place.

    Raises: RedisError, OSError.
    """
    arguments: list[Any] = [settings.ROOM_HISTORY_MAX, KEPT_S]
    for entry in entries:
        body = orjson.dumps({"kind": entry.kind, "at": entry.at.isoformat(), "payload": entry.payload})
        arguments += [entry.epoch, entry.sequence, body]
    epoch, sequence = client(settings.REDIS_URL).register_script(_APPEND)(keys=[log_key(room_id)], args=arguments)
    return Position(int(epoch), int(sequence))


def after(room_id: uuid.UUID, position: Position, *, limit: int) -> list[LogEntry]:
    """Return up to `limit` entries of the stream that come after a place.

    Raises: RedisError, OSError.
    """
    first = f"({position.epoch}-{position.sequence}"
    rows: Any = client(settings.REDIS_URL).xrange(log_key(room_id), min=first, count=limit)
    return [_entry(place.decode(), fields[b"event"]) for place, fields in rows]


def cast(room_id: uuid.UUID, text: str) -> None:
    """Add a frame to what is told outside the log.

    Raises: RedisError, OSError.
    """
    key = cast_key(room_id)
    with client(settings.REDIS_URL).pipeline(transaction=False) as calls:
        calls.xadd(key, {"text": text}, maxlen=CAST_MAX, approximate=True)
        calls.expire(key, CAST_KEPT_S)
        calls.execute()


def _entry(place: str, body: bytes) -> LogEntry:
    epoch, sequence = place.split("-")
    event = orjson.loads(body)
    return LogEntry(int(epoch), int(sequence), event["kind"], datetime.fromisoformat(event["at"]), event["payload"])


@lru_cache(maxsize=4)
def client(url: str) -> Redis:
    """Return this process's client: it waits a second, not ten, and tries a stale connection once more."""
    return Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 1))


class Line:
    """The way to Redis. After a failure it is left alone for PAUSE_S, so that a dead Redis does not slow every call."""

    def __init__(self) -> None:
        self._away_until = 0.0

    def attempt(self, call: Callable[[], R]) -> R | None:
        """Return what `call` returns, or None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return call()
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + PAUSE_S
            log.warning("Redis is away; rooms go on from the database: %s", error)
            return None


line = Line()
