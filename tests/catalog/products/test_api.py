from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.outbox.worker import drain
from catalog.products import services
from tests.factories import make_creator, make_merchant, make_product

SHOP = "/api/v1/shops/meis-shelf/"


def get(client: Client, path: str, status: int = 200, **parameters: Any) -> Any:
    response = client.get(SHOP + path, parameters, headers={"accept-language": "en"})
    assert response.status_code == status, response.content
    return response.json()


@pytest.fixture
def stocked(in_scope: Merchant) -> Merchant:
    serum = make_product(
        in_scope,
        titles={"zh-hant": "3 號菸鹼醯胺精華"},
        brand="Riceleaf",
        category_path="skincare/serum",
        attributes={"skin_types": ["oily"]},
    )
    make_product(in_scope, slug="cloud-cream", title="Cloud Cream", prices={"USD": 34_00}, on_hand=0)
    services.put_on_shelf(creator=make_creator(in_scope), product=serum)
    drain()
    return in_scope


def test_search(client: Client, stocked: Merchant) -> None:
    page = get(client, "products/", q="烟碱酰胺", facet=["brand", "skin_types"])

    assert (page["total"], page["facets"]) == (1, {"brand": {"Riceleaf": 1}, "skin_types": {"oily": 1}})
    (serum,) = page["products"]
    assert (serum["slug"], serum["title"]) == ("no-3-serum", "No. 3 Niacinamide 5% Serum")
    assert serum["price"] == {"minor": 31_00, "currency": "USD", "text": "$31.00"}
    assert serum["variants"][0]["label"] == "30 ml"
    assert serum["stock"] == "in_stock"


@pytest.mark.parametrize(
    ("parameters", "slugs"),
    [
        ({}, ["cloud-cream", "no-3-serum"]),
        ({"sort": "price"}, ["no-3-serum", "cloud-cream"]),
        ({"page_size": 1, "page": 2}, ["no-3-serum"]),
        ({"page": 3}, []),
        ({"category": "skincare"}, ["no-3-serum"]),
        ({"brand": "riceleaf"}, ["no-3-serum"]),
        ({"filter": "skin_types:oily"}, ["no-3-serum"]),
        ({"filter": ["skin_types:oily", "skin_types:dry"]}, ["no-3-serum"]),
        ({"filter": "skin_types:dry"}, []),
        ({"price_max": 33_00}, ["no-3-serum"]),
        ({"price_min": 33_00}, ["cloud-cream"]),
        ({"currency": "TWD", "price_min": 1}, ["no-3-serum"]),
        ({"in_stock": "true"}, ["no-3-serum"]),
        ({"creator": "mei"}, ["no-3-serum"]),
    ],
)
def test_filters(client: Client, stocked: Merchant, parameters: Mapping[str, Any], slugs: list[str]) -> None:
    assert [each["slug"] for each in get(client, "products/", **parameters)["products"]] == slugs


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"q": "a" * 1_001}, "q"),
        ({"sort": "oldest"}, "sort"),
        ({"page": 0}, "page"),
        ({"page_size": 101}, "page_size"),
        ({"price_min": -1}, "price_min"),
        ({"price_min": 5, "price_max": 4}, "price_max"),
        ({"currency": "twd"}, "currency"),
        ({"language": "fr"}, "language"),
        ({"filter": "oily"}, "filter"),
        ({"creator": "nobody"}, "creator"),
    ],
)
def test_a_wrong_parameter_is_named(
    client: Client, stocked: Merchant, parameters: Mapping[str, Any], field: str
) -> None:
    assert list(get(client, "products/", status=400, **parameters)) == [field]


def test_one_product(client: Client, stocked: Merchant) -> None:
    assert get(client, "products/no-3-serum/", language="zh-hans")["title"] == "3 号烟碱酰胺精华"
    assert get(client, "products/no-3-serum/", currency="TWD")["price"]["text"] == "NT$980"
    get(client, "products/nothing/", status=404)


def test_another_merchants_product_is_not_there(client: Client, stocked: Merchant) -> None:
    other = make_merchant()
    with merchant_scope(other):
        make_product(other, slug="foreign")
    drain()

    get(client, "products/foreign/", status=404)
    assert get(client, "products/")["total"] == 2
    assert client.get("/api/v1/shops/nobody/products/").status_code == 404


def test_suggestions(client: Client, stocked: Merchant) -> None:
    found = get(client, "suggestions/", q="ri")
    assert (found["brands"], found["suggestions"]) == (["Riceleaf"], ["Riceleaf", "No. 3 Niacinamide 5% Serum"])
    (serum,) = found["products"]
    assert (serum["slug"], serum["price"]["text"], serum["stock"]) == ("no-3-serum", "$31.00", "in_stock")
    assert get(client, "suggestions/", q="精華", language="zh-hant")["products"][0]["title"] == "3 號菸鹼醯胺精華"
    assert get(client, "suggestions/", q="serum")["categories"] == [{"path": "skincare/serum", "name": "Serum"}]
    assert get(client, "suggestions/")["products"] == []
    assert list(get(client, "suggestions/", status=400, q="a" * 201)) == ["q"]


def test_suggestions_are_limited_by_the_setting(client: Client, stocked: Merchant, settings: Any) -> None:
    settings.SUGGESTIONS_PER_MINUTE = 2
    cache.clear()

    codes = [client.get(f"{SHOP}suggestions/", {"q": "ri"}).status_code for _ in range(3)]

    assert codes == [200, 200, 429]
    cache.clear()


def test_a_cursor_asks_for_the_page_after_and_nothing_else(client: Client, stocked: Merchant) -> None:
    first = get(client, "products/", page_size=1)
    second = get(client, "products/", page_size=1, cursor=first["next"])

    assert [each["slug"] for page in (first, second) for each in page["products"]] == ["cloud-cream", "no-3-serum"]
    assert (second["next"], second["total"]) == ("", 2)
    for parameters in ({"cursor": "nonsense"}, {"cursor": first["next"], "brand": "Riceleaf"}):
        refused = get(client, "products/", status=400, **parameters)
        assert list(refused) == ["cursor"]
        assert "leave it out" in str(refused["cursor"])
    assert list(get(client, "products/", status=400, cursor=first["next"], page=2)) == ["offset"]


def test_what_was_left_out_and_corrected_and_understood_is_told(client: Client, stocked: Merchant) -> None:
    strict = get(client, "products/", filter="skin_types:dry", q="niacinamide")
    relaxed = get(client, "products/", filter="skin_types:dry", q="niacinamide", relax="true")

    assert (strict["total"], strict["relaxed"]) == (0, [])
    assert (relaxed["total"], relaxed["relaxed"]) == (1, [{"kind": "attribute", "name": "skin_types"}])
    assert get(client, "products/", q="niacinamde")["corrected"] == "niacinamide"
    assert get(client, "products/", q="niacinamde", exact="true")["corrected"] == ""
    price = get(client, "products/", q="serum under 20")["understood"]["price"]
    assert price == {"typed": "under 20", "currency": "USD", "minimum": None, "maximum": 20_00}


def test_similar_products_are_listed_and_a_foreign_one_is_not_there(client: Client, stocked: Merchant) -> None:
    with merchant_scope(stocked):
        make_product(stocked, slug="other-serum", title="Niacinamide Serum", category_path="skincare/serum")
    drain()

    found = get(client, "products/no-3-serum/similar/")["products"]

    assert [each["slug"] for each in found] == ["other-serum"]
    get(client, "products/nothing/similar/", status=404)
    assert list(get(client, "products/no-3-serum/similar/", status=400, limit=21)) == ["limit"]


def test_an_engine_that_is_down_is_not_told_as_an_empty_shop(
    client: Client, stocked: Merchant, settings: Any, tmp_path: Path
) -> None:
    settings.SEARCH_BACKEND = "tests.catalog.products.test_api.BrokenSearch"

    assert "not available" in get(client, "products/", status=503)["detail"]
    assert "not available" in get(client, "suggestions/", status=503, q="a")["detail"]


def BrokenSearch() -> Any:  # named like the class that settings would name
    """An engine whose file is a folder."""
    from catalog.search.embedded import EmbeddedSearch

    return EmbeddedSearch(Path("/"))


@pytest.mark.parametrize("name", ["brand", "filter"])
def test_a_search_takes_so_many_filters_and_no_more(client: Client, stocked: Merchant, name: str) -> None:
    assert list(get(client, "products/", status=400, **{name: [f"a{n}:b" for n in range(21)]})) == [name]
