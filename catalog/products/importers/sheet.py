"""The rows of a CSV file, numbered as a spreadsheet shows them; a row that does not parse costs only itself."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.products.importers.cells import is_writable


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row. `problem` is the kind of error that makes its cells unreliable."""

    number: int
    cells: list[str]
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return not self.problem and not any(cell.strip() for cell in self.cells)


class _Feed:
    """Hands lines to the parser and takes back those of a record that did not parse."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))


def sheet_rows(lines: Iterator[str], delimiter: str = ",") -> Iterator[SheetRow]:
    """Yield every row, the header first as row 1.

    After a row with broken quotation marks reading goes on at the next line: an opening mark that is never closed
    would otherwise swallow the rest of the file.
    """
    feed = _Feed(lines)
    parser = csv.reader(feed, strict=True, delimiter=delimiter)
    number = 0
    while True:
        feed.taken.clear()
        number += 1
        try:
            cells = next(parser)
        except StopIteration:
            return
        except csv.Error:
            yield SheetRow(number, _loosely(feed.taken[0], delimiter), "broken_quoting")
            feed.give_back_all_but_first()
            continue
        yield SheetRow(number, cells, "" if is_writable("".join(cells)) else "bad_encoding")


def _loosely(line: str, delimiter: str) -> list[str]:
    """Return the cells of a broken row as well as they can be told apart: enough to find its handle."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line[:1000].split(delimiter)
