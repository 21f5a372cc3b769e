"""A product that was opened from a search: told to the log, and upward to whoever counts steps to a sale."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.outbox.services import publish
from catalog.products.search_log import shopper_key
from catalog.products.search_log_models import SearchClick, SearchLog

TOPIC = "search.clicked"


def clicked(
    *, merchant: Merchant, search_id: str, product_id: int, shopper_id: uuid.UUID | None, at: datetime | None = None
) -> bool:
    """Record that a product was opened from a search; return False when it was not, or was recorded before.

    It counts once, within SEARCH_CLICK_WINDOW_S of the search, for a product that the search showed. A link that was
    passed on is no choice: who has a pseudonym must be the one who searched.
    """
    found = _search(merchant, search_id, at or timezone.now())
    if found is None or product_id not in found.shown:
        return False
    mine = shopper_key(merchant_id=merchant.pk, shopper_id=shopper_id)
    if found.shopper_key and found.shopper_key != mine:
        return False
    _row, is_new = SearchClick.objects.get_or_create(
        search_id=found.pk,
        product_id=product_id,
        defaults={
            "merchant": merchant,
            "query_key": found.query_key,
            "place": found.first_place + found.shown.index(product_id),
            "occurred_at": at or timezone.now(),
        },
    )
    return is_new


def clicked_on_page(
    *,
    merchant: Merchant,
    search_id: str,
    product_id: int,
    shopper_id: uuid.UUID | None,
    creator_id: int | None = None,
) -> bool:
    """Record a click and publish `search.clicked`, so that the funnel joins the search to what follows.

    A product of the double's cards has its tracked link, which tells the funnel itself: there, `clicked` is enough.
    """
    with transaction.atomic():
        is_new = clicked(merchant=merchant, search_id=search_id, product_id=product_id, shopper_id=shopper_id)
        if is_new and shopper_id is not None:
            payload = {
                "search": search_id,
                "product_id": product_id,
                "shopper": str(shopper_id),
                "creator_id": creator_id,
                "at": timezone.now().isoformat(),
            }
            publish(TOPIC, key=f"{search_id}:{product_id}", payload=payload, merchant_id=merchant.pk)
    return is_new


def _search(merchant: Merchant, search_id: str, at: datetime) -> SearchLog | None:
    try:
        wanted = uuid.UUID(search_id)
    except ValueError:
        return None
    since = at - timedelta(seconds=settings.SEARCH_CLICK_WINDOW_S)
    return SearchLog.objects.filter(pk=wanted, merchant=merchant, occurred_at__gte=since).first()
