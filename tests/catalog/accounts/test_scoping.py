"""A merchant's rows are seen inside its own scope only."""

from __future__ import annotations

import pytest
from django_scopes.exceptions import ScopeError

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.database_threads import in_db
from tests.factories import make_creator, make_merchant


def test_a_query_outside_any_scope_is_an_error(merchant: Merchant) -> None:
    with pytest.raises(ScopeError):
        Creator.objects.count()
    with pytest.raises(ScopeError):
        list(Creator.objects.all())


def test_a_scope_shows_its_own_rows_only(merchant: Merchant) -> None:
    other = make_merchant()
    ours, theirs = make_creator(merchant), make_creator(other, slug="kai")

    with merchant_scope(merchant):
        assert list(Creator.objects.all()) == [ours]
        assert not Creator.objects.filter(pk=theirs.pk).exists()
    with merchant_scope([merchant, other]):
        assert set(Creator.objects.all()) == {ours, theirs}
    with merchant_scope([]):
        assert Creator.objects.count() == 0
    with every_merchant():
        assert Creator.objects.count() == 2


async def test_the_scope_travels_to_a_database_thread(merchant: Merchant) -> None:
    def names() -> list[str]:
        return [creator.slug for creator in Creator.objects.all()]

    await in_db(make_creator, merchant)
    with merchant_scope(merchant):
        assert await in_db(names) == ["mei"]
    with pytest.raises(ScopeError):
        await in_db(names)
