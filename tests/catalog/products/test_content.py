from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.products import services
from catalog.products.content import SpokenLine, content_page, products_on_screen
from catalog.products.models import ContentItem, ContentProduct, Product, TranscriptLine
from tests.factories import make_creator, make_merchant, make_product


@pytest.fixture
def video(in_scope: Merchant) -> ContentItem:
    """A video of 90 seconds: a from 10 to 30, b from 20 to 40, c from 60 on, d in the whole of it."""
    item = ContentItem.objects.create(
        merchant=in_scope,
        creator=make_creator(in_scope),
        slug="morning",
        kind="video",
        titles={"en": "My morning", "zh-hant": "早上流程"},
        bodies={"zh-hant": "跟我一起。"},
        duration_s=90,
        published_at=datetime(2026, 1, 2, tzinfo=UTC),
    )
    TranscriptLine.objects.create(
        merchant=in_scope, content=item, start_s=8, end_s=12, texts={"en": "First.", "zh-hant": "第一步。"}
    )
    for slug, start, end in (("a", 10, 30), ("b", 20, 40), ("c", 60, None), ("d", None, None)):
        product = make_product(in_scope, slug=slug)
        ContentProduct.objects.create(
            merchant=in_scope, content=item, product=product, start_s=start, end_s=end, notes={"en": f"This is {slug}."}
        )
    return item


def test_a_page_holds_what_is_said_and_shown_in_the_language(video: ContentItem) -> None:
    page = content_page(slug="morning", language="zh-hans", currency="TWD")

    assert page
    assert (page.content_id, page.kind, page.title, page.body) == (video.pk, "video", "早上流程", "跟我一起。")
    assert (page.creator_slug, page.creator_name) == ("mei", "林小梅")
    assert page.transcript == (SpokenLine(8, 12, "第一步。"),)
    shown = {each.product.slug: (each.start_s, each.end_s, each.note) for each in page.products}
    assert shown == {
        "a": (10, 30, "This is a."),
        "b": (20, 40, "This is b."),
        "c": (60, None, "This is c."),
        "d": (None, None, "This is d."),
    }


def test_only_active_products_of_published_content_are_shown(video: ContentItem) -> None:
    services.retire(product_id=Product.objects.get(slug="a").pk)
    page = content_page(slug="morning", language="en", currency="TWD")
    assert page
    assert [each.product.slug for each in page.products if each.start_s is not None] == ["b", "c"]

    video.is_published = False
    video.save()
    assert content_page(slug="morning", language="en", currency="TWD") is None
    assert products_on_screen(content_id=video.pk, second=25) == []


def test_another_merchants_content_is_not_there(video: ContentItem) -> None:
    with merchant_scope(make_merchant()):
        assert content_page(slug="morning", language="en", currency="TWD") is None
        assert products_on_screen(content_id=video.pk, second=25) == []


@pytest.mark.parametrize(
    ("second", "order"),
    [
        (None, "abcd"),
        (0, "abcd"),
        (10, "abcd"),
        (25, "bacd"),
        (35, "bacd"),
        (45, "bacd"),
        (60, "cbad"),
        (900, "cbad"),
    ],
)
def test_what_is_on_screen_comes_first(video: ContentItem, second: int | None, order: str) -> None:
    slug_of = dict(Product.objects.values_list("pk", "slug"))

    assert "".join(slug_of[each] for each in products_on_screen(content_id=video.pk, second=second)) == order
