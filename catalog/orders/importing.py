"""Past customers and orders of another system, taken over as they were; doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.money import Money
from catalog.orders.models import (
    Fulfillment,
    LedgerEntry,
    LedgerKind,
    Order,
    OrderAddress,
    OrderLine,
    OrderState,
    PaymentMethod,
    ShopperAddress,
)
from catalog.orders.numbering import skip_past
from catalog.products.models import Variant

Row = Mapping[str, Any]

# The file's word -> our state. A pending order there is one that was paid and not sent.
STATES = {
    "pending": OrderState.PAID,
    "processed": OrderState.PROCESSED,
    "delivered": OrderState.DELIVERED,
    "cancelled": OrderState.CANCELLED,
}
# The words for what happens to an order here; a file cannot bring these, since their requests would be missing.
_LATER = {
    "pending_modified": OrderState.PAID_MODIFIED,
    "return_requested": OrderState.RETURN_REQUESTED,
    "exchange_requested": OrderState.EXCHANGE_REQUESTED,
}
_BATCH = 500


class ImportRefused(ValueError):
    """A row that cannot be taken over; says which row, which field and what to do. Nothing is written then."""


@transaction.atomic
def import_customers(*, merchant: Merchant, rows: Iterable[Row], currency: str = "USD") -> int:
    """Take over customers with their address and payment methods; return how many were new.

    Args: `currency` is that of gift card balances.
    Raises: ImportRefused.
    """
    given = {str(row["id"]): row for row in rows}
    known = set(Shopper.objects.filter(external_id__in=given).values_list("external_id", flat=True))
    new = [row for external_id, row in given.items() if external_id not in known]
    shoppers = [_shopper(merchant, row) for row in new]
    Shopper.objects.bulk_create(shoppers, _BATCH)
    pairs = list(zip(shoppers, new, strict=True))
    ShopperAddress.objects.bulk_create(
        (
            ShopperAddress(merchant=merchant, shopper=shopper, **_address(row["address"], shopper.display_name))
            for shopper, row in pairs
            if row.get("address")
        ),
        _BATCH,
    )
    PaymentMethod.objects.bulk_create(
        (_method(shopper, method, currency) for shopper, row in pairs for method in row.get("payment_methods", ())),
        _BATCH,
    )
    return len(new)


def _shopper(merchant: Merchant, row: Row) -> Shopper:
    name = f"{row.get('first_name', '')} {row.get('last_name', '')}".strip()
    return Shopper(merchant=merchant, external_id=str(row["id"]), display_name=name[:80], email=row.get("email", ""))


def _address(given: Row, recipient: str) -> dict[str, str]:
    names = ("line1", "line2", "city", "state", "country", "postal_code")
    return {"recipient": recipient, **{name: str(given.get(name) or "") for name in names}}


def _method(shopper: Shopper, row: Row, currency: str) -> PaymentMethod:
    balance = row.get("balance")
    return PaymentMethod(
        merchant=shopper.merchant,
        shopper=shopper,
        external_id=str(row["id"]),
        kind=row["kind"],
        brand=row.get("brand") or "",
        last4=row.get("last4") or "",
        balance_minor=None if balance is None else Money.parse(str(balance), currency).minor,
        currency="" if balance is None else currency,
    )


@transaction.atomic
def import_orders(*, merchant: Merchant, rows: Iterable[Row], currency: str = "USD") -> int:
    """Take over orders with lines, parcels and ledger; return how many were new.

    Their stock was counted where they come from, so none is reserved here. Orders without a date are dated now.
    Raises: ImportRefused for a customer, state or payment method that is not known.
    """
    given = {str(row["id"]): row for row in rows}
    known = set(Order.objects.filter(external_id__in=given).values_list("external_id", flat=True))
    new = [row for external_id, row in given.items() if external_id not in known]
    now = timezone.now()
    shoppers = _shoppers(new)
    orders = [_order(merchant, shoppers, row, currency, now) for row in new]
    Order.objects.bulk_create(orders, _BATCH)
    pairs = list(zip(orders, new, strict=True))
    OrderAddress.objects.bulk_create(
        (
            OrderAddress(merchant=merchant, order=order, **_address(row["address"], order.shopper.display_name))
            for order, row in pairs
            if row.get("address")
        ),
        _BATCH,
    )
    _write_lines(pairs)
    _write_ledger(pairs, now)
    plain = [int(order.number) for order in orders if order.number.isdecimal()]
    if plain:
        skip_past(merchant, max(plain))
    return len(new)


def _shoppers(rows: Sequence[Row]) -> dict[str, Shopper]:
    wanted = {str(row["customer"]) for row in rows}
    return {shopper.external_id: shopper for shopper in Shopper.objects.filter(external_id__in=wanted)}


def _order(merchant: Merchant, shoppers: Mapping[str, Shopper], row: Row, currency: str, now: datetime) -> Order:
    external_id = str(row["id"])
    if row["status"] not in STATES:
        raise ImportRefused(f"order {external_id}: status {row['status']!r} is not one of {', '.join(STATES)}")
    if row["customer"] not in shoppers:
        raise ImportRefused(f"order {external_id}: customer {row['customer']!r} is not known; import customers first")
    total = sum(Money.parse(line["price"], currency).minor for line in row["lines"])
    return Order(
        merchant=merchant,
        external_id=external_id,
        number=external_id.lstrip("#"),
        shopper=shoppers[row["customer"]],
        state=STATES[row["status"]],
        currency=currency,
        subtotal_minor=total,
        total_minor=total,
        cancel_reason=row.get("cancel_reason") or "",
        placed_at=now,
        paid_at=now if any(entry["type"] == LedgerKind.PAYMENT for entry in row["ledger"]) else None,
    )


def _write_lines(pairs: Sequence[tuple[Order, Row]]) -> None:
    """Write the lines, each one unit as the file has them, and the parcels that name them."""
    wanted = {line["variant"] for _, row in pairs for line in row["lines"]}
    variants = {
        variant.external_id or variant.sku: variant
        for batch in _batches(sorted(wanted))
        for variant in Variant.objects.filter(Q(external_id__in=batch) | Q(sku__in=batch))
    }
    lines = [_line(order, line, variants.get(line["variant"])) for order, row in pairs for line in row["lines"]]
    OrderLine.objects.bulk_create(lines, _BATCH)
    ids: dict[tuple[int, str], list[int]] = {}
    for line in lines:
        ids.setdefault((line.order_id, line.sku), []).append(line.pk)
    Fulfillment.objects.bulk_create(
        (
            Fulfillment(
                merchant=order.merchant,
                order=order,
                tracking_numbers=list(parcel.get("tracking", ())),
                line_ids=_line_ids(order, parcel["variants"], ids),
                delivered_at=order.placed_at if order.state == OrderState.DELIVERED else None,
                sent_at=order.placed_at,
            )
            for order, row in pairs
            for parcel in row.get("fulfilments", ())
        ),
        _BATCH,
    )


def _line_ids(order: Order, skus: Sequence[str], ids: Mapping[tuple[int, str], Sequence[int]]) -> list[int]:
    """Return the lines that a parcel names; a SKU named twice means two lines that have it."""
    named: dict[str, int] = {}
    found: list[int] = []
    for sku in skus:
        lines = ids.get((order.pk, sku), ())
        place = named.get(sku, 0)
        if place < len(lines):
            found.append(lines[place])
        named[sku] = place + 1
    return found


def _line(order: Order, row: Row, variant: Variant | None) -> OrderLine:
    return OrderLine(
        merchant=order.merchant,
        order=order,
        variant=variant,
        product_id=variant.product_id if variant else None,
        title=row["name"],
        sku=row["variant"],
        options=row.get("options", {}),
        quantity=1,
        unit_minor=Money.parse(row["price"], order.currency).minor,
    )


def _write_ledger(pairs: Sequence[tuple[Order, Row]], now: datetime) -> None:
    methods: dict[tuple[str, str], PaymentMethod] = {
        (str(method.shopper_id), method.external_id): method for method in PaymentMethod.objects.exclude(external_id="")
    }
    LedgerEntry.objects.bulk_create(
        (
            LedgerEntry(
                merchant=order.merchant,
                order=order,
                kind=LedgerKind(entry["type"]),
                amount_minor=Money.parse(entry["amount"], order.currency).minor,
                currency=order.currency,
                method=_method_of(methods, order, entry["method"]),
                reference=f"import:{position}",
                at=now,
            )
            for order, row in pairs
            for position, entry in enumerate(row["ledger"])
        ),
        _BATCH,
    )


def _method_of(methods: Mapping[tuple[str, str], PaymentMethod], order: Order, external_id: str) -> PaymentMethod:
    method = methods.get((str(order.shopper_id), external_id))
    if method is None:
        raise ImportRefused(f"order {order.external_id}: payment method {external_id!r} is not the customer's")
    return method


def _batches(values: Sequence[str]) -> Iterable[Sequence[str]]:
    """Cut a long list: databases bound the number of parameters of one query."""
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))


def state_in_file(order: Order) -> str:
    """Return the file's word for an order's state."""
    return next((word for word, state in {**STATES, **_LATER}.items() if state == order.state), order.state)
