"""Rows by id, read with SQL that Django writes once: for reads on every answer, where writing it costs the most time.

Building and compiling a query of six joins takes Django about a millisecond, the database a tenth of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django_scopes import get_scope

Row = dict[str, Any]
IdQuery = Callable[[Sequence[int]], "QuerySet[Any, Any]"]

_KEPT = 512  # statements a process keeps: one for each query, scope and size of id list


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL with its parameters; `places` are the positions that ids take."""

    sql: str
    parameters: tuple[Any, ...]
    places: tuple[int, ...]
    names: tuple[str, ...]
    expressions: tuple[Any, ...]


def rows_of_ids(query: IdQuery, ids: Sequence[int], *, using: str = "default") -> Iterator[Row]:
    """Yield what `query(ids)` yields: a `values()` queryset that is made from the ids and the tenant scope alone.

    `query` is a module-level function; nothing else that changes (the time, a setting) may go into it, because its
    SQL is kept. Raises: ValueError when `query` uses the ids in another way than `…__in=ids`, once.
    """
    if not ids:
        return
    size = 1 << (len(ids) - 1).bit_length()  # few sizes, so few statements; the last id fills the places left over
    statement = _statement(query, size, _scope(), using)
    parameters = list(statement.parameters)
    for place, value in zip(statement.places, [*ids, *[ids[-1]] * (size - len(ids))], strict=True):
        parameters[place] = value
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, parameters)
        found = cursor.fetchall()
    converters = [
        [*connection.ops.get_db_converters(expression), *expression.get_db_converters(connection)]
        for expression in statement.expressions
    ]
    used = [(at, each) for at, each in enumerate(converters) if each]
    for raw in found:
        values = list(raw)
        for at, steps in used:
            for step in steps:
                values[at] = step(values[at], statement.expressions[at], connection)
        yield dict(zip(statement.names, values, strict=True))


def _scope() -> tuple[Any, ...]:
    active = get_scope()
    if not active.get("_enabled", True):
        return ("all",)
    merchants = active.get("merchant")
    listed = merchants if isinstance(merchants, list | tuple) else [merchants]
    return tuple(getattr(merchant, "pk", merchant) for merchant in listed if merchant)  # a merchant or its id


@lru_cache(maxsize=_KEPT)
def _statement(query: IdQuery, size: int, _scope: tuple[Any, ...], using: str) -> _Statement:
    """Compile `query` in the scope of the moment, with ids that cannot be, to see where ids go."""
    stand_ins = [-(number + 1) for number in range(size)]
    compiler = query(stand_ins).query.get_compiler(using)
    sql, parameters = compiler.as_sql()
    places = tuple(parameters.index(stand_in) for stand_in in stand_ins if parameters.count(stand_in) == 1)
    if len(places) != size:
        raise ValueError(f"{query.__name__} must use its ids once, as …__in=ids")
    return _Statement(
        sql=sql,
        parameters=tuple(parameters),
        places=places,
        names=tuple(compiler.query.values_select),
        expressions=tuple(column[0] for column in compiler.select),
    )
