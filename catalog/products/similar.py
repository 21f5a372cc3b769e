"""Products like one: by what they are said to have and by their words, from whichever search engine is in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.conf import settings

from catalog.products.documents import attribute_values
from catalog.products.selectors import ProductView, product_view, product_views
from catalog.search.backend import backend
from catalog.search.ports import ProductQuery

# What each kind of likeness counts for; fixed by hand, a category first: a lamp like a tent is no answer.
_ATTRIBUTES, _TEXT, _CATEGORY, _PRICE, _SOLD_OUT = 1.0, 0.8, 0.6, 0.2, -1.0
_LEAST = 0.35  # below it a product is not like the other
_SAME_KIND = frozenset({"kind", "step"})  # attributes that count twice: what a thing is
_NOT_LIKENESS = frozenset({"conflicts_with", "avoid_in_pregnancy", "ingredients", "allergens"})


def similar_views(
    *, merchant_id: int, product_id: int, language: str, currency: str, limit: int | None = None
) -> list[ProductView]:
    """Return products that may stand in for this one, most alike first; what is sold out comes last.

    Raises: SearchUnavailable.
    """
    one = product_view(product_id=product_id, language=language, currency=currency)
    if one is None:
        return []
    scores = _text_scores(merchant_id, one)
    views = product_views(product_ids=list(scores), language=language, currency=currency)
    likeness = {view.product_id: _likeness(one, view, scores[view.product_id]) for view in views}
    alike = [view for view in views if likeness[view.product_id] >= _LEAST and view.stock != "not_for_sale"]
    alike.sort(key=lambda view: (-likeness[view.product_id] - _SOLD_OUT * (view.stock == "sold_out"), view.product_id))
    return alike[: settings.SIMILAR_SHOWN if limit is None else limit]


def _text_scores(merchant_id: int, one: ProductView) -> dict[int, float]:
    """Return {product id: share of the best text score, 0 to 1} of the products worth comparing."""
    base = ProductQuery(
        merchant_id=merchant_id,
        excluded_product_ids=(one.product_id,),
        for_sale_only=True,
        limit=settings.SIMILAR_LOOKED_AT,
        corrects=False,
        match="some",
    )
    queries = [replace(base, text=f"{one.title} {one.category}")]
    if one.category_path:
        queries += [replace(queries[0], category_path=one.category_path)]
    kinds = attribute_values(one.attributes).get("kind")
    if kinds:
        queries += [replace(queries[0], attributes={"kind": kinds})]
    found: dict[int, float] = {}
    for query in queries:
        hits = backend().search(query).hits
        best = max((hit.score for hit in hits), default=0.0) or 1.0
        for hit in hits:
            found[hit.product_id] = max(found.get(hit.product_id, 0.0), hit.score / best)
    return found


def _likeness(one: ProductView, other: ProductView, text_share: float) -> float:
    same_category = bool(one.category_path) and one.category_path == other.category_path
    return (
        _ATTRIBUTES * shared(attribute_values(one.attributes), attribute_values(other.attributes))
        + _TEXT * text_share
        + _CATEGORY * same_category
        + _PRICE * _price_share(one, other)
    ) / (_ATTRIBUTES + _TEXT + _CATEGORY + _PRICE)


def shared(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> float:
    """Return how much two products' attributes agree, 0 to 1: the mean of each name's Jaccard index."""
    names = [name for name in {*one, *other} if name not in _NOT_LIKENESS]
    weights = {name: 2.0 if name in _SAME_KIND else 1.0 for name in names}
    agreed = sum(weights[name] * _jaccard(one.get(name, ()), other.get(name, ())) for name in names)
    return agreed / sum(weights.values()) if names else 0.0


def _jaccard(one: Sequence[str], other: Sequence[str]) -> float:
    mine, theirs = set(one), set(other)
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0


def _price_share(one: ProductView, other: ProductView) -> float:
    if one.price is None or other.price is None or not (one.price.minor and other.price.minor):
        return 0.0
    low, high = sorted((one.price.minor, other.price.minor))
    return low / high
