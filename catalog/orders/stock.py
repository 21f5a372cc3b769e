"""Units and times promised to orders: each change is one conditional UPDATE whose row count is the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.db.models import Case, F, IntegerField, Q, Value, When

from catalog.orders.appointments import holding
from catalog.orders.digital import granting
from catalog.orders.errors import VariantUnavailable
from catalog.orders.models import Order
from catalog.products.models import Stock
from catalog.products.services import product_changed, stock_rose


def reserve(order: Order) -> None:
    """Promise the units of `order`'s lines and the time of its services to it.

    Call it last in a transaction: the rows stay locked until its end. They are taken in the order of their ids, so
    that two orders never wait for each other.
    Raises: VariantUnavailable naming the product that ran out, SlotTaken; the caller's transaction must then roll back.
    """
    holding.hold(order)
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
    """Give the units of `order` back, its services' time and its downloads; a second call changes nothing."""
    holding.free(order)
    granting.revoke(order)
    if not _let_go(order):
        return
    for stock, quantity in _needs(order):
        Stock.objects.filter(pk=stock.pk).update(reserved=F("reserved") - quantity)
        stock.refresh_from_db(fields=["on_hand", "reserved"])
        if stock.is_tracked and stock.available <= quantity:
            _announce(stock, rose=True)


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
    for variant_id, quantity in order.lines.filter(is_counted=True).values_list("variant_id", "quantity"):
        if variant_id is not None:
            units[variant_id] += quantity
    rows = Stock.objects.filter(variant_id__in=units).select_related("variant").order_by("pk")
    return [(stock, units[stock.variant_id]) for stock in rows]


def _title(order: Order, stock: Stock) -> str:
    line = order.lines.filter(variant_id=stock.variant_id).first()
    return line.title if line else ""


def _announce(stock: Stock, *, rose: bool = False) -> None:
    """Tell the index that the product ran out, or (`rose`) is back; that also those who wait for it."""
    product_changed(product_id=stock.variant.product_id, merchant_id=stock.merchant_id)
    if rose:
        stock_rose(product_ids=[stock.variant.product_id], merchant_id=stock.merchant_id)


def reserve_units(units: Mapping[int, int]) -> None:
    """Promise units of variants that no order's line names yet (an exchange). Call it last in a transaction.

    Args: `units` by variant id.
    Raises: VariantUnavailable; the caller's transaction must then roll back.
    """
    _shift(units)


def release_units(units: Mapping[int, int]) -> None:
    """Give units of variants back that `reserve_units` promised."""
    _shift({variant_id: -quantity for variant_id, quantity in units.items()})


def exchange_units(*, back: Mapping[int, int], sent: Mapping[int, int]) -> None:
    """Put units on the shelf that came back, and take those off it that `reserve_units` promised: they were sent.

    One pass, the rows in the order of their ids as everywhere, so that two who swap variants never wait for each other.
    """
    for stock in Stock.objects.filter(variant_id__in={*back, *sent}).select_related("variant").order_by("pk"):
        came, went = back.get(stock.variant_id, 0), sent.get(stock.variant_id, 0)
        on_hand = F("on_hand") + (came - went) if stock.is_tracked else F("on_hand")
        Stock.objects.filter(pk=stock.pk).update(reserved=F("reserved") - went, on_hand=on_hand)
        if came and stock.is_tracked:
            _announce(stock, rose=True)


def take_back(units: Mapping[int, int]) -> None:
    """Put units on the shelf that came back and can be sold again."""
    exchange_units(back=units, sent={})


def rebalance(*, before: Mapping[int, int], after: Mapping[int, int]) -> None:
    """Move what an order holds from its old lines to its new ones, each variant by one statement. Call it last.

    Raises: VariantUnavailable; the caller's transaction must then roll back.
    """
    change = {pk: after.get(pk, 0) - before.get(pk, 0) for pk in {*before, *after}}
    _shift({variant_id: units for variant_id, units in change.items() if units})


def _shift(units: Mapping[int, int]) -> None:
    """Raise or lower promised units, the rows in the order of their ids; what is not there is refused."""
    rows = Stock.objects.filter(variant_id__in=units).select_related("variant__product").order_by("pk")
    for stock in rows:
        quantity = units[stock.variant_id]
        enough = Q(is_tracked=False) | Q(on_hand__gte=F("reserved") + quantity) if quantity > 0 else Q()
        if not Stock.objects.filter(enough, pk=stock.pk).update(reserved=F("reserved") + quantity):
            raise VariantUnavailable(title=str(stock.variant))
        before = stock.available
        stock.refresh_from_db(fields=["on_hand", "reserved"])
        if stock.is_tracked and (before <= 0) != (stock.available <= 0):
            _announce(stock, rose=stock.available > 0)
