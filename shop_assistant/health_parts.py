"""Looks at each part the shop stands on, each with a time limit of its own; kept for READY_CACHE_S."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import redis
from django.conf import settings
from django.db import close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor

from catalog.search.backend import backend
from catalog.search.ports import ProductQuery
from shop_assistant.outbox_lag import lanes_now

State = Literal["up", "down", "late", "embedded"]  # embedded: a stand-in in this process, which needs no server
Status = Literal["ready", "degraded", "unavailable"]
More = Mapping[str, str | float]


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its state, how long it took to say so, and what else may be told (never an address or a message)."""

    name: str
    state: State
    ms: int
    more: More = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """All parts at one moment."""

    status: Status
    parts: tuple[Part, ...]

    @property
    def down(self) -> tuple[str, ...]:
        """Return the names of the parts that are down or late."""
        return tuple(part.name for part in self.parts if part.state in ("down", "late"))


Look = Callable[[], tuple[State, More]]


def database() -> tuple[State, More]:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "up", {"engine": connection.vendor}


@lru_cache(maxsize=1)
def _migrations_are_applied() -> bool:
    """Return True, from then on without looking, or raise LookupError: what is not applied yet is looked for again."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise LookupError(len(missing))
    return True


def migrations() -> tuple[State, More]:
    """Every migration of this code is applied."""
    try:
        _migrations_are_applied()
    except LookupError as missing:
        return "down", {"missing": missing.args[0], "remedy": "run manage.py migrate"}
    return "up", {}


@lru_cache(maxsize=2)
def _redis_at(url: str) -> redis.Redis:
    limit_s = settings.READY_PART_S
    return redis.Redis.from_url(url, socket_timeout=limit_s, socket_connect_timeout=limit_s)


def redis_server() -> tuple[State, More]:
    """Redis answers, if settings name one."""
    if not settings.REDIS_URL:
        return "embedded", {}
    _redis_at(settings.REDIS_URL).ping()
    return "up", {}


def search() -> tuple[State, More]:
    """The search engine answers a search."""
    backend().search(ProductQuery(merchant_id=0, limit=1))
    return ("up" if settings.ELASTICSEARCH_URL else "embedded"), {}


def outbox() -> tuple[State, More]:
    """What is due is delivered soon."""
    oldest = max(lanes_now(), key=lambda lane: lane.oldest_s)
    more: More = {"oldest_s": round(oldest.oldest_s, 1), "lane": oldest.name}
    return ("late" if oldest.oldest_s > settings.READY_OUTBOX_LATE_S else "up"), more


LOOKS: Mapping[str, Look] = {
    "database": database,
    "migrations": migrations,
    "redis": redis_server,
    "search": search,
    "outbox": outbox,
}
_lock = threading.Lock()
_kept: tuple[float, Report] | None = None
_under_way: dict[str, Future[Part]] = {}


def report() -> Report:
    """Return how the parts are, at most READY_CACHE_S old; one caller looks, the others wait for what it finds."""
    global _kept
    with _lock:
        if _kept is None or time.monotonic() - _kept[0] > settings.READY_CACHE_S:
            _kept = (time.monotonic(), _look())
        return _kept[1]


def forget() -> None:
    """Look anew at the next call (tests)."""
    global _kept
    _kept = None
    _migrations_are_applied.cache_clear()


def _look() -> Report:
    parts = tuple(_parts())
    broken = {part.name for part in parts if part.state in ("down", "late")}
    needed = broken & set(settings.READY_REQUIRES)
    return Report("unavailable" if needed else "degraded" if broken else "ready", parts)


def _parts() -> list[Part]:
    if settings.DATABASE_THREADS == 0:  # tests hold a transaction, which another thread cannot see into
        return [_looked_at(name) for name in LOOKS]
    pool = _pool()
    for name in LOOKS:  # one that hung is waited for again and not asked twice: no thread piles up
        if name not in _under_way:
            _under_way[name] = pool.submit(_looked_at, name, own_thread=True)
    until = time.monotonic() + settings.READY_PART_S
    return [_within(name, until) for name in LOOKS]


def _within(name: str, until: float) -> Part:
    try:
        part = _under_way[name].result(timeout=max(until - time.monotonic(), 0.0))
    except TooLong:
        return Part(name, "down", round(settings.READY_PART_S * 1000), {"error": "no answer in time"})
    del _under_way[name]
    return part


def _looked_at(name: str, *, own_thread: bool = False) -> Part:
    started = time.perf_counter()
    try:
        if own_thread:
            close_old_connections()
        state, more = LOOKS[name]()
    except Exception as error:  # whatever a client raises; its text may hold an address
        state, more = "down", {"error": type(error).__name__}
    finally:
        if own_thread:
            close_old_connections()
    return Part(name, state, round((time.perf_counter() - started) * 1000), more)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=len(LOOKS), thread_name_prefix="ready")
