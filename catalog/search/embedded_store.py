"""The embedded index's file: its tables, its connections, its errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.search.ports import SearchUnavailable

_MAPPED_BYTES = 2**31
SCHEMA_VERSION = 4  # raised when the tables below change: an older file is emptied and waits for `reindex`
TABLES = ("texts", "typed", "words", "documents", "labels", "prices", "attributes", "creators", "versions")
_SCHEMA = """
CREATE VIRTUAL TABLE texts USING fts5(
    title, description, category, brand, attributes, names, tokenize = "unicode61 remove_diacritics 0 tokenchars './'"
);
CREATE VIRTUAL TABLE typed USING fts5(pieces, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 0');
CREATE TABLE words (
    merchant_id INTEGER, word TEXT, products INTEGER NOT NULL, PRIMARY KEY (merchant_id, word)
) WITHOUT ROWID;
CREATE TABLE documents (
    product_id INTEGER PRIMARY KEY, merchant_id INTEGER NOT NULL, category_path TEXT NOT NULL, brand TEXT NOT NULL,
    brand_key TEXT NOT NULL, title_key TEXT NOT NULL, in_stock INTEGER NOT NULL, is_for_sale INTEGER NOT NULL,
    popularity REAL NOT NULL, fingerprint TEXT NOT NULL, written INTEGER NOT NULL
);
CREATE INDEX documents_of_merchant ON documents (merchant_id, written);
CREATE TABLE writes (epoch INTEGER NOT NULL, number INTEGER NOT NULL);
INSERT INTO writes VALUES (random(), 0);
CREATE TABLE labels (
    product_id INTEGER PRIMARY KEY, titles TEXT NOT NULL, categories TEXT NOT NULL, brand TEXT NOT NULL,
    words TEXT NOT NULL
);
CREATE TABLE prices (
    product_id INTEGER, currency TEXT, amount INTEGER, PRIMARY KEY (product_id, currency)
) WITHOUT ROWID;
CREATE TABLE attributes (
    product_id INTEGER, name TEXT, value TEXT, label TEXT, PRIMARY KEY (product_id, name, value)
) WITHOUT ROWID;
CREATE INDEX attributes_by_value ON attributes (name, value);
CREATE TABLE creators (product_id INTEGER, creator_id INTEGER, PRIMARY KEY (product_id, creator_id)) WITHOUT ROWID;
CREATE TABLE versions (product_id INTEGER PRIMARY KEY, merchant_id INTEGER, version INTEGER NOT NULL);
"""


class Store:
    """One index file; a connection per thread, so that readers never wait for the writer (WAL)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend this thread's connection.

        Raises: SearchUnavailable when SQLite complains.
        """
        try:
            yield self._connection()
        except sqlite3.Error as error:
            raise SearchUnavailable(f"the search index {self.path} does not answer: {error}") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection inside one transaction: all of it is written or nothing.

        Raises: SearchUnavailable when SQLite complains.
        """
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Autocommit: transactions are opened by hand, so a read never holds one open.
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -16000")
            # Read where it lies in the system's cache, which all threads share: joins of thousands of rows need it.
            connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
            _prepare(connection)
            self._local.connection = connection
        return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, or make them anew when the file is of another version."""
    if _version(connection) == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    if _version(connection) != SCHEMA_VERSION:  # another process may have been first
        for table in (*TABLES, "writes"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
