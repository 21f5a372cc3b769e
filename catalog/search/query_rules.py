"""What a query must hold before any engine sees it."""

from __future__ import annotations

from django.conf import settings

from catalog.search.ports import ProductQuery

ENOUGH = 10  # products with all words; with fewer, any word will do
FACET_VALUES_MAX = 50  # per facet, the most frequent
SORTS = ("relevance", "price", "-price", "title", "newest")


class BadQuery(ValueError):
    """A field of a ProductQuery is out of range; the message names it and the remedy."""


def check_query(query: ProductQuery) -> None:
    """Refuse a query that no engine could answer.

    Raises: BadQuery.
    """
    if not 1 <= query.limit <= settings.SEARCH_PAGE_SIZE_MAX:
        raise BadQuery(f"limit: {query.limit} is not between 1 and {settings.SEARCH_PAGE_SIZE_MAX}")
    if query.offset < 0:
        raise BadQuery(f"offset: {query.offset} is negative; the first page starts at 0")
    if query.offset + query.limit > settings.SEARCH_WINDOW_MAX:
        raise BadQuery(f"offset: paging ends after {settings.SEARCH_WINDOW_MAX} products; narrow the search instead")
    if query.after is not None and query.offset:
        raise BadQuery("offset: a cursor says where the page begins; leave one of the two out")
    if query.sort not in SORTS:
        raise BadQuery(f"sort: {query.sort!r} is unknown; use one of {', '.join(SORTS)}")
    if not query.currency and needs_currency(query):
        raise BadQuery("currency: name one when prices are limited, sorted or counted")


def needs_currency(query: ProductQuery) -> bool:
    """Whether the query speaks about prices."""
    limited = query.price_min is not None or query.price_max is not None
    return limited or query.sort in ("price", "-price") or "price" in query.facets


def within_64_bits(amount: int | None) -> int:
    """Return `amount` as engines can hold it; None is the largest."""
    largest = 2**63 - 1
    return largest if amount is None else max(-largest, min(amount, largest))
