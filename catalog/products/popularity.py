"""How popular each product is, as the index holds it: from what shoppers did, never from what a sale earns anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from catalog.accounts.models import Merchant
from catalog.products.models import Product
from catalog.products.search_log_models import ProductPopularity
from catalog.products.services import products_changed

RECENT_DAYS = 30  # the counts that people read


@dataclass(frozen=True, slots=True)
class Activity:
    """What shoppers did with a product: `weight` with older events counting less, the counts of RECENT_DAYS as are."""

    weight: float
    clicked: int = 0
    added: int = 0
    bought: int = 0


def popularity_of(product_ids: Sequence[int]) -> dict[int, float]:
    """Return {product id: popularity, 0 to 1}; who has none is left out."""
    rows = ProductPopularity.objects.filter(product_id__in=product_ids)
    return dict(rows.values_list("product_id", "value"))


def shares(weights: Mapping[int, float]) -> dict[int, float]:
    """Return each weight as w / (w + pivot), the pivot being their mean, at least POPULARITY_ENOUGH.

    The saturation of Craswell, Robertson, Zaragoza, Taylor: Relevance weighting for query independent evidence, SIGIR
    2005, as in Elasticsearch's rank_feature: bounded, and ten times the sales are far from ten times the points.
    """
    positive = [weight for weight in weights.values() if weight > 0]
    pivot = max(sum(positive) / len(positive), settings.POPULARITY_ENOUGH) if positive else 1.0
    return {product_id: weight / (weight + pivot) for product_id, weight in weights.items() if weight > 0}


@transaction.atomic
def save_popularity(*, merchant: Merchant, activity: Mapping[int, Activity], now: datetime) -> int:
    """Keep what was counted and tell the index of products that moved by POPULARITY_STEP; return how many those are.

    A product that is not named any more loses its popularity. Call inside the merchant's scope.
    """
    rows = {row.product_id: row for row in ProductPopularity.objects.filter(merchant=merchant)}
    wanted = shares({product_id: each.weight for product_id, each in activity.items()})
    known = set(Product.objects.filter(pk__in=set(wanted) - set(rows)).values_list("pk", flat=True)) | set(rows)
    moved: list[int] = []
    new: list[ProductPopularity] = []
    kept: list[ProductPopularity] = []
    for product_id, value in wanted.items():
        if product_id not in known:
            continue  # the product is gone
        row = rows.pop(product_id, None)
        is_new = row is None
        row = row or ProductPopularity(merchant=merchant, product_id=product_id, value=0.0)
        if abs(row.value - value) >= settings.POPULARITY_STEP:
            row.value = round(value, 4)
            moved.append(product_id)
        _count(row, activity[product_id], now)
        (new if is_new else kept).append(row)
    ProductPopularity.objects.bulk_create(new, batch_size=500)
    ProductPopularity.objects.bulk_update(kept, ["value", "clicked", "added", "bought", "computed_at"], batch_size=500)
    gone = [row.product_id for row in rows.values()]
    ProductPopularity.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()
    moved += [product_id for product_id in gone if rows[product_id].value]
    products_changed(product_ids=moved, merchant_id=merchant.pk)
    return len(moved)


def _count(row: ProductPopularity, activity: Activity, now: datetime) -> None:
    row.clicked, row.added, row.bought = activity.clicked, activity.added, activity.bought
    row.computed_at = now
