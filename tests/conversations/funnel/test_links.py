"""Tracked links: what is a click, and where it leads."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.products.models import Product
from conversations.funnel.links import TurnLinks, Untracked, make_link
from conversations.funnel.models import FunnelEvent, ProductLink
from tests.factories import make_creator, make_shopper

# The address itself, without the rest of the site.
pytestmark = pytest.mark.urls("conversations.funnel.urls")


def product_of(merchant: Merchant, **fields: object) -> Product:
    return Product.objects.create(
        **{"merchant": merchant, "slug": "no-3-serum", "title": "No. 3 Serum", "status": "active", **fields}
    )


def link_to(product: Product) -> ProductLink:
    merchant = product.merchant
    return make_link(
        merchant=merchant,
        product_id=product.pk,
        shopper_id=make_shopper(merchant).pk,
        creator_id=make_creator(merchant).pk,
        surface="direct",
        conversation_id=uuid.UUID(int=8),
        turn_id=5,
    )


def test_following_a_link_records_the_click_and_leads_to_the_product(in_scope: Merchant, client: Client) -> None:
    link = link_to(product_of(in_scope))
    before = timezone.now()

    response = client.get(f"/l/{link.pk}/")

    assert (response.status_code, response["Location"]) == (302, f"/s/meis-shelf/p/no-3-serum/?link={link.pk}")
    assert response["Cache-Control"] == "no-store"
    event = FunnelEvent.objects.get()
    assert (event.step, event.link_id, event.product_id) == ("product_clicked", link.pk, link.product_id)
    assert (event.shopper_id, event.creator_id, event.conversation_id) == (
        link.shopper_id,
        link.creator_id,
        uuid.UUID(int=8),
    )
    assert before <= event.occurred_at <= before + timedelta(seconds=5)


def test_a_click_counts_once_for_each_view(in_scope: Merchant, client: Client) -> None:
    link = link_to(product_of(in_scope))
    for view in ("", "", "?v=page-1", "?v=page-1", "?v=page-2", "?v=not%20an%20id"):
        client.get(f"/l/{link.pk}/{view}")

    assert FunnelEvent.objects.count() == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Purpose": "prefetch"}, 503),
        ({"Sec-Purpose": "prefetch;prerender"}, 503),
        ({"Purpose": "prefetch"}, 503),
        ({"X-Moz": "prefetch"}, 503),
        ({"User-Agent": "facebookexternalhit/1.1"}, 302),
        ({"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, 302),
    ],
)
def test_a_fetch_ahead_and_a_preview_are_no_clicks(
    in_scope: Merchant, client: Client, headers: dict[str, str], status: int
) -> None:
    link = link_to(product_of(in_scope))

    assert client.get(f"/l/{link.pk}/", headers=headers).status_code == status
    assert FunnelEvent.objects.count() == 0


def test_head_is_led_on_without_a_click_and_post_is_refused(in_scope: Merchant, client: Client) -> None:
    link = link_to(product_of(in_scope))

    assert client.head(f"/l/{link.pk}/").status_code == 302
    assert client.post(f"/l/{link.pk}/").status_code == 405
    assert FunnelEvent.objects.count() == 0


def test_a_product_sold_elsewhere_leads_out(in_scope: Merchant, client: Client) -> None:
    link = link_to(product_of(in_scope, external_url="https://maker.example/p/1"))

    assert client.get(f"/l/{link.pk}/")["Location"] == "https://maker.example/p/1"
    assert FunnelEvent.objects.count() == 1


def test_a_chinese_address_is_encoded(in_scope: Merchant, client: Client) -> None:
    link = link_to(product_of(in_scope, slug="三號精華"))

    location = client.get(f"/l/{link.pk}/")["Location"]
    assert location == f"/s/meis-shelf/p/%E4%B8%89%E8%99%9F%E7%B2%BE%E8%8F%AF/?link={link.pk}"


@pytest.mark.parametrize("gone", ["archived", "draft", "deleted"])
def test_a_product_that_is_gone_leads_to_the_shelf(in_scope: Merchant, client: Client, gone: str) -> None:
    product = product_of(in_scope)
    link = link_to(product)
    if gone == "deleted":
        product.delete()
    else:
        Product.objects.filter(pk=product.pk).update(status=gone)

    assert client.get(f"/l/{link.pk}/")["Location"] == "/s/meis-shelf/c/mei/"


@override_settings(DEBUG=False)
def test_an_unknown_link_is_not_found(db: None, client: Client) -> None:
    assert client.get("/l/AAAAAAAAAAAAAAAA/").status_code == 404


def test_one_turn_makes_one_link_a_product(in_scope: Merchant) -> None:
    links = TurnLinks(
        merchant=in_scope,
        shopper_id=uuid.uuid4(),
        creator_id=1,
        surface="direct",
        conversation_id=uuid.uuid4(),
        turn_id=9,
    )

    first, again, other = links.link(4), links.link(4), links.link(5)

    assert first == again != other
    assert set(ProductLink.objects.values_list("product_id", "turn_id")) == {(4, 9), (5, 9)}
    assert Untracked().link(4) == ""
