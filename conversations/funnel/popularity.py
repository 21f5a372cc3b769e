"""What shoppers did with each product, counted from funnel events for the search's popularity prior."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.orders.models import OrderLine
from catalog.products.popularity import RECENT_DAYS, Activity, save_popularity
from conversations.funnel.models import FunnelEvent
from conversations.funnel.steps import Step

_ACTS = {Step.PRODUCT_CLICKED: "clicked", Step.CART_ADDED: "added"}
_ORDERS = 500  # orders whose lines are read at once


def refresh_popularity(*, merchant: Merchant, now: datetime | None = None) -> int:
    """Count a shop's events anew and hand them to the catalog; return how many products the index is told of.

    Call inside the merchant's scope. Orders that were only tests count in demo shops alone, as in reports.
    """
    now = now or timezone.now()
    return save_popularity(merchant=merchant, activity=product_activity(merchant=merchant, now=now), now=now)


def product_activity(*, merchant: Merchant, now: datetime) -> dict[int, Activity]:
    """Return what was done with each product in POPULARITY_DAYS.

    A shopper counts once a day for each act, however often he repeats it; an event of POPULARITY_HALF_LIFE_DAYS ago
    counts half.
    """
    weight: defaultdict[int, float] = defaultdict(float)
    recent: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(settings.POPULARITY_WEIGHTS, 0))
    for product_id, act, day, count in _acts(merchant, now):
        age_days = max(0, (now.date() - day).days)
        decay = 0.5 ** (age_days / settings.POPULARITY_HALF_LIFE_DAYS)
        weight[product_id] += settings.POPULARITY_WEIGHTS[act] * decay * count
        if age_days < RECENT_DAYS:
            recent[product_id][act] += count
    return {product_id: Activity(weight[product_id], **recent[product_id]) for product_id in weight}


def _acts(merchant: Merchant, now: datetime) -> Iterator[tuple[int, str, date, int]]:
    """Yield (product id, act, day in UTC, how many shoppers or orders)."""
    events = _events(merchant, now)
    acts = (
        events.filter(step__in=_ACTS, product_id__isnull=False)
        .annotate(day=TruncDate("occurred_at"))
        .values_list("product_id", "step", "day")
        .annotate(count=Count("shopper_id", distinct=True))
        .order_by()
    )
    for product_id, step, day, count in acts.iterator(2_000):
        yield product_id, _ACTS[Step(step)], day, count
    yield from _bought(events)


def _bought(events: QuerySet[FunnelEvent]) -> Iterator[tuple[int, str, date, int]]:
    paid = events.filter(step=Step.ORDER_PAID, order_id__isnull=False).order_by()
    days = {order_id: at.date() for order_id, at in paid.values_list("order_id", "occurred_at") if order_id}
    ids = sorted(days)
    for start in range(0, len(ids), _ORDERS):
        lines = OrderLine.objects.filter(order_id__in=ids[start : start + _ORDERS], product_id__isnull=False)
        for order_id, product_id in lines.order_by().values_list("order_id", "product_id").distinct():
            if product_id:  # the query leaves others out; the type checker cannot know
                yield product_id, "bought", days[order_id], 1


def _events(merchant: Merchant, now: datetime) -> QuerySet[FunnelEvent]:
    since = now - timedelta(days=settings.POPULARITY_DAYS)
    events = FunnelEvent.objects.filter(merchant=merchant, occurred_at__gte=since, occurred_at__lte=now)
    return events if merchant.is_demo else events.filter(is_test=False)
