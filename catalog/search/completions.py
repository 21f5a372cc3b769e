"""Which labels complete what a shopper has typed; the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.search.analysis import fold, prefix_terms
from catalog.search.ports import Completions

CANDIDATES = 50  # products whose labels are looked at


@dataclass(frozen=True, slots=True)
class Typed:
    """A product in which every typed word stands, with its labels; several lines are one label in several languages."""

    product_id: int
    category_path: str
    brand: str
    categories: str
    titles: str

    @property
    def labels(self) -> tuple[str, str, str]:
        """Brand, categories and titles, as `completions` takes them."""
        return self.brand, self.categories, self.titles


def completed(prefix: str, rows: Sequence[Typed], *, limit: int) -> Completions:
    """Return the products, brands and categories that complete `prefix`; `rows` best first.

    What begins with it comes before what holds it.
    """
    pieces, start = prefix_terms(prefix), fold(prefix).strip()

    def place(text: str) -> int | None:
        labels = [fold(line) for line in text.splitlines()]
        if any(label.startswith(start) for label in labels):
            return 0
        return 1 if any(all(piece in label for piece in pieces) for label in labels) else None

    def best(found: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        places = {name: where for name, text in found if name and (where := place(text)) is not None}
        return tuple(sorted(places, key=places.__getitem__)[:limit])

    products = sorted(rows, key=lambda row: 2 if (where := place(row.titles)) is None else where)
    return Completions(
        product_ids=tuple(row.product_id for row in products[:limit]),
        brands=best((row.brand, row.brand) for row in rows),
        category_paths=best((row.category_path, row.categories) for row in rows),
    )


def completions(prefix: str, rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return the texts that complete `prefix`; `rows` are (brand, categories, titles) of products, best first.

    Those that begin with it come first; brands, categories, then titles.
    """
    pieces, start = prefix_terms(prefix), fold(prefix).strip()
    ranked: dict[str, tuple[tuple[bool, int], str]] = {}
    for row in rows:
        for kind, texts in enumerate(row):
            for text in texts.splitlines():
                folded = fold(text)
                if folded not in ranked and all(piece in folded for piece in pieces):
                    ranked[folded] = ((not folded.startswith(start), kind), text)
    return [text for _, text in sorted(ranked.values(), key=lambda entry: entry[0])]
