"""Which format a file is in, told by its first line."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.products.importers.issues import FileRefused
from catalog.products.importers.sheet import sheet_rows
from catalog.products.importers.shopify_columns import CLASSIC, SINCE_2024, Columns, read_header
from catalog.products.importers.source import Source

JSON_LINES = "jsonl"
FORMATS = {"shopify_classic": "Shopify classic", "shopify_2024": "Shopify 2024+", JSON_LINES: "JSON Lines"}


@dataclass(frozen=True, slots=True)
class Detected:
    """A format and how sure we are of it, 0 to 1."""

    format: str
    confidence: float
    columns: Columns | None = None  # of a CSV
    delimiter: str = ","

    @property
    def name(self) -> str:
        """The name a merchant knows."""
        return FORMATS[self.format]


def detect(source: Source) -> Detected:
    """Return the format of a file.

    Raises: FileRefused(empty_file, unknown_format, bad_encoding, broken_file, …).
    """
    first = next((line for line in source.lines() if line.strip()), "")
    if not first:
        raise FileRefused("empty_file")
    if first.lstrip().startswith("{"):
        return Detected(JSON_LINES, 1.0)
    best = max((_as_sheet(source, delimiter) for delimiter in ",;\t"), key=lambda found: found.confidence)
    if best.columns is None:
        raise FileRefused("broken_quoting")
    if best.confidence < 0.3 and not _names_a_product(best.columns):
        raise FileRefused("unknown_format")
    return best


def _names_a_product(columns: Columns) -> bool:
    return "handle" in columns.places and len(columns.places) > 1


def _as_sheet(source: Source, delimiter: str) -> Detected:
    row = next(sheet_rows(source.lines(), delimiter))
    if row.problem == "bad_encoding":
        raise FileRefused("bad_encoding", guess=source.guess())
    if row.problem:  # quoted for another delimiter, perhaps
        return Detected("shopify_2024", 0.0)
    classic, since_2024 = read_header(row.cells, CLASSIC), read_header(row.cells, SINCE_2024)
    # Both know Title, Vendor, Type, Tags; the handle's name decides between equals.
    if classic.confidence > since_2024.confidence or (
        classic.confidence == since_2024.confidence and "handle" in classic.places
    ):
        return Detected("shopify_classic", classic.confidence, classic, delimiter)
    return Detected("shopify_2024", since_2024.confidence, since_2024, delimiter)
