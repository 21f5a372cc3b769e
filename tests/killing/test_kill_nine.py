"""Web, worker and drain, an import, price changes and a reindex are killed while shoppers buy, pay and cancel."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.engines.available import needs_engines
from tests.engines.conftest import run_in_shop
from tests.killing import stacks
from tests.killing.buyers import Books, Buyer
from tests.killing.chores import PRODUCTS, Chore, Import, Prices, Reindex, some_seed
from tests.killing.counting import Counted
from tests.killing.killer import MOMENTS, SERVERS, Killer

pytestmark = pytest.mark.killing
BUYERS, ON_HAND = 3, 100_000
_PREPARE = """
import json
from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.products.models import Variant
from catalog.products.services import set_stock
with merchant_scope(Merchant.objects.get(slug="meis-shelf")):
    sold = Variant.objects.filter(product__status="active", product__external_url="", offers__currency="USD")
    ids = list(sold.filter(offers__amount_minor__gt=0).order_by("pk").values_list("pk", flat=True).distinct()[:12])
    for variant_id in ids:
        set_stock(variant_id=variant_id, on_hand={on_hand})
print(json.dumps(ids))
"""


@pytest.mark.parametrize(
    "stack_of",
    [
        pytest.param(stacks.embedded, id="embedded"),
        pytest.param(stacks.engines, id="engines", marks=needs_engines),
    ],
)
def test_whatever_is_killed_nothing_is_lost_and_nothing_happens_twice(
    stack_of: Callable[[], AbstractContextManager[stacks.Stack]],
) -> None:
    killer = Killer(some_seed(os.environ.get("KILL_SEED", "")))
    with stack_of() as stack:
        variant_ids = json.loads(stack.run(_PREPARE.format(on_hand=ON_HAND)))
        bought, priced = variant_ids[:5], variant_ids[5:]
        environment = {**stack.environment, "KILLING_PRICED": ",".join(map(str, priced))}
        kinds: dict[str, type[Chore]] = {"import": Import, "prices": Prices, "reindex": Reindex}
        chores = {name: kind(name, stack.folder, environment) for name, kind in kinds.items()}
        books = Books()
        buyers = [Buyer(stack.web.origin, bought, books, seed=killer.seed + number) for number in range(BUYERS)]
        try:
            began = time.monotonic()
            _kill_at_random(stack, chores, buyers, killer)
            killed = time.monotonic()
            _settle(stack, chores, buyers)
            print(f"{killed - began:.0f} s of killing, {time.monotonic() - killed:.0f} s until all was settled")
            counted = Counted(**json.loads(run_in_shop(_COUNT, stack.environment)))
        finally:
            for chore in chores.values():
                chore.kill()
            print(stack.logs)
        committed = _last_prices((stack.folder / "committed").read_text())
    _report(killer, counted, books, chores)

    assert sum(killer.kills.values()) == MOMENTS
    assert killer.interrupted["purchase"]
    _check_money(counted, books)
    _check_promises(counted, books, bought)
    _check_goods(counted, chores["import"], committed)


_COUNT = "from tests.killing.counting import main; main()"


def _kill_at_random(stack: stacks.Stack, chores: dict[str, Any], buyers: list[Buyer], killer: Killer) -> None:
    stack.start()
    for worker in (*chores.values(), *buyers):
        worker.start()
    victims = {**stack.servers, **chores}
    while sum(killer.kills.values()) < MOMENTS:
        for chore in chores.values():
            chore.tend()
        _still_buying(buyers)
        running = {name for name, chore in chores.items() if chore.is_running}
        name = killer.strike(victims)
        steps = [buyer.step for buyer in buyers if buyer.step]
        killer.interrupted["purchase"] += bool(steps)
        killer.interrupted.update(f"purchase: {step}" for step in steps)
        killer.interrupted.update(running)
        began = time.monotonic()
        victims[name].start()
        if name in SERVERS:
            killer.starting_s = time.monotonic() - began


def _still_buying(buyers: list[Buyer]) -> None:
    for buyer in buyers:
        assert not buyer.error, buyer.error


def _settle(stack: stacks.Stack, chores: dict[str, Any], buyers: list[Buyer]) -> None:
    """Let every purchase and command that was begun come to its end, kill all at once, start again, drain."""
    for buyer in buyers:
        buyer.stop()
    for buyer in buyers:
        buyer.join(700)
        assert not buyer.is_alive(), f"a purchase hangs at {buyer.step!r}"
    _still_buying(buyers)
    chores["prices"].kill()
    chores["import"].finish()
    chores["reindex"].finish()
    stack.kill_all()
    stack.a_minute_later()
    stack.start()
    until = time.monotonic() + 600
    while (waiting := (stack.count(_WAITING), stack.provider_reports())) != (0, 0):
        assert time.monotonic() < until, f"still waiting after minutes: (outbox, provider's reports) {waiting}"
        time.sleep(0.5)


_WAITING = "SELECT COUNT(*) FROM outbox_outboxmessage WHERE delivered_at IS NULL AND dead_at IS NULL"


def _last_prices(committed: str) -> dict[str, int]:
    """Return the last price of each variant that was reported as committed; a line cut off by a kill is none."""
    lines = [line.split() for line in committed.splitlines(keepends=True) if line.endswith("\n")]
    return {variant_id: int(price) for variant_id, price in lines}


def _check_money(counted: Counted, books: Books) -> None:
    purchases = books.purchases
    number, charged = len(purchases), sum(purchase.total_minor for purchase in purchases)
    cancelled = [purchase for purchase in purchases if purchase.cancelled]
    refunded = sum(purchase.total_minor for purchase in cancelled)
    states = {"paid": number - len(cancelled), "cancelled": len(cancelled)}

    assert counted.orders == {state: count for state, count in states.items() if count}
    assert (counted.shoppers_with_two_orders, counted.orders_with_two_pay_pages) == (0, 0)
    assert counted.payments == {"paid": number}
    assert (counted.paid_minor, counted.refunded_minor) == (charged, refunded)
    assert counted.provider_charges == [number, charged]
    assert counted.provider_refunds == [len(cancelled), refunded]
    assert counted.ledger["payment"] == [number, charged, number]
    assert counted.ledger.get("refund", [0, 0, 0]) == [len(cancelled), refunded, len(cancelled)]


def _check_promises(counted: Counted, books: Books, bought: list[int]) -> None:
    number = len(books.purchases)
    cancelled = sum(purchase.cancelled for purchase in books.purchases)

    assert counted.reserved_wrong == []
    assert {counted.on_hand[str(variant_id)] for variant_id in bought} == {ON_HAND}
    assert (counted.outbox_waiting, counted.outbox_given_up, counted.provider_undelivered) == (0, 0, 0)
    assert counted.paid_messages == [number, number]
    for step in ("cart_added", "checkout_started", "order_paid"):
        assert counted.funnel[step] == [number, number], step
    assert counted.said.get("order.paid", 0) == number
    assert counted.said.get("order.cancelled", 0) == cancelled


def _check_goods(counted: Counted, imports: Import, committed: dict[str, int]) -> None:
    assert counted.imported == [PRODUCTS] * 4
    assert counted.imported_prices == {f"KILL-{number}": imports.price_minor(number) for number in range(PRODUCTS)}
    assert committed
    # A change may have been committed without its line, never a line without its change.
    for variant_id, price in committed.items():
        assert counted.prices[variant_id] in (price, price + 100)
    assert (counted.index_wrong, counted.index_waiting) == ([], [])
    assert counted.indexed == counted.products


def _report(killer: Killer, counted: Counted, books: Books, chores: dict[str, Any]) -> None:
    finished = {name: (chore.finished, chore.broken_off) for name, chore in chores.items()}
    print(f"killed: {dict(killer.kills)}; under way at those moments: {dict(killer.interrupted)}")
    print(f"commands (ended well, broken off): {finished}")
    print(f"bought: {len(books.purchases)}, of these cancelled: {sum(one.cancelled for one in books.purchases)}")
    shown = {
        name: value for name, value in vars_of(counted).items() if name not in ("imported_prices", "prices", "on_hand")
    }
    print(f"counted: {json.dumps(shown)}")


def vars_of(counted: Counted) -> dict[str, Any]:
    """Return the figures by name."""
    return {name: getattr(counted, name) for name in Counted.__dataclass_fields__}
