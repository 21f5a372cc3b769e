"""A search as a shopper meets it: counts that hold, what is left out is said, pages go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.outbox.worker import drain
from catalog.products import services
from catalog.products.facets import telling
from catalog.products.finding import Finding, find
from catalog.products.models import Product
from catalog.products.popular import popular_queries, popular_views
from catalog.products.relaxing import Relaxed, least, relaxations, without
from catalog.products.search_log import Asker
from catalog.products.search_log_models import ProductPopularity, SearchLog
from catalog.search.ports import ProductQuery
from catalog.search.query_rules import BadQuery
from tests.factories import make_creator, make_merchant, make_product, make_shopper


@pytest.fixture
def shop(in_scope: Merchant) -> Merchant:
    """Six products: gels and creams of two brands, for two kinds of skin, one sold out, one on a shelf."""
    rows: list[dict[str, Any]] = [
        {"slug": "clear-gel", "title": "Clear gel", "brand": "Riceleaf", "prices": {"USD": 10_00}},
        {"slug": "night-gel", "title": "Night gel", "brand": "Riceleaf", "prices": {"USD": 20_00}, "on_hand": 0},
        {"slug": "rich-gel", "title": "Rich gel", "brand": "Cloudwork", "prices": {"USD": 30_00}},
        {"slug": "day-cream", "title": "Day cream", "brand": "Cloudwork", "prices": {"USD": 40_00}},
        {"slug": "rich-cream", "title": "Rich cream", "brand": "Cloudwork", "prices": {"USD": 50_00}},
        {"slug": "balm", "title": "Plain balm", "prices": {"USD": 60_00}},
    ]
    skins: tuple[list[str], ...] = (["oily"], ["dry"], ["oily", "dry"], ["dry"], ["dry"], [])
    for row, skin in zip(rows, skins, strict=True):
        kind = row["title"].rpartition(" ")[2]
        attributes = {"skin_types": skin} if skin else {}
        product = make_product(in_scope, attributes=attributes, category_path=f"skincare/{kind}", **row)
        if row["slug"] == "rich-cream":
            services.put_on_shelf(creator=make_creator(in_scope), product=product)
    drain()
    return in_scope


def asked(shop: Merchant, text: str = "", **fields: Any) -> ProductQuery:
    return ProductQuery(merchant_id=shop.pk, text=text, currency="USD", **fields)


def slugs(finding: Finding) -> list[str]:
    return sorted(each.slug for each in finding.products)


def test_a_facet_in_use_is_counted_without_its_own_filter(shop: Merchant) -> None:
    query = asked(shop, brands=("Riceleaf",), in_stock_only=True, facets=("brand", "skin_types", "in_stock"))

    found = find(query=query, language="en")

    assert slugs(found) == ["clear-gel"]
    assert found.facets["brand"] == {"Cloudwork": 3, "Riceleaf": 1}
    assert found.facets["skin_types"] == {"oily": 1}
    assert found.facets["in_stock"] == {"true": 1, "false": 1}


def test_a_filter_never_brings_what_the_search_without_it_does_not_find(shop: Merchant) -> None:
    with merchant_scope(shop):
        for number in range(12):
            make_product(shop, slug=f"g{number}", title=f"Rich gel {number}", brand="Riceleaf", prices={"USD": 1_00})
    drain()

    every = find(query=asked(shop, "rich gel", facets=("brand",), limit=50), language="en")
    narrowed = find(query=asked(shop, "rich gel", brands=("Cloudwork",), limit=50), language="en")

    assert every.facets["brand"]["Cloudwork"] == narrowed.total == 1
    assert slugs(narrowed) == ["rich-gel"]


@pytest.mark.parametrize(
    ("fields", "relaxed", "expected"),
    [
        ({"text": "night gel", "in_stock_only": True, "price_min": 15_00, "price_max": 25_00}, ["in_stock"], 1),
        ({"text": "balm", "price_max": 5_00}, ["price"], 1),
        ({"text": "balm", "brands": ("Riceleaf",)}, ["brand"], 1),
        ({"text": "balm", "category_path": "skincare/gel"}, ["category"], 1),
        ({"attributes": {"skin_types": ["oily"]}, "category_path": "skincare/cream"}, ["attribute:skin_types"], 2),
        ({"brands": ("Nobody",), "category_path": "tools"}, ["brand", "category"], 6),
        (
            {"in_stock_only": True, "brands": ("Nobody",), "category_path": "tools"},
            ["in_stock", "brand", "category"],
            6,
        ),
        ({"text": "zzzz", "brands": ("Riceleaf",)}, [], 0),
        ({"text": "balm"}, [], 1),
    ],
)
def test_the_least_is_left_out_and_said(
    shop: Merchant, fields: dict[str, Any], relaxed: list[str], expected: int | None
) -> None:
    found = find(query=asked(shop, **fields), language="en")

    assert [each.code for each in found.relaxed] == relaxed
    assert expected is None or found.total == expected
    assert bool(found.total) == (expected != 0)


def test_a_shelf_is_left_for_the_whole_shop_and_said(shop: Merchant) -> None:
    found = find(query=asked(shop, "balm", creator_id=Creator.objects.get().pk), language="en")

    assert ([each.code for each in found.relaxed], slugs(found)) == (["creator"], ["balm"])


def test_what_a_shopper_rules_out_is_never_left_out(shop: Merchant) -> None:
    query = asked(shop, excluded_attributes={"skin_types": ["oily", "dry"]}, brands=("Cloudwork",))

    found = find(query=query, language="en")

    assert [each.code for each in found.relaxed] == ["brand"]
    assert slugs(found) == ["balm"]


def test_a_price_in_the_words_is_left_out_like_one_that_was_chosen(shop: Merchant) -> None:
    found = find(query=asked(shop, "balm under 20"), language="en")

    assert ([each.code for each in found.relaxed], slugs(found)) == (["price"], ["balm"])
    assert found.understood.price is not None
    assert found.understood.price.typed == "under 20"


def test_a_limit_in_the_words_holds_on_every_page_and_is_left_out_where_nothing_keeps_it(in_scope: Merchant) -> None:
    for slug, grams in (("one", 900), ("two", 1_800), ("three", 2_500), ("four", 1_200)):
        make_product(in_scope, slug=slug, external_id=slug, title=f"Tent {slug}", attributes={"weight_g": grams})
    drain()
    query = ProductQuery(merchant_id=in_scope.pk, text="tent under 2 kg", limit=2)

    first = find(query=query, language="en")
    second = find(query=query, language="en", cursor=first.next)
    nothing = find(query=replace(query, text="tent under 100 g"), language="en")

    assert {*slugs(first), *slugs(second)} == {"one", "two", "four"}
    assert (first.total, first.relaxed, second.next) == (3, (), "")
    assert [each.code for each in nothing.relaxed] == ["measure:under 100 g"]
    assert nothing.total == 4


def test_the_page_after_a_relaxed_one_leaves_out_the_same(shop: Merchant) -> None:
    query = asked(shop, "cream under 20", limit=1)

    first = find(query=query, language="en")
    second = find(query=query, language="en", cursor=first.next)

    assert [each.code for each in first.relaxed] == [each.code for each in second.relaxed] == ["price"]
    assert slugs(first) + slugs(second) in (["day-cream", "rich-cream"], ["rich-cream", "day-cream"])
    assert second.next == ""
    with pytest.raises(BadQuery, match=r"^cursor: it belongs to another search"):
        find(query=replace(query, text="gel"), language="en", cursor=first.next)


filters = st.fixed_dictionaries(
    {},
    optional={
        "text": st.sampled_from(["gel", "rich cream", "night balm", "gel under 25", "zzzz"]),
        "brands": st.sampled_from([("Riceleaf",), ("Nobody",)]),
        "category_path": st.sampled_from(["skincare", "skincare/gel", "tools"]),
        "attributes": st.sampled_from([{"skin_types": ["oily"]}, {"skin_types": ["normal"]}]),
        "in_stock_only": st.just(True),
        "price_max": st.integers(1_00, 70_00),
        "price_min": st.integers(1_00, 30_00),
    },
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=filters)
def test_every_hit_keeps_everything_that_was_not_said_to_be_left_out(shop: Merchant, fields: dict[str, Any]) -> None:
    query = asked(shop, limit=50, facets=("brand", "category", "skin_types"), **fields)
    strict = find(query=query, language="en", relaxes=False)

    found = find(query=query, language="en")

    if strict.total:
        assert (found.relaxed, slugs(found)) == ((), slugs(strict))
    kept = without(query, found.relaxed)
    for view in found.products:
        price = view.price.minor if view.price else -1
        assert not kept.brands or view.brand in kept.brands
        assert not kept.category_path or f"{view.category_path}/".startswith(f"{kept.category_path}/")
        assert not kept.in_stock_only or view.stock in ("in_stock", "few_left")
        assert kept.price_max is None or price <= kept.price_max
        assert kept.price_min is None or price >= kept.price_min
        for name, values in kept.attributes.items():
            assert set(view.attributes.get(name, ())) & set(values)
    for brand, count in found.facets["brand"].items():
        narrowed = replace(found.query, brands=(brand,), facets=())
        assert find(query=replace(narrowed, text=query.text), language="en", relaxes=False).total == count


def test_nothing_is_tried_more_often_than_the_setting_allows(settings: Any) -> None:
    settings.SEARCH_RELAX_TRIES_MAX = 4
    names = {f"a{n}": ["x"] for n in range(9)}
    query = ProductQuery(merchant_id=1, brands=("A",), attributes=names, in_stock_only=True)
    tried: list[ProductQuery] = []

    def count(each: ProductQuery) -> int:
        tried.append(each)
        return int(each == without(query, relaxations(query)))

    assert least(query, count)[1] == tuple(relaxations(query))
    assert len(tried) == 4
    assert relaxations(ProductQuery(merchant_id=1)) == []
    assert relaxations(query)[:2] == [Relaxed("in_stock"), Relaxed("attribute", "a8")]


def test_the_log_tells_the_search_as_it_was_typed_and_that_it_was_relaxed(shop: Merchant) -> None:
    found = find(query=asked(shop, "balm under 20"), language="en", asked_by=Asker("shop"))

    row = SearchLog.objects.get()
    assert (row.pk.hex, row.query, row.is_relaxed, row.total) == (found.search_id, "balm under 20", True, 1)


def test_popular_products_come_by_popularity_and_what_is_sold_out_last(shop: Merchant) -> None:
    ids = dict(Product.objects.values_list("slug", "pk"))
    for slug, value in (("night-gel", 0.9), ("balm", 0.5), ("clear-gel", 0.7)):
        ProductPopularity.objects.create(merchant=shop, product_id=ids[slug], value=value, computed_at=timezone.now())

    views = popular_views(language="en", currency="USD", limit=4)

    assert [view.slug for view in views] == ["clear-gel", "balm", "rich-cream", "day-cream"]


def test_a_search_is_told_to_others_when_enough_shoppers_made_it(shop: Merchant, settings: Any) -> None:
    cache.clear()
    settings.SUGGESTED_QUERY_SHOPPERS = 3
    shoppers = [make_shopper(shop) for _ in range(3)]
    for shopper in shoppers:
        find(query=asked(shop, "Rich gel"), language="en", asked_by=Asker("shop", shopper.pk))
        find(query=asked(shop, "zzzz"), language="en", asked_by=Asker("shop", shopper.pk))
    for _ in range(5):
        find(query=asked(shop, "my secret balm"), language="en", asked_by=Asker("shop", shoppers[0].pk))

    assert popular_queries(merchant_id=shop.pk, language="en") == ["Rich gel"]
    assert popular_queries(merchant_id=shop.pk, language="en", prefix="ric") == ["Rich gel"]
    assert popular_queries(merchant_id=shop.pk, language="en", prefix="rich gel") == []
    other = make_merchant()
    with merchant_scope(other):
        assert popular_queries(merchant_id=other.pk, language="en") == []
    cache.clear()


def test_a_shelf_is_narrowed_by_what_comes_back_from_product_to_product() -> None:
    products = [
        {"skin_types": ["oily"], "serial": f"S{n}", "size_ml": n, "colour": "red" if n % 2 else "blue", "step": "treat"}
        for n in range(20)
    ]
    products[0]["skin_types"] = ["dry"]

    assert telling(products) == ("skin_types", "colour")
    assert telling([]) == ()
