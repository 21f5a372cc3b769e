"""What is often bought together: learned from a shop's own paid orders, told without what must not be combined."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import combinations, groupby

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.orders.models import BoughtTogether, Order, OrderLine, OrderState
from catalog.products.attribute_graph import Graph, graph_of
from catalog.products.candidates import conflicts
from catalog.products.models import Product, ProductStatus
from catalog.products.selectors import ProductView, product_view, product_views

# What was given back was bought together all the same; what was never paid was not.
_NOT_BOUGHT = (OrderState.AWAITING_PAYMENT, OrderState.CANCELLED, OrderState.EXPIRED)
_WRITTEN = 1_000  # rows a statement
Pair = tuple[int, int]


def together_views(
    *, merchant_id: int, product_id: int, language: str, currency: str, limit: int | None = None
) -> list[ProductView]:
    """Return products often bought with this one that can be bought now, most often first.

    No two of them, nor any of them and the product itself, must be kept apart by what their data or the shop's
    attribute graph say.
    """
    one = product_view(product_id=product_id, language=language, currency=currency)
    if one is None:
        return []
    ids = BoughtTogether.objects.filter(product_id=product_id).order_by("-share", "other_id")
    views = product_views(
        product_ids=list(ids.values_list("other_id", flat=True)), language=language, currency=currency
    )
    buyable = [view for view in views if view.can_be_bought_here]
    wanted = settings.TOGETHER_SHOWN if limit is None else limit
    return compatible([one], buyable, graph_of(merchant_id=merchant_id), limit=wanted)


def compatible(
    with_these: Sequence[ProductView], views: Iterable[ProductView], graph: Graph, *, limit: int
) -> list[ProductView]:
    """Return the first `limit` views of which no two, nor one and any of `with_these`, clash."""
    kept: list[ProductView] = []
    for view in views:
        if len(kept) < limit and not any(conflicts(view, each, graph) for each in (*with_these, *kept)):
            kept.append(view)
    return kept


@shared_task(name="catalog.orders.learn_together", time_limit=1800, ignore_result=True)
def learn_together() -> int:
    """Count every shop's orders anew; return how many pairs are told now."""
    told = 0
    for merchant in Merchant.objects.order_by("pk"):
        with merchant_scope(merchant):
            told += learn(merchant=merchant)
    return told


def learn(*, merchant: Merchant) -> int:
    """Write what this shop's orders say; return how many rows. Call inside its scope."""
    rows = list(pairs_told(_baskets(merchant)))
    sold = set(Product.objects.filter(status=ProductStatus.ACTIVE).values_list("pk", flat=True))
    kept = [row for row in rows if row[0] in sold and row[1] in sold]
    with transaction.atomic():
        BoughtTogether.objects.filter(merchant=merchant).delete()
        BoughtTogether.objects.bulk_create(
            [
                BoughtTogether(merchant=merchant, product_id=one, other_id=other, orders=orders, share=share)
                for one, other, orders, share in kept
            ],
            batch_size=_WRITTEN,
        )
    return len(kept)


def pairs_told(baskets: Iterable[set[int]]) -> Iterator[tuple[int, int, int, float]]:
    """Yield (product, other, orders with both, share) of the pairs worth telling, both ways round.

    `share` is the Jaccard index: orders with both among those with either, so that a product in every cart is not
    everybody's partner. A pair needs TOGETHER_ORDERS_MIN orders and must meet more often than chance (lift above 1).
    """
    held: Counter[int] = Counter()
    both: Counter[Pair] = Counter()
    total = 0
    for basket in baskets:
        total += 1
        held.update(basket)
        if len(basket) <= settings.TOGETHER_PRODUCTS_MAX:
            both.update(combinations(sorted(basket), 2))
    partners: defaultdict[int, list[tuple[float, int, int]]] = defaultdict(list)
    for (one, other), count in both.items():
        if count < settings.TOGETHER_ORDERS_MIN or count * total <= held[one] * held[other]:
            continue
        share = count / (held[one] + held[other] - count)
        partners[one].append((-share, other, count))
        partners[other].append((-share, one, count))
    for one, found in sorted(partners.items()):
        for share, other, count in sorted(found)[: settings.TOGETHER_KEPT]:
            yield one, other, count, -share


def _baskets(merchant: Merchant) -> Iterator[set[int]]:
    """Yield the products of each order. Test orders count only while a shop has no others: then it shows how it is."""
    since = timezone.now() - timedelta(days=settings.TOGETHER_DAYS)
    orders = Order.objects.filter(merchant=merchant, placed_at__gte=since).exclude(state__in=_NOT_BOUGHT)
    is_test = not orders.filter(is_test=False).exists()
    lines = OrderLine.objects.filter(order__in=orders.filter(is_test=is_test), product_id__isnull=False)
    rows = lines.order_by("order_id").values_list("order_id", "product_id").iterator(chunk_size=5_000)
    for _, group in groupby(rows, key=lambda row: row[0]):
        yield {product_id for _, product_id in group if product_id is not None}
