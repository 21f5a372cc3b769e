"""Periodic work: the database learns how the catalog has grown, search learns from its log, old rows go."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from catalog import database_care
from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.products import search_log
from catalog.products.click_priors import refresh_click_priors as learn
from catalog.products.importers.history import mark_broken


@shared_task(name="catalog.products.refresh_statistics", time_limit=60, ignore_result=True)
def refresh_statistics() -> bool:
    """Give the embedded database's planner fresh counts; return whether it needed them."""
    return database_care.refresh_statistics()


@shared_task(name="catalog.products.sweep_search_log", time_limit=600, ignore_result=True)
def sweep_search_log() -> int:
    """Delete searches and clicks that are older than SEARCH_LOG_DAYS; return how many rows."""
    return search_log.sweep()


@shared_task(name="catalog.products.refresh_click_priors", time_limit=1_800, ignore_result=True)
def refresh_click_priors() -> int:
    """Learn every shop's click priors anew; return how many products of queries have one."""
    products = 0
    for merchant in Merchant.objects.order_by("pk"):
        with merchant_scope(merchant):
            products += learn(merchant=merchant).products
    return products


@shared_task(name="catalog.products.mark_broken_imports", time_limit=60, ignore_result=True)
def mark_broken_imports() -> int:
    """Mark imports that gave no sign of life for IMPORT_SILENT_S: their process died. Return how many."""
    with every_merchant():
        return mark_broken(silent_since=timezone.now() - timedelta(seconds=settings.IMPORT_SILENT_S))
