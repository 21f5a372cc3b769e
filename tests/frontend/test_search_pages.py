"""The search page, what stands beside a product, and products side by side, as the server sends them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders.models import BoughtTogether
from catalog.outbox.worker import drain
from catalog.products import services
from catalog.products.models import Product
from tests.factories import make_creator, make_merchant, make_product
from tests.frontend.test_pages import text_of

SHOP = "/s/meis-shelf"


@pytest.fixture
def stocked(in_scope: Merchant) -> Merchant:
    """A gel and a cream for two kinds of skin, a balm on Mei's shelf."""
    gel = {"skin_types": ["oily"], "key_ingredients": ["aha"], "conflicts_with": ["retinal"]}
    make_product(
        in_scope, slug="gel", title="Clear gel", brand="Riceleaf", category_path="care/gel", attributes=gel,
        prices={"USD": 10_00},
    )  # fmt: skip
    make_product(
        in_scope, slug="cream", title="Rich <b>cream", brand="Cloudwork", category_path="care/cream",
        attributes={"skin_types": ["dry"]}, prices={"USD": 40_00}, on_hand=0,
    )  # fmt: skip
    balm = make_product(in_scope, slug="balm", title="Plain balm", prices={"USD": 60_00})
    services.put_on_shelf(creator=make_creator(in_scope), product=balm)
    drain()
    return in_scope


def page(client: Client, path: str, status: int = 200, **parameters: Any) -> str:
    response = client.get(SHOP + path, parameters)
    assert response.status_code == status
    return text_of(response)


def titles(text: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'<span class="tile-title">(.*?)</span>', text)]


def test_the_shelf_lists_everything_with_its_filters(client: Client, stocked: Merchant) -> None:
    text = page(client, "/search/")

    assert sorted(titles(text)) == ["Clear gel", "Plain balm", "Rich <b>cream"]
    assert "3 products" in text
    assert re.search(r'name="brand" value="Riceleaf"[^>]*><span>Riceleaf</span><span class="count">1<', text)
    assert re.search(r'name="f" value="skin_types:oily"', text)
    assert "$10–20" in text


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"q": "gel"}, ["Clear gel"]),
        ({"brand": "Riceleaf"}, ["Clear gel"]),
        ({"f": "skin_types:dry"}, ["Rich <b>cream"]),
        ({"in_stock": "1"}, ["Clear gel", "Plain balm"]),
        ({"price_min": "40", "price_max": "60"}, ["Plain balm", "Rich <b>cream"]),
        ({"category": "care", "sort": "-price"}, ["Rich <b>cream", "Clear gel"]),
        ({"creator": "mei"}, ["Plain balm"]),
        ({"sort": "newest"}, ["Plain balm", "Rich <b>cream", "Clear gel"]),
        ({"sort": "nonsense", "price_min": "many", "f": "broken", "cursor": ""}, None),
    ],
)
def test_an_address_narrows_and_orders(
    client: Client, stocked: Merchant, parameters: dict[str, str], expected: list[str] | None
) -> None:
    found = titles(page(client, "/search/", **parameters))

    assert (sorted(found) if "sort" not in parameters else found) == (expected or found)
    assert expected is not None or len(found) == 3


def test_each_condition_is_a_chip_whose_link_takes_it_away(client: Client, stocked: Merchant) -> None:
    text = page(client, "/search/", q="gel under 50", brand="Riceleaf", f="skin_types:oily", in_stock="1")

    chips = dict(re.findall(r'<a class="chip[^"]*" href="([^"]*)"><span>(.*?)</span>', text))
    without = {label: unescape(address) for address, label in chips.items()}
    assert set(without) == {"Riceleaf", "Suits: oily skin", "In stock", "up to $50.00"}
    assert without["Riceleaf"] == "?q=gel+under+50&in_stock=1&f=skin_types%3Aoily"
    assert without["up to $50.00"] == "?q=gel&in_stock=1&brand=Riceleaf&f=skin_types%3Aoily"


def test_what_was_left_out_is_said_and_struck_through(client: Client, stocked: Merchant) -> None:
    text = page(client, "/search/", q="balm", brand="Riceleaf")

    assert "Nothing fits all of it. Shown from any brand." in text
    assert '<span class="struck">Riceleaf</span>' in text
    assert titles(text) == ["Plain balm"]


def test_a_misspelt_word_is_told_and_can_be_insisted_on(client: Client, stocked: Merchant) -> None:
    corrected = page(client, "/search/", q="blam")
    insisted = page(client, "/search/", q="blam", exact="1")

    assert "Showing results for balm" in corrected
    assert 'href="?q=blam&amp;exact=1"' in corrected
    assert titles(corrected) == ["Plain balm"]
    assert "Nothing here answers “blam”." in insisted


def test_nothing_at_all_leads_to_popular_products_and_the_double(client: Client, stocked: Merchant) -> None:
    text = page(client, "/search/", q="zzzz")

    assert "Popular in this shop" in text
    assert 'data-ask="zzzz"' in text
    assert titles(text)[-1] == "Rich <b>cream"  # sold out comes last


def test_what_cannot_be_read_is_said_and_left_out(client: Client, stocked: Merchant) -> None:
    text = page(client, "/search/", price_min="many", price_max="5")

    assert "“many” is not an amount. Write a number such as 300." in text
    assert "The highest price is below the lowest." in page(client, "/search/", price_min="9", price_max="5")


def test_the_next_page_follows_by_cursor_and_an_old_cursor_begins_anew(
    client: Client, stocked: Merchant, settings: Any
) -> None:
    settings.SHELF_PAGE_SIZE = 2

    first = page(client, "/search/")
    address = unescape(re.findall(r'id="more" rel="next" href="([^"]*)"', first)[0])
    second = text_of(client.get(f"{SHOP}/search/{address}"))

    assert sorted(titles(first) + titles(second)) == ["Clear gel", "Plain balm", "Rich <b>cream"]
    assert 'id="more"' not in second
    stale = client.get(f"{SHOP}/search/{address}", {"cursor": "broken", "q": "gel"})
    assert (stale.status_code, stale.headers["Location"]) == (302, f"{SHOP}/search/?q=gel")


def test_a_search_that_does_not_answer_says_so_and_what_works(client: Client, stocked: Merchant, settings: Any) -> None:
    settings.SEARCH_BACKEND = "tests.catalog.products.test_api.BrokenSearch"

    text = page(client, "/search/", status=503, q="gel")

    assert "Cart, checkout and orders work." in text
    assert "Popular in this shop" not in text


def test_a_search_with_words_marks_its_product_links(client: Client, stocked: Merchant) -> None:
    assert re.search(r'href="/s/meis-shelf/p/gel/\?search=[0-9a-f]{32}"', page(client, "/search/", q="gel"))


def test_another_shops_creator_and_products_are_not_found(client: Client, stocked: Merchant) -> None:
    other = make_merchant()
    with merchant_scope(other):
        make_product(other, slug="foreign", title="Foreign gel")
        make_creator(other, slug="lena")
    drain()

    assert "Foreign gel" not in page(client, "/search/", q="gel")
    page(client, "/search/", status=404, creator="lena")
    assert "Foreign gel" not in page(client, "/compare/", p=["foreign", "gel"])


def test_products_stand_side_by_side_with_what_differs_marked(client: Client, stocked: Merchant) -> None:
    text = page(client, "/compare/", p=["gel", "cream", "gone"])

    assert re.search(r'<tr class="differs"><th scope="row">Suits<span class="sr"> \(differs\)</span></th>', text)
    assert "<td>oily skin</td><td>dry skin</td>" in text
    both_there = page(client, "/compare/", p=["gel", "balm"])
    assert '<tr class="same"><th scope="row">Stock</th>' in both_there
    assert re.search(r'<tr class="differs"><th scope="row">Price<span', both_there)
    assert "One of them is no longer in this shop." in text
    assert "Rich &lt;b&gt;cream" in text
    assert "Choose at least two products" in page(client, "/compare/", p=["gel"])
    assert "At most 4 products fit" in page(client, "/compare/", p=["gel", "cream", "balm", "a", "b"])


def test_beside_a_product_stands_what_is_bought_with_it_and_what_is_like_it(client: Client, stocked: Merchant) -> None:
    gel, balm = (Product.objects.get(slug=slug) for slug in ("gel", "balm"))
    other = make_product(stocked, slug="gel-2", title="Clear gel two", category_path="care/gel", prices={"USD": 9_00})
    BoughtTogether.objects.create(merchant=stocked, product=gel, other=balm, orders=4, share=0.5)
    drain()

    text = page(client, "/p/gel/beside/")

    assert titles(text) == ["Plain balm", "Clear gel two"]
    assert "Add these 2 to the cart" in text
    assert f'data-variants="{gel.variants.get().pk},{balm.variants.get().pk}"' in text
    assert other.slug in text
    page(client, "/p/nothing/beside/", status=404)


def test_the_field_stands_on_every_page_and_pages_carry_no_inline_code(client: Client, stocked: Merchant) -> None:
    for path in ("/", "/search/", "/p/gel/", "/compare/?p=gel&p=cream", "/search/?q=zzzz", "/cart/"):
        text = page(client, path)
        assert 'role="combobox"' in text
        assert " style=" not in text
        assert not re.search(r"\son\w+=", text)


@pytest.mark.parametrize(
    "parameters",
    [
        {"q": "!!!", "brand": "Riceleaf"}, {"q": "😀", "in_stock": "1"}, {"q": "…", "f": "skin_types:oily"},
        {"q": "?", "price_max": "5"},
    ],
)  # fmt: skip
def test_words_that_hold_nothing_to_look_for_find_nothing_under_any_filter(
    client: Client, stocked: Merchant, parameters: dict[str, str]
) -> None:
    assert "Nothing here answers" in page(client, "/search/", **parameters)


def test_a_price_beyond_reckoning_is_told_and_left_out(client: Client, stocked: Merchant) -> None:
    assert "“1e30” is not an amount" in unescape(page(client, "/search/", price_min="1e30"))


def test_the_price_fields_hold_what_was_asked(client: Client, stocked: Merchant) -> None:
    text = page(client, "/search/", price_min="10", price_max="49.99")

    assert re.findall(r'name="price_m\w+"[^>]* value="([^"]*)"', text) == ["10", "49.99"]


def test_a_price_in_the_words_is_told_exactly_and_taken_away_whole(client: Client, stocked: Merchant) -> None:
    chip = re.compile(r'<a class="chip understood" href="([^"]*)"><span>([^<]*)<')

    assert chip.findall(page(client, "/search/", q="balm under 79.99")) == [("?q=balm", "up to $79.99")]
    assert chip.findall(page(client, "/search/", q="over 20 balm under 90")) == [("?q=balm", "$20–90")]
