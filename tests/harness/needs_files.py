"""The files of the needs harness: the store's catalogs as the importer's JSON Lines, needs and dialogues to ask.

A catalog line is {id, title, description, bullets[], department, breadcrumb[], search_term, price[low, high?],
options{name: [values]}}: every combination of options becomes a variant; a price range its middle, for all of them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

VARIANTS_MAX = 1_000
Row = dict[str, Any]


def rows(path: Path) -> list[Row]:
    """Return the objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def price_of(product: Mapping[str, Any]) -> float:
    """Return a product's price: the middle of a range, as the scorer reads it."""
    amounts = [float(amount) for amount in product["price"]]
    return sum(amounts) / len(amounts)


def sheet(products: Sequence[Row], path: Path) -> None:
    """Write a catalog as a sheet that the importer takes."""
    with path.open("w", encoding="utf-8") as file:
        for product in products:
            file.write(json.dumps(_line(product), ensure_ascii=False) + "\n")


def option_names(products: Sequence[Row]) -> list[str]:
    """Return every name an option has in the catalog."""
    return sorted({name for product in products for name in product.get("options", {})})


def _line(product: Row) -> Row:
    line: Row = {"id": product["id"], "title": product["title"][:300]}
    if "price" not in product:  # a catalog of titles: for sale at no known price
        return {**line, "price": 1}
    text = "\n".join(filter(None, (product.get("description", ""), *product.get("bullets", ()))))
    line |= {"description": text, "price": round(price_of(product), 2)}
    if breadcrumb := [part.replace(">", " ").replace("/", " ").strip() for part in product.get("breadcrumb", ())]:
        line["category"] = " > ".join(breadcrumb)
    facts = {"product_type": product.get("search_term"), "department": product.get("department")}
    line["attributes"] = {name: value for name, value in facts.items() if value}
    if variants := list(_variants(product)):
        line["variants"] = variants
    return line


def _variants(product: Row) -> Iterator[Row]:
    options = {name: list(dict.fromkeys(values)) for name, values in product.get("options", {}).items() if values}
    if not options:
        return
    combined = itertools.islice(itertools.product(*options.values()), VARIANTS_MAX)
    for place, values in enumerate(combined):
        yield {"sku": f"{product['id']}-{place}", "options": dict(zip(options, values, strict=True))}
