"""The log of searches: one row for each page of answers, written beside the search and never in its way.

One INSERT without a read before it: the id is made here, nothing refers to the row, and a queue in memory would lose
rows at every restart and show clicks whose search is not there yet. On SQLite, where one writer holds up the others, it
waits SEARCH_LOG_WAIT_MS at most and then leaves the row out: statistics never make a shopper wait.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.database_care import impatient
from catalog.products.merchandising_models import QUERY_MAX, query_key
from catalog.products.search_log_models import SearchClick, SearchLog
from catalog.search.ports import ProductQuery

# Chinese stands beside an address without a space: 我的信箱是me@example.com.
_EMAIL = re.compile(r"[^\s@＠\u3000-\u9fff]+[@＠][^\s@＠\u3000-\u9fff]+\.[^\s@＠\u3000-\u9fff]+")
_SWEPT = 2_000  # rows a statement

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who searches, and where: `surface` is "shop", "api" or "agent"."""

    surface: str
    shopper_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search came to; `product_ids` in the order shown."""

    product_ids: Sequence[int]
    total: int
    is_relaxed: bool = False
    corrected: str = ""


def shopper_key(*, merchant_id: int, shopper_id: uuid.UUID | None) -> str:
    """Return the pseudonym of a shopper in this shop's log, empty for a stranger.

    Keyed with SECRET_KEY: without it nobody can tell whose row it is, and no two shops share a pseudonym.
    """
    if shopper_id is None:
        return ""
    whose = salted_hmac("catalog.products.search_log", f"{merchant_id}:{shopper_id}", algorithm="sha256")
    return whose.hexdigest()[:32]


def log_search(*, asked_by: Asker, query: ProductQuery, language: str, answer: Answer, took_s: float) -> str:
    """Write a search down and return its id for the links of its products; empty when nothing was written.

    A query without words is looking around, not asking: it is left out. An e-mail address in the words is not kept.
    """
    text = _EMAIL.sub("@", query.text.strip())[:QUERY_MAX]
    if not settings.SEARCH_LOG or not text:
        return ""
    row = SearchLog(
        merchant_id=query.merchant_id,
        occurred_at=timezone.now(),
        query=text,
        query_key=query_key(text),
        language=language,
        filters=_filters(query),
        sort=query.sort,
        engine=settings.SEARCH_BACKEND.rpartition(".")[2],
        total=answer.total,
        shown=list(answer.product_ids),
        first_place=_first_place(query),
        is_relaxed=answer.is_relaxed,
        corrected=_EMAIL.sub("@", answer.corrected)[:QUERY_MAX],
        took_ms=round(took_s * 1000),
        surface=asked_by.surface,
        shopper_key=shopper_key(merchant_id=query.merchant_id, shopper_id=asked_by.shopper_id),
    )
    return row.pk.hex if _written(row) else ""


def _first_place(query: ProductQuery) -> int:
    shown_before = query.after.seen if query.after else ()
    return query.offset + len(shown_before) + 1


def _written(row: SearchLog) -> bool:
    # Inside somebody's transaction a failed statement would break his work: a savepoint keeps it apart.
    is_inside = connection.in_atomic_block
    try:
        with impatient(settings.SEARCH_LOG_WAIT_MS), transaction.atomic() if is_inside else nullcontext():
            row.save(force_insert=True)
    except DatabaseError as error:
        log.warning("a search was not logged: %s", type(error).__name__)
        return False
    return True


def _filters(query: ProductQuery) -> dict[str, object]:
    """Return what narrowed the search; nothing that was left open."""
    given: dict[str, object] = {
        "price_min": query.price_min,
        "price_max": query.price_max,
        "currency": query.currency if query.price_min is not None or query.price_max is not None else "",
        "category": query.category_path,
        "brands": list(query.brands),
        "attributes": {name: list(values) for name, values in query.attributes.items()},
        "excluded_attributes": {name: list(values) for name, values in query.excluded_attributes.items()},
        "creator": query.creator_id,
        "in_stock": query.in_stock_only,
    }
    return {name: value for name, value in given.items() if value not in (None, "", False, [], {})}


def forget_shopper(*, merchant: Merchant, shopper_id: uuid.UUID) -> int:
    """Delete what a shopper searched and opened; return how many searches that were. Funnel events stay counts."""
    rows = SearchLog.objects.filter(
        merchant=merchant, shopper_key=shopper_key(merchant_id=merchant.pk, shopper_id=shopper_id)
    )
    with transaction.atomic():
        ids = list(rows.values_list("pk", flat=True))
        for start in range(0, len(ids), _SWEPT):
            SearchClick.objects.filter(search_id__in=ids[start : start + _SWEPT]).delete()
            SearchLog.objects.filter(pk__in=ids[start : start + _SWEPT]).delete()
    return len(ids)


def sweep(*, days: int | None = None) -> int:
    """Delete searches and clicks older than `days` (SEARCH_LOG_DAYS) of every merchant; return how many rows."""
    before = timezone.now() - timedelta(days=settings.SEARCH_LOG_DAYS if days is None else days)
    deleted = 0
    for merchant in Merchant.objects.order_by("pk"):
        with merchant_scope(merchant):
            deleted += _swept(SearchLog.objects.filter(merchant=merchant, occurred_at__lt=before))
            deleted += _swept(SearchClick.objects.filter(merchant=merchant, occurred_at__lt=before))
    return deleted


def _swept(old: QuerySet[Any]) -> int:
    """Delete some rows at a time: one long delete would hold up every other writer."""
    deleted = 0
    while ids := list(old.order_by("occurred_at").values_list("pk", flat=True)[:_SWEPT]):
        deleted += old.filter(pk__in=ids).delete()[0]
    return deleted
