"""Past customers and orders are taken over as they were, once."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.accounts.models import Merchant, Shopper
from catalog.money import Money
from catalog.orders import ledger
from catalog.orders.importing import ImportRefused, import_customers, import_orders, state_in_file
from catalog.orders.models import Fulfillment, LedgerEntry, Order, PaymentMethod
from tests.catalog.buying import Buying
from tests.factories import make_variant

ADDRESS = {
    "line1": "215 River Road",
    "line2": "Suite 991",
    "city": "New York",
    "state": "NY",
    "country": "USA",
    "postal_code": "10083",
}
CUSTOMER: dict[str, Any] = {
    "id": "james_li_5688",
    "first_name": "James",
    "last_name": "Li",
    "email": "james@example.com",
    "address": ADDRESS,
    "payment_methods": [
        {"id": "credit_card_1", "kind": "credit_card", "brand": "visa", "last4": "9212"},
        {"id": "gift_card_1", "kind": "gift_card", "balance": "60.50"},
    ],
    "orders": ["#W1"],
}
ORDER: dict[str, Any] = {
    "id": "#W1",
    "customer": "james_li_5688",
    "status": "processed",
    "address": ADDRESS,
    "lines": [
        {"product": "p", "variant": "646", "name": "Water Bottle", "price": "47.84", "options": {"material": "glass"}},
        {"product": "p", "variant": "646", "name": "Water Bottle", "price": "47.84", "options": {"material": "glass"}},
        {"product": "q", "variant": "842", "name": "Office Chair", "price": "488.81", "options": {}},
    ],
    "fulfilments": [{"tracking": ["357962501027"], "variants": ["646", "646", "842"]}],
    "ledger": [{"type": "payment", "amount": "584.49", "method": "gift_card_1"}],
    "cancel_reason": None,
    "exchange": None,
    "return": None,
}


def load(merchant: Merchant, *orders: dict[str, Any]) -> tuple[int, int]:
    return import_customers(merchant=merchant, rows=[CUSTOMER]), import_orders(merchant=merchant, rows=orders)


def test_a_customer_comes_with_address_and_payment_methods(in_scope: Merchant) -> None:
    load(in_scope)

    shopper = Shopper.objects.get()
    assert (shopper.external_id, shopper.display_name, shopper.email) == (
        "james_li_5688",
        "James Li",
        "james@example.com",
    )
    assert shopper.address.city == "New York"
    methods = PaymentMethod.objects.order_by("id").values_list("kind", "brand", "last4", "balance_minor", "currency")
    assert list(methods) == [("credit_card", "visa", "9212", None, ""), ("gift_card", "", "", 6050, "USD")]


def test_an_order_comes_with_lines_parcel_and_ledger(in_scope: Merchant) -> None:
    bottle = make_variant(in_scope, external_id="646")

    assert load(in_scope, ORDER) == (1, 1)

    order = Order.objects.get()
    assert (order.number, order.external_id, order.state, state_in_file(order)) == (
        "W1",
        "#W1",
        "processed",
        "processed",
    )
    assert (order.total, order.is_test, order.holds_stock) == (Money(58449, "USD"), False, False)
    lines = list(order.lines.all())
    assert [(line.variant, line.title, line.unit_minor) for line in lines] == [
        (bottle, "Water Bottle", 4784),
        (bottle, "Water Bottle", 4784),
        (None, "Office Chair", 48881),
    ]
    parcel = Fulfillment.objects.get()
    assert (parcel.tracking_numbers, parcel.line_ids) == (["357962501027"], [line.pk for line in lines])
    entry = LedgerEntry.objects.get()
    assert entry.method is not None
    assert (entry.kind, entry.amount_minor, entry.method.external_id) == ("payment", 58449, "gift_card_1")
    assert order.address.postal_code == "10083"


def test_doing_it_again_changes_nothing(in_scope: Merchant) -> None:
    load(in_scope, ORDER)

    assert load(in_scope, ORDER) == (0, 0)

    counts = [model.objects.count() for model in (Shopper, PaymentMethod, Order, LedgerEntry, Fulfillment)]
    assert counts == [1, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("file", "ours"),
    [("pending", "paid"), ("processed", "processed"), ("delivered", "delivered"), ("cancelled", "cancelled")],
)
def test_states_are_translated_there_and_back(in_scope: Merchant, file: str, ours: str) -> None:
    load(in_scope, {**ORDER, "status": file})

    order = Order.objects.get()
    assert (order.state, state_in_file(order)) == (ours, file)


def test_a_cancelled_order_nets_to_nothing(in_scope: Merchant) -> None:
    refund = {"type": "refund", "amount": "584.49", "method": "gift_card_1"}
    load(
        in_scope,
        {**ORDER, "status": "cancelled", "cancel_reason": "no longer needed", "ledger": [*ORDER["ledger"], refund]},
    )

    assert ledger.net_paid(Order.objects.get()) == Money(0, "USD")
    assert Order.objects.get().cancel_reason == "no longer needed"


def test_stock_is_not_touched(buying: Buying) -> None:
    bottle = make_variant(buying.merchant, external_id="646", stock=5)

    load(buying.merchant, {**ORDER, "status": "pending"})

    assert buying.stock(bottle) == (5, 0)


def test_the_shops_own_numbers_go_on_after_imported_ones(buying: Buying) -> None:
    load(buying.merchant, {**ORDER, "id": "#4711"})

    assert buying.order().number == "4712"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"status": "lost"}, "order #W1: status 'lost' is not one of pending, processed, delivered, cancelled"),
        ({"customer": "nobody"}, "order #W1: customer 'nobody' is not known; import customers first"),
        (
            {"ledger": [{"type": "payment", "amount": "1.00", "method": "paypal_9"}]},
            "order #W1: payment method 'paypal_9' is not the customer's",
        ),
    ],
)
def test_a_row_that_cannot_be_taken_over_is_named_and_nothing_is_written(
    in_scope: Merchant, change: dict[str, Any], complaint: str
) -> None:
    import_customers(merchant=in_scope, rows=[CUSTOMER])

    with pytest.raises(ImportRefused) as refused:
        import_orders(merchant=in_scope, rows=[{**ORDER, **change}])

    assert str(refused.value) == complaint
    assert Order.objects.count() == 0
