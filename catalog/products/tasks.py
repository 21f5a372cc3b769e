"""Periodic work: the database learns how the catalog has grown."""

from __future__ import annotations

from celery import shared_task

from catalog import database_care


@shared_task(name="catalog.products.refresh_statistics", time_limit=60, ignore_result=True)
def refresh_statistics() -> bool:
    """Give the embedded database's planner fresh counts; return whether it needed them."""
    return database_care.refresh_statistics()
