"""Fixtures of the order desk's tests."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from catalog.accounts.models import Merchant
from tests.catalog.buying import Buying, make_buying
from tests.catalog.hearing import EVERYTHING


@pytest.fixture(autouse=True)
def _hearing(settings: Settings) -> None:
    """Orders are tested without the floors above them."""
    settings.OUTBOX_SUBSCRIBERS = EVERYTHING


@pytest.fixture
def buying(in_scope: Merchant) -> Buying:
    """A shopper in front of ten pieces at NT$980."""
    return make_buying(in_scope)
