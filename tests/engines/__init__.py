"""Real PostgreSQL, Redis, Elasticsearch, Celery and web processes for tests and for a person: `scripts/engines`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.elasticsearch.node import Node
from tests.engines.postgres import Postgres
from tests.engines.redis_server import RedisServer


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines that run; `elasticsearch` is None where search stays embedded."""

    postgres: Postgres
    redis: RedisServer
    elasticsearch: Node | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return what the shop (DATABASE_URL …) and a test run (TEST_DATABASE_URL …) read."""
        urls = {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.redis.url}
        if self.elasticsearch is not None:
            urls["ELASTICSEARCH_URL"] = self.elasticsearch.url
        return {**urls, **{f"TEST_{name}": url for name, url in urls.items()}}


@contextmanager
def running(*, elasticsearch: bool = False) -> Iterator[Engines]:
    """Start PostgreSQL, Redis and, if asked, Elasticsearch on ports of their own; stop and remove them afterwards.

    Raises: CannotStart when a program is missing.
    """
    with ExitStack() as stack:
        node = stack.enter_context(Node(ends_with_us=True)) if elasticsearch else None
        postgres, redis = Postgres(), RedisServer()
        stack.callback(postgres.remove)
        stack.callback(redis.remove)
        yield Engines(postgres.start(), redis.start(), node)
