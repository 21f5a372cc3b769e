"""Fixtures of the appointments' tests."""

from __future__ import annotations

import pytest

from catalog.accounts.models import Merchant
from tests.catalog.orders.appointments.booking import Booking, make_booking


@pytest.fixture
def booking(in_scope: Merchant) -> Booking:
    """A shopper in front of a skin consultation."""
    return make_booking(in_scope)
