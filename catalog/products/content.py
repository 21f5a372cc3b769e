"""What a creator published: a video or post with what is said in it and the products shown, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.languages import in_language
from catalog.products.models import ContentItem, ContentProduct, TranscriptLine
from catalog.products.selectors import ProductView, product_views


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """What is said from one second to another."""

    start_s: int
    end_s: int
    text: str


@dataclass(frozen=True, slots=True)
class ShownProduct:
    """A product in the content; without seconds it belongs to the whole of it."""

    product: ProductView
    start_s: int | None
    end_s: int | None
    note: str


@dataclass(frozen=True, slots=True)
class ContentPage:
    """A published piece of content in one language."""

    content_id: int
    slug: str
    kind: str
    title: str
    body: str
    embed_url: str
    poster_url: str
    duration_s: int
    published_at: datetime
    creator_id: int
    creator_slug: str
    creator_name: str
    transcript: tuple[SpokenLine, ...]
    products: tuple[ShownProduct, ...]


def content_page(*, slug: str, language: str, currency: str) -> ContentPage | None:
    """Return a published piece of content with its transcript and products, or None."""
    item = ContentItem.objects.filter(slug=slug, is_published=True).select_related("creator").first()
    if item is None:
        return None
    return ContentPage(
        content_id=item.pk,
        slug=item.slug,
        kind=item.kind,
        title=item.title_in(language),
        body=in_language(item.bodies, language),
        embed_url=item.embed_url,
        poster_url=item.poster_url,
        duration_s=item.duration_s,
        published_at=item.published_at,
        creator_id=item.creator_id,
        creator_slug=item.creator.slug,
        creator_name=item.creator.name(language),
        transcript=_transcript(item.pk, language),
        products=_shown(item.pk, language, currency),
    )


def products_on_screen(*, content_id: int, second: int | None) -> list[int]:
    """Return the product ids of a piece of content: on screen at `second` first, then those just gone, then the rest.

    Without a second they come in the order of the content.
    """
    rows = list(
        ContentProduct.objects.filter(content_id=content_id, content__is_published=True).values_list(
            "product_id", "start_s", "end_s"
        )
    )
    rows.sort(key=lambda row: _distance(row[1], row[2], second))
    return list(dict.fromkeys(product_id for product_id, _, _ in rows))


def _distance(start_s: int | None, end_s: int | None, second: int | None) -> tuple[int, int]:
    """Return (group, order in it): 0 on screen, 1 gone, 2 still to come, 3 linked to the whole."""
    if start_s is None:
        return (3, 0)
    if second is None:
        return (2, start_s)
    if start_s > second:
        return (2, start_s)
    if end_s is None or second <= end_s:
        return (0, -start_s)  # what came on last is what is being talked about
    return (1, second - end_s)


def _transcript(content_id: int, language: str) -> tuple[SpokenLine, ...]:
    rows = TranscriptLine.objects.filter(content_id=content_id).values_list("start_s", "end_s", "texts")
    return tuple(SpokenLine(start, end, in_language(texts, language)) for start, end, texts in rows)


def _shown(content_id: int, language: str, currency: str) -> tuple[ShownProduct, ...]:
    rows: Sequence[ContentProduct] = list(ContentProduct.objects.filter(content_id=content_id))
    views = product_views(product_ids=[row.product_id for row in rows], language=language, currency=currency)
    by_id = {view.product_id: view for view in views}
    return tuple(
        ShownProduct(by_id[row.product_id], row.start_s, row.end_s, in_language(row.notes, language))
        for row in rows
        if row.product_id in by_id
    )
