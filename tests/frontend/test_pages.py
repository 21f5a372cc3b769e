"""The pages: who sees what, in which language, and what belongs to another shop is not found."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone

from catalog.accounts.models import Creator, Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import cookie_name, shopper_token
from catalog.orders import carts
from catalog.orders.models import Cart, DeliveryMethod, Order, Promotion
from catalog.products.live_price_models import LivePrice
from catalog.products.models import (
    ContentItem,
    ContentProduct,
    Media,
    Offer,
    Product,
    Shelf,
    Stock,
    TranscriptLine,
    Variant,
)
from conversations.live.models import LiveRoom
from tests.factories import make_address, make_creator, make_merchant, make_shopper

ADDRESS = {
    "recipient": "Hana Kuo",
    "email": "hana@example.com",
    "phone": "",
    "country": "TW",
    "postal_code": "106",
    "city": "Taipei",
    "state": "",
    "line1": "12 Yongkang St",
    "line2": "",
}


def a_product(merchant: Merchant, slug: str = "serum", *, stock: int = 9) -> Variant:
    """A product with one variant at $31.00 / NT$980."""
    product = Product.objects.create(
        merchant=merchant,
        slug=slug,
        title="No. 3 Serum",
        titles={"en": "No. 3 Serum", "zh-hant": "3 號精華"},
        descriptions={"en": "Light."},
        status="active",
    )
    Media.objects.create(merchant=merchant, product=product, url="/static/demo/beauty-dropper-coral.svg")
    variant = Variant.objects.create(merchant=merchant, product=product, sku=f"SKU-{slug}", options={"Size": "30 ml"})
    for currency, amount in (("USD", 3100), ("TWD", 98000)):
        Offer.objects.create(merchant=merchant, variant=variant, currency=currency, amount_minor=amount)
    Stock.objects.create(merchant=merchant, variant=variant, on_hand=stock)
    return variant


@pytest.fixture
def creator(in_scope: Merchant) -> Creator:
    return make_creator(in_scope, bios={"en": "Films at her kitchen table."})


@pytest.fixture
def variant(in_scope: Merchant, creator: Creator) -> Variant:
    variant = a_product(in_scope)
    Shelf.objects.create(
        merchant=in_scope, creator=creator, product=variant.product, notes={"en": "Two drops is plenty."}
    )
    return variant


@pytest.fixture
def video(in_scope: Merchant, creator: Creator, variant: Variant) -> ContentItem:
    video = ContentItem.objects.create(
        merchant=in_scope,
        creator=creator,
        slug="four-step-night",
        kind="video",
        titles={"en": "My four-step night", "zh-hant": "晚間四步驟"},
        duration_s=252,
        published_at=timezone.now() - timedelta(days=9),
    )
    TranscriptLine.objects.create(
        merchant=in_scope, content=video, start_s=95, end_s=106, texts={"en": "Then I switched to the No. 3."}
    )
    ContentProduct.objects.create(merchant=in_scope, content=video, product=variant.product, start_s=95, end_s=117)
    return video


@pytest.fixture
def shopper(in_scope: Merchant) -> Shopper:
    return make_shopper(in_scope)


@pytest.fixture
def known(client: Client, merchant: Merchant, shopper: Shopper) -> Client:
    """A client with the shopper's cookie."""
    client.cookies[cookie_name(merchant)] = shopper_token(shopper)
    return client


def text_of(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def data_of(response: HttpResponseBase) -> dict[str, object]:
    """The JSON that the page hands to its scripts."""
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', text_of(response), re.DOTALL)
    assert found
    parsed: dict[str, object] = json.loads(found.group(1))
    return parsed


def in_cart(merchant: Merchant, shopper: Shopper, variant: Variant, quantity: int = 1) -> Cart:
    return carts.add_to_cart(
        merchant=merchant,
        shopper_id=shopper.pk,
        variant_id=variant.pk,
        quantity=quantity,
        currency="USD",
        creator_id=None,
        source_ref="page:test",
    )


PATHS = (
    "/s/{slug}/",
    "/s/{slug}/c/mei/",
    "/s/{slug}/c/mei/chat/",
    "/s/{slug}/p/serum/",
    "/s/{slug}/v/four-step-night/",
    "/s/{slug}/cart/",
    "/s/{slug}/theme.css",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_shops_pages_open_for_a_stranger_without_making_a_row(
    client: Client, merchant: Merchant, video: ContentItem, path: str
) -> None:
    response = client.get(path.format(slug=merchant.slug))

    assert response.status_code == 200
    assert Shopper.objects.count() == 0


@pytest.mark.parametrize("path", PATHS[:-2])
def test_another_shop_does_not_know_this_shops_things(client: Client, video: ContentItem, path: str) -> None:
    make_merchant()

    response = client.get(path.format(slug="north-ridge"))

    if path == "/s/{slug}/":
        assert "No. 3 Serum" not in text_of(response)
    else:
        assert response.status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_shop_is_not_found(client: Client, db: None, path: str) -> None:
    assert client.get(path.format(slug="nowhere")).status_code == 404


def test_the_index_lists_the_shops(client: Client, merchant: Merchant) -> None:
    assert "/s/meis-shelf/" in text_of(client.get("/"))


def test_a_page_speaks_the_readers_language_and_currency(client: Client, merchant: Merchant, variant: Variant) -> None:
    english = text_of(client.get("/s/meis-shelf/p/serum/"))
    client.cookies["django_language"] = "zh-hant"
    chinese = text_of(client.get("/s/meis-shelf/p/serum/"))

    assert '<html lang="en"' in english
    assert "$31.00" in english
    assert '<html lang="zh-Hant"' in chinese
    assert "3 號精華" in chinese
    assert "NT$980" in chinese


def test_the_product_page_shows_the_creators_note_and_where_it_appears(
    client: Client, merchant: Merchant, video: ContentItem
) -> None:
    page = text_of(client.get("/s/meis-shelf/p/serum/"))

    assert "Two drops is plenty." in page
    assert "/s/meis-shelf/v/four-step-night/?t=95" in page


def test_the_tracked_link_of_the_address_reaches_the_pages_scripts(
    client: Client, merchant: Merchant, variant: Variant
) -> None:
    data = data_of(client.get("/s/meis-shelf/p/serum/?link=abc123"))

    assert data["link_id"] == "abc123"
    assert data["source_ref"] == "page:product/serum"
    assert data["creator"] == "mei"


def test_a_draft_product_is_not_found(client: Client, merchant: Merchant, variant: Variant) -> None:
    Product.objects.filter(pk=variant.product_id).update(status="draft")

    assert client.get("/s/meis-shelf/p/serum/").status_code == 404


def test_the_content_page_hands_seconds_to_the_player(client: Client, merchant: Merchant, video: ContentItem) -> None:
    response = client.get("/s/meis-shelf/v/four-step-night/")

    assert data_of(response)["content"] == {
        "slug": "four-step-night",
        "duration": 252,
        "embed": "",
        "lines": [[95, 106, "Then I switched to the No. 3."]],
        "marks": [[95, 117]],
    }
    assert 'data-second="95"' in text_of(response)


def test_unpublished_content_is_not_found(client: Client, merchant: Merchant, video: ContentItem) -> None:
    ContentItem.objects.update(is_published=False)

    assert client.get("/s/meis-shelf/v/four-step-night/").status_code == 404


def test_the_live_room_is_found_by_its_slug_in_its_shop_only(
    client: Client, merchant: Merchant, creator: Creator
) -> None:
    room = LiveRoom.objects.create(
        merchant=merchant, creator=creator, slug="evening", titles={"en": "Evening clinic"}, state="live"
    )
    make_merchant()

    response = client.get("/s/meis-shelf/live/evening/")

    assert response.status_code == 200
    assert data_of(response)["room"]["id"] == str(room.pk)
    assert client.get("/s/north-ridge/live/evening/").status_code == 404


def test_a_shopper_is_made_when_a_script_asks_and_not_twice(
    client: Client, merchant: Merchant, in_scope: Merchant
) -> None:
    first = client.post("/s/meis-shelf/shopper/")
    second = client.post("/s/meis-shelf/shopper/")

    assert (first.status_code, second.status_code) == (204, 204)
    assert first.cookies[cookie_name(merchant)]["httponly"]
    assert Shopper.objects.count() == 1


def test_becoming_a_shopper_needs_the_csrf_token(merchant: Merchant, in_scope: Merchant) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/s/meis-shelf/shopper/").status_code == 403
    assert Shopper.objects.count() == 0


def test_the_theme_of_a_shop_carries_its_accent(client: Client, merchant: Merchant) -> None:
    Merchant.objects.update(accent_colour="#1F548F")

    response = client.get("/s/meis-shelf/theme.css")

    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "--accent:#1F548F" in text_of(response)


def test_pages_carry_no_inline_style_or_script(client: Client, merchant: Merchant, video: ContentItem) -> None:
    for path in PATHS[:-1]:
        page = text_of(client.get(path.format(slug="meis-shelf")))
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r"<script(?![^>]*(?: src=|application/json))", page)
        assert not re.search(r"\son\w+=", page)


def test_the_chosen_theme_is_rendered_and_nonsense_is_not(client: Client, merchant: Merchant) -> None:
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in text_of(client.get("/s/meis-shelf/"))
    client.cookies["theme"] = "'><script>"
    assert "data-theme=" not in text_of(client.get("/s/meis-shelf/")).split(">", 2)[1]


def test_an_empty_cart_says_so(client: Client, merchant: Merchant) -> None:
    assert "Your cart is empty." in text_of(client.get("/s/meis-shelf/cart/"))


def test_steppers_change_the_cart_and_zero_removes(
    known: Client, merchant: Merchant, shopper: Shopper, variant: Variant
) -> None:
    cart = in_cart(merchant, shopper, variant)

    response = known.post("/s/meis-shelf/cart/line/", {"variant": variant.pk, "quantity": 3})
    assert response.status_code == 302
    assert cart.lines.get().quantity == 3

    known.post("/s/meis-shelf/cart/line/", {"variant": variant.pk, "quantity": 0})
    assert cart.lines.count() == 0


def test_more_than_there_is_stays_as_it_was_and_says_why(
    known: Client, merchant: Merchant, shopper: Shopper, variant: Variant
) -> None:
    cart = in_cart(merchant, shopper, variant)

    response = known.post("/s/meis-shelf/cart/line/", {"variant": variant.pk, "quantity": 50})

    assert response.status_code == 409
    assert 'role="alert"' in text_of(response)
    assert cart.lines.get().quantity == 1


@pytest.mark.parametrize("quantity", ["-1", "x", "1e3", "²", ""])
def test_a_broken_quantity_changes_nothing(
    known: Client, merchant: Merchant, shopper: Shopper, variant: Variant, quantity: str
) -> None:
    cart = in_cart(merchant, shopper, variant)

    response = known.post("/s/meis-shelf/cart/line/", {"variant": variant.pk, "quantity": quantity})

    assert response.status_code == 409
    assert cart.lines.get().quantity == 1


def test_a_wrong_address_is_marked_by_field_and_keeps_what_was_typed(
    known: Client, merchant: Merchant, shopper: Shopper, variant: Variant
) -> None:
    in_cart(merchant, shopper, variant)

    response = known.post(
        "/s/meis-shelf/cart/address/", {**ADDRESS, "email": "nobody", "postal_code": "abc", "city": ""}
    )
    page = text_of(response)

    assert response.status_code == 422
    assert {name for name in ADDRESS if f'id="{name}-error"' in page} == {"email", "postal_code", "city"}
    assert 'value="12 Yongkang St"' in page


def test_from_cart_to_the_pay_page(known: Client, merchant: Merchant, shopper: Shopper, variant: Variant) -> None:
    DeliveryMethod.objects.create(
        merchant=merchant, code="home", names={"en": "Home delivery"}, currency="USD", fee_minor=500
    )
    cart = in_cart(merchant, shopper, variant)
    known.post("/s/meis-shelf/cart/address/", ADDRESS)

    page = text_of(known.get("/s/meis-shelf/cart/"))
    assert "Home delivery" in page
    assert "Pay $36.00" in page

    cart.refresh_from_db()
    shown = known.get("/s/meis-shelf/cart/").context["cart"].totals.total.minor
    given = {"cart": str(cart.pk), "version": cart.version, "total": shown}
    response = known.post("/s/meis-shelf/cart/pay/", given)

    assert response.status_code == 302
    order = Order.objects.get()
    assert order.total_minor == 3600
    assert known.get(f"/s/meis-shelf/orders/{order.reference}/").status_code == 200


def test_a_cart_that_changed_meanwhile_is_not_ordered(
    known: Client, merchant: Merchant, shopper: Shopper, variant: Variant
) -> None:
    cart = in_cart(merchant, shopper, variant)

    response = known.post("/s/meis-shelf/cart/pay/", {"cart": str(cart.pk), "version": cart.version + 1})

    assert response.status_code == 409
    assert Order.objects.count() == 0


def test_another_shoppers_order_is_not_found(
    client: Client, merchant: Merchant, shopper: Shopper, variant: Variant
) -> None:
    order = Order.objects.create(
        merchant=merchant,
        number="1042",
        shopper=shopper,
        currency="USD",
        subtotal_minor=100,
        total_minor=100,
        placed_at=timezone.now(),
    )
    path = f"/s/meis-shelf/orders/{order.reference}/"
    assert client.get(path).status_code == 404

    with merchant_scope(merchant):
        client.cookies[cookie_name(merchant)] = shopper_token(make_shopper(merchant))
    assert client.get(path).status_code == 404


def test_a_code_is_entered_and_taken_out_on_the_cart_page(
    known: Client, merchant: Merchant, shopper: Shopper, variant: Variant
) -> None:
    with merchant_scope(merchant):
        Promotion.objects.create(merchant=merchant, names={"en": "Spring"}, code="SPRING", percent=10)
        in_cart(merchant, shopper, variant)

    wrong = known.post("/s/meis-shelf/cart/code/", {"code": "sprong"})
    assert wrong.status_code == 409
    assert "This code is not valid here. Check the spelling." in wrong.content.decode()
    assert 'value="sprong"' in wrong.content.decode()  # what was typed is still there

    assert known.post("/s/meis-shelf/cart/code/", {"code": "spring"}).status_code == 302
    page = known.get("/s/meis-shelf/cart/").content.decode()
    assert "Spring (SPRING)" in page
    known.post("/s/meis-shelf/cart/code/", {"remove": "SPRING"})
    assert "Spring (SPRING)" not in known.get("/s/meis-shelf/cart/").content.decode()


def test_the_total_that_was_shown_is_the_total_that_is_paid(
    known: Client, merchant: Merchant, shopper: Shopper, variant: Variant
) -> None:
    with merchant_scope(merchant):
        cart = in_cart(merchant, shopper, variant)
        make_address(shopper)
        DeliveryMethod.objects.create(merchant=merchant, code="home", names={"en": "Home"}, currency="USD", fee_minor=1)

    given = {"cart": str(cart.pk), "version": cart.version, "total": 1}
    response = known.post("/s/meis-shelf/cart/pay/", given)

    assert response.status_code == 409
    assert "Prices have changed" in response.content.decode()


def test_a_live_price_shows_until_when_in_the_shops_time_and_what_it_was(
    known: Client, merchant: Merchant, variant: Variant
) -> None:
    now = timezone.now()
    with merchant_scope(merchant):
        offer = Offer.objects.filter(variant=variant).first()
        assert offer is not None
        row = LivePrice.objects.create(
            merchant=merchant,
            variant=variant,
            currency=merchant.currency_for("en"),
            amount_minor=100,
            starts_at=now - timedelta(hours=1),
            ends_at=now + timedelta(hours=1),
        )
        slug = variant.product.slug

    page = known.get(f"/s/meis-shelf/p/{slug}/").content.decode()

    until = row.ends_at.astimezone(ZoneInfo("Asia/Taipei")).strftime("%H:%M")
    assert f"Live price until {until}" in page
    assert '<span class="was" id="was"><span class="sr">was</span><s>' in page
