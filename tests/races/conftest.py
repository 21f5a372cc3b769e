"""What the races share: how large they are, and that they are engine tests on a real engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.conf import settings as configured
from django.db import connection
from pytest_django import Settings

from catalog.payments.stripe_fake_store import FakeStore, fake_store
from tests.catalog.hearing import EVERYTHING

T = TypeVar("T")
THREADS = 16
# RACES=full runs what the documents promise; a run on the engines (TEST_DATABASE_URL) is always full.
IS_FULL = os.environ.get("RACES", "") == "full" or bool(configured.DATABASE_URL)
IS_POSTGRES = configured.DATABASE_URL.startswith("postgres")

needs_postgres = pytest.mark.skipif(
    not IS_POSTGRES, reason="needs PostgreSQL: SQLite lets one writer in at a time, where nothing naive goes wrong"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these with `-m engine` too, once that run has a database for them."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here) and IS_POSTGRES:
            item.add_marker(pytest.mark.engine)


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> FakeStore:
    """An empty stand-in for Stripe; nobody above the payments listens."""
    settings.OUTBOX_SUBSCRIBERS = EVERYTHING
    settings.STRIPE_FAKE_PATH = tmp_path / "stripe.sqlite3"
    return fake_store()


def at_once(act: Callable[[Any], T], things: Sequence[Any]) -> list[T]:
    """Return what `act` gives for each thing, from THREADS threads; each closes its own database connection."""

    def run(part: Sequence[Any]) -> list[T]:
        try:
            return [act(thing) for thing in part]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return [result for results in pool.map(run, [things[n::THREADS] for n in range(THREADS)]) for result in results]
