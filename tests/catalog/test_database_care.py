"""The embedded database plans by what is in it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.database_care import refresh_statistics
from catalog.products.models import Variant
from tests.factories import make_merchant, make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's planner; PostgreSQL keeps its own statistics")
def test_ids_are_looked_up_by_id_however_many_rows_a_merchant_has() -> None:
    """Before, the planner took the merchant's index and read every row of it."""
    merchant: Merchant = make_merchant()
    with merchant_scope(merchant):
        ids = [make_product(merchant=merchant, slug=f"p{number}", title=f"P{number}").pk for number in range(60)]
        by_id = Variant.objects.filter(product_id__in=ids[:16]).values("id")
        assert "merchant_id=?" in by_id.explain()
        assert refresh_statistics()
        assert "product_id=?" in by_id.explain()


def test_inside_a_transaction_nothing_is_done(db: None) -> None:
    """The write lock of a long transaction is not taken for statistics."""
    with transaction.atomic():
        assert not refresh_statistics()
    assert refresh_statistics() == (connection.vendor == "sqlite")
