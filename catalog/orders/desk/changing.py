"""Lines whose units become another variant; the order's sums follow the lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F

from catalog.orders.desk.units import Swap, Unit
from catalog.orders.models import Order, OrderLine

Taxes = list[dict[str, Any]]


def write_changed_lines(order: Order, swaps: Sequence[Swap]) -> None:
    """Give every swapped unit its variant, price and options; a line that is changed in part is split in its place."""
    if not order.holds_stock:
        # Taken over from elsewhere: what it has is counted there, only what it becomes is counted here.
        order.lines.update(is_counted=False)
        Order.objects.filter(pk=order.pk).update(holds_stock=True)
    by_line: dict[int, list[Swap]] = {}
    for swap in swaps:
        by_line.setdefault(swap.unit.line.pk, []).append(swap)
    place = 0
    for line in list(order.lines.all()):
        changed = by_line.get(line.pk, [])
        for row in _rows_of(line, changed):
            place += 1
            row.position = place
            row.save()
    _write_sums(order, swaps)


def _rows_of(line: OrderLine, swaps: Sequence[Swap]) -> list[OrderLine]:
    """Return what becomes of a line: itself, less its swapped units, and one row for each of those."""
    kept = line.quantity - len(swaps)
    rows: list[OrderLine] = []
    if not swaps:
        return [line]
    if kept:
        rows.append(_reduced(line, kept, [swap.unit for swap in swaps]))
    for number, swap in enumerate(swaps):
        # The last piece of a line stays that row: requests and parcels that name it find it.
        reuse = not kept and number == 0
        rows.append(_swapped(line if reuse else _copy(line), swap))
    return rows


def _reduced(line: OrderLine, quantity: int, gone: Sequence[Unit]) -> OrderLine:
    before = line.total_minor
    line.quantity = quantity
    line.discount_minor -= sum(unit.discount_minor for unit in gone)
    line.tax_minor -= sum(unit.tax_minor for unit in gone)
    line.taxes = _scaled(line.taxes, before, line.total_minor)
    return line


def _copy(line: OrderLine) -> OrderLine:
    fields = {field.attname: getattr(line, field.attname) for field in OrderLine._meta.concrete_fields}
    return OrderLine(**{**fields, "id": None})


def _swapped(line: OrderLine, swap: Swap) -> OrderLine:
    old = swap.unit.unit_minor - swap.unit.discount_minor
    line.variant = swap.variant
    line.sku = swap.variant.sku
    line.options = swap.variant.options
    line.quantity = 1
    line.unit_minor = swap.unit_minor
    line.list_minor = None
    line.discount_minor = swap.discount_minor
    line.tax_minor = swap.tax_minor
    line.taxes = _scaled(swap.unit.line.taxes, old, line.total_minor)
    line.is_counted = True
    return line


def _scaled(taxes: Taxes, old: int, new: int) -> Taxes:
    """Return the taxes of a line at another price, each in proportion (half up)."""
    if not old:
        return taxes
    return [{**tax, "minor": (2 * tax["minor"] * new + old) // (2 * old)} for tax in taxes]


def _write_sums(order: Order, swaps: Sequence[Swap]) -> None:
    """Move the order's sums by what the swaps changed; delivery stays as it was agreed."""
    goods = sum(swap.unit_minor - swap.unit.unit_minor for swap in swaps)
    discount = sum(swap.discount_minor - swap.unit.discount_minor for swap in swaps)
    tax = sum(swap.tax_minor - swap.unit.tax_minor for swap in swaps)
    Order.objects.filter(pk=order.pk).update(
        subtotal_minor=F("subtotal_minor") + goods,
        discount_minor=F("discount_minor") + discount,
        tax_minor=F("tax_minor") + tax,
        total_minor=F("total_minor") + goods - discount + tax,
    )
