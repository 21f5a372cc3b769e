"""After a change of items the taxes by name still add up to the totals, on each line and on the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.orders.desk.units import swaps_of, units_of
from catalog.orders.ledger import net_paid
from catalog.orders.models import LedgerEntry, Order, OrderLine
from catalog.products.models import Offer, Stock, Variant
from tests.catalog.orders.desk_orders import Desk, make_desk

Taxes = list[dict[str, Any]]


@pytest.fixture
def desk(in_scope: Merchant) -> Desk:
    """A shop whose cream comes in three sizes."""
    made = make_desk(in_scope)
    Stock.objects.filter(variant__product=made.cream).update(on_hand=50)
    return made


def tax(name: str, minor: int, *, inside: bool) -> dict[str, Any]:
    return {"name": name, "percent": "5", "is_included": inside, "minor": minor}


def ordered(desk: Desk, *, quantity: int, price: int, discount: int, taxes: Taxes, delivery: Taxes) -> Order:
    """An order of one line with these taxes, and of a delivery with its own."""
    on_top = sum(each["minor"] for each in taxes if not each["is_included"])
    Offer.objects.filter(variant__sku="C-30").update(amount_minor=price)
    order = desk.order("C-30")
    line = OrderLine.objects.get(order=order)
    OrderLine.objects.filter(pk=line.pk).update(
        quantity=quantity, unit_minor=price, discount_minor=discount, tax_minor=on_top, taxes=taxes
    )
    whole = added([taxes, delivery])
    top, inside = sums(whole)
    Order.objects.filter(pk=order.pk).update(
        subtotal_minor=price * quantity,
        discount_minor=discount,
        tax_minor=top,
        tax_included_minor=inside,
        taxes=whole,
        total_minor=price * quantity - discount + top,
    )
    Stock.objects.filter(variant=line.variant).update(reserved=quantity)
    return Order.objects.get(pk=order.pk)


def added(lists: list[Taxes]) -> Taxes:
    found: dict[tuple[str, bool], dict[str, Any]] = {}
    for each in (each for taxes in lists for each in taxes):
        key = (each["name"], each["is_included"])
        before = found[key]["minor"] if key in found else 0
        found[key] = {**each, "minor": before + each["minor"]}
    return list(found.values())


def sums(taxes: Taxes) -> tuple[int, int]:
    """Return (on top, inside)."""
    top = sum(each["minor"] for each in taxes if not each["is_included"])
    return top, sum(each["minor"] for each in taxes if each["is_included"])


def check(order: Order) -> None:
    lines = list(order.lines.all())
    for line in lines:
        assert sums(line.taxes)[0] == line.tax_minor
        assert all(each["minor"] >= 0 for each in line.taxes)
    assert sums(order.taxes) == (order.tax_minor, order.tax_included_minor)
    assert all(each["minor"] >= 0 for each in order.taxes)
    goods = sum(line.unit_minor * line.quantity for line in lines)
    assert order.total_minor == goods - order.discount_minor + order.tax_minor


MINOR = st.integers(min_value=0, max_value=30_000)


@dataclass(frozen=True)
class Case:
    """An order of one line and what is changed of it."""

    quantity: int
    swapped: int
    price: int
    new_price: int
    discount: int
    vat: int
    city: int
    inside: int
    of_delivery: int


PIECES = st.integers(min_value=1, max_value=5)
CASES = st.builds(
    Case,
    quantity=PIECES,
    swapped=PIECES,
    price=st.integers(min_value=1, max_value=90_000),
    new_price=st.integers(min_value=0, max_value=90_000),
    discount=st.integers(min_value=0, max_value=20_000),
    vat=MINOR,
    city=MINOR,
    inside=MINOR,
    of_delivery=st.integers(min_value=0, max_value=900),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=CASES)
def test_taxes_add_up_after_any_change(desk: Desk, case: Case) -> None:
    swapped, discount = min(case.swapped, case.quantity), min(case.discount, case.price * case.quantity)
    on_top = [tax("VAT", case.vat, inside=False), tax("City", case.city, inside=False)]
    with transaction.atomic():
        point = transaction.savepoint()
        order = ordered(
            desk,
            quantity=case.quantity,
            price=case.price,
            discount=discount,
            taxes=[*on_top, tax("Salt", case.inside, inside=True)],
            delivery=[tax("VAT", case.of_delivery, inside=False)],
        )
        check(order)
        Offer.objects.filter(variant__sku="C-50").update(amount_minor=case.new_price)

        changed = desk.do(
            order,
            "order.modify_items",
            variants=["C-30"] * swapped,
            new_variants=["C-50"] * swapped,
            payment_method="card_1",
        )

        check(changed)
        transaction.savepoint_rollback(point)


def test_at_the_same_price_no_tax_changes_its_name(desk: Desk) -> None:
    taxes = [tax("VAT", 301, inside=False), tax("Salt", 100, inside=True)]
    order = ordered(desk, quantity=3, price=500_00, discount=0, taxes=taxes, delivery=[])
    Offer.objects.filter(variant__sku="C-50").update(amount_minor=500_00)

    changed = desk.do(order, "order.modify_items", variants=["C-30"], new_variants=["C-50"])

    assert changed.taxes == order.taxes
    assert [(line.sku, line.quantity, sums(line.taxes)) for line in changed.lines.all()] == [
        ("C-30", 2, (200, 66)),
        ("C-50", 1, (101, 34)),
    ]


def test_twice_the_price_bears_twice_the_tax_by_name(desk: Desk) -> None:
    taxes = [tax("VAT", 100, inside=False), tax("City", 50, inside=False), tax("Salt", 30, inside=True)]
    order = ordered(desk, quantity=1, price=400_00, discount=0, taxes=taxes, delivery=[tax("VAT", 7, inside=False)])
    Offer.objects.filter(variant=Variant.objects.get(sku="C-50")).update(amount_minor=800_00)

    changed = desk.do(order, "order.modify_items", variants=["C-30"], new_variants=["C-50"], payment_method="card_1")

    assert [(each["name"], each["minor"]) for each in changed.taxes] == [("VAT", 207), ("City", 100), ("Salt", 60)]
    assert (changed.tax_minor, changed.tax_included_minor) == (307, 60)


@pytest.mark.parametrize(("currency", "step"), [("ISK", 100), ("UGX", 100), ("KWD", 10), ("TWD", 1)])
def test_what_a_unit_bears_and_what_a_change_costs_can_be_charged(desk: Desk, currency: str, step: int) -> None:
    taxes = [tax("VAT", 7 * step, inside=False)]
    order = ordered(desk, quantity=3, price=50 * step, discount=10 * step, taxes=taxes, delivery=[])
    Order.objects.update(currency=currency)
    Offer.objects.filter(variant__sku="C-50").update(currency=currency, amount_minor=77 * step)
    order.refresh_from_db()

    units = units_of(order)
    [swap] = swaps_of(order, units, skus=["C-30"], new_skus=["C-50"])

    assert [unit.tax_minor for unit in units] == [3 * step, 2 * step, 2 * step]
    assert [unit.discount_minor for unit in units] == [4 * step, 3 * step, 3 * step]
    assert all(unit.paid_minor % step == 0 for unit in units)
    assert swap.tax_minor == 5 * step  # 3 on 46 is 4.76 on 73
    assert swap.difference_minor == (77 - 4 + 5 - (50 - 4 + 3)) * step


def test_a_change_costs_what_the_cart_says_not_a_price_that_nobody_can_charge(desk: Desk) -> None:
    order = ordered(desk, quantity=1, price=500_00, discount=0, taxes=[], delivery=[])
    Order.objects.update(currency="ISK")
    Offer.objects.filter(variant__sku="C-50").update(currency="ISK", amount_minor=1_234_50)
    order.refresh_from_db()

    [swap] = swaps_of(order, units_of(order), skus=["C-30"], new_skus=["C-50"])

    assert (swap.unit_minor, swap.difference_minor) == (1_235_00, 735_00)


@pytest.mark.parametrize(("currency", "step"), [("ISK", 100), ("UGX", 100), ("KWD", 10), ("TWD", 1), ("JPY", 1)])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=CASES)
def test_whatever_is_changed_every_amount_can_be_charged_and_the_ledger_is_the_total(
    desk: Desk, currency: str, step: int, case: Case
) -> None:
    swapped = min(case.swapped, case.quantity)
    with transaction.atomic():
        point = transaction.savepoint()
        order = ordered(
            desk,
            quantity=case.quantity,
            price=case.price * step,
            discount=min(case.discount, case.price * case.quantity - 1) * step,  # something was paid
            taxes=[tax("VAT", case.vat * step, inside=False), tax("Salt", case.inside, inside=True)],
            delivery=[],
        )
        Order.objects.filter(pk=order.pk).update(currency=currency)
        LedgerEntry.objects.filter(order=order).update(currency=currency, amount_minor=order.total_minor)
        Offer.objects.filter(variant__sku="C-50").update(currency=currency, amount_minor=case.new_price)  # as imported

        changed = desk.do(
            order,
            "order.modify_items",
            variants=["C-30"] * swapped,
            new_variants=["C-50"] * swapped,
            payment_method="card_1",
        )

        check(changed)
        assert net_paid(changed) == changed.total
        moved = [Money(entry.amount_minor, entry.currency).stripe_amount for entry in changed.ledger.all()]
        assert all(minor % step == 0 for minor in [*moved, *(unit.paid_minor for unit in units_of(changed))])
        transaction.savepoint_rollback(point)
