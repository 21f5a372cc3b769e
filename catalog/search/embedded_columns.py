"""What facets count, held in memory beside the embedded index: counting a thousand hits needs no thousand look-ups."""

from __future__ import annotations

import sqlite3
import threading
from array import array
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from django.conf import settings

from catalog.search.analysis import storable

Connection = sqlite3.Connection
Codes = tuple[int, ...]  # places in Columns.values: all a product has of one facet
CATEGORY, BRAND, IN_STOCK, PRICE = "category", "brand", "in_stock", "price"
NO_ATTRIBUTES = frozenset({CATEGORY, BRAND, IN_STOCK, PRICE})
ATTRIBUTE = "="  # before the name of an attribute's column: it may be called "brand" too
_NAMES_HELD = 60  # attributes of one merchant that searches count


@dataclass(slots=True)
class Columns:
    """One merchant's products as of write number `seen` of the file `epoch`, each at a place of its own.

    A column holds for each place the number of a combination of values. Of removed products something may remain: no
    search finds those, so nobody asks.
    """

    epoch: int = 0
    seen: int = 0
    places: dict[int, int] = field(default_factory=dict)  # product id -> place
    values: list[tuple[str, str]] = field(default_factory=list)  # (as filters compare it, as the merchant writes it)
    combinations: list[Codes] = field(default_factory=lambda: [()])  # number 0: nothing
    columns: defaultdict[str, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("I")))
    amounts: defaultdict[str, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    names: list[str] = field(default_factory=list)  # attributes that are held
    _codes: dict[tuple[str, str], int] = field(default_factory=dict)
    _numbers: dict[Codes, int] = field(default_factory=lambda: {(): 0})

    def count(self, name: str, places: Sequence[int]) -> Iterator[tuple[tuple[str, str], int]]:
        """Yield ((value, label), products) of a facet over the products at `places`; a value may come several times."""
        column = self.columns.get(name)
        if column is None:
            return
        _fill(column, len(self.places), 0)
        for number, count in Counter(_at(column, places)).items():
            for code in self.combinations[number]:
                yield self.values[code], count

    def prices(self, currency: str, places: Sequence[int]) -> Sequence[int]:
        """Return the lowest prices of those products at `places` that have one."""
        column = self.amounts.get(currency)
        if column is None:
            return []
        _fill(column, len(self.places), -1)
        amounts = _at(column, places)
        return [amount for amount in amounts if amount >= 0] if -1 in amounts else amounts

    def place(self, product_id: int) -> int:
        """Return the place of a product, a new one where it has none; what stood there is forgotten."""
        place = self.places.setdefault(product_id, len(self.places))
        for column, nothing in ((self.columns, 0), (self.amounts, -1)):
            for each in column.values():
                if place < len(each):
                    each[place] = nothing
        return place

    def put(self, name: str, place: int, values: Sequence[tuple[str, str]]) -> None:
        """Note what a product has of a facet."""
        codes = tuple(self._code(value) for value in values)
        number = self._numbers.setdefault(codes, len(self.combinations))
        if number == len(self.combinations):
            self.combinations.append(codes)
        _put(self.columns[name], place, number, 0)

    def put_price(self, currency: str, place: int, amount: int) -> None:
        """Note the lowest price of a product."""
        _put(self.amounts[currency], place, amount, -1)

    def drop(self, name: str) -> None:
        """Let go of an attribute."""
        self.names.remove(name)
        self.columns.pop(f"{ATTRIBUTE}{name}", None)

    def _code(self, value: tuple[str, str]) -> int:
        code = self._codes.setdefault(value, len(self.values))
        if code == len(self.values):
            self.values.append(value)
        return code


def _at(column: array[int], places: Sequence[int]) -> Sequence[int]:
    """Return what stands at `places`: one call into C, five times as fast as asking for each."""
    return itemgetter(*places)(column) if len(places) > 1 else [column[place] for place in places]


def _put(column: array[int], place: int, number: int, nothing: int) -> None:
    _fill(column, place + 1, nothing)
    column[place] = number


def _fill(column: array[int], length: int, nothing: int) -> None:
    if len(column) < length:
        column.extend([nothing] * (length - len(column)))


class ColumnCache:
    """Columns by merchant, kept up with the file: each search reads what was written since the last one.

    The merchants searched least recently make room when more than SEARCH_COLUMNS_PRODUCTS products are held.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[int, Columns] = OrderedDict()

    def of(self, connection: Connection, merchant_id: int, facets: Sequence[str]) -> Columns:
        """Return a merchant's columns as they are in what `connection` reads now, with those of `facets`."""
        epoch, written = connection.execute("SELECT epoch, number FROM writes").fetchone()
        with self._lock:
            columns = self._held.get(merchant_id)
            if columns is None or columns.epoch != epoch or columns.seen > written:
                columns = self._held[merchant_id] = Columns(epoch)
            if columns.seen < written:
                _catch_up(connection, merchant_id, columns)
                columns.seen = written
                self._make_room(merchant_id)
            _learn(connection, merchant_id, columns, [name for name in facets if name not in NO_ATTRIBUTES])
            self._held.move_to_end(merchant_id)
            return columns

    def forget(self, merchant_id: int | None = None) -> None:
        """Let go of one merchant's columns, or of all."""
        with self._lock:
            for each in [merchant_id] if merchant_id is not None else list(self._held):
                self._held.pop(each, None)

    def _make_room(self, kept: int) -> None:
        most = settings.SEARCH_COLUMNS_PRODUCTS
        while len(self._held) > 1 and sum(len(each.places) for each in self._held.values()) > most:
            del self._held[next(each for each in self._held if each != kept)]


def _catch_up(connection: Connection, merchant_id: int, columns: Columns) -> None:
    """Read the products written since `columns.seen`, whole."""
    since, given = "WHERE d.merchant_id = ? AND d.written > ?", (merchant_id, columns.seen)
    rows = f"SELECT d.product_id, d.category_path, d.brand, d.in_stock FROM documents d {since}"
    for product_id, category, brand, in_stock in connection.execute(rows, given):
        place = columns.place(product_id)
        stock = "true" if in_stock else "false"
        for name, value in ((CATEGORY, category), (BRAND, brand), (IN_STOCK, stock)):
            columns.put(name, place, [(value, value)] if value else ())
    prices = "SELECT d.product_id, p.currency, p.amount FROM documents d CROSS JOIN prices p USING (product_id)"
    for product_id, currency, amount in connection.execute(f"{prices} {since}", given):
        if product_id in columns.places:
            columns.put_price(currency, columns.places[product_id], amount)
    for name in columns.names:
        _read_attribute(connection, columns, name, since, given)


def _learn(connection: Connection, merchant_id: int, columns: Columns, wanted: Sequence[str]) -> None:
    """Read the attributes that nobody asked for yet; some make room when there are too many."""
    for name in wanted:
        if name not in columns.names:
            if len(columns.names) >= _NAMES_HELD:
                columns.drop(columns.names[0])
            columns.names.append(name)
            _read_attribute(connection, columns, name, "WHERE d.merchant_id = ?", (merchant_id,))


def _read_attribute(connection: Connection, columns: Columns, name: str, since: str, given: tuple[int, ...]) -> None:
    held: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = "SELECT d.product_id, a.value, a.label FROM documents d CROSS JOIN attributes a USING (product_id)"
    for product_id, value, label in connection.execute(f"{rows} {since} AND a.name = ?", (*given, storable(name))):
        held[product_id].append((value, label))
    for product_id, values in held.items():
        if product_id in columns.places:
            columns.put(f"{ATTRIBUTE}{name}", columns.places[product_id], values)
