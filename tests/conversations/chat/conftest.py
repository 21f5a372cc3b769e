"""Fixtures of the chat tests: a shop in its merchant's scope, an index of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.accounts.models import Merchant
from catalog.search.backend import backend
from tests.conversations.chat.shop import Shop, make_shop
from tools.outages import search_answered


@pytest.fixture
def shop(in_scope: Merchant) -> Iterator[Shop]:
    """Mei's shop, indexed."""
    search_answered()
    backend().clear()
    yield make_shop(in_scope)
    backend().clear()
