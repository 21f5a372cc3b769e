"""Rows read by kept SQL are the rows the query itself gives, in every scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.prepared_rows import rows_of_ids
from catalog.products.models import Product
from tests.factories import make_merchant, make_product


def _titles(ids: Sequence[int]) -> QuerySet[Product, Any]:
    return Product.objects.filter(pk__in=ids).order_by("pk").values("id", "title", "titles", "attributes")


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_every_number_of_ids_gives_the_querys_own_rows(in_scope: Merchant, count: int) -> None:
    """Places that are left over in the statement add nothing; JSON comes back as values."""
    made = [
        make_product(merchant=in_scope, slug=f"p{n}", title=f"P{n}", attributes={"n": [n, "é"]})
        for n in range(count + 2)
    ]
    ids = [product.pk for product in made[:count]]
    assert list(rows_of_ids(_titles, ids)) == list(_titles(ids))
    assert [row["attributes"] for row in rows_of_ids(_titles, ids)] == [{"n": [n, "é"]} for n in range(count)]


def test_no_ids_ask_nothing(in_scope: Merchant) -> None:
    """An empty page costs no query."""
    with CaptureQueriesContext(connection) as asked:
        assert list(rows_of_ids(_titles, [])) == []
    assert len(asked) == 0


def test_a_kept_statement_never_serves_another_merchant(db: None) -> None:
    """The scope is part of what a statement is kept under: the same ids show each merchant only its own."""
    ours, theirs = make_merchant(slug="ours"), make_merchant(slug="theirs")
    with merchant_scope(ours):
        first = make_product(merchant=ours, title="Ours")
    with merchant_scope(theirs):
        second = make_product(merchant=theirs, title="Theirs")
    ids = [first.pk, second.pk]
    for _ in range(2):
        with merchant_scope(ours):
            assert [row["title"] for row in rows_of_ids(_titles, ids)] == ["Ours"]
        with merchant_scope(theirs):
            assert [row["title"] for row in rows_of_ids(_titles, ids)] == ["Theirs"]
        with merchant_scope([ours, theirs]):
            assert [row["title"] for row in rows_of_ids(_titles, ids)] == ["Ours", "Theirs"]
        with every_merchant():
            assert [row["title"] for row in rows_of_ids(_titles, ids)] == ["Ours", "Theirs"]


def test_a_query_that_uses_its_ids_twice_is_refused(in_scope: Merchant) -> None:
    """It could not be told which place an id belongs to."""

    def twice(ids: Sequence[int]) -> QuerySet[Product, Any]:
        return Product.objects.filter(pk__in=ids).exclude(brand_id__in=ids).values("id")

    with pytest.raises(ValueError, match="must use its ids once"):
        list(rows_of_ids(twice, [1, 2]))
