"""Like one product, and bought with it: always this shop's, and nothing is made up."""

from __future__ import annotations

from catalog.orders.models import BoughtTogether
from catalog.products.indexing import reindex
from tests.factories import make_product
from tests.tools.conftest import Shop
from tests.tools.talking import call


def test_products_like_one_are_told_with_cards(shop: Shop) -> None:
    other = make_product(
        shop.merchant, slug="no-5", title="No. 5 Niacinamide Serum", category_path="skincare/serum", brand="Still"
    )
    reindex(merchant=shop.merchant)

    result = call(shop.ctx, "similar_products", product_id=shop.serum.pk, limit=1)

    assert [card.product_id for card in result.cards] == [other.pk]
    assert result.text.startswith("1 like No. 3 Niacinamide Serum:\n")


def test_nothing_alike_and_nothing_bought_together_is_said(shop: Shop) -> None:
    tent = make_product(shop.merchant, slug="tent", title="Tent", category_path="camp/tent")
    reindex(merchant=shop.merchant)

    assert "Say so" in call(shop.ctx, "similar_products", product_id=tent.pk).text
    assert "do not say" in call(shop.ctx, "bought_together", product_id=tent.pk).text


def test_what_is_often_bought_with_it_is_told(shop: Shop) -> None:
    BoughtTogether.objects.create(merchant=shop.merchant, product=shop.serum, other=shop.cleanser, orders=4, share=0.5)

    result = call(shop.ctx, "bought_together", product_id=shop.serum.pk)

    assert [card.product_id for card in result.cards] == [shop.cleanser.pk]
    assert "often bought with" in result.text


def test_a_product_of_no_shop_is_refused(shop: Shop) -> None:
    for name in ("similar_products", "bought_together"):
        assert call(shop.ctx, name, product_id=999_999).error == "product_not_found"
