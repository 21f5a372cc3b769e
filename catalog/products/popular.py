"""What is popular in a shop: products to fall back on, and searches that many shoppers made. Inside a shop's scope."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max
from django.utils import timezone

from catalog.products.models import Product, ProductStatus, Shelf
from catalog.products.search_log_models import ProductPopularity, SearchLog
from catalog.products.selectors import ProductView, product_views
from catalog.search.analysis import fold, prefix_terms


def popular_views(*, language: str, currency: str, limit: int) -> list[ProductView]:
    """Return what shoppers look at and buy most, then what stands on a shelf, then the newest; sold out ones last."""
    by_popularity = ProductPopularity.objects.order_by("-value", "product_id").values_list("product_id", flat=True)
    newest = Product.objects.filter(status=ProductStatus.ACTIVE).order_by("-id").values_list("id", flat=True)
    shelved = Shelf.objects.values_list("product_id", flat=True)
    wanted = limit * 2
    ids = [each for group in (by_popularity, shelved, newest) for each in group[:wanted]]
    views = product_views(product_ids=ids, language=language, currency=currency)
    return sorted(views, key=lambda view: not (view.can_be_bought_here or view.stock == "external"))[:limit]


def popular_queries(*, merchant_id: int, language: str, prefix: str = "", limit: int = 5) -> list[str]:
    """Return searches that SUGGESTED_QUERY_SHOPPERS shoppers or more made and that found something, most first.

    Fewer could tell one shopper what another looked for.
    """
    pieces, start = prefix_terms(prefix), fold(prefix).strip()
    found = [query for query in _many_asked(merchant_id, language) if all(piece in fold(query) for piece in pieces)]
    found = [query for query in found if fold(query).strip() != start]
    return sorted(found, key=lambda query: not fold(query).startswith(start))[:limit]


def _many_asked(merchant_id: int, language: str) -> list[str]:
    key = f"popular_queries:{merchant_id}:{language}"
    known: list[str] | None = cache.get(key)
    if known is None:
        known = list(_asked(merchant_id, language))
        cache.set(key, known, settings.SUGGESTED_QUERIES_AGE_S)
    return known


def _asked(merchant_id: int, language: str) -> Iterable[str]:
    since = timezone.now() - timedelta(days=settings.SUGGESTED_QUERY_DAYS)
    rows = SearchLog.objects.filter(
        merchant_id=merchant_id, language=language, occurred_at__gte=since, total__gt=0, corrected=""
    ).exclude(shopper_key="")
    counted = (
        rows.order_by()
        .values("query_key")
        .annotate(shoppers=Count("shopper_key", distinct=True), written=Max("query"))
        .filter(shoppers__gte=settings.SUGGESTED_QUERY_SHOPPERS)
    )
    return counted.order_by("-shoppers", "query_key").values_list("written", flat=True)[
        : settings.SUGGESTED_QUERIES_MAX
    ]
