"""The shop's state in the shape of the replay set, read from the database; only what changed is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.orders.models import Order, OrderRequest, PaymentMethod

Row = tuple[Any, ...]
# Every table that a call may change, with the column that leads to an order or a shopper.
_TABLES = {
    "orders_order": "id",
    "orders_orderline": "order_id",
    "orders_orderaddress": "order_id",
    "orders_ledgerentry": "order_id",
    "orders_fulfillment": "order_id",
    "orders_orderrequest": "order_id",
    "orders_paymentmethod": "shopper_id",
    "orders_shopperaddress": "shopper_id",
    "accounts_shopper": "id",
    "products_variant": "",
    "products_offer": "",
    "products_product": "",
}
_BATCH = 250
_PARTS = ("line1", "line2", "city", "state", "country", "postal_code")


@dataclass(frozen=True)
class Tables:
    """All rows of the tables, to be compared as wholes."""

    rows: dict[str, frozenset[Row]]

    def changed_since(self, before: Tables) -> Changed:
        """Return the ids of orders and shoppers whose rows differ, and the tables nobody may touch that do."""
        changed = Changed()
        for name, key in _TABLES.items():
            differing = self.rows[name] ^ before.rows[name]
            if not differing:
                continue
            if not key:
                changed.forbidden.add(name)
                continue
            ids = {row[_position(name, key)] for row in differing}
            (changed.orders if name not in _OF_SHOPPER else changed.shoppers).update(ids)
        return changed


@dataclass
class Changed:
    """What differs."""

    orders: set[int] = field(default_factory=set)
    shoppers: set[Any] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)


_OF_SHOPPER = frozenset(["orders_paymentmethod", "orders_shopperaddress", "accounts_shopper"])
_columns: dict[str, list[str]] = {}


def _position(table: str, column: str) -> int:
    return _columns[table].index(column)


def read_tables() -> Tables:
    """Read every table in `_TABLES` as it is now, in this transaction."""
    from django.db import connection

    rows: dict[str, frozenset[Row]] = {}
    with connection.cursor() as cursor:
        for name in _TABLES:
            cursor.execute(f"SELECT * FROM {name}")
            _columns[name] = [column[0] for column in cursor.description]
            rows[name] = frozenset(cursor.fetchall())
    return Tables(rows)


def orders_drawn(ids: Iterable[int]) -> dict[str, dict[str, Any]]:
    """Return orders in the set's shape, by their number."""
    from catalog.orders.models import Order

    found: dict[str, dict[str, Any]] = {}
    wanted = list(ids)
    for start in range(0, len(wanted), _BATCH):
        orders = Order.objects.filter(pk__in=wanted[start : start + _BATCH]).select_related("address")
        parts = ("lines__variant__product", "ledger__method", "fulfillments", "requests__lines", "requests__method")
        found |= {order.external_id: _order(order) for order in orders.prefetch_related(*parts)}
    return found


def customers_drawn(ids: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """Return customers in the set's shape, by their id."""
    from uuid import UUID

    from catalog.accounts.models import Shopper

    wanted = [UUID(str(pk)) for pk in ids]
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), _BATCH):
        shoppers = Shopper.objects.filter(pk__in=wanted[start : start + _BATCH]).exclude(external_id="")
        found |= {
            shopper.external_id: {
                "address": _address(shopper.address),
                "payment_methods": [_method(method) for method in _by_pk(shopper.payment_methods)],
            }
            for shopper in shoppers.select_related("address").prefetch_related("payment_methods")
        }
    return found


def difference(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the fields that differ, with their new values."""
    changes: dict[str, dict[str, Any]] = {}
    for key, now in after.items():
        fields = {name: value for name, value in now.items() if value != before.get(key, {}).get(name)}
        if fields:
            changes[key] = fields
    return changes


def _order(order: Order) -> dict[str, Any]:
    from catalog.money import Money
    from catalog.orders.importing import state_in_file

    lines = list(order.lines.all())
    requests = {request.kind: request for request in order.requests.all() if request.state != "refused"}
    sku_of = {line.pk: line.sku for line in lines}
    return {
        "status": state_in_file(order),
        "address": _address(order.address),
        "lines": [
            {
                "product": line.variant.product.external_id,
                "variant": line.sku,
                "name": line.title,
                "price": _money(Money(line.unit_minor, order.currency)),
                "options": line.options,
            }
            for line in lines
            for _unit in range(line.quantity)
        ],
        "fulfilments": [
            {"tracking": parcel.tracking_numbers, "variants": [sku_of.get(pk) for pk in parcel.line_ids]}
            for parcel in _by_pk(order.fulfillments)
        ],
        "ledger": [
            {
                "type": entry.kind,
                "amount": _money(Money(entry.amount_minor, entry.currency)),
                "method": entry.method.external_id if entry.method else None,
            }
            for entry in _by_pk(order.ledger)
        ],
        "cancel_reason": order.cancel_reason or None,
        "exchange": _request(requests.get("exchange")),
        "return": _request(requests.get("return")),
    }


def _by_pk(related: Any) -> list[Any]:
    """Return prefetched rows in the order they were written."""
    return sorted(related.all(), key=lambda row: row.pk)


def _request(request: OrderRequest | None) -> dict[str, Any] | None:
    from catalog.money import Money

    if request is None:
        return None
    drawn: dict[str, Any] = {
        "variants": sorted(line.sku for line in request.lines.all()),
        "payment_method": request.method.external_id if request.method else None,
    }
    if request.kind == "exchange":
        drawn["new_variants"] = sorted(line.new_sku for line in request.lines.all())
        drawn["difference"] = _money(Money(request.difference_minor, request.order.currency))
    return drawn


def _address(row: Any) -> dict[str, str]:
    from catalog.orders.countries import country_code

    drawn = {name: getattr(row, name) for name in _PARTS}
    return {**drawn, "country": "USA" if country_code(row.country) == "US" else row.country}


def _method(method: PaymentMethod) -> dict[str, str]:
    from catalog.money import Money

    drawn = {"id": method.external_id, "kind": method.kind, "brand": method.brand, "last4": method.last4}
    drawn = {name: value for name, value in drawn.items() if value}
    if method.balance_minor is not None:
        drawn["balance"] = _money(Money(method.balance_minor, method.currency))
    return drawn


def _money(amount: Any) -> str:
    return f"{amount.decimal:.2f}"
