"""Fixtures of the fault tests: Mei's shop, and what a turn may never say about a service that is down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync

from conversations.chat.breaker import forget_breakers
from conversations.chat.warming import warm_up
from tests.conversations.chat.conftest import shop as shop
from tools.outages import search_answered


@pytest.fixture(autouse=True)
def _nothing_known_yet() -> Iterator[None]:
    """No outage and no breaker of another test; LangChain is loaded, as in a server that has warmed up."""
    async_to_sync(warm_up)()
    forget_breakers()
    search_answered()
    yield
    forget_breakers()
    search_answered()
