from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
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
        ({"sort": "newest"}, "sort"),
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
    assert get(client, "suggestions/", q="ri") == {"suggestions": ["Riceleaf"]}
    assert list(get(client, "suggestions/", status=400)) == ["q"]


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
