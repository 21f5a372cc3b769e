"""The report as a CSV file, one line at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

# A spreadsheet runs a cell that begins so as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Return `text`."""
        return text


def escaped(cell: str) -> str:
    """Return `cell` so that a spreadsheet shows it as text: an apostrophe stands before what looks like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def csv_lines(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a CSV file; the first begins with a byte order mark, or Excel misreads Chinese."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([escaped(cell) for cell in row])
