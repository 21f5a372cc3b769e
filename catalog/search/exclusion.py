"""How a text tells that a product has a thing; the same for every engine."""

from __future__ import annotations

from catalog.search.analysis import is_chinese

# Where a product says what it is: descriptions also tell what it is not.
TEXTS = ("title", "category", "brand")
_DENYING = ("free", "without", "no", "non")
_DENYING_CHINESE = "无非免零"


def denials(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Return the terms of a title that say it is without what `terms` name: "Oil-Free Gel" has no oil."""
    first = next((term[0] for term in terms if is_chinese(term)), "")
    return (*_DENYING, *(f"{each}{first}" for each in _DENYING_CHINESE), "不含") if first else _DENYING
