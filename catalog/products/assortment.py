"""Whether a shop has what a message speaks of: decided by its own titles, brands and categories, in any trade."""

from __future__ import annotations

from catalog.products.selectors import product_views
from catalog.products.wishes import terms_of, wish_of
from catalog.search.backend import backend
from catalog.search.ports import ProductQuery, SearchUnavailable

_LOOKED_AT = 5  # the best hits
_SHARE = 0.5  # of the telling words that one product's names must hold


def sells(*, merchant_id: int, text: str, language: str, currency: str) -> bool:
    """Return whether a product of the shop bears at least half of the words that tell; False when search is down."""
    terms = wish_of([text]).telling
    if not terms:
        return False
    try:
        hits = backend().search(ProductQuery(merchant_id=merchant_id, text=" ".join(terms), limit=_LOOKED_AT)).hits
    except SearchUnavailable:
        return False
    views = product_views(product_ids=[hit.product_id for hit in hits], language=language, currency=currency)
    names = [set(terms_of(f"{view.title}\n{view.brand}\n{view.category}")) for view in views]
    return any(len(own.intersection(terms)) >= _SHARE * len(terms) for own in names)
