"""The taxes of lines whose units change: by name and rate, on the line and on the order, adding up exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from catalog.money import split_largest_remainder
from catalog.orders.desk.units import Swap
from catalog.orders.models import Order, OrderLine

Taxes = list[dict[str, Any]]
Key = tuple[str, str, bool]


def kept_taxes(line: OrderLine, *, taken: int, tax_minor: int) -> Taxes:
    """Return the taxes of what stays of a line when `taken` of its units go; on top of it comes `tax_minor`."""
    inside = [sum(_shares(tax, line.quantity)[taken:]) for tax in line.taxes]
    return _with(line.taxes, tax_minor, inside)


def swapped_taxes(line: OrderLine, swap: Swap, *, place: int) -> Taxes:
    """Return the taxes of one unit at its new price. `line` is as it was; `place` is which of its units this is."""
    inside = [swap.scaled(_shares(tax, line.quantity)[place]) for tax in line.taxes]
    return _with(line.taxes, swap.tax_minor, inside)


def write_order_taxes(order: Order, *, before: Iterable[Taxes], after: Iterable[Taxes]) -> dict[str, object]:
    """Return the order's breakdown and its tax in the prices, moved by what its lines' taxes moved.

    What is taxed beside the lines (delivery) stays.
    """
    change = _sums(after)
    for key, minor in _sums(before).items():
        change[key] = change.get(key, 0) - minor
    taxes: Taxes = [{**tax, "minor": int(tax["minor"]) + change.pop(_key(tax), 0)} for tax in order.taxes]
    taxes += [
        {"name": name, "percent": percent, "is_included": is_included, "minor": minor}
        for (name, percent, is_included), minor in change.items()
        if minor
    ]
    inside = sum(tax["minor"] for tax in taxes if tax["is_included"])
    was_inside = sum(int(tax["minor"]) for tax in order.taxes if tax["is_included"])
    return {"taxes": taxes, "tax_included_minor": order.tax_included_minor + inside - was_inside}


def _shares(tax: dict[str, Any], quantity: int) -> list[int]:
    return split_largest_remainder(int(tax["minor"]), [1] * quantity)


def _with(taxes: Taxes, on_top: int, inside: Sequence[int]) -> Taxes:
    """Return taxes whose included parts are `inside` and whose other parts add up to `on_top`."""
    weights = [0 if tax["is_included"] else int(tax["minor"]) for tax in taxes]
    if not any(weights):
        weights = [0 if tax["is_included"] else 1 for tax in taxes]
    tops = split_largest_remainder(on_top, weights) if any(weights) else [0] * len(taxes)
    return [
        {**tax, "minor": minor if tax["is_included"] else top}
        for tax, minor, top in zip(taxes, inside, tops, strict=True)
    ]


def _key(tax: dict[str, Any]) -> Key:
    return str(tax["name"]), str(tax["percent"]), bool(tax["is_included"])


def _sums(lines: Iterable[Taxes]) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for taxes in lines:
        for tax in taxes:
            sums[_key(tax)] = sums.get(_key(tax), 0) + int(tax["minor"])
    return sums
