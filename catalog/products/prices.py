"""What a variant costs now: where offers and live prices meet. Carts, cards, pages and search ask here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from catalog.money import Money
from catalog.prepared_rows import rows_of_ids
from catalog.products.models import LivePrice, Offer


@dataclass(frozen=True, slots=True)
class LiveRow:
    """A live price as stored, for one variant and currency."""

    variant_id: int
    product_id: int
    currency: str
    amount_minor: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PriceNow:
    """A price. `listed` is the offer's; `was` is struck through; `until` is when a live price ends."""

    price: Money
    listed: Money
    was: Money | None = None
    until: datetime | None = None


def prices_now(*, variant_ids: Sequence[int], currency: str, at: datetime | None = None) -> dict[int, PriceNow]:
    """Return what each variant costs at `at` (now); a variant without an offer in `currency` is left out."""
    moment = at or timezone.now()
    offers = Offer.objects.filter(variant_id__in=variant_ids, currency=currency)
    rows = LivePrice.objects.filter(variant_id__in=variant_ids, currency=currency, ends_at__gt=moment)
    live: defaultdict[int, list[LiveRow]] = defaultdict(list)
    for row in rows.values(*_FIELDS):
        live[row["variant_id"]].append(_live(row))
    return {
        offer.variant_id: price_now(
            offer.amount_minor, offer.compare_at_minor, currency, live[offer.variant_id], at=moment
        )
        for offer in offers
    }


def live_rows(product_ids: Sequence[int]) -> dict[int, list[LiveRow]]:
    """Return {variant id: live prices that are not known to be over} of products; the caller looks at the time."""
    found: defaultdict[int, list[LiveRow]] = defaultdict(list)
    for row in rows_of_ids(_open_rows, product_ids):
        found[row["variant_id"]].append(_live(row))
    return dict(found)


def price_now(
    amount_minor: int, compare_at_minor: int | None, currency: str, live: Sequence[LiveRow], *, at: datetime
) -> PriceNow:
    """Return the price at `at` from an offer and its variant's live prices: the lowest that holds then.

    Every amount is one that can be charged in its currency.
    """
    listed = Money(amount_minor, currency).chargeable
    running = [row for row in live if row.currency == currency and row.starts_at <= at < row.ends_at]
    best = min(running, key=lambda row: (row.amount_minor, row.ends_at), default=None)
    if best is not None:
        price = Money(best.amount_minor, currency).chargeable
        if price < listed:
            return PriceNow(price=price, listed=listed, was=listed, until=best.ends_at)
    before = Money(compare_at_minor, currency).chargeable if compare_at_minor else None
    return PriceNow(price=listed, listed=listed, was=before if before and before > listed else None)


_FIELDS = ("variant_id", "variant__product_id", "currency", "amount_minor", "starts_at", "ends_at")


def _open_rows(product_ids: Sequence[int]) -> QuerySet[LivePrice, Any]:
    # The time may not go into this statement, because it is kept; a row is told to be over only after its end.
    rows = LivePrice.objects.filter(variant__product_id__in=product_ids, told_end=False)
    values: QuerySet[LivePrice, Any] = rows.order_by().values(*_FIELDS)
    return values


def _live(row: Mapping[str, Any]) -> LiveRow:
    return LiveRow(
        variant_id=row["variant_id"],
        product_id=row["variant__product_id"],
        currency=row["currency"],
        amount_minor=row["amount_minor"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
    )
