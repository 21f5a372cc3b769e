"""Which products a filter leaves, remembered while nothing is written, as Elasticsearch remembers its filters."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict

from catalog.search.embedded_query import Filter

_HELD = 8  # filters; a shop's page has few that come again
_WORTH = 0.5  # share of the file's products: below, joining finds fewer rows than the words alone do

Key = tuple[str, tuple[object, ...]]


class FilterCache:
    """Sets of product ids by filter. A filter is worked out when it is asked for a second time since the last write.

    Of removed products something may remain: no words find those.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written: tuple[int, int] = (0, 0)
        self._held: OrderedDict[Key, frozenset[int] | None] = OrderedDict()  # None: asked once, or not worth it
        self._dear: set[Key] = set()

    def of(self, connection: sqlite3.Connection, wanted: Filter) -> frozenset[int] | None:
        """Return the products that pass, None when they are better found by a join."""
        written = connection.execute("SELECT epoch, number FROM writes").fetchone()
        key = (wanted.sql, tuple(wanted.parameters))
        with self._lock:
            if written != self._written:
                self._written = written
                self._held.clear()
                self._dear.clear()
            is_new = key not in self._held
            held = self._held.setdefault(key, None)
            self._held.move_to_end(key)
            if len(self._held) > _HELD:
                self._dear.discard(self._held.popitem(last=False)[0])
            if is_new or held is not None or key in self._dear:
                return held
        return self._work_out(connection, wanted, key, written)

    def _work_out(
        self, connection: sqlite3.Connection, wanted: Filter, key: Key, written: tuple[int, int]
    ) -> frozenset[int] | None:
        rows = connection.execute(f"SELECT d.product_id FROM documents d WHERE {wanted.sql}", wanted.parameters)
        found = frozenset(row[0] for row in rows)
        everything = connection.execute("SELECT COUNT(*) FROM documents").fetchone()[0]
        with self._lock:
            if self._written != written or key not in self._held:
                return found
            if len(found) < _WORTH * everything:
                self._dear.add(key)
                return None
            self._held[key] = found
        return found
