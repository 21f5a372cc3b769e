"""What a half-typed search offers: products with picture and price, categories, brands, what others searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.languages import in_language
from catalog.products.models import Category
from catalog.products.popular import popular_queries
from catalog.products.selectors import ProductView, product_views
from catalog.search.backend import backend


@dataclass(frozen=True, slots=True)
class CategoryName:
    """A category with its name in the reader's language."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """What may be meant, best first in each group."""

    products: tuple[ProductView, ...] = ()
    categories: tuple[CategoryName, ...] = ()
    brands: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()

    @property
    def suggestions(self) -> list[str]:
        """Brands, categories and titles as plain text."""
        names = [*self.brands, *(each.name for each in self.categories), *(each.title for each in self.products)]
        return list(dict.fromkeys(names))


def suggest(*, merchant_id: int, prefix: str, language: str, currency: str, limit: int = 5) -> Suggested:
    """Return what `prefix` may become; nothing typed: what many shoppers searched.

    Raises: SearchUnavailable.
    """
    queries = popular_queries(merchant_id=merchant_id, language=language, prefix=prefix, limit=limit)
    if not prefix.strip():
        return Suggested(queries=tuple(queries))
    found = backend().complete(merchant_id, prefix, limit=limit)
    return Suggested(
        products=tuple(product_views(product_ids=found.product_ids, language=language, currency=currency)),
        categories=category_names(paths=found.category_paths, language=language),
        brands=found.brands,
        queries=tuple(queries),
    )


def category_names(*, paths: Sequence[str], language: str) -> tuple[CategoryName, ...]:
    """Return the categories of these paths with their names, in this order; one that is gone has its slug's."""
    if not paths:
        return ()
    names = dict(Category.objects.filter(path__in=paths).values_list("path", "names"))
    fallback = {path: path.rpartition("/")[2].replace("-", " ") for path in paths}
    return tuple(CategoryName(path, in_language(names.get(path, {}), language) or fallback[path]) for path in paths)
