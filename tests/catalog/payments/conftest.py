"""Fixtures of the payment tests: a fresh local stand-in for Stripe beside the shop."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from catalog.accounts.models import Merchant
from catalog.payments.stripe_fake_store import FakeStore, fake_store
from tests.catalog.buying import Buying, make_buying
from tests.catalog.hearing import EVERYTHING


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> FakeStore:
    """The stand-in's memory, empty; nobody above the payments listens."""
    settings.OUTBOX_SUBSCRIBERS = EVERYTHING
    settings.STRIPE_FAKE_PATH = tmp_path / "stripe.sqlite3"
    return fake_store()


@pytest.fixture
def buying(in_scope: Merchant) -> Buying:
    """A shopper in front of ten pieces at NT$980."""
    return make_buying(in_scope)
