"""The same totals in card, cart, order, pay page and ledger, to the minor unit, whatever was bought."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from catalog.accounts.models import Merchant, Shopper
from catalog.money import Money, charge_step
from catalog.orders.delivery_models import DeliveryBand
from catalog.orders.models import Cart, CartLine, LedgerEntry, Order, Promotion, TaxRate
from catalog.orders.promotion_models import Benefit, Stacking
from catalog.orders.selectors import cart_view, order_view
from catalog.orders.services import place_order
from catalog.payments import services as payments
from catalog.payments.stripe_fake_deliveries import deliver_due
from catalog.payments.stripe_fake_store import fake_store
from catalog.payments.stripe_session import session_params
from catalog.products.live_price_models import LivePrice, PriceFloor
from tests.catalog.payments.paying import pay
from tests.factories import make_address, make_delivery, make_shopper, make_variant
from tools.cards import cart_card, checkout_card


@dataclass(frozen=True)
class Line:
    """Something bought, in charge steps of the currency."""

    price: int
    quantity: int
    live_price: int | None
    floor: int | None
    is_shipped: bool


LINES = st.lists(
    st.builds(
        Line,
        price=st.integers(1, 10**5),
        quantity=st.integers(1, 20),
        live_price=st.none() | st.integers(0, 10**5),
        floor=st.none() | st.integers(0, 10**5),
        is_shipped=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
PROMOTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "benefit": st.sampled_from(Benefit.values),
            "percent": st.none() | st.decimals(0, 100, places=2),
            "amount_minor": st.none() | st.integers(0, 10**4),
            "cap_minor": st.none() | st.integers(0, 10**4),
            "stacking": st.sampled_from(Stacking.values),
            "code": st.sampled_from(["", "ONE", "TWO"]),
        }
    ),
    max_size=3,
    unique_by=lambda fields: fields["code"] or uuid.uuid4().hex,
)
TAXES = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.sampled_from(["vat", "gst"]),
            "percent": st.decimals(0, 30, places=4),
            "is_included": st.booleans(),
            "is_on_delivery": st.booleans(),
        }
    ),
    max_size=2,
    unique_by=lambda fields: fields["code"],
)


class _Undo(Exception):
    """Ends an example without a trace."""


@contextmanager
def undone() -> Iterator[None]:
    """Take back what one example wrote."""
    try:
        with transaction.atomic():
            yield
            raise _Undo
    except _Undo:
        pass


def fill(merchant: Merchant, shopper: Shopper, currency: str, lines: list[Line]) -> Cart:
    """Put lines into a cart."""
    step, now = charge_step(currency), timezone.now()
    own: dict[str, Any] = {"merchant": merchant}
    cart = Cart.objects.create(**own, shopper=shopper, currency=currency, codes=["ONE", "TWO"])
    for line in lines:
        variant = make_variant(
            merchant, price=line.price * step, currency=currency, stock=None, requires_shipping=line.is_shipped
        )
        if line.live_price is not None:
            LivePrice.objects.create(
                **own, variant=variant, currency=currency, amount_minor=line.live_price * step,
                starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1),
            )  # fmt: skip
        if line.floor is not None:
            PriceFloor.objects.create(**own, product=variant.product, currency=currency, amount_minor=line.floor * step)
        CartLine.objects.create(**own, cart=cart, variant=variant, quantity=line.quantity)
    return cart


@pytest.mark.parametrize("currency", ["TWD", "USD", "JPY", "ISK", "KWD"])
@examples(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, promotions=PROMOTIONS, taxes=TAXES, fee=st.integers(0, 500))
def test_every_place_says_the_same_total(  # noqa: PLR0917 (hypothesis and pytest each give some)
    in_scope: Merchant,
    currency: str,
    lines: list[Line],
    promotions: list[dict[str, Any]],
    taxes: list[dict[str, Any]],
    fee: int,
) -> None:
    with undone():
        step = charge_step(currency)
        shopper = make_shopper(in_scope)
        make_address(shopper)
        method = make_delivery(in_scope, currency=currency, fee_minor=fee * step, free_from_minor=10**6 * step)
        DeliveryBand.objects.create(merchant=in_scope, method=method, starts_from=5000, fee_minor=fee * 2 * step)
        for fields in promotions:
            Promotion.objects.create(merchant=in_scope, currency=currency, **fields)
        for fields in taxes:
            TaxRate.objects.create(merchant=in_scope, country="TW", **fields)
        cart = fill(in_scope, shopper, currency, lines)

        seen = cart_view(shopper_id=shopper.pk, language="en")
        card = cart_card(seen)
        order = place_order(
            merchant=in_scope,
            shopper_id=shopper.pk,
            cart_id=cart.pk,
            cart_version=cart.version,
            language="en",
            shown_minor=card.total.minor,
        )
        assert_added_up(order)
        view = order_view(shopper_id=shopper.pk, reference=str(order.reference), language="en")
        assert view.totals.total == seen.totals.total
        assert (view.discounts, view.taxes) == (seen.discounts, seen.taxes)
        if order.total_minor == 0:
            return
        payment = payments.start_checkout(order_id=order.pk)
        params = session_params(payments._request(payment))
        sent = [item["quantity"] * item["price_data"]["unit_amount"] for item in params["line_items"]]
        assert sum(sent) == card.total.minor == payment.amount_minor == checkout_card(view, payment).total.minor
        assert all(item["price_data"]["unit_amount"] % step == 0 for item in params["line_items"])
        pay(fake_store(), payment.session_id)
        deliver_due()
        booked = LedgerEntry.objects.get(order=order)
        assert Money(booked.amount_minor, booked.currency) == seen.totals.total


def assert_added_up(order: Order) -> None:
    """The lines' own snapshots come to the order's."""
    rows = list(order.lines.all())
    assert sum(row.unit_minor * row.quantity for row in rows) == order.subtotal_minor
    assert sum(row.discount_minor for row in rows) == order.discount_minor
    assert all(row.discount_minor == sum(each["minor"] for each in row.discounts) for row in rows)
    assert order.total_minor == (order.subtotal_minor - order.discount_minor + order.delivery_minor + order.tax_minor)
    on_top = [tax["minor"] for row in rows for tax in row.taxes if not tax["is_included"]]
    assert sum(on_top) == sum(row.tax_minor for row in rows) <= order.tax_minor


def test_with_stripe_tax_stripe_is_asked_and_its_tax_is_written_when_it_is_paid(
    in_scope: Merchant, settings: Settings
) -> None:
    settings.STRIPE_TAX = True
    TaxRate.objects.create(merchant=in_scope, country="TW", percent=Decimal(5), is_included=False)
    shopper = make_shopper(in_scope)
    make_address(shopper)
    make_delivery(in_scope)
    cart = fill(in_scope, shopper, "TWD", [Line(98000, 1, None, None, True)])
    order = place_order(
        merchant=in_scope, shopper_id=shopper.pk, cart_id=cart.pk, cart_version=cart.version, language="en"
    )
    settings.STRIPE_TAX = False
    payment = payments.start_checkout(order_id=order.pk)
    settings.STRIPE_TAX = True

    params = session_params(payments._request(payment))

    assert order.tax_minor == 0  # the shop's own table rests
    assert params["automatic_tax"] == {"enabled": True}
    assert {item["price_data"]["tax_behavior"] for item in params["line_items"]} == {"exclusive"}
