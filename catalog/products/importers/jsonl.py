"""JSON Lines: one product on each line. The columns are described in docs/import.md; only id and title are needed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.products.importers.cells import is_writable
from catalog.products.importers.incoming import Parsed
from catalog.products.importers.issues import Issue
from catalog.products.importers.json_product import COLUMNS, read_json_product
from catalog.products.importers.source import Source

Fixes = Mapping[str, Mapping[str, str]]


def read_json_lines(source: Source, *, currency: str, fixes: Fixes) -> Iterator[Parsed]:
    """Yield the product of every line with what is wrong in it. Columns not known here are told once each."""
    told: set[str] = set()
    seen: dict[str, int] = {}
    for number, line in enumerate(source.lines(), start=1):
        if not line.strip():
            continue
        record = _record(line)
        if record is None or not is_writable(line):
            kind = "bad_json" if is_writable(line) else "bad_encoding"
            detail = {"guess": source.guess()} if kind == "bad_encoding" else {}
            yield Parsed(1, None, [Issue(number, "", kind, line.strip()[:80] if not detail else "", detail=detail)])
            continue
        _apply(record, fixes.get(str(number), {}))
        parsed = read_json_product(record, row=number, currency=currency)
        for name in record.keys() - COLUMNS - told:
            told.add(name)
            parsed.issues.append(Issue(number, name[:120], "unknown_column"))
        _refuse_repeated(parsed, seen)
        parsed.issues = [issue for issue in parsed.issues if _is_news(issue, told)]
        yield parsed


def _is_news(issue: Issue, told: set[str]) -> bool:
    """Whether to tell this: that lists of bar codes lose all but the first is told once, not on every line."""
    if issue.kind != "first_kept":
        return True
    name = f"{issue.kind} {issue.field.rsplit('.', 1)[-1]}"
    if name in told:
        return False
    told.add(name)
    return True


def _refuse_repeated(parsed: Parsed, seen: dict[str, int]) -> None:
    product = parsed.product
    if product is None or not product.external_id:
        return
    first = seen.setdefault(product.external_id, product.row)
    if first != product.row:
        issue = Issue(product.row, "id", "duplicate_product", product.external_id, product.title, {"other_row": first})
        parsed.issues.append(issue)


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or ("\\u" in line and not _is_sound(record)):
        return None
    return record


def _is_sound(value: Any) -> bool:
    """JSON may smuggle in what a database cannot hold: `\\u0000`, half characters."""
    if isinstance(value, str):
        return is_writable(value)
    if isinstance(value, dict):
        return all(is_writable(name) and _is_sound(item) for name, item in value.items())
    return all(map(_is_sound, value)) if isinstance(value, list) else True


def _apply(record: dict[str, Any], fixes: Mapping[str, str]) -> None:
    """Write the merchant's fixes over the record; a field is named `price` or `variants[1].price`."""
    for field, value in fixes.items():
        target: Any = record
        *parents, last = field.replace("]", "").replace("[", ".").split(".")
        for name in parents:
            if isinstance(target, list):
                target = target[int(name)] if name.isdecimal() and int(name) < len(target) else None
            else:
                target = target.get(name) if isinstance(target, dict) else None
        if isinstance(target, dict):
            target[last] = value
