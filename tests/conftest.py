"""What every test shares: no network, async tests on the test's own thread, a scope for one merchant."""

from __future__ import annotations

import inspect
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.search.backend import backend
from catalog.search.elasticsearch_backend import ElasticsearchSearch
from catalog.search.elasticsearch_indices import remove_all
from tests.side_by_side import open_shared_folder, remove_shared_folder, takes_long


def pytest_configure(config: pytest.Config) -> None:
    """Make what processes side by side share, in the process that will start them."""
    if config.getoption("numprocesses", None):
        config.option.loadscopereorder = False  # else files with many tests come first, not those that take long
        open_shared_folder()
        config.add_cleanup(remove_shared_folder)


@pytest.hookimpl(trylast=True)  # after pytest-django has put its tests in order
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, begin with the folders that take long: one process would be busy with them when all others are."""
    if hasattr(config, "workerinput"):
        items.sort(key=takes_long)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests so that their database work happens on the thread that holds the transaction."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    async_to_sync(pyfuncitem.obj)(**arguments)
    return True


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine: a real model request in a test is an error."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and str(address[0]) not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"a test tried to reach {address}")
        real_connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session", autouse=True)
def _remove_data_folder() -> Iterator[None]:
    yield
    shutil.rmtree(Path(settings.DATA_DIR), ignore_errors=True)


@pytest.fixture(autouse=True)
def _fresh_index() -> Iterator[None]:
    """Empty the search index after a test: ids and versions start again with the database."""
    yield
    if settings.ELASTICSEARCH_URL or Path(settings.SEARCH_INDEX_PATH).exists():
        backend().clear()


@pytest.fixture(scope="session", autouse=True)
def _elasticsearch_indices() -> Iterator[None]:
    """Make this run's own index when the run is on the real engine, and remove it at the end."""
    if not settings.ELASTICSEARCH_URL:
        yield
        return
    engine = ElasticsearchSearch()
    engine.clear()
    yield
    remove_all(engine.names)


@pytest.fixture
def elasticsearch() -> ElasticsearchSearch:
    """The real engine, empty, under this run's own prefix."""
    if not settings.ELASTICSEARCH_URL:
        pytest.skip("TEST_ELASTICSEARCH_URL is not set; scripts/elasticsearch starts a node and prints its address")
    return ElasticsearchSearch()


@pytest.fixture
def merchant(db: None) -> Merchant:
    """A merchant that sells in TWD, and in USD to English readers."""
    return Merchant.objects.create(
        slug="meis-shelf", name="Mei's Shelf", currency="TWD", language_currencies={"en": "USD"}
    )


@pytest.fixture
def in_scope(merchant: Merchant) -> Iterator[Merchant]:
    """The merchant, with its scope active."""
    with merchant_scope(merchant):
        yield merchant
