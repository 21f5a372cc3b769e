"""What is like a product, and what a half-typed search offers."""

from __future__ import annotations

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.outbox.worker import drain
from catalog.products.models import Product
from catalog.products.similar import shared, similar_views
from tests.factories import make_merchant, make_product


def similar(merchant: Merchant, slug: str) -> list[str]:
    product = Product.objects.get(slug=slug)
    found = similar_views(merchant_id=merchant.pk, product_id=product.pk, language="en", currency="TWD")
    return [view.slug for view in found]


def test_what_shares_kind_and_attributes_is_like_it_and_what_is_sold_out_comes_last(in_scope: Merchant) -> None:
    oily = {"skin_types": ["oily"], "texture": "gel"}
    for slug, title, category, attributes, left in (
        ("one", "Niacinamide serum", "care/serum", oily, 5),
        ("gone", "Niacinamide serum light", "care/serum", oily, 0),
        ("close", "Zinc serum", "care/serum", oily, 5),
        ("dry", "Oil serum", "care/serum", {"skin_types": ["dry"], "texture": "oil"}, 5),
        ("tent", "Tent for two", "camp/tent", {"people": 2}, 5),
    ):
        make_product(
            in_scope, slug=slug, title=title, category_path=category, attributes=attributes, on_hand=left, brand="A"
        )
    other = make_merchant()
    with merchant_scope(other):
        make_product(other, slug="foreign", title="Niacinamide serum", category_path="care/serum", attributes=oily)
    drain()

    assert similar(in_scope, "one") == ["close", "dry", "gone"]
    assert similar(in_scope, "tent") == []


def test_a_product_that_is_gone_is_like_nothing(in_scope: Merchant) -> None:
    assert similar_views(merchant_id=in_scope.pk, product_id=1, language="en", currency="TWD") == []


def test_agreement_is_the_mean_over_names_and_warnings_do_not_count() -> None:
    one = {"skin_types": ["oily", "dry"], "texture": ["gel"], "conflicts_with": ["retinal"]}

    assert shared(one, one) == 1.0
    assert shared(one, {"skin_types": ["oily"], "texture": ["oil"]}) == 0.25
    assert shared({"conflicts_with": ["a"]}, {"conflicts_with": ["a"]}) == 0.0
    assert shared({"kind": ["serum"], "texture": ["gel"]}, {"kind": ["serum"], "texture": ["oil"]}) == 2 / 3
