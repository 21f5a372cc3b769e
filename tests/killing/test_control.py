"""The control: the same killing finds what a program without outbox and without once-keys loses and does twice."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from tests.engines.process import Process
from tests.engines.shop import ROOT
from tests.killing.chores import some_seed
from tests.killing.killer import Killer

pytestmark = pytest.mark.killing
MOST_MOMENTS = 60


class Naive(Process):
    """tests/killing/naive.py, which goes on where it thinks it was."""

    def __init__(self, folder: Path, way: str) -> None:
        super().__init__(f"naive-{way}", folder)
        self.way = way

    def start(self) -> Naive:
        """Start it and wait until it works."""
        before = self.count("orders")
        self.spawn([sys.executable, "-m", "tests.killing.naive", str(self.folder), self.way], cwd=ROOT)
        self.wait_until(lambda: self.count("orders") > before, within_s=30)
        return self

    def count(self, table: str) -> int:
        """Return the rows of a table."""
        return len(self.numbers(table))

    def numbers(self, table: str) -> list[int]:
        """Return the order numbers of a table, which it may not have made yet."""
        with sqlite3.connect(self.folder / f"{table}.sqlite3", timeout=30) as connection:
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (number INTEGER)")
            return [number for (number,) in connection.execute(f"SELECT number FROM {table}")]


@pytest.mark.parametrize("way", ["tells_after_commit", "repeats_what_is_not_marked"])
def test_the_same_killing_catches_a_naive_program(way: str, tmp_path: Path) -> None:
    killer = Killer(some_seed(os.environ.get("KILL_SEED", "")))
    naive = Naive(tmp_path, way)
    lost: set[int] = set()
    twice = 0
    while not (lost or twice) and sum(killer.kills.values()) < MOST_MOMENTS:
        naive.start()
        killer.strike({"naive": naive}, longest_s=0.3)
        time.sleep(0.05)
        told = naive.numbers("told")
        if way == "tells_after_commit":
            lost = set(naive.numbers("orders")) - set(told)
        else:
            twice = len(told) - len(set(told))

    print(f"caught after {sum(killer.kills.values())} kills: lost {sorted(lost)}, twice {twice}")
    assert lost or twice
