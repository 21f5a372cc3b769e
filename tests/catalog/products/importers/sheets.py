"""Sheets as merchants write them, and the whole shop as plain values to compare."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.accounts.models import Brand, Merchant
from catalog.accounts.scoping import every_merchant
from catalog.outbox.models import OutboxMessage
from catalog.products.importers import Summary, run_import
from catalog.products.models import Category, ImportChange, ImportRun, Media, Offer, Product, Stock, Variant

Row = Mapping[str, object]


def classic(**cells: object) -> dict[str, object]:
    """A row of Shopify's classic sheet: a product with one variant, unless told otherwise."""
    return {
        "Handle": "serum",
        "Title": "No. 3 Serum",
        "Body (HTML)": "",
        "Vendor": "Hanbi",
        "Published": "TRUE",
        "Option1 Name": "Title",
        "Option1 Value": "Default Title",
        "Variant SKU": "S-1",
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": "5",
        "Variant Inventory Policy": "deny",
        "Variant Price": "980",
        "Variant Compare At Price": "",
        "Image Src": "",
        "Image Position": "",
        "Image Alt Text": "",
        "Status": "active",
        **{name.replace("__", " "): value for name, value in cells.items()},
    }


def sheet(path: Path, rows: Sequence[Row], *, name: str = "sheet.csv", encoding: str = "utf-8") -> Path:
    """Write rows as CSV; the header has every column that any row has."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return write(path, text.getvalue(), name=name, encoding=encoding)


def lines(path: Path, *records: Mapping[str, Any], name: str = "sheet.jsonl") -> Path:
    """Write records as JSON Lines."""
    return write(path, "".join(json.dumps(record) + "\n" for record in records), name=name)


def write(path: Path, text: str, *, name: str = "sheet.csv", encoding: str = "utf-8") -> Path:
    """Write text as it is."""
    file = path / name
    file.write_bytes(text.encode(encoding))
    return file


def imported(merchant: Merchant, file: Path, **options: Any) -> Summary:
    """Import a file that must be good."""
    summary = run_import(merchant=merchant, path=file, **options)
    assert brief(summary.errors) == []
    return summary


def brief(issues: Sequence[Any]) -> list[tuple[int, str, str]]:
    """Issues as (row, field, kind)."""
    return [(issue.row, issue.field, issue.kind) for issue in issues]


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row that an import could touch, times of change left out."""
    tables = (Product, Variant, Offer, Stock, Media, Brand, Category, ImportRun, ImportChange, OutboxMessage)
    with every_merchant():
        rows: dict[str, list[dict[str, Any]]] = {
            table.__name__: [dict(row) for row in table.objects.order_by("pk").values()] for table in tables
        }
    for product in rows["Product"]:
        product.pop("updated_at")
    return rows


def shop() -> dict[str, list[dict[str, Any]]]:
    """The shop's own rows, without the notes about imports and messages; pictures, prices and stock may get new ids."""
    rows = everything()
    for name in ("ImportRun", "ImportChange", "OutboxMessage"):
        rows.pop(name)
    for name in ("Media", "Offer", "Stock"):
        for row in rows[name]:
            row.pop("id")
    return rows
