"""Periodic work: what shoppers did becomes the popularity that search knows."""

from __future__ import annotations

from celery import shared_task

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from conversations.funnel import popularity


@shared_task(name="conversations.funnel.refresh_popularity", time_limit=1_800, ignore_result=True)
def refresh_popularity() -> int:
    """Count every shop's events anew; return how many products the index is told of."""
    told = 0
    for merchant in Merchant.objects.order_by("pk"):
        with merchant_scope(merchant):
            told += popularity.refresh_popularity(merchant=merchant)
    return told
