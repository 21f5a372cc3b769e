"""What the embedded database needs to plan well: without statistics SQLite reads a whole merchant for ten ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

ROWS_LOOKED_AT = 1_000  # of each index; SQLite's advice for big tables, so that it takes milliseconds


def refresh_statistics(*, using: str = "default") -> bool:
    """Count anew how selective each index is; return whether this database needed it.

    PostgreSQL keeps its own statistics (autovacuum). Inside a transaction nothing is done: on SQLite the write would
    hold up the others until the end of it.
    """
    connection = connections[using]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={ROWS_LOOKED_AT}")
        cursor.execute("ANALYZE")
    return True


@contextmanager
def impatient(wait_ms: int, *, using: str = "default") -> Iterator[None]:
    """Let SQLite wait so long at most for another writer, then give up (OperationalError); for what may be left out.

    PostgreSQL's inserts wait for nobody. Inside a transaction the connection is the writer already.
    """
    connection = connections[using]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    usual_ms = round(1000 * float(connection.settings_dict["OPTIONS"].get("timeout", 5)))
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout={int(wait_ms)}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout={usual_ms}")
