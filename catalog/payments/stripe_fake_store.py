"""The stand-in's memory: a SQLite file of its own, so that it survives crashes as Stripe would."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog.payments.errors import FakeRefused
from catalog.payments.stripe_fake_behaviour import Behaviour, read_behaviour
from catalog.payments.stripe_fake_params import FakeError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (id TEXT PRIMARY KEY, body TEXT NOT NULL, open_until REAL);
CREATE INDEX IF NOT EXISTS objects_open ON objects (open_until) WHERE open_until IS NOT NULL;
CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, request TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    event_id TEXT PRIMARY KEY, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at REAL NOT NULL,
    delivered_at REAL, error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at) WHERE delivered_at IS NULL;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_NEVER = 1e12  # a time when nothing is due any more
Body = dict[str, Any]


class FakeStore:
    """Objects, remembered replies and deliveries. One short-lived connection a transaction, so any thread may call."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises: FakeRefused where strangers could reach it: with DEBUG off and not bound to loopback.
        """
        if not (settings.DEBUG or settings.BOUND_TO_LOOPBACK):
            raise FakeRefused(
                "the local stand-in for Stripe runs only with DEBUG on or bound to loopback; set STRIPE_SECRET_KEY"
            )
        self._path = path
        # A test may set another one at any time.
        self.behaviour: Behaviour = read_behaviour(settings.STRIPE_FAKE_BEHAVIOUR)
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)
        with self.transaction() as rows:
            rows.keep_fact("webhook_secret", f"whsec_{secrets.token_hex(24)}")
            self.webhook_secret: str = rows.fact("webhook_secret")

    @contextmanager
    def transaction(self) -> Iterator[FakeRows]:
        """One all-or-nothing change; writers wait for each other."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield FakeRows(connection, self.behaviour)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()


class FakeRows:
    """The rows, inside one transaction."""

    def __init__(self, connection: sqlite3.Connection, behaviour: Behaviour) -> None:
        self._sql = connection.execute
        self.behaviour = behaviour

    def get(self, object_id: str) -> Body | None:
        """Return an object by id."""
        row = self._sql("SELECT body FROM objects WHERE id = ?", (object_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def found(self, object_id: str, kind: str) -> Body:
        """Return an object of a kind.

        Raises: FakeError 404.
        """
        body = self.get(object_id)
        if body is None or body.get("object") != kind:
            raise FakeError(404, "resource_missing", f"No such {kind}: '{object_id}'", param="id")
        return body

    def all_of(self, kind: str, **values: str) -> list[Body]:
        """Return the objects of a kind with these values, the newest first."""
        rows = self._sql(
            "SELECT body FROM objects WHERE json_extract(body, '$.object') = ? ORDER BY rowid DESC", (kind,)
        )
        bodies = [json.loads(body) for (body,) in rows]
        return [body for body in bodies if all(body.get(name) == value for name, value in values.items())]

    def put(self, body: Body, *, open_until: float | None = None) -> None:
        """Write an object; `open_until` marks a session that expires by itself."""
        self._sql("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", (body["id"], json.dumps(body), open_until))

    def overdue(self, now: float) -> list[Body]:
        """Return the open sessions whose time is over."""
        rows = self._sql("SELECT body FROM objects WHERE open_until <= ?", (now,))
        return [json.loads(body) for (body,) in rows]

    def reply(self, key: str) -> tuple[str, str] | None:
        """Return (request, body) remembered for an idempotency key."""
        row: tuple[str, str] | None = self._sql("SELECT request, body FROM replies WHERE key = ?", (key,)).fetchone()
        return row

    def keep_reply(self, key: str, request: str, body: str) -> None:
        """Remember a reply for its idempotency key."""
        self._sql("INSERT INTO replies VALUES (?, ?, ?)", (key, request, body))

    def add_delivery(self, event: Body) -> None:
        """Queue an event for delivery: at once, unless the behaviour says later, or never."""
        bad_day = self.behaviour
        wait_s = bad_day.chance.uniform(0, bad_day.delay_s)
        due_at = _NEVER if bad_day.happens(bad_day.lost_events) else time.time() + wait_s
        row = (event["id"], json.dumps(event), due_at)
        self._sql("INSERT INTO deliveries (event_id, body, due_at) VALUES (?, ?, ?)", row)

    def due_deliveries(self, now: float, limit: int) -> list[tuple[str, str, int]]:
        """Return (event id, body, attempts) of what is to be delivered now, oldest first."""
        return self._sql(
            "SELECT event_id, body, attempts FROM deliveries WHERE delivered_at IS NULL AND due_at <= ?"
            " ORDER BY due_at, rowid LIMIT ?",
            (now, limit),
        ).fetchall()

    def events(self, *, since: int, delivered: bool | None) -> list[Body]:
        """Return the events from a time on, the newest first: delivered ones, the rest, or (None) all."""
        rows = self._sql("SELECT body, delivered_at FROM deliveries ORDER BY rowid DESC")
        wanted = [json.loads(body) for body, at in rows if delivered is None or (at is not None) == delivered]
        return [event for event in wanted if event["created"] >= since]

    def delivered(self, event_id: str) -> None:
        """Record that our endpoint answered 2xx."""
        self._sql("UPDATE deliveries SET delivered_at = ? WHERE event_id = ?", (time.time(), event_id))

    def failed(self, event_id: str, *, due_at: float, error: str) -> None:
        """Record a failed delivery and when the next is due."""
        self._sql(
            "UPDATE deliveries SET attempts = attempts + 1, due_at = ?, error = ?"
            " WHERE event_id = ? AND delivered_at IS NULL",
            (due_at, error[:500], event_id),
        )

    def fact(self, name: str) -> str:
        """Return a fact kept before."""
        return str(self._sql("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0])

    def keep_fact(self, name: str, value: str) -> None:
        """Keep a fact unless there is one."""
        self._sql("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, value))


def fake_store() -> FakeStore:
    """Return the store at STRIPE_FAKE_PATH.

    Raises: FakeRefused.
    """
    if not (settings.DEBUG or settings.BOUND_TO_LOOPBACK):
        _store_at.cache_clear()
    return _store_at(Path(settings.STRIPE_FAKE_PATH))


@lru_cache(maxsize=4)
def _store_at(path: Path) -> FakeStore:
    return FakeStore(path)
