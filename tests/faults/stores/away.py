"""Take a store away for a while, beside what the test does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.engines.postgres import Postgres
from tests.engines.redis_server import RedisServer


@asynccontextmanager
async def postgres_restarting(postgres: Postgres, *, after_s: float, down_s: float) -> AsyncIterator[None]:
    """Stop PostgreSQL `after_s` from now for `down_s`, beside what is done inside; it is up again afterwards."""

    async def restart() -> None:
        await asyncio.sleep(after_s)
        await asyncio.to_thread(postgres.stop)
        await asyncio.sleep(down_s)
        await asyncio.to_thread(postgres.start)

    restarting = asyncio.create_task(restart())
    try:
        yield
    finally:
        await restarting


@contextmanager
def stores_coming_and_going(postgres: Postgres, redis: RedisServer, *, times: int) -> Iterator[threading.Thread]:
    """Take PostgreSQL (a second) and Redis (two, and it comes back empty) away in turn; yield the thread that does."""

    def come_and_go() -> None:
        for number in range(times):
            time.sleep(1.5)
            if number % 2:
                redis.kill()
                time.sleep(2.0)
                redis.start()
            else:
                postgres.stop()
                time.sleep(1.0)
                postgres.start()

    thread = threading.Thread(target=come_and_go, name="stores", daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(240)
