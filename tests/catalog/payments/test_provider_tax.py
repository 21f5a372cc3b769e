"""Tax that Stripe worked out is written into the order when it is paid; what it does not explain goes back."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from catalog.money import Money
from catalog.orders.models import LedgerEntry, Order
from catalog.orders.provider_tax import take_provider_tax
from catalog.payments import settling
from catalog.payments.services import start_checkout
from catalog.payments.stripe_reading import session_facts
from tests.catalog.buying import Buying


def paid_session(order: Order, session_id: str, *, paid: int, tax: int) -> dict[str, Any]:
    """A paid Checkout Session as Stripe tells it with automatic tax."""
    return {
        "id": session_id,
        "status": "complete",
        "payment_status": "paid",
        "amount_total": paid,
        "currency": "twd",
        "payment_intent": "pi_1",
        "client_reference_id": str(order.reference),
        "metadata": {},
        "expires_at": int(time.time()) + 1800,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": tax},
    }


@pytest.mark.parametrize(
    ("over", "tax", "state", "written"),
    [
        (5300, 5300, "paid", (5300, 0)),  # on top
        (0, 5300, "paid", (0, 5300)),  # in the prices
        (0, 0, "paid", (0, 0)),  # nothing is taxed there
        (100, 5300, "cancelled", (0, 0)),  # the tax does not explain it
    ],
)
def test_the_tax_is_written_with_the_payment(  # noqa: PLR0917 (a table's columns)
    buying: Buying, settings: Settings, over: int, tax: int, state: str, written: tuple[int, int]
) -> None:
    order = buying.order()
    payment = start_checkout(order_id=order.pk)
    settings.STRIPE_TAX = True
    facts = session_facts(paid_session(order, payment.session_id, paid=order.total_minor + over, tax=tax))

    settling.apply_facts(facts, at=timezone.now())
    settling.apply_facts(facts, at=timezone.now())

    before = order.total_minor
    order.refresh_from_db()
    assert (order.state, order.tax_minor, order.tax_included_minor) == (state, *written)
    assert order.total_minor == before + written[0]
    assert LedgerEntry.objects.get(kind="payment").amount_minor == before + over


def test_without_the_setting_another_amount_is_not_taken_as_tax(buying: Buying) -> None:
    order = buying.order()
    payment = start_checkout(order_id=order.pk)
    facts = session_facts(paid_session(order, payment.session_id, paid=order.total_minor + 5300, tax=5300))

    settling.apply_facts(facts, at=timezone.now())

    order.refresh_from_db()
    assert (order.state, order.tax_minor) == ("cancelled", 0)


def test_a_paid_order_is_left_as_it_is(buying: Buying) -> None:
    order = buying.order()
    Order.objects.update(state="paid")

    assert not take_provider_tax(order_id=order.pk, paid=order.total, tax=Money(5, "TWD"))
