"""What shoppers look for and do not get: queries that find nothing, or half of it, or what nobody opens."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet

from catalog.accounts.models import Merchant
from catalog.products.search_log_models import SearchClick, SearchLog

Kind = Literal["empty", "partly", "unopened"]
CSV_TIMES = 50  # rows of the CSV against those of the page


@dataclass(frozen=True, slots=True)
class Demand:
    """One query in all its spellings, `query` being one; `clicks` are the searches of which something was opened."""

    key: str
    query: str
    searches: int
    empty: int  # searches without a result
    partly: int  # searches whose products had only some of the words
    shoppers: int  # known ones; strangers leave no pseudonym
    clicks: int
    last_at: datetime
    languages: tuple[str, ...]  # most searched first
    is_answered: bool  # the newest search found something


class _Counted(NamedTuple):
    """One query's counts, as the database adds them up."""

    key: str
    searches: int
    by_hand: int  # not by the double, which answers in words whether or not a product is opened
    empty: int
    partly: int
    shoppers: int
    last_at: datetime
    last_empty: datetime | None


def unmet_demand(*, merchant: Merchant, start: datetime, end: datetime, limit: int) -> dict[Kind, list[Demand]]:
    """Return the queries of a period that went unmet, most often first, at most `limit` a kind.

    "empty": found nothing at least once. "partly": never found a product with all its words, and nothing of what was
    shown instead was opened. "unopened": of SEARCH_LOW_CLICKS_SEARCHES searches or more, less than the share
    SEARCH_LOW_CLICKS led to a product; searches by the double are left out there. Call inside the merchant's scope.
    """
    rows = SearchLog.objects.filter(merchant=merchant, occurred_at__gte=start, occurred_at__lt=end, first_place=1)
    opened = _opened(merchant, start, end)
    counted = _counted(rows)
    chosen: dict[Kind, list[_Counted]] = {
        "empty": _most(((each.empty, each) for each in counted if each.empty), limit),
        "partly": _most(((each.searches, each) for each in counted if _is_partly(each, opened)), limit),
        "unopened": _most(((each.by_hand, each) for each in counted if _is_unopened(each, opened)), limit),
    }
    said = _spellings(rows, {each.key for some in chosen.values() for each in some})
    return {kind: [_demand(each, said[each.key], opened) for each in some] for kind, some in chosen.items()}


def _is_partly(each: _Counted, opened: Mapping[str, int]) -> bool:
    return each.partly == each.searches and not opened.get(each.key)


def _is_unopened(each: _Counted, opened: Mapping[str, int]) -> bool:
    if each.empty or each.partly == each.searches or each.by_hand < settings.SEARCH_LOW_CLICKS_SEARCHES:
        return False
    return opened.get(each.key, 0) / each.by_hand < settings.SEARCH_LOW_CLICKS


def _most(counted: Iterable[tuple[int, _Counted]], limit: int) -> list[_Counted]:
    """Return the most frequent, the newest first among equals."""
    best = heapq.nlargest(limit, counted, key=lambda each: (each[0], each[1].last_at, each[1].key))
    return [each for _, each in best]


def _counted(rows: QuerySet[SearchLog]) -> list[_Counted]:
    """Add up once for all kinds: on a hundred thousand searches the sorting by query is what costs."""
    counts = rows.order_by().values_list("query_key")
    counts = counts.annotate(
        searches=Count("pk"),
        by_hand=Count("pk", filter=~Q(surface="agent")),
        empty=Count("pk", filter=Q(total=0)),
        partly=Count("pk", filter=Q(is_relaxed=True, total__gt=0)),
        shoppers=Count("shopper_key", distinct=True, filter=~Q(shopper_key="")),
        last_at=Max("occurred_at"),
        last_empty=Max("occurred_at", filter=Q(total=0)),
    )
    return [_Counted._make(row) for row in counts.iterator(5_000)]


def _opened(merchant: Merchant, start: datetime, end: datetime) -> dict[str, int]:
    """Return {query: searches of which something was opened}."""
    clicks = SearchClick.objects.filter(merchant=merchant, occurred_at__gte=start, occurred_at__lt=end)
    counted = clicks.order_by().values("query_key").annotate(searches=Count("search_id", distinct=True))
    return dict(counted.values_list("query_key", "searches"))


def _spellings(rows: QuerySet[SearchLog], keys: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return {query: (language, a spelling), most searched language first}."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    wanted = sorted(keys)
    for start in range(0, len(wanted), 500):
        some = rows.filter(query_key__in=wanted[start : start + 500]).order_by()
        counted = some.values("query_key", "language").annotate(searches=Count("pk"), spelled=Max("query"))
        for row in counted.order_by("-searches", "language"):
            found[row["query_key"]].append((row["language"], row["spelled"]))
    return found


def _demand(each: _Counted, said: list[tuple[str, str]], opened: Mapping[str, int]) -> Demand:
    return Demand(
        key=each.key,
        query=said[0][1],
        searches=each.searches,
        empty=each.empty,
        partly=each.partly,
        shoppers=each.shoppers,
        clicks=opened.get(each.key, 0),
        last_at=each.last_at,
        languages=tuple(language for language, _ in said),
        is_answered=each.last_empty is None or each.last_at > each.last_empty,
    )
