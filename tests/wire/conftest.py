"""Fixtures of the wire tests: Mei's shop, and a provider that the settings name, with short limits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from pytest_django import Settings

from conversations.chat.breaker import forget_breakers
from conversations.chat.warming import warm_up
from tests.conversations.chat.conftest import shop as shop
from tests.wire.provider import Provider, provider


@pytest.fixture(autouse=True)
def _short_limits(settings: Settings) -> Iterator[None]:
    """Limits that a test can wait for; breakers that know nothing yet."""
    settings.OPENAI_API_KEY = "sk-nobody"
    settings.OPENAI_CONNECT_S, settings.OPENAI_FIRST_TOKEN_S, settings.OPENAI_GAP_S = 0.5, 1.5, 0.5
    settings.TURN_DEADLINE_S = 10.0
    async_to_sync(warm_up)()
    forget_breakers()
    yield
    forget_breakers()


@pytest.fixture
def stub(settings: Settings) -> Iterator[Provider]:
    """A provider that answers as the test tells it to."""
    with provider() as running:
        settings.OPENAI_BASE_URL = running.url
        yield running
