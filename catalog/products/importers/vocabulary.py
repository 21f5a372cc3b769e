"""Brands and categories of a sheet: found by name, made when they are new, remembered for undo."""

from __future__ import annotations

from catalog.accounts.models import Brand, Merchant
from catalog.products.importers.cells import language_of
from catalog.products.importers.incoming import IncomingProduct
from catalog.products.importers.merging import brand_slug, category_path
from catalog.products.models import Category


class Vocabulary:
    """One merchant's brands and categories by the words of a sheet."""

    def __init__(self, merchant: Merchant) -> None:
        self._merchant = merchant
        self._brands: dict[str, int] = dict(Brand.objects.filter(merchant=merchant).values_list("slug", "pk"))
        self._categories: dict[str, Category] = {row.path: row for row in Category.objects.filter(merchant=merchant)}
        self.made_brands: list[int] = []
        self.made_categories: list[int] = []
        self.names_before: dict[str, dict[str, str]] = {}

    def brand_id(self, slug: str) -> int | None:
        """Return the brand with a slug that `learn` has seen, or that is in the shop."""
        return self._brands.get(slug)

    def category_id(self, path: str) -> int | None:
        """Return the category at a path that `learn` has seen, or that is in the shop."""
        return self._categories[path].pk if path in self._categories else None

    def learn(self, incoming: IncomingProduct) -> None:
        """Make the categories a product names; a language they had no name in is added to those that are there.

        The product's brand is made too when it is new.
        """
        self._learn_brand(incoming.brand or "")
        parent: Category | None = None
        for depth in range(1, len(incoming.category or ()) + 1):
            part = (incoming.category or ())[:depth]
            names = _names(incoming, depth)
            path = category_path(part)
            category = self._categories.get(path)
            if category is None:
                category = Category.objects.create(
                    merchant=self._merchant, slug=path.rsplit("/", 1)[-1], path=path, names=names, parent=parent
                )
                self.made_categories.append(category.pk)
                self._categories[path] = category
            elif names.keys() - category.names.keys() and incoming.category_names:
                if category.pk not in self.made_categories:
                    self.names_before.setdefault(str(category.pk), dict(category.names))
                category.names = {**names, **category.names}
                category.save(update_fields=["names"])
            parent = category

    def _learn_brand(self, name: str) -> None:
        slug = brand_slug(name)
        if slug and slug not in self._brands:
            brand = Brand.objects.create(merchant=self._merchant, slug=slug, name=name)
            self.made_brands.append(brand.pk)
            self._brands[slug] = brand.pk


def _names(incoming: IncomingProduct, depth: int) -> dict[str, str]:
    own = (incoming.category or ())[depth - 1]
    names = {language_of(own): own}
    for language, parts in incoming.category_names.items():
        if len(parts) == len(incoming.category or ()):
            names[language] = parts[depth - 1]
        elif len(parts) == 1 and depth == len(incoming.category or ()):
            names[language] = parts[0]
    return names
