"""Async code reaches the database here, on a pool of threads sized to the database."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=settings.DATABASE_THREADS, thread_name_prefix="database")


def _with_fresh_connection(call: Callable[[], R]) -> R:
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


async def in_db(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a blocking `function` on a database thread; context variables (tenant scope, language) travel with it.

    With DATABASE_THREADS = 0 it runs on the caller's own thread instead: tests that hold a transaction need that,
    because another thread could not see what they wrote.
    """
    call = partial(function, *args, **kwargs)
    if settings.DATABASE_THREADS == 0:
        return await sync_to_async(call, thread_sensitive=True)()
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool(), context.run, partial(_with_fresh_connection, call))
