"""I1 to I8: what must hold after every case, whatever it was expected to lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.harness.orders_state import Changed, Tables

if TYPE_CHECKING:
    from catalog.orders.models import Order

_ONE_SHOT = ("order.cancel", "order.modify_items", "order.return_items", "order.exchange_items")


def broken(before: Tables, after: Tables, changed: Changed, *, shopper_id: Any, sessions: Iterable[str]) -> list[str]:
    """Return the invariants that do not hold, each with what breaks it."""
    from catalog.orders.models import Order

    orders = list(Order.objects.filter(pk__in=changed.orders).prefetch_related("lines", "ledger"))
    found = [f"I1 {order}" for order in orders if not _is_paid_in_full(order)]
    found += [f"I2 {order}" for order in orders if order.state == "cancelled" and any(_nets(order).values())]
    found += _cards_that_do_not_follow_the_ledger(before, after)
    found += [f"I4 {pk}" for pk in _cards_below_zero()]
    found += [f"I5 {order}" for order in orders if not _lines_are_their_variants(order, before)]
    found += [f"I6 {number}" for number in _changed_twice(sessions)]
    found += [f"I7 {order}" for order in orders if str(order.shopper_id) != str(shopper_id)]
    found += [f"I7 {pk}" for pk in changed.shoppers if _plain(pk) != _plain(shopper_id) and _is_customer(pk)]
    found += [f"I7 {table}" for table in changed.forbidden]
    if not before.rows["orders_ledgerentry"] <= after.rows["orders_ledgerentry"]:
        found.append("I8")
    return found


def _plain(pk: Any) -> str:
    return str(pk).replace("-", "")


def _is_customer(pk: Any) -> bool:
    from uuid import UUID

    from catalog.accounts.models import Shopper

    return Shopper.objects.filter(pk=UUID(str(pk))).exclude(external_id="").exists()


def _nets(order: Order) -> dict[int | None, int]:
    nets: dict[int | None, int] = {}
    for entry in order.ledger.all():
        sign = 1 if entry.kind == "payment" else -1
        nets[entry.method_id] = nets.get(entry.method_id, 0) + sign * entry.amount_minor
    return nets


def _is_paid_in_full(order: Order) -> bool:
    if order.state == "cancelled":
        return True
    worth = sum(line.unit_minor * line.quantity for line in order.lines.all())
    return sum(_nets(order).values()) == worth == order.total_minor


def _cards_that_do_not_follow_the_ledger(before: Tables, after: Tables) -> list[str]:
    """A gift card's balance changes by what its new entries say, nothing else."""
    from tests.harness.orders_state import _position

    balance, held = (_position("orders_paymentmethod", name) for name in ("balance_minor", "held_minor"))
    key = _position("orders_paymentmethod", "id")
    method, kind, amount = (_position("orders_ledgerentry", name) for name in ("method_id", "kind", "amount_minor"))
    moved: Counter[int] = Counter()
    for row in after.rows["orders_ledgerentry"] - before.rows["orders_ledgerentry"]:
        moved[row[method]] += row[amount] if row[kind] == "refund" else -row[amount]
    old = {row[key]: row for row in before.rows["orders_paymentmethod"]}
    found = []
    for row in after.rows["orders_paymentmethod"]:
        if row[balance] is None:
            continue
        was = old[row[key]][balance] if row[key] in old else 0
        if row[balance] - was != moved.get(row[key], 0) or row[held] < 0:
            found.append(f"I3 {row[key]}")
    return found


def _cards_below_zero() -> list[int]:
    from django.db.models import F, Q

    from catalog.orders.models import PaymentMethod

    below = Q(balance_minor__lt=0) | Q(balance_minor__lt=F("held_minor"))
    return list(PaymentMethod.objects.filter(below).values_list("pk", flat=True))


def _lines_are_their_variants(order: Order, before: Tables) -> bool:
    """A line is what was bought, or has the price and options of the variant it became."""
    from catalog.products.models import Offer
    from tests.harness.orders_state import _position

    names = ("id", "sku", "unit_minor")
    key, sku, unit = (_position("orders_orderline", name) for name in names)
    bought = {(row[key], row[sku], row[unit]) for row in before.rows["orders_orderline"]}
    for line in order.lines.select_related("variant"):
        if (line.pk, line.sku, line.unit_minor) in bought:
            continue
        offer = Offer.objects.filter(variant=line.variant, currency=order.currency).first()
        if offer is None or line.unit_minor != offer.amount_minor:
            return False
        if line.sku != line.variant.sku or line.options != line.variant.options:
            return False
    return True


def _changed_twice(sessions: Iterable[str]) -> list[str]:
    from catalog.confirmations.models import ToolCallLog

    done = ToolCallLog.objects.filter(session__in=list(sessions), kind="execution", code="ok", tool__in=_ONE_SHOT)
    counts = Counter(done.values_list("subject", flat=True))
    return [number for number, times in counts.items() if times > 1]
