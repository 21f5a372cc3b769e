"""What staff does meanwhile, in processes that are killed too: an import, price changes, a reindex."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.engines.process import Process
from tests.engines.shop import ROOT
from tests.killing.buyers import MERCHANT

PRODUCTS = 1_500  # of the imported sheet: three transactions of 500


class Chore(Process):
    """A command that is begun again whenever it was killed, until it has ended well."""

    finished = 0  # times it ended well
    broken_off = 0
    rests_s = 0.0  # between two rounds
    _rested_since = 0.0

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(name, folder)
        self.environment = environment

    def command(self) -> list[str]:
        """Return what to run."""
        raise NotImplementedError

    def start(self) -> Self:
        """Begin, or begin again."""
        self.spawn([sys.executable, *self.command()], environment=self.environment, cwd=ROOT)
        return self

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.broken_off += self.is_running
        super().kill()

    @property
    def is_running(self) -> bool:
        """Whether it is at work."""
        return self._child is not None and self._child.poll() is None

    def tend(self) -> None:
        """Begin anew once it has ended well.

        Raises: AssertionError with its log when it ended otherwise.
        """
        if self._child is None or self._child.poll() is None:
            return
        assert self._child.returncode == 0, f"{self.name} ended with {self._child.returncode}:\n{self.log}"
        if not self._rested_since:
            self.finished += 1
            self._rested_since = time.monotonic()
        if time.monotonic() - self._rested_since >= self.rests_s:
            self._rested_since = 0.0
            self.next_round()
            self.start()

    def next_round(self) -> None:
        """Prepare another round."""

    def finish(self, within_s: float = 600.0) -> None:
        """Let the round that was begun end well."""
        if not self.is_running:
            self._rested_since = 0.0
            self.start()
        assert self._child is not None
        assert self._child.wait(within_s) == 0, f"{self.name} ended with {self._child.returncode}:\n{self.log}"
        self.finished += 1


class Import(Chore):
    """The same sheet again and again, each round with other prices."""

    round = 1

    @property
    def sheet(self) -> Path:
        """The sheet of this round."""
        return self.folder / f"sheet-{self.round}.jsonl"

    def price_minor(self, number: int) -> int:
        """Return the price of a product in this round's sheet, minor units."""
        return (100 + number + self.round) * 100

    def command(self) -> list[str]:
        """Return `manage.py import_products`, its sheet written first."""
        if not self.sheet.exists():
            rows = (self._row(number) for number in range(PRODUCTS))
            self.sheet.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        return ["manage.py", "import_products", str(self.sheet), "--merchant", MERCHANT, "--currency", "TWD"]

    def _row(self, number: int) -> dict[str, object]:
        return {
            "id": f"kill-{number}",
            "handle": f"kill-{number}",
            "title": f"Tin of tea number {number}",
            "sku": f"KILL-{number}",
            "price": str(self.price_minor(number) // 100),
            "stock": 7,
            "category": "Tea",
        }

    def next_round(self) -> None:
        """Write another sheet next."""
        self.sheet.unlink()
        self.round += 1


class Prices(Chore):
    """Price after price, each in a transaction of its own, with its message to the index; never ends by itself."""

    def command(self) -> list[str]:
        """Return the writer."""
        return ["-m", "tests.killing.price_writer"]


class Reindex(Chore):
    """`manage.py reindex`, again and again."""

    rests_s = 5.0

    def command(self) -> list[str]:
        """Return the command."""
        return ["manage.py", "reindex"]


def some_seed(given: str) -> int:
    """Return the seed that was given, or a new one."""
    return int(given) if given else random.SystemRandom().randrange(1, 1_000_000)
