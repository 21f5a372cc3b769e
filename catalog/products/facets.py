"""Which attributes a shop's shelf is narrowed by: learned from the products it has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.core.cache import cache

from catalog.products.documents import attribute_values
from catalog.products.models import Product, ProductStatus
from catalog.products.vocabulary import is_listed

# Warnings and places in a routine are no wishes; a kind of product is the category's business.
_NEVER = frozenset({"conflicts_with", "avoid_in_pregnancy", "ingredients", "allergens", "step", "kind"})
_LONGEST = 40  # characters of a value that may be chosen


def shelf_attributes(*, merchant_id: int) -> tuple[str, ...]:
    """Return up to SHELF_FACETS_MAX attributes that tell this shop's products apart; kept for SHELF_FACETS_AGE_S."""
    key = f"shelf_attributes:{merchant_id}"
    known: tuple[str, ...] | None = cache.get(key)
    if known is None:
        sample = Product.objects.filter(status=ProductStatus.ACTIVE).order_by("-id")
        known = telling(sample.values_list("attributes", flat=True)[: settings.SHELF_FACETS_SAMPLE])
        cache.set(key, known, settings.SHELF_FACETS_AGE_S)
    return known


def telling(products: Iterable[dict[str, object]]) -> tuple[str, ...]:
    """Return the attributes whose values come back from product to product, those with words of their own first.

    A serial number differs in every product and tells nothing apart that anybody would choose by.
    """
    held: Counter[str] = Counter()
    values: defaultdict[str, Counter[str]] = defaultdict(Counter)
    total = 0
    for attributes in products:
        total += 1
        for name, given in attribute_values(attributes).items():
            held[name] += 1
            values[name].update(given)
    found = [
        name
        for name, count in held.items()
        if name not in _NEVER
        and count >= max(2, settings.SHELF_FACET_SHARE * total)
        and 2 <= len(values[name]) <= max(2, count // 2)
        and all(len(value) <= _LONGEST and not _is_amount(value) for value in values[name])
    ]
    spoken = {name: any(is_listed(name, value) for value in values[name]) for name in found}
    return tuple(sorted(found, key=lambda name: (not spoken[name], -held[name], name))[: settings.SHELF_FACETS_MAX])


def _is_amount(value: str) -> bool:
    return value.lstrip("-").replace(".", "", 1).isdigit()
