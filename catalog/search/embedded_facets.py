"""Facet counts of the embedded index, over everything that matches."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from catalog.search.facet_ranges import price_step, range_name
from catalog.search.ports import ProductQuery
from catalog.search.query_rules import FACET_VALUES_MAX

_COLUMNS = {"category": "d.category_path", "brand": "d.brand"}


def facets(
    connection: sqlite3.Connection, query: ProductQuery, matched: str, parameters: Sequence[object]
) -> dict[str, Mapping[str, int]]:
    """Return {facet: {value: products}}; `matched` is the "table WHERE conditions" of the search."""
    return {name: _facet(connection, query, name, matched, parameters) for name in query.facets}


def _facet(
    connection: sqlite3.Connection, query: ProductQuery, name: str, matched: str, parameters: Sequence[object]
) -> dict[str, int]:
    if name == "price":
        return _prices(connection, query, matched, parameters)
    if name == "in_stock":
        rows = _counted(connection, "CASE WHEN d.in_stock THEN 'true' ELSE 'false' END", matched, parameters)
        return dict(rows)
    if name in _COLUMNS:
        return dict(_counted(connection, _COLUMNS[name], matched, parameters))
    rows = connection.execute(
        "SELECT MIN(a.label), COUNT(*) AS count FROM attributes a WHERE a.name = ?"
        f" AND a.product_id IN (SELECT d.product_id FROM {matched})"
        " GROUP BY a.value ORDER BY count DESC, a.value LIMIT ?",
        [name, *parameters, FACET_VALUES_MAX],
    ).fetchall()
    return dict(rows)


def _counted(
    connection: sqlite3.Connection, column: str, matched: str, parameters: Sequence[object]
) -> list[tuple[str, int]]:
    return connection.execute(
        f"SELECT {column} AS value, COUNT(*) AS count FROM {matched}"
        f" AND {column} <> '' GROUP BY value ORDER BY count DESC, value LIMIT ?",
        [*parameters, FACET_VALUES_MAX],
    ).fetchall()


def _prices(
    connection: sqlite3.Connection, query: ProductQuery, matched: str, parameters: Sequence[object]
) -> dict[str, int]:
    within = f"prices p WHERE p.currency = ? AND p.product_id IN (SELECT d.product_id FROM {matched})"
    given = [query.currency, *parameters]
    lowest, highest = connection.execute(f"SELECT MIN(amount), MAX(amount) FROM {within}", given).fetchone()
    if lowest is None:
        return {}
    step = price_step(lowest, highest)
    rows = connection.execute(
        f"SELECT amount / ? AS range, COUNT(*) FROM {within} GROUP BY range ORDER BY range",
        [step, *given],
    )
    return {range_name(number, step): count for number, count in rows}
