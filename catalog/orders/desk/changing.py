"""Lines whose units become another variant; the order's sums follow the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import F

from catalog.orders.desk.line_taxes import Taxes, kept_taxes, swapped_taxes, write_order_taxes
from catalog.orders.desk.units import Swap, Unit
from catalog.orders.models import Order, OrderLine


def write_changed_lines(order: Order, swaps: Sequence[Swap]) -> None:
    """Give every swapped unit its variant, price and options; a line that is changed in part is split in its place."""
    if not order.holds_stock:
        # Taken over from elsewhere: what it has is counted there, only what it becomes is counted here.
        order.lines.update(is_counted=False)
        Order.objects.filter(pk=order.pk).update(holds_stock=True)
    by_line: dict[int, list[Swap]] = {}
    for swap in swaps:
        by_line.setdefault(swap.unit.line.pk, []).append(swap)
    lines = list(order.lines.all())
    before = [line.taxes for line in lines]
    rows = [row for line in lines for row in _rows_of(line, by_line.get(line.pk, []))]
    for place, row in enumerate(rows, 1):
        row.position = place
        row.save()
    taxes = write_order_taxes(order, before=before, after=[row.taxes for row in rows])
    _write_sums(order, swaps, taxes)


def _rows_of(line: OrderLine, swaps: Sequence[Swap]) -> list[OrderLine]:
    """Return what becomes of a line: itself, less its swapped units, and one row for each of those."""
    if not swaps:
        return [line]
    was, kept = _copy(line), line.quantity - len(swaps)
    rows = [_reduced(line, was, kept, [swap.unit for swap in swaps])] if kept else []
    for number, swap in enumerate(swaps):
        # The last piece of a line stays that row: requests and parcels that name it find it.
        reuse = not kept and number == 0
        rows.append(_swapped(line if reuse else _copy(was), swap, swapped_taxes(was, swap, place=number)))
    return rows


def _reduced(line: OrderLine, was: OrderLine, quantity: int, gone: Sequence[Unit]) -> OrderLine:
    line.quantity = quantity
    line.discount_minor -= sum(unit.discount_minor for unit in gone)
    line.tax_minor -= sum(unit.tax_minor for unit in gone)
    line.taxes = kept_taxes(was, taken=len(gone), tax_minor=line.tax_minor)
    return line


def _copy(line: OrderLine) -> OrderLine:
    fields = {field.attname: getattr(line, field.attname) for field in OrderLine._meta.concrete_fields}
    return OrderLine(**{**fields, "id": None})


def _swapped(line: OrderLine, swap: Swap, taxes: Taxes) -> OrderLine:
    line.variant = swap.variant
    line.sku = swap.variant.sku
    line.options = swap.variant.options
    line.quantity = 1
    line.unit_minor = swap.unit_minor
    line.list_minor = None
    line.discount_minor = swap.discount_minor
    line.tax_minor = swap.tax_minor
    line.taxes = taxes
    line.is_counted = True
    return line


def _write_sums(order: Order, swaps: Sequence[Swap], taxes: Mapping[str, object]) -> None:
    """Move the order's sums by what the swaps changed; delivery stays as it was agreed."""
    goods = sum(swap.unit_minor - swap.unit.unit_minor for swap in swaps)
    discount = sum(swap.discount_minor - swap.unit.discount_minor for swap in swaps)
    tax = sum(swap.tax_minor - swap.unit.tax_minor for swap in swaps)
    Order.objects.filter(pk=order.pk).update(
        subtotal_minor=F("subtotal_minor") + goods,
        discount_minor=F("discount_minor") + discount,
        tax_minor=F("tax_minor") + tax,
        total_minor=F("total_minor") + goods - discount + tax,
        **taxes,
    )
