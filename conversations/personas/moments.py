"""Moments of a creator's content as cards: what was said there, and from which second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.accounts.models import Merchant
from catalog.languages import in_language
from catalog.products.models import ContentItem, ContentProduct, TranscriptLine
from tools.addresses import content_url
from tools.context import Passage
from tools.results import ContentCard

QUOTE_CHARS = 160


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in a piece of content."""

    content_id: int
    quote: str
    start_s: int | None
    end_s: int | None


def moment_cards(
    *,
    merchant_id: int,
    creator_id: int,
    language: str,
    said: Sequence[Passage],
    product_ids: Sequence[int],
    limit: int,
) -> list[ContentCard]:
    """Return at most `limit` cards, one a piece of content; `said` are the passages found for the question.

    With products, what is said while one of them is shown comes first, then where it is shown, then the rest.
    """
    moments = [
        Moment(content_id=passage.content_id, quote=passage.text, start_s=passage.start_s, end_s=passage.end_s)
        for passage in said
        if passage.content_id is not None
    ]
    if product_ids:
        shown = _shown(creator_id, product_ids)
        on_screen = [moment for moment in moments if any(_meets(moment, place) for place in shown)]
        moments = [*on_screen, *_as_moments(shown, language), *moments]
    first: dict[int, Moment] = {}
    for moment in moments:
        first.setdefault(moment.content_id, moment)
    items = ContentItem.objects.filter(creator_id=creator_id, is_published=True).in_bulk(list(first))
    slug = Merchant.objects.values_list("slug", flat=True).get(pk=merchant_id)
    cards = [_card(items[key], moment, slug, language) for key, moment in first.items() if key in items]
    return cards[:limit]


def _shown(creator_id: int, product_ids: Sequence[int]) -> list[ContentProduct]:
    shown = ContentProduct.objects.filter(
        content__creator_id=creator_id, content__is_published=True, product_id__in=product_ids
    )
    order = {product_id: place for place, product_id in enumerate(product_ids)}
    newest_first = shown.order_by("-content__published_at", "start_s", "id")
    return sorted(newest_first, key=lambda place: order[place.product_id])


def _meets(moment: Moment, place: ContentProduct) -> bool:
    if moment.content_id != place.content_id:
        return False
    if moment.start_s is None or place.start_s is None:
        return True
    ends = place.end_s if place.end_s is not None else place.start_s
    return moment.start_s <= ends and place.start_s <= (moment.end_s or moment.start_s)


def _as_moments(shown: Sequence[ContentProduct], language: str) -> Iterator[Moment]:
    lines = TranscriptLine.objects.filter(content__in={place.content_id for place in shown})
    spoken = list(lines.order_by("content_id", "start_s"))
    for place in shown:
        quote = in_language(place.notes, language)
        if not quote and place.start_s is not None:
            heard = (line for line in spoken if line.content_id == place.content_id and line.end_s > place.start_s)
            quote = next((in_language(line.texts, language) for line in heard), "")
        yield Moment(content_id=place.content_id, quote=quote, start_s=place.start_s, end_s=place.end_s)


def _card(item: ContentItem, moment: Moment, merchant_slug: str, language: str) -> ContentCard:
    return ContentCard(
        content_id=item.pk,
        slug=item.slug,
        title=item.title_in(language),
        quote=_cut(moment.quote),
        url=content_url(merchant_slug, item.slug, second=moment.start_s),
        poster_url=item.poster_url,
        start_s=moment.start_s,
        end_s=moment.end_s,
        content_kind=item.kind,
    )


def _cut(text: str) -> str:
    """Shorten a quote at the last sentence or word that fits."""
    if len(text) <= QUOTE_CHARS:
        return text
    head = text[:QUOTE_CHARS]
    ends = max(head.rfind(mark) for mark in "。！？.!? ，")
    return head[: ends if ends > QUOTE_CHARS // 2 else QUOTE_CHARS].rstrip(" ,，") + "…"
