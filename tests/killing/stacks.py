"""The two stacks that are killed: all in one server on SQLite, and web, worker and beat on the engines."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.engines import running
from tests.engines.conftest import SEED, run_in_shop
from tests.engines.process import Process, own_folder, remove_folder
from tests.engines.shop import Beat, Web, Worker, shop_environment

_EMBEDDED = {"DATABASE_URL": "", "REDIS_URL": "", "ELASTICSEARCH_URL": ""}
# What was leased by a process that is gone, a minute later: nobody else may be running when this is called.
_LEASES_RUN_OUT = """
from datetime import timedelta
from django.utils import timezone
from catalog.outbox.models import OutboxMessage
past = timezone.now() - timedelta(seconds=1)
OutboxMessage.objects.filter(leased_until__gt=past).update(leased_until=past)
"""


@dataclass(slots=True)
class Stack:
    """A shop in processes of its own. `servers` are killed and started again; `beat` only keeps time."""

    name: str
    folder: Path
    environment: dict[str, str]
    web: Web
    servers: dict[str, Process] = field(default_factory=dict)
    beat: Beat | None = None

    def run(self, code: str) -> str:
        """Run Python in the shop's environment, with Django set up; return what it printed."""
        return run_in_shop("import django; django.setup()\n" + code, self.environment)

    def count(self, query: str) -> int:
        """Return the one number that a query of the shop's database answers."""
        url = self.environment["DATABASE_URL"].replace("postgres://", "postgresql://")
        if not url:
            with closing(sqlite3.connect(self.folder / "shop.sqlite3", timeout=30)) as file:
                return int(file.execute(query).fetchone()[0])
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def provider_reports(self) -> int:
        """Return how many of the provider's reports were not delivered yet."""
        with closing(sqlite3.connect(self.folder / "stripe_fake.sqlite3", timeout=30)) as file:
            return int(file.execute("SELECT COUNT(*) FROM deliveries WHERE delivered_at IS NULL").fetchone()[0])

    def start(self) -> None:
        """Start what does not run."""
        for server in self.servers.values():
            server.start()
        if self.beat is not None:
            self.beat.start()

    def kill_all(self) -> None:
        """End everything at once."""
        for server in (*self.servers.values(), *([self.beat] if self.beat else [])):
            server.kill()

    def a_minute_later(self) -> None:
        """Let the leases of the dead run out. Everything must have been killed."""
        self.run(_LEASES_RUN_OUT)

    @property
    def logs(self) -> str:
        """Return the end of every log."""
        return "\n".join(f"--- {server.name}\n{server.log}" for server in self.servers.values())


@contextmanager
def embedded() -> Iterator[Stack]:
    """One uvicorn with its drain threads, SQLite and the embedded index."""
    with ExitStack() as exits:
        yield _seeded(exits, "embedded", _EMBEDDED, with_worker=False)


@contextmanager
def engines() -> Iterator[Stack]:
    """Web, a Celery worker and beat on PostgreSQL and Redis; on Elasticsearch too where TEST_ELASTICSEARCH_URL is."""
    with ExitStack() as exits:
        urls = {**exits.enter_context(running()).environment}
        urls["ELASTICSEARCH_URL"] = os.environ.get("TEST_ELASTICSEARCH_URL", "")
        urls["ELASTICSEARCH_INDEX_PREFIX"] = f"killing-{os.urandom(4).hex()}"
        stack = _seeded(exits, "engines", urls, with_worker=True)
        if urls["ELASTICSEARCH_URL"]:
            exits.callback(stack.run, _REMOVE_INDICES)
        yield stack


_REMOVE_INDICES = """
from catalog.search.elasticsearch_backend import ElasticsearchSearch
from catalog.search.elasticsearch_indices import remove_all
remove_all(ElasticsearchSearch().names)
"""


def _seeded(exits: ExitStack, name: str, urls: dict[str, str], *, with_worker: bool) -> Stack:
    folder = own_folder(f"shop-{name}")
    exits.callback(remove_folder, folder)
    environment = {**shop_environment(urls, folder), **urls, "LOG_LEVEL": "ERROR", "ELASTICSEARCH_REFRESH": "false"}
    run_in_shop(SEED, environment)
    web = Web("web", folder, environment)
    stack = Stack(name, folder, web.environment, web, {"web": web})
    if with_worker:
        stack.servers["worker"] = Worker(folder, web.environment)
        stack.beat = Beat(folder, web.environment)
    for server in (*stack.servers.values(), *([stack.beat] if stack.beat else [])):
        exits.callback(server.kill)
    return stack
