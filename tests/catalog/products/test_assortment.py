"""A shop has what its own titles, brands and categories name; a category is no limit for a wish that tells more."""

from __future__ import annotations

import pytest

from catalog.accounts.models import Merchant
from catalog.outbox.worker import drain
from catalog.products.assortment import sells
from catalog.products.matching import Needs, recommend
from catalog.search.ports import SearchUnavailable
from tests.factories import make_product


@pytest.fixture
def shop(in_scope: Merchant) -> Merchant:
    make_product(in_scope, slug="case", title="Heavy duty iPhone case, magnetic", category_path="phones/cases")
    make_product(in_scope, slug="sofas", title="Corner sofa for the living room", category_path="home/sofas")
    make_product(in_scope, slug="jars", title="Jar set", category_path="kitchen/sets")
    drain()
    return in_scope


@pytest.mark.parametrize(
    ("text", "is_sold"),
    [("do you have an iphone case under 20", True), ("any surfboards?", False), ("hello there", False)],
)
def test_what_is_sold_is_told_by_the_catalog(shop: Merchant, text: str, is_sold: bool) -> None:
    assert sells(merchant_id=shop.pk, text=text, language="en", currency="TWD") is is_sold


def test_nothing_is_known_to_be_sold_while_search_is_down(shop: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    class Down:
        def search(self, _query: object) -> None:
            raise SearchUnavailable("down")

    monkeypatch.setattr("catalog.products.assortment.backend", Down)

    assert not sells(merchant_id=shop.pk, text="iphone case", language="en", currency="TWD")


def test_a_category_limits_a_short_wish_and_not_one_that_tells_more(shop: Merchant) -> None:
    who = {"merchant_id": shop.pk, "creator_id": None, "language": "en", "currency": "TWD"}
    long = Needs(text="a corner sofa set for the living room, grey linen", categories=("sets",))

    short = recommend(needs=Needs(text="a set", categories=("sets",)), **who)

    assert [match.product.slug for match in short] == ["jars"]
    assert recommend(needs=long, **who)[0].product.slug == "sofas"
