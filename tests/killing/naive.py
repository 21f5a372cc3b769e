"""What the house does not do: tell after the commit and hope, or tell again whatever is not marked as told."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path


def main(folder: Path, way: str) -> None:
    """Take orders for ever; each is told to another store, as a queue or an index is another store."""
    orders, told, marks = (_table(folder, name) for name in ("orders", "told", "marks"))
    if way == "repeats_what_is_not_marked":
        for number in sorted(_numbers(orders, "orders") - _numbers(marks, "marks")):
            told.execute("INSERT INTO told VALUES (?)", (number,))
            marks.execute("INSERT INTO marks VALUES (?)", (number,))
    number = max(_numbers(orders, "orders"), default=0)
    while True:
        number += 1
        orders.execute("INSERT INTO orders VALUES (?)", (number,))
        told.execute("INSERT INTO told VALUES (?)", (number,))
        marks.execute("INSERT INTO marks VALUES (?)", (number,))


def _table(folder: Path, name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / f"{name}.sqlite3", isolation_level=None, timeout=30)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {name} (number INTEGER)")
    return connection


def _numbers(connection: sqlite3.Connection, name: str) -> set[int]:
    return {number for (number,) in connection.execute(f"SELECT number FROM {name}")}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
