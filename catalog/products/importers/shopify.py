"""Shopify's product CSV, both dialects: rows become products, wherever the rows of one product stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from catalog.products.importers.cells import handle_of
from catalog.products.importers.detection import Detected
from catalog.products.importers.incoming import Parsed
from catalog.products.importers.issues import Issue
from catalog.products.importers.sheet import SheetRow, sheet_rows
from catalog.products.importers.shopify_columns import Columns
from catalog.products.importers.shopify_product import ShopifyRow, read_product
from catalog.products.importers.source import Source

Fixes = Mapping[str, Mapping[str, str]]


def read_shopify(source: Source, found: Detected, *, currency: str, fixes: Fixes) -> Iterator[Parsed]:
    """Yield every product of the sheet with what is wrong in its rows.

    The file is read twice, first to count the rows of each handle: a product is complete when its last row was seen,
    so only products whose rows lie scattered wait in memory.
    """
    columns = found.columns
    assert columns is not None  # noqa: S101 (detect() gives every CSV its columns)
    missing = _missing_columns(found, columns)
    if missing:
        yield Parsed(0, None, missing, is_fatal=True)
        return
    heads = [Issue(1, name, "unknown_column") for name in columns.unknown]
    if heads:
        yield Parsed(0, None, heads)
    expected = Counter(key for key, row in _keyed(source, found, columns, fixes) if key and not row.is_blank)
    waiting: dict[str, list[ShopifyRow]] = {}
    for key, row in _keyed(source, found, columns, fixes):
        if row.is_blank:
            continue
        if not key:
            yield Parsed(1, None, [_unkeyed(row, columns, source)])
            continue
        waiting.setdefault(key, []).append(row)
        if len(waiting[key]) == expected[key]:
            yield read_product(key, waiting.pop(key), columns, currency=currency, guess=source.guess)


def _missing_columns(found: Detected, columns: Columns) -> list[Issue]:
    needed = {"handle": "Handle", "title": "Title"} if found.format == "shopify_classic" else {"title": "Title"}
    return [Issue(1, name, "missing_column") for key, name in needed.items() if key not in columns.places]


def _keyed(source: Source, found: Detected, columns: Columns, fixes: Fixes) -> Iterator[tuple[str, ShopifyRow]]:
    """Yield each row with the handle of its product; a broken row without one goes with the row above it."""
    above = ""
    rows = sheet_rows(source.lines(), found.delimiter)
    next(rows, None)
    for raw in rows:
        row = ShopifyRow(columns, _fixed(raw, columns, fixes))
        key = handle_of(row.text("handle")) or handle_of(row.text("title"))
        if not key and raw.problem:
            key = above
        yield key, row
        above = key or above


def _fixed(row: SheetRow, columns: Columns, fixes: Fixes) -> SheetRow:
    wanted = fixes.get(str(row.number))
    if not wanted or row.problem:
        return row
    cells = row.cells + [""] * (len(columns.names) - len(row.cells))
    for name, value in wanted.items():
        if name in columns.names:
            cells[columns.names.index(name)] = value
    return SheetRow(row.number, cells, row.problem)


def _unkeyed(row: ShopifyRow, columns: Columns, source: Source) -> Issue:
    if row.problem:
        detail = {"guess": source.guess()} if row.problem == "bad_encoding" else {}
        return Issue(row.number, "", row.problem, detail=detail)
    return Issue(row.number, columns.name("title"), "missing_value")
