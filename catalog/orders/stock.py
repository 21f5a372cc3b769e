"""Units promised to orders: each change is one conditional UPDATE whose row count is the truth."""

from __future__ import annotations

from collections import Counter

from django.db.models import Case, F, IntegerField, Q, Value, When

from catalog.orders.errors import VariantUnavailable
from catalog.orders.models import Order
from catalog.products.models import Stock
from catalog.products.services import product_changed


def reserve(order: Order) -> None:
    """Promise the units of `order`'s lines to it. Call it last in a transaction: the rows stay locked until its end.

    Rows are taken in the order of their ids, so that two orders never wait for each other.
    Raises: VariantUnavailable naming the product that ran out; the caller's transaction must then roll back.
    """
    for stock, quantity in _needs(order):
        enough = Q(is_tracked=False) | Q(on_hand__gte=F("reserved") + quantity)
        if not Stock.objects.filter(enough, pk=stock.pk).update(reserved=F("reserved") + quantity):
            raise VariantUnavailable(title=_title(order, stock))
        stock.refresh_from_db(fields=["on_hand", "reserved"])
        if stock.is_tracked and stock.available <= 0:
            _announce(stock)
    Order.objects.filter(pk=order.pk).update(holds_stock=True)
    order.holds_stock = True


def release(order: Order) -> None:
    """Give the units of `order` back; a second call changes nothing."""
    if not _let_go(order):
        return
    for stock, quantity in _needs(order):
        Stock.objects.filter(pk=stock.pk).update(reserved=F("reserved") - quantity)
        stock.refresh_from_db(fields=["on_hand", "reserved"])
        if stock.is_tracked and stock.available <= quantity:
            _announce(stock)


def consume(order: Order) -> None:
    """Take the units of `order` off the shelf: they were sent. A second call changes nothing."""
    if not _let_go(order):
        return
    for stock, quantity in _needs(order):
        left = Case(
            When(is_tracked=True, then=F("on_hand") - Value(quantity)),
            default=F("on_hand"),
            output_field=IntegerField(),
        )
        Stock.objects.filter(pk=stock.pk).update(reserved=F("reserved") - quantity, on_hand=left)


def _let_go(order: Order) -> bool:
    """Clear the order's hold; False when it held nothing."""
    order.holds_stock = False
    return bool(Order.objects.filter(pk=order.pk, holds_stock=True).update(holds_stock=False))


def _needs(order: Order) -> list[tuple[Stock, int]]:
    """Return the stock rows of `order`'s lines with units, by id; a variant without a row is not counted."""
    units: Counter[int] = Counter()
    for variant_id, quantity in order.lines.values_list("variant_id", "quantity"):
        if variant_id is not None:
            units[variant_id] += quantity
    rows = Stock.objects.filter(variant_id__in=units).select_related("variant").order_by("pk")
    return [(stock, units[stock.variant_id]) for stock in rows]


def _title(order: Order, stock: Stock) -> str:
    line = order.lines.filter(variant_id=stock.variant_id).first()
    return line.title if line else ""


def _announce(stock: Stock) -> None:
    """Tell the index that the product ran out, or is back."""
    product_changed(product_id=stock.variant.product_id, merchant_id=stock.merchant_id)
