"""What pages list: creators, content, where a product appears, open live rooms. Call inside a shop's scope."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog.accounts.models import Creator
from catalog.languages import in_language
from catalog.products.models import ContentItem, ContentKind, ContentProduct, Media, Product, ProductStatus, Shelf
from conversations.live.models import LiveRoom, RoomState


@dataclass(frozen=True, slots=True)
class ContentTile:
    """A piece of content in a list."""

    slug: str
    kind: str
    title: str
    poster_url: str
    duration_s: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Appearance:
    """A moment in which a product is seen."""

    slug: str
    title: str
    poster_url: str
    start_s: int | None
    note: str


@dataclass(frozen=True, slots=True)
class ShelfNote:
    """What a creator says about a product on the shelf."""

    creator: Creator
    text: str


@dataclass(frozen=True, slots=True)
class RoomTile:
    """A live room that is on, or soon will be."""

    room_id: uuid.UUID
    slug: str
    title: str
    is_live: bool
    poster_url: str
    creator: Creator


def creators() -> list[Creator]:
    """Return the shop's creators."""
    return list(Creator.objects.all())


def content_tiles(*, language: str, creator_id: int | None = None, limit: int = 12) -> list[ContentTile]:
    """Return published videos and posts, newest first; opinions are the double's sources, not pages to browse."""
    rows = ContentItem.objects.filter(is_published=True).exclude(kind=ContentKind.OPINION)
    if creator_id is not None:
        rows = rows.filter(creator_id=creator_id)
    # Videos first: they carry the pictures and the products with their seconds.
    return [
        ContentTile(row.slug, row.kind, row.title_in(language), row.poster_url, row.duration_s, row.published_at)
        for row in sorted(rows, key=lambda row: (row.kind != ContentKind.VIDEO, -row.published_at.timestamp()))[:limit]
    ]


def content_count(*, creator_id: int) -> int:
    """Return how many pieces of content the creator's double knows."""
    return ContentItem.objects.filter(creator_id=creator_id, is_published=True).count()


def appearances(*, product_id: int, language: str) -> list[Appearance]:
    """Return where a product appears in published content, videos with a second first."""
    rows = ContentProduct.objects.filter(product_id=product_id, content__is_published=True).select_related("content")
    found = [
        Appearance(
            slug=row.content.slug,
            title=row.content.title_in(language),
            poster_url=row.content.poster_url,
            start_s=row.start_s,
            note=in_language(row.notes, language),
        )
        for row in rows.exclude(content__kind=ContentKind.OPINION)
    ]
    return sorted(found, key=lambda appearance: appearance.start_s is None)


def shelf_note(*, product_id: int, language: str) -> ShelfNote | None:
    """Return the note of the creator on whose shelf the product stands, or None."""
    place = Shelf.objects.filter(product_id=product_id).select_related("creator").first()
    return ShelfNote(place.creator, in_language(place.notes, language)) if place else None


def picture_urls(*, product_id: int) -> list[str]:
    """Return the addresses of a product's pictures, in order."""
    return list(Media.objects.filter(product_id=product_id).values_list("url", flat=True))


def newest_product_ids(*, limit: int) -> list[int]:
    """Return the active products a shop's first page shows: what creators put on a shelf, then the rest."""
    shelved = Shelf.objects.values_list("product_id", flat=True)
    rest = Product.objects.filter(status=ProductStatus.ACTIVE).order_by("id").values_list("id", flat=True)
    return _first_of(shelved, rest[: limit * 2], limit=limit)


def open_rooms(*, language: str) -> list[RoomTile]:
    """Return rooms that are live or announced, the live ones first."""
    rows = LiveRoom.objects.exclude(state=RoomState.ENDED).select_related("creator")
    tiles = [
        RoomTile(
            room_id=room.pk,
            slug=room.slug,
            title=in_language(room.titles, language) or room.slug,
            is_live=room.state == RoomState.LIVE,
            poster_url=room.poster_url or room.creator.stage_url,
            creator=room.creator,
        )
        for room in rows
    ]
    return sorted(tiles, key=lambda tile: not tile.is_live)


def _first_of(*groups: Iterable[int], limit: int) -> list[int]:
    found: dict[int, None] = {}
    for group in groups:
        found.update(dict.fromkeys(group))
    return list(found)[:limit]
