"""Replay tasks, sequences and refusals: what each call returned, what changed, what must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.harness.orders_calls import Session, make, open_session
from tests.harness.orders_invariants import broken
from tests.harness.orders_state import Changed, Tables, customers_drawn, difference, orders_drawn, read_tables
from tests.harness.orders_store import Store

Case = Mapping[str, Any]
Outcome = tuple[list[str], int]


@dataclass(frozen=True)
class Shop:
    """The store as it was taken over, drawn once."""

    store: Store
    tables: Tables
    orders: dict[str, dict[str, Any]]
    customers: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, store: Store) -> Shop:
        """Draw everything, and see that the importer took over what the file says.

        Raises: ValueError when it did not.
        """
        from catalog.accounts.models import Shopper
        from catalog.orders.models import Order

        orders = orders_drawn(Order.objects.values_list("pk", flat=True))
        customers = customers_drawn(Shopper.objects.values_list("pk", flat=True))
        for row in store.given["orders"]:
            if any(orders[row["id"]][name] != row[name] for name in orders[row["id"]]):
                raise ValueError(f"order {row['id']} was not taken over as the file has it")
        for row in store.given["customers"]:
            if any(customers[row["id"]][name] != row[name] for name in customers[row["id"]]):
                raise ValueError(f"customer {row['id']} was not taken over as the file has it")
        return cls(store, read_tables(), orders, customers)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo everything that happens inside."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run_calls(shop: Shop, case: Case) -> Outcome:
    """Run a replay task or a sequence: every call by the signed-in customer, who confirms every write."""
    with rolled_back():
        session = open_session(shop.store, case["customer"])
        codes = [make(session, call, confirmed=True) for call in case["calls"]]
        wrong = unexpected(codes, case["expect"]["errors"])
        return judged(shop, case["expect"]["changes"], wrong, [session])


def run_negative(shop: Shop, case: Case) -> Outcome:
    """Run a call that must be refused, after calls that must not; the refusal changes nothing."""
    with rolled_back():
        session = open_session(shop.store, case["session"]["customer"])
        wrong = [f"set-up: {code}" for call in case["setup"] if (code := make(session, call, confirmed=True))]
        is_fresh = not case["setup"] and case["session"]["customer"]  # a guest's own row is new
        before = shop.tables if is_fresh else read_tables()
        code = make(session, case["call"], confirmed=case["session"]["confirmed"])
        wrong += unexpected([code], [case["expect"]["errors"]])
        after = read_tables()
        changed = after.changed_since(before)
        if changed.orders or changed.shoppers or changed.forbidden:
            wrong.append(f"the refused call changed {changed}")
        since = changed if is_fresh else after.changed_since(shop.tables)
        found = _invariants(shop, after, since, [session])
        return [*wrong, *found], len(found)


def unexpected(codes: Sequence[str], expected: Sequence[Sequence[str]]) -> list[str]:
    """Return the calls whose code is none of the expected ones; an empty list expects that it was done."""
    return [
        f"call {place}: {code or 'done'} instead of {' or '.join(allowed) or 'done'}"
        for place, (code, allowed) in enumerate(zip(codes, expected, strict=True))
        if (code not in allowed if allowed else bool(code))
    ]


def judged(shop: Shop, expected: Mapping[str, Any], wrong: list[str], sessions: Sequence[Session]) -> Outcome:
    """Compare the whole change of state with `expected`, and check the invariants."""
    tables = read_tables()
    changed = tables.changed_since(shop.tables)
    orders = difference(shop.orders, orders_drawn(changed.orders))
    customers = difference(shop.customers, customers_drawn(changed.shoppers))
    for name, found in (("orders", orders), ("customers", customers)):
        if found != expected.get(name, {}):
            wrong.append(f"{name}: {found} instead of {expected.get(name, {})}")
    broken = _invariants(shop, tables, changed, sessions)
    return [*wrong, *broken], len(broken)


def _invariants(shop: Shop, tables: Tables, changed: Changed, sessions: Sequence[Session]) -> list[str]:
    return broken(
        shop.tables,
        tables,
        changed,
        shopper_id=sessions[0].conversation.shopper_id,
        sessions=[session.ctx.session for session in sessions],
    )
