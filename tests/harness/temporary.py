"""A database, an index and a data folder for one harness run, removed at its end. Import before anything of Django.

The settings are the product's own (`shop_assistant.settings`); a developer's `.env` and keys are not read.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOT_INHERITED = (
    "REDIS_URL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRETS",
)


class CannotRun(Exception):
    """The run is not possible here; the message says why and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that all harnesses share."""
    parser.add_argument(
        "--database",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="postgres: on the server of DATABASE_URL, in a database of its own",
    )


@contextmanager
def surroundings(*, database: str = "sqlite", elasticsearch: bool = False) -> Iterator[Path]:
    """Set Django up on empty parts and yield their folder; everything is removed afterwards.

    Raises: CannotRun when the address that a part needs is missing.
    """
    address = os.environ.get("DATABASE_URL", "")
    if database == "postgres" and not address:
        raise CannotRun("--database postgres: set DATABASE_URL to the server's address")
    if elasticsearch and not os.environ.get("ELASTICSEARCH_URL"):
        raise CannotRun("--backend elasticsearch: set ELASTICSEARCH_URL; scripts/elasticsearch starts a node")
    folder = Path(tempfile.mkdtemp(prefix="shop-harness-"))
    _set_environment(folder, address if database == "postgres" else "", elasticsearch=elasticsearch)
    try:
        import django  # after the environment is set: settings are read once

        django.setup()
        with _database(), _index(elasticsearch):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _set_environment(folder: Path, database_url: str, *, elasticsearch: bool) -> None:
    if "django" in sys.modules and "shop_assistant.settings" in sys.modules:
        raise CannotRun("settings were read before tests.harness.temporary.surroundings()")
    for name in (*_NOT_INHERITED, *(() if elasticsearch else ("ELASTICSEARCH_URL",))):
        os.environ.pop(name, None)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="shop_assistant.settings",
        ENV_FILE=os.devnull,
        DATA_DIR=str(folder),
        DATABASE_URL=database_url,
        DEBUG="1",
        BOUND_TO_LOOPBACK="1",
        EMBEDDED_WORKERS="0",
        LOG_LEVEL="WARNING",
        ELASTICSEARCH_INDEX_PREFIX=f"harness-{os.getpid()}",
    )


@contextmanager
def _index(elasticsearch: bool) -> Iterator[None]:
    """Make an index of this run's own on the real engine, and remove it at the end."""
    if not elasticsearch:
        yield
        return
    from catalog.search.elasticsearch_backend import ElasticsearchSearch
    from catalog.search.elasticsearch_indices import remove_all

    engine = ElasticsearchSearch()
    engine.prepare()
    try:
        yield
    finally:
        remove_all(engine.names)


@contextmanager
def _database() -> Iterator[None]:
    """Create Django's test database beside the real one, with today's tables, and destroy it at the end."""
    from django.conf import settings
    from django.db import connection

    settings.DEBUG = False  # with DEBUG on, Django keeps every query in memory
    # Tables as the models are now: a harness measures the product, migrations have tests of their own.
    connection.settings_dict["TEST"]["MIGRATE"] = False
    connection.settings_dict["TEST"]["NAME"] = (
        str(Path(settings.DATA_DIR) / "harness.sqlite3") if connection.vendor == "sqlite" else f"harness_{os.getpid()}"
    )
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
