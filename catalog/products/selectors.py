"""What shoppers see of products: frozen views with live prices and stock, and search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.languages import in_language
from catalog.money import Money
from catalog.observing import Stopwatch
from catalog.prepared_rows import rows_of_ids
from catalog.products.merchandising import rules_for
from catalog.products.models import Media, Product, ProductStatus, Shelf, Variant, title_in
from catalog.products.prices import LiveRow, live_rows, price_now
from catalog.products.search_log import Answer, Asker, log_search
from catalog.products.understanding import as_answered, understood_query
from catalog.search.backend import backend
from catalog.search.cursors import Cursor
from catalog.search.ports import Match, ProductQuery, SearchRules
from catalog.search.understood import Understood

StockWord = Literal["in_stock", "few_left", "sold_out", "not_for_sale", "external"]
FEW = 5  # units; at most so many are told as "few left"


@dataclass(frozen=True, slots=True)
class VariantView:
    """A variant as a shopper sees it. `price` None = not for sale; `available` None = not counted."""

    variant_id: int
    sku: str
    label: str  # "30 ml · Rose"
    price: Money | None
    was: Money | None
    available: int | None
    in_stock: bool
    live_until: datetime | None = None  # `price` is a live price that ends then
    options: Mapping[str, str] = field(default_factory=dict)  # {"Size": "30 ml", "Colour": "Rose"}


@dataclass(frozen=True, slots=True)
class ProductView:
    """An active product in one language and currency."""

    product_id: int
    slug: str
    title: str
    description: str
    brand: str
    category: str
    category_path: str
    external_url: str
    image_url: str
    attributes: Mapping[str, Any]
    variants: tuple[VariantView, ...]
    price: Money | None  # lowest of the variants; None = not for sale in this currency
    was: Money | None
    price_varies: bool
    stock: StockWord
    left: int | None  # told when few
    live_until: datetime | None = None  # `price` is a live price that ends then
    service_minutes: int | None = None  # of a service that is booked for a time

    @property
    def can_be_bought_here(self) -> bool:
        """Whether it can go into a cart now."""
        return self.stock in ("in_stock", "few_left")


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One page of a search, how many products match, and how many per facet value.

    `corrected` is the query that was answered when words of it were misspelt, empty otherwise.
    """

    products: tuple[ProductView, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    corrected: str = ""
    understood: Understood = field(default_factory=Understood)
    match: Match = ""  # what the products have of the words: "every" or "some"
    next: Cursor | None = None  # the page after this one
    search_id: str = ""  # of the log; `?search=<id>` in a product's address tells what was chosen


def product_views(*, product_ids: Sequence[int], language: str, currency: str) -> list[ProductView]:
    """Return the active products among `product_ids`, in that order; four queries however many."""
    wanted = list(dict.fromkeys(product_ids))
    if not wanted:
        return []
    variants = _variants(wanted, currency)
    pictures = _pictures(wanted)
    rows = rows_of_ids(_product_rows, wanted)
    views = {row["id"]: _view(row, variants.get(row["id"], ()), pictures.get(row["id"], ""), language) for row in rows}
    return [views[product_id] for product_id in wanted if product_id in views]


def product_view(*, product_id: int, language: str, currency: str) -> ProductView | None:
    """Return one active product, or None."""
    found = product_views(product_ids=[product_id], language=language, currency=currency)
    return found[0] if found else None


def product_view_by_slug(*, slug: str, language: str, currency: str) -> ProductView | None:
    """Return the active product of that handle, or None."""
    product_id = Product.objects.filter(slug=slug).values_list("id", flat=True).first()
    return product_view(product_id=product_id, language=language, currency=currency) if product_id else None


def search_products(*, query: ProductQuery, language: str, asked_by: Asker | None = None) -> ProductPage:
    """Search the merchant's products; prices and stock come from the database, never from the index.

    Without `query.currency` prices are in the currency that the merchant quotes for `language`. A search with
    `asked_by` is a shopper's: it goes into the log.
    Raises: BadQuery; SearchUnavailable.
    """
    watch = Stopwatch()
    typed = query
    query, understood = ready_query(query=query, language=language)
    answer = page_of(query=query, understood=understood, language=language)
    return _logged(answer, typed, language, asked_by, watch.seconds) if asked_by else answer


def page_of(*, query: ProductQuery, understood: Understood, language: str) -> ProductPage:
    """Return the page of a query that `ready_query` made ready.

    Raises: BadQuery; SearchUnavailable.
    """
    page = backend().search(query)
    views = product_views(product_ids=[hit.product_id for hit in page.hits], language=language, currency=query.currency)
    # A product taken off a moment ago may still be in the index: it is not shown, so it is not counted.
    gone = len(page.hits) - len(views)
    understood = as_answered(understood, query, page, language)
    return ProductPage(
        products=tuple(views),
        total=page.total - gone,
        facets=page.facets,
        corrected=understood.corrected,
        understood=understood,
        match=page.match,
        next=page.next,
    )


def ready_query(*, query: ProductQuery, language: str) -> tuple[ProductQuery, Understood]:
    """Return a query as engines get it: its currency, what the merchant decided about it, its words understood."""
    if not query.currency:
        currency = Merchant.objects.get(pk=query.merchant_id).currency_for(language)
        query = replace(query, currency=currency)
    if query.text and query.rules == SearchRules():
        query = replace(query, rules=rules_for(query.text))
    return understood_query(query)


def _logged(page: ProductPage, query: ProductQuery, language: str, asked_by: Asker, took_s: float) -> ProductPage:
    shown = [view.product_id for view in page.products]
    answer = Answer(shown, page.total, bool(page.understood.relaxed), page.corrected)
    return replace(
        page,
        search_id=log_search(asked_by=asked_by, query=query, language=language, answer=answer, took_s=took_s),
    )


def shelf_product_ids(*, creator_id: int) -> list[int]:
    """Return what stands on a creator's shelf, in order."""
    return list(Shelf.objects.filter(creator_id=creator_id).values_list("product_id", flat=True))


def shelf_views(*, creator_id: int, language: str, currency: str) -> list[ProductView]:
    """Return the active products on a creator's shelf, in order."""
    return product_views(product_ids=shelf_product_ids(creator_id=creator_id), language=language, currency=currency)


def shelf_notes(*, creator_id: int, language: str) -> dict[int, str]:
    """Return {product id: what the creator says about it} of a shelf; products without a note are left out."""
    rows = Shelf.objects.filter(creator_id=creator_id).values_list("product_id", "notes")
    notes = {product_id: in_language(texts, language) for product_id, texts in rows}
    return {product_id: note for product_id, note in notes.items() if note}


def _product_rows(product_ids: Sequence[int]) -> QuerySet[Product, Any]:
    rows = Product.objects.filter(pk__in=product_ids, status=ProductStatus.ACTIVE).order_by()
    return rows.values(
        "id",
        "slug",
        "title",
        "titles",
        "descriptions",
        "external_url",
        "attributes",
        "brand__name",
        "category__path",
        "category__names",
        "service__duration_minutes",
        "service__is_active",
    )


def _variant_rows(product_ids: Sequence[int]) -> QuerySet[Variant, Any]:
    # Offers in all currencies: there are few, and those in others are dropped in `_variants`.
    return Variant.objects.filter(product_id__in=product_ids).values(
        "id",
        "product_id",
        "sku",
        "options",
        "offers__currency",
        "offers__amount_minor",
        "offers__compare_at_minor",
        "stock__on_hand",
        "stock__reserved",
        "stock__is_tracked",
    )


def _picture_rows(product_ids: Sequence[int]) -> QuerySet[Media, Any]:
    return Media.objects.filter(product_id__in=product_ids).values("product_id", "url")


def _variants(product_ids: Sequence[int], currency: str) -> dict[int, list[VariantView]]:
    found: dict[int, dict[int, VariantView]] = {}
    live, now = live_rows(product_ids), timezone.now()
    for row in rows_of_ids(_variant_rows, product_ids):
        of_product = found.setdefault(row["product_id"], {})
        if row["offers__currency"] == currency or row["id"] not in of_product:
            of_product[row["id"]] = _variant(row, currency, live.get(row["id"], ()), now)
    return {product_id: list(variants.values()) for product_id, variants in found.items()}


def _variant(row: Mapping[str, Any], currency: str, live: Sequence[LiveRow], now: datetime) -> VariantView:
    is_offered = row["offers__currency"] == currency
    amount, before = row["offers__amount_minor"], row["offers__compare_at_minor"]
    found = price_now(amount, before, currency, live, at=now) if is_offered and amount is not None else None
    # A variant without a stock row is not counted, as in orders.
    available = row["stock__on_hand"] - row["stock__reserved"] if row["stock__is_tracked"] else None
    return VariantView(
        variant_id=row["id"],
        sku=row["sku"],
        label=" · ".join(str(value) for value in row["options"].values()),
        price=found.price if found else None,
        was=found.was if found else None,
        available=available,
        in_stock=available is None or available > 0,
        live_until=found.until if found else None,
        options={str(name): str(value) for name, value in row["options"].items()},
    )


def _pictures(product_ids: Sequence[int]) -> dict[int, str]:
    first: dict[int, str] = {}
    for row in rows_of_ids(_picture_rows, product_ids):
        first.setdefault(row["product_id"], row["url"])
    return first


def _view(row: Mapping[str, Any], variants: Sequence[VariantView], image_url: str, language: str) -> ProductView:
    offered = [variant for variant in variants if variant.price is not None]
    cheapest = min(offered, key=lambda variant: variant.price.minor if variant.price else 0, default=None)
    stock, left = _stock(row["external_url"], offered)
    return ProductView(
        product_id=row["id"],
        slug=row["slug"],
        title=title_in(row["title"], row["titles"], language),
        description=in_language(row["descriptions"], language),
        brand=row["brand__name"] or "",
        category=in_language(row["category__names"] or {}, language),
        category_path=row["category__path"] or "",
        external_url=row["external_url"],
        image_url=image_url,
        attributes=row["attributes"],
        variants=tuple(variants),
        price=cheapest.price if cheapest else None,
        was=cheapest.was if cheapest else None,
        price_varies=len({variant.price for variant in offered}) > 1,
        stock=stock,
        left=left,
        live_until=cheapest.live_until if cheapest else None,
        service_minutes=row["service__duration_minutes"] if row["service__is_active"] else None,
    )


def _stock(external_url: str, offered: Sequence[VariantView]) -> tuple[StockWord, int | None]:
    """Return the word for what is left of the variants that have a price, and the number when it is small."""
    if external_url:
        return "external", None
    if not offered:
        return "not_for_sale", None
    if any(variant.available is None for variant in offered):
        return "in_stock", None
    left = sum(variant.available or 0 for variant in offered if variant.in_stock)
    if left == 0:
        return "sold_out", None
    return ("few_left", left) if left <= FEW else ("in_stock", None)
