"""What facets count, held in memory beside the embedded index: counting a thousand hits needs no thousand look-ups."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.conf import settings

Connection = sqlite3.Connection


class Row(NamedTuple):
    """What facets count of a product; `attributes` are places in Columns.values."""

    category: str
    brand: str
    in_stock: bool
    attributes: tuple[int, ...]


class Value(NamedTuple):
    """One value of an attribute: as filters compare it, and as the merchant writes it."""

    name: str
    value: str
    label: str


@dataclass(slots=True)
class Columns:
    """One merchant's products as of write number `seen` of the file `epoch`. Of removed ones something may remain:

    no search finds those, so nobody asks.
    """

    epoch: int = 0
    seen: int = 0
    rows: dict[int, Row] = field(default_factory=dict)
    prices: defaultdict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    values: list[Value] = field(default_factory=list)
    places: dict[Value, int] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)  # one object for each category and brand

    def place(self, value: Value) -> int:
        """Return where a value stands in `values`."""
        place = self.places.setdefault(value, len(self.values))
        if place == len(self.values):
            self.values.append(value)
        return place


class ColumnCache:
    """Columns by merchant, kept up with the file: each search reads what was written since the last one.

    The merchants searched least recently make room when more than SEARCH_COLUMNS_PRODUCTS products are held.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[int, Columns] = OrderedDict()

    def of(self, connection: Connection, merchant_id: int) -> Columns:
        """Return a merchant's columns as they are in what `connection` reads now."""
        epoch, written = connection.execute("SELECT epoch, number FROM writes").fetchone()
        with self._lock:
            columns = self._held.get(merchant_id)
            if columns is None or columns.epoch != epoch or columns.seen > written:
                columns = self._held[merchant_id] = Columns(epoch)
            if columns.seen < written:
                _catch_up(connection, merchant_id, columns)
                columns.seen = written
                self._make_room(merchant_id)
            self._held.move_to_end(merchant_id)
            return columns

    def forget(self, merchant_id: int | None = None) -> None:
        """Let go of one merchant's columns, or of all."""
        with self._lock:
            for each in [merchant_id] if merchant_id is not None else list(self._held):
                self._held.pop(each, None)

    def _make_room(self, kept: int) -> None:
        while len(self._held) > 1 and sum(len(each.rows) for each in self._held.values()) > (
            settings.SEARCH_COLUMNS_PRODUCTS
        ):
            oldest = next(each for each in self._held if each != kept)
            del self._held[oldest]


def _catch_up(connection: Connection, merchant_id: int, columns: Columns) -> None:
    """Read the products written since `columns.seen`, whole."""
    given = (merchant_id, columns.seen)
    since = "documents d {} WHERE d.merchant_id = ? AND d.written > ?"
    attributes: defaultdict[int, list[int]] = defaultdict(list)
    join = "CROSS JOIN attributes a ON a.product_id = d.product_id"
    for product_id, *value in connection.execute(
        f"SELECT d.product_id, a.name, a.value, a.label FROM {since.format(join)}", given
    ):
        attributes[product_id].append(columns.place(Value(*value)))
    share = columns.shared.setdefault
    changed = connection.execute(
        f"SELECT d.product_id, d.category_path, d.brand, d.in_stock FROM {since.format('')}", given
    ).fetchall()
    for product_id, category, brand, in_stock in changed:
        columns.rows[product_id] = Row(
            share(category, category), share(brand, brand), bool(in_stock), tuple(attributes.get(product_id, ()))
        )
    _replace_prices(connection, columns, (each[0] for each in changed), since, given)


def _replace_prices(
    connection: Connection, columns: Columns, changed: Iterable[int], since: str, given: Sequence[int]
) -> None:
    if columns.seen:
        drop: list[Callable[[int, None], int | None]] = [amounts.pop for amounts in columns.prices.values()]
        for product_id in changed:
            for each in drop:
                each(product_id, None)
    join = "CROSS JOIN prices p ON p.product_id = d.product_id"
    for product_id, currency, amount in connection.execute(
        f"SELECT d.product_id, p.currency, p.amount FROM {since.format(join)}", given
    ):
        columns.prices[currency][product_id] = amount
