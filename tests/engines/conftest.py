"""One shop at scale for the tests of this folder: PostgreSQL, Redis, two web processes, a worker, beat."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shop_assistant.story_client import Shop
from tests.engines import Engines, running
from tests.engines.shop import ROOT, Beat, Web, Worker, shop_environment

SEED = """
import django; django.setup()
from django.core.management import call_command
from shop_assistant import demo_shop, demo
call_command("migrate", verbosity=0)
demo_shop.make(demo.DATA / "meis-shelf")
demo.staff_accounts()
"""


@dataclass(frozen=True, slots=True)
class ScaledShop:
    """The processes, and the addresses of the two web servers."""

    engines: Engines
    folder: Path
    environment: dict[str, str]
    web_a: Web
    web_b: Web
    worker: Worker
    beat: Beat

    @property
    def a(self) -> Shop:
        """The shop as the first web process serves it."""
        return Shop(self.web_a.origin, self.folder, "")

    @property
    def b(self) -> Shop:
        """The shop as the second web process serves it."""
        return Shop(self.web_b.origin, self.folder, "")

    def ask_database(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        url = self.engines.postgres.url.replace("postgres://", "postgresql://")
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(query, parameters).fetchall()

    def run(self, code: str) -> str:
        """Run Python in a process of the shop, with Django set up; return what it printed."""
        return run_in_shop("import django; django.setup()\n" + code, self.environment)


def run_in_shop(code: str, environment: dict[str, str]) -> str:
    """Run Python with the shop's environment; return what it printed."""
    finished = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr[-3_000:]
    return finished.stdout


@pytest.fixture(scope="module")
def shop() -> Iterator[ScaledShop]:
    """Start everything once a module; what fails shows the logs."""
    with ExitStack() as stack:
        engines = stack.enter_context(running())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shop-scale-")))
        environment = shop_environment(engines.environment, folder)
        run_in_shop(SEED, environment)
        webs = [stack.enter_context(Web(name, folder, environment).start()) for name in ("web-a", "web-b")]
        worker = stack.enter_context(Worker(folder, environment).start())
        beat = stack.enter_context(Beat(folder, environment).start())
        yield ScaledShop(engines, folder, environment, webs[0], webs[1], worker, beat)
        for process in (*webs, worker, beat):
            print(f"--- {process.name}\n{process.log}")
