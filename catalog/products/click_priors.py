"""What shoppers choose for a query, learned from the log of searches with care for what stood first."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.products.position_bias import Propensities, Seen, estimated_exponent, priors_of_query
from catalog.products.search_log_models import ClickPrior, SearchClick, SearchLog

_QUERIES_AT_ONCE = 200  # read, and written in one transaction
_READ = 500  # most telling products of a query that a search is told of
_LEAST = 0.01  # a smaller prior would move nothing

Queries = dict[str, dict[int, Seen]]  # query key -> product id -> how often it was shown and opened


@dataclass(frozen=True, slots=True)
class Learned:
    """What a run came to: queries and products with a prior, and the exponent of the curve that was used."""

    queries: int
    products: int
    exponent: float


def priors_for(key: str) -> dict[int, float]:
    """Return {product id: prior, -1 to 1} of a folded query in the merchant in scope; one small read."""
    rows = ClickPrior.objects.filter(query_key=key).order_by("pk").values_list("product_id", "value")
    return dict(rows[:_READ])


def refresh_click_priors(*, merchant: Merchant, now: datetime | None = None) -> Learned:
    """Learn a shop's priors anew from the searches of CLICK_PRIOR_DAYS. Call inside the merchant's scope."""
    now = now or timezone.now()
    since = now - timedelta(days=settings.CLICK_PRIOR_DAYS)
    keys = _clicked_queries(since)
    seen: Queries = {}
    for start in range(0, len(keys), _QUERIES_AT_ONCE):
        seen |= _seen(keys[start : start + _QUERIES_AT_ONCE], since)
    curve = curve_for(seen)
    written = 0
    for start in range(0, len(keys), _QUERIES_AT_ONCE):
        written += _write(merchant, keys[start : start + _QUERIES_AT_ONCE], seen, curve, now)
    ClickPrior.objects.filter(merchant=merchant, computed_at__lt=now).delete()
    return Learned(len(seen), written, curve.exponent)


def curve_for(seen: Mapping[str, Mapping[int, Seen]]) -> Propensities:
    """Return the curve that PROPENSITY_CURVE names; an estimate needs PROPENSITY_CLICKS clicks.

    Raises: ImproperlyConfigured.
    """
    if settings.PROPENSITY_CURVE not in ("power", "estimated"):
        raise ImproperlyConfigured(f"PROPENSITY_CURVE={settings.PROPENSITY_CURVE}: set it to power or estimated")
    exponent: float | None = None
    if settings.PROPENSITY_CURVE == "estimated":
        clicks = sum(each.opened for products in seen.values() for each in products.values())
        exponent = estimated_exponent(seen) if clicks >= settings.PROPENSITY_CLICKS else None
    return Propensities(settings.PROPENSITY_EXPONENT if exponent is None else exponent, settings.PROPENSITY_CLIP)


def _clicked_queries(since: datetime) -> list[str]:
    """Return the queries whose products were opened, most often first: of the others nothing is to be learned."""
    rows = SearchClick.objects.filter(occurred_at__gte=since).values("query_key").annotate(clicks=Count("pk"))
    found = rows.order_by("-clicks", "query_key").values_list("query_key", flat=True)
    return list(found[: settings.CLICK_PRIOR_QUERIES])


def _seen(keys: Sequence[str], since: datetime) -> Queries:
    """Return what was shown and opened for some queries; one shopper's repetitions count a few times only."""
    opened: defaultdict[uuid.UUID, set[int]] = defaultdict(set)
    clicks = SearchClick.objects.filter(query_key__in=keys, occurred_at__gte=since)
    for search_id, product_id in clicks.values_list("search_id", "product_id"):
        opened[search_id].add(product_id)
    found: Queries = {}
    for search_id, key, first_place, shown in _counted_searches(keys, since):
        products = found.setdefault(key, {})
        for place, product_id in enumerate(shown, start=first_place):
            is_opened = product_id in opened.get(search_id, ())
            products.setdefault(product_id, Seen()).add(place, shown=1, opened=int(is_opened))
    return found


def _counted_searches(keys: Sequence[str], since: datetime) -> Iterator[tuple[uuid.UUID, str, int, Sequence[int]]]:
    # In another order than by relevance the place says nothing about what was looked at for its own sake.
    rows = SearchLog.objects.filter(query_key__in=keys, occurred_at__gte=since, sort="relevance").order_by(
        "occurred_at"
    )
    asked: Counter[tuple[str, str]] = Counter()
    fields = ("pk", "query_key", "shopper_key", "first_place", "shown")
    for search_id, key, shopper, first_place, shown in rows.values_list(*fields).iterator(2_000):
        asked[key, shopper] += 1
        if not shopper or asked[key, shopper] <= settings.CLICK_PRIOR_PER_SHOPPER:
            yield search_id, key, first_place, shown


@transaction.atomic
def _write(merchant: Merchant, keys: Sequence[str], seen: Queries, curve: Propensities, now: datetime) -> int:
    rows = []
    for key in keys:
        products = seen.get(key, {})
        priors = priors_of_query(
            products,
            curve,
            impressions=settings.CLICK_PRIOR_IMPRESSIONS,
            exposure=settings.CLICK_PRIOR_EXPOSURE,
        )
        telling = sorted(priors.items(), key=lambda each: (-abs(each[1]), each[0]))[:_READ]
        rows += [
            ClickPrior(
                merchant=merchant,
                query_key=key,
                product_id=product_id,
                value=round(value, 6),
                impressions=products[product_id].shown,
                clicks=products[product_id].opened,
                computed_at=now,
            )
            for product_id, value in telling
            if abs(value) >= _LEAST
        ]
    ClickPrior.objects.filter(merchant=merchant, query_key__in=keys).delete()
    ClickPrior.objects.bulk_create(rows, batch_size=500)
    return len(rows)
