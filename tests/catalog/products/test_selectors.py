from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.money import Money
from catalog.outbox.worker import drain
from catalog.products import selectors, services
from catalog.products.fields import MediaFields, VariantFields
from catalog.products.models import Stock
from catalog.search.ports import ProductQuery
from tests.factories import make_creator, make_merchant, make_product


def view(product_id: int, language: str = "en", currency: str = "TWD") -> selectors.ProductView:
    found = selectors.product_view(product_id=product_id, language=language, currency=currency)
    assert found
    return found


def test_a_view_is_in_the_language_and_currency_asked_for(in_scope: Merchant) -> None:
    product = make_product(
        in_scope,
        titles={"zh-hant": "3 號精華"},
        descriptions={"en": "For shine.", "zh-hant": "控油。"},
        brand="Riceleaf",
        category_path="skincare/serum",
        category_names={"en": "Serum", "zh-hant": "精華"},
        attributes={"skin_types": ["oily"]},
        media=(MediaFields("/one.svg"), MediaFields("/two.svg")),
    )

    english = view(product.pk, "en", "USD")
    assert (english.title, english.description) == ("No. 3 Niacinamide 5% Serum", "For shine.")
    assert (english.brand, english.category, english.category_path) == ("Riceleaf", "Serum", "skincare/serum")
    assert (english.image_url, english.attributes) == ("/one.svg", {"skin_types": ["oily"]})
    assert english.price == Money(31_00, "USD")
    simplified = view(product.pk, "zh-hans", "TWD")
    assert (simplified.title, simplified.description, simplified.category) == ("3 号精华", "控油。", "精华")
    assert simplified.variants == (
        selectors.VariantView(
            variant_id=product.variants.get().pk,
            sku="no-3-serum-1",
            label="30 ml",
            price=Money(980_00, "TWD"),
            was=None,
            available=46,
            in_stock=True,
            options={"Size": "30 ml"},
        ),
    )


def test_the_lowest_price_stands_for_the_product(in_scope: Merchant) -> None:
    product = make_product(
        in_scope,
        variants=(
            VariantFields("L", {"Size": "L"}, {"TWD": 200}, on_hand=1),
            VariantFields("S", {"Size": "S", "Scent": "Rose"}, {"TWD": 100}, {"TWD": 150}, on_hand=1),
            VariantFields("X", prices={"USD": 1}, on_hand=1),
        ),
    )

    found = view(product.pk)
    assert (found.price, found.was, found.price_varies) == (Money(100, "TWD"), Money(150, "TWD"), True)
    assert [(variant.label, variant.price) for variant in found.variants] == [
        ("L", Money(200, "TWD")),
        ("S · Rose", Money(100, "TWD")),
        ("", None),
    ]


def test_a_former_price_that_is_not_higher_is_not_shown(in_scope: Merchant) -> None:
    product = make_product(in_scope, variants=(VariantFields("S", prices={"TWD": 100}, compare_at={"TWD": 100}),))

    assert view(product.pk).was is None


@pytest.mark.parametrize(
    ("fields", "word", "left"),
    [
        ({"on_hand": 6}, "in_stock", None),
        ({"on_hand": 5}, "few_left", 5),
        ({"on_hand": 0}, "sold_out", None),
        ({"on_hand": None}, "in_stock", None),
        ({"prices": {"EUR": 1}}, "not_for_sale", None),
        ({"prices": {}, "external_url": "https://maker.example/no-3"}, "external", None),
        ({"variants": ()}, "not_for_sale", None),
    ],
)
def test_the_word_for_stock(in_scope: Merchant, fields: Mapping[str, Any], word: str, left: int | None) -> None:
    product = make_product(in_scope, **fields)

    found = view(product.pk)

    assert (found.stock, found.left) == (word, left)
    assert found.can_be_bought_here == (word in ("in_stock", "few_left"))


def test_units_promised_to_orders_are_not_available(in_scope: Merchant) -> None:
    product = make_product(in_scope, on_hand=5)
    Stock.objects.update(reserved=3)

    assert view(product.pk).left == 2


def test_views_keep_the_order_and_leave_out_what_shoppers_must_not_see(in_scope: Merchant) -> None:
    first, second, draft = (make_product(in_scope, slug=slug) for slug in ("a", "b", "c"))
    services.set_status(product_id=draft.pk, status="draft")
    other = make_merchant()
    with merchant_scope(other):
        foreign = make_product(other)

    views = selectors.product_views(
        product_ids=[second.pk, draft.pk, foreign.pk, first.pk, second.pk, 10**9], language="en", currency="TWD"
    )

    assert [each.product_id for each in views] == [second.pk, first.pk]
    assert selectors.product_view_by_slug(slug="c", language="en", currency="TWD") is None
    assert selectors.product_view_by_slug(slug="a", language="en", currency="TWD") == views[1]


def test_views_take_four_queries_however_many(
    in_scope: Merchant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [make_product(in_scope, slug=f"p{n}", brand="B", category_path="c").pk for n in range(12)]

    with django_assert_num_queries(4):
        assert len(selectors.product_views(product_ids=ids, language="en", currency="TWD")) == 12
    with django_assert_num_queries(0):
        assert selectors.product_views(product_ids=[], language="en", currency="TWD") == []


def test_search_reads_prices_from_the_database_not_from_the_index(in_scope: Merchant) -> None:
    product = make_product(in_scope)
    drain()
    services.set_price(variant_id=product.variants.get().pk, currency="TWD", amount_minor=500_00)

    page = selectors.search_products(
        query=ProductQuery(merchant_id=in_scope.pk, text="niacinamide", currency="TWD"), language="en"
    )

    assert [each.price for each in page.products] == [Money(500_00, "TWD")]
    assert page.total == 1


def test_search_without_a_currency_uses_the_one_of_the_language(in_scope: Merchant) -> None:
    make_product(in_scope)
    drain()
    query = ProductQuery(merchant_id=in_scope.pk)

    for language, price in (("en", Money(31_00, "USD")), ("zh-hant", Money(980_00, "TWD"))):
        assert selectors.search_products(query=query, language=language).products[0].price == price


def test_a_product_taken_off_a_moment_ago_is_neither_shown_nor_counted(in_scope: Merchant) -> None:
    make_product(in_scope, slug="a")
    gone = make_product(in_scope, slug="b")
    drain()
    services.retire(product_id=gone.pk)

    page = selectors.search_products(query=ProductQuery(merchant_id=in_scope.pk, currency="TWD"), language="en")

    assert ([each.slug for each in page.products], page.total) == (["a"], 1)


def test_a_shelf_stands_in_the_creators_order_with_notes(in_scope: Merchant) -> None:
    creator = make_creator(in_scope)
    first, second = make_product(in_scope, slug="a"), make_product(in_scope, slug="b", title="Balm")
    services.put_on_shelf(creator=creator, product=first, position=1, notes={"en": "Every day.", "zh-hant": "天天用。"})
    services.put_on_shelf(creator=creator, product=second, position=0)
    drain()

    shelf = selectors.shelf_views(creator_id=creator.pk, language="en", currency="TWD")

    assert [each.slug for each in shelf] == ["b", "a"]
    assert selectors.shelf_notes(creator_id=creator.pk, language="zh-hans") == {first.pk: "天天用。"}
