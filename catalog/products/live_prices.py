"""Live prices: set, ended early, and told to search and to live rooms when they begin and end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.money import Money
from catalog.outbox.services import publish
from catalog.products.live_price_models import PriceFloor
from catalog.products.models import LivePrice, Offer, Variant
from catalog.products.services import products_changed

TURNED = "live_price.turned"


class LivePriceRefused(ValueError):
    """A live price cannot be as given; `field` names the field, the message the remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check_live_price(
    *, variant: Variant, currency: str, amount_minor: int, starts_at: datetime, ends_at: datetime
) -> None:
    """Refuse a live price that could not hold.

    Raises: LivePriceRefused when it ends before it begins or is over, is not below the offer, or is below the floor.
    """
    if ends_at <= starts_at:
        raise LivePriceRefused("ends_at", _("Until: choose a time after the beginning."))
    if ends_at <= timezone.now():
        raise LivePriceRefused("ends_at", _("Until: this time is over; choose a later one."))
    if amount_minor < 0:
        raise LivePriceRefused("amount_minor", _("Live price: give zero or more."))
    offer = Offer.objects.filter(variant=variant, currency=currency).first()
    if offer is None:
        raise LivePriceRefused("currency", _("Currency: this variant has no price in %(c)s.") % {"c": currency})
    if amount_minor >= offer.amount_minor:
        raise LivePriceRefused(
            "amount_minor", _("Live price: give less than the usual %(price)s.") % {"price": offer.price}
        )
    floor = PriceFloor.objects.filter(product_id=variant.product_id, currency=currency).first()
    if floor is not None and amount_minor < floor.amount_minor:
        lowest = Money(floor.amount_minor, currency)
        raise LivePriceRefused(
            "amount_minor", _("Live price: the lowest price of this product is %(price)s.") % {"price": lowest}
        )


@transaction.atomic
def set_live_price(
    *, variant_id: int, currency: str, amount_minor: int, starts_at: datetime, ends_at: datetime
) -> LivePrice:
    """Sell a variant at another price from one moment to another; search hears of both.

    Raises: LivePriceRefused; Variant.DoesNotExist.
    """
    variant = Variant.objects.get(pk=variant_id)
    check_live_price(
        variant=variant, currency=currency, amount_minor=amount_minor, starts_at=starts_at, ends_at=ends_at
    )
    row = LivePrice.objects.create(
        merchant_id=variant.merchant_id,
        variant=variant,
        currency=currency,
        amount_minor=amount_minor,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    live_price_saved(row)
    return row


@transaction.atomic
def live_price_saved(row: LivePrice) -> None:
    """Tell the house about a live price that was written, or changed, just now; every writer of one ends with this."""
    now = timezone.now()
    LivePrice.objects.filter(pk=row.pk).update(told_start=row.starts_at <= now, told_end=row.ends_at <= now)
    _tell([row.variant.product_id], row.merchant_id, key=f"{row.pk}:saved:{now.isoformat()}")


@transaction.atomic
def end_live_price(*, live_price_id: int) -> None:
    """End a live price now; one that is over, or has not begun, is over from now on as well."""
    row = LivePrice.objects.select_related("variant").select_for_update(of=("self",)).get(pk=live_price_id)
    now = timezone.now()
    if row.starts_at >= now:
        row.delete()
    elif row.ends_at > now:
        LivePrice.objects.filter(pk=row.pk).update(ends_at=now, told_start=True, told_end=True)
    _tell([row.variant.product_id], row.merchant_id, key=f"{live_price_id}:ended")


@shared_task(name="catalog.products.turn_live_prices", time_limit=60, ignore_result=True)
def turn_live_prices() -> int:
    """Tell search and live rooms about live prices that began or ended since the last time; return how many."""
    now = timezone.now()
    due = Q(told_start=False, starts_at__lte=now) | Q(told_end=False, ends_at__lte=now)
    with every_merchant():
        rows = list(LivePrice.objects.filter(due).select_related("variant", "merchant")[: settings.LIVE_PRICE_BATCH])
    return sum(_turn(row, now) for row in rows)


def _turn(row: LivePrice, now: datetime) -> bool:
    """Tell one boundary; of two processes at once one tells it."""
    is_over = row.ends_at <= now
    with merchant_scope(row.merchant), transaction.atomic():
        untold = LivePrice.objects.filter(pk=row.pk, **({"told_end": False} if is_over else {"told_start": False}))
        if not untold.update(told_start=True, told_end=is_over):
            return False
        _tell([row.variant.product_id], row.merchant_id, key=f"{row.pk}:{'end' if is_over else 'start'}")
    return True


def _tell(product_ids: Iterable[int], merchant_id: int, *, key: str) -> None:
    ids = list(product_ids)
    products_changed(product_ids=ids, merchant_id=merchant_id)
    publish(TURNED, key=key, payload={"product_ids": ids}, merchant_id=merchant_id)
