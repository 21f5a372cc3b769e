"""Placing an order and what may happen to it then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.accounts.scoping import merchant_scope
from catalog.money import Money
from catalog.orders import errors, ledger, services
from catalog.orders.models import (
    Cart,
    DeliveryMethod,
    LedgerEntry,
    Order,
    OrderAddress,
    OrderLine,
    OrderState,
    ShopperAddress,
)
from catalog.orders.states import TRANSITIONS, Act, move
from catalog.orders.tasks import sweep_reservations
from catalog.products.models import Offer, Product
from tests.catalog.buying import Buying, make_buying
from tests.catalog.hearing import heard
from tests.factories import make_merchant, make_variant

NOW = timezone.now()


def pay(order: Order, reference: str = "pi_1") -> Order:
    return services.mark_paid(order_id=order.pk, paid=order.total, reference=reference, at=NOW)


def test_an_order_copies_lines_address_and_totals(buying: Buying) -> None:
    order = buying.place(buying.add(1, link_id="lnk1"))
    Product.objects.update(title="Renamed")
    Offer.objects.update(amount_minor=1)
    ShopperAddress.objects.update(city="Tainan")

    assert (order.number, order.state, order.language) == ("1001", "awaiting_payment", "en")
    assert (order.subtotal_minor, order.delivery_minor, order.tax_minor, order.total_minor) == (98000, 8000, 0, 106000)
    assert (order.delivery_code, order.delivery_name, order.is_test) == ("home", "Home delivery", True)
    line = OrderLine.objects.get()
    assert (line.title, line.sku, line.unit_minor, line.quantity, line.link_id) == (
        "Product 1",
        "SKU-1",
        98000,
        1,
        "lnk1",
    )
    assert OrderAddress.objects.get().city == "Taipei"
    assert order.reserved_until == order.placed_at + timedelta(minutes=40)


def test_placing_holds_stock_and_closes_the_cart(buying: Buying) -> None:
    order = buying.order(3)

    assert buying.stock() == (10, 3)
    assert order.holds_stock
    assert Cart.objects.get().is_open is False


def test_placing_twice_gives_the_same_order(buying: Buying) -> None:
    cart = buying.add(3)

    assert buying.place(cart).pk == buying.place(cart).pk

    assert Order.objects.count() == 1
    assert buying.stock() == (10, 3)


def test_numbers_rise_per_merchant(buying: Buying) -> None:
    numbers = [buying.order().number, buying.order().number]
    other = make_merchant()
    with merchant_scope(other):
        theirs = make_buying(other).order().number

    assert (numbers, theirs) == (["1001", "1002"], "1001")


def test_another_version_of_the_cart_is_refused(buying: Buying) -> None:
    cart = buying.add()
    buying.add()

    with pytest.raises(errors.CartChanged):
        buying.place(cart)

    assert Order.objects.count() == 0
    assert Cart.objects.get().is_open


def test_another_shoppers_cart_is_not_found(buying: Buying) -> None:
    cart = buying.add()
    other = make_merchant()
    with merchant_scope(other):
        stranger = make_buying(other)
        with pytest.raises(errors.CartNotFound):
            stranger.place(cart)

    assert Cart.objects.get().is_open


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda: ShopperAddress.objects.all().delete(), errors.AddressMissing),
        (lambda: ShopperAddress.objects.update(country="JP"), errors.NoDelivery),
        (lambda: DeliveryMethod.objects.update(is_active=False), errors.NoDelivery),
        (lambda: Offer.objects.all().delete(), errors.NotForSale),
        (lambda: Product.objects.update(status="archived"), errors.NotForSale),
    ],
)
def test_a_refused_order_changes_nothing(buying: Buying, spoil: object, error: type[errors.OrderError]) -> None:
    cart = buying.add()
    spoil()  # type: ignore[operator]

    with pytest.raises(error):
        buying.place(cart)

    assert (Order.objects.count(), OrderLine.objects.count(), buying.stock()) == (0, 0, (10, 0))
    cart.refresh_from_db()
    assert cart.is_open


def test_an_empty_cart_is_no_order(buying: Buying) -> None:
    cart = buying.add()
    cart.lines.all().delete()

    with pytest.raises(errors.CartEmpty):
        buying.place(cart)


def test_goods_that_do_not_travel_need_no_address_and_no_fee(buying: Buying) -> None:
    ShopperAddress.objects.all().delete()
    voucher = make_variant(buying.merchant, price=50000, requires_shipping=False)

    order = buying.place(buying.add(1, voucher))

    assert (order.total_minor, order.delivery_minor, order.delivery_code) == (50000, 0, "")


def test_of_two_shoppers_the_second_finds_the_last_unit_gone(buying: Buying) -> None:
    cart = buying.add(10)
    other = Buying(buying.merchant, buying.shopper, buying.variant)
    other_cart = cart
    buying.place(cart)

    other_cart = Cart.objects.create(merchant=buying.merchant, shopper=buying.shopper, currency="TWD")
    other_cart.lines.create(merchant=buying.merchant, variant=buying.variant, quantity=1)
    with pytest.raises(errors.VariantUnavailable) as refused:
        other.place(other_cart)

    assert refused.value.message == "Product 1 is sold out."
    assert buying.stock() == (10, 10)
    assert Order.objects.count() == 1


def test_running_out_and_coming_back_are_told_to_the_index(buying: Buying) -> None:
    order = buying.order(9)
    assert heard("product.changed") == []
    last = buying.order(1)

    services.cancel(order_id=last.pk, reason="ordered by mistake")
    services.cancel(order_id=order.pk, reason="ordered by mistake")

    assert heard("product.changed") == [{"product_ids": [buying.variant.product_id]}] * 2


def test_untracked_stock_never_runs_out(buying: Buying) -> None:
    endless = make_variant(buying.merchant, stock=None)

    buying.place(buying.add(50, endless))

    assert buying.stock(endless) == (0, 50)


def test_payment_is_booked_and_told_once(buying: Buying) -> None:
    order = buying.order(2)

    paid, again = pay(order), pay(order)

    assert (paid.state, paid.paid_at, again.version) == ("paid", NOW, 2)
    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.amount_minor, entry.currency, entry.reference) == ("payment", 196000, "TWD", "pi_1")
    [payload] = heard("order.paid")
    assert payload == {
        "order_id": order.pk,
        "order": "1001",
        "reference": str(order.reference),
        "shopper": str(buying.shopper.pk),
        "creator_id": None,
        "source_ref": "conversation:7f",
        "link_ids": [],
        "product_ids": [buying.variant.product_id],
        "amount_minor": 196000,
        "currency": "TWD",
        "is_test": True,
        "at": NOW.isoformat(),
    }
    assert buying.stock() == (10, 2)


@pytest.mark.parametrize("paid", [Money(106001, "TWD"), Money(105999, "TWD"), Money(106000, "USD")])
def test_another_amount_than_the_total_is_refused(buying: Buying, paid: Money) -> None:
    order = buying.order()

    with pytest.raises(errors.AmountMismatch):
        services.mark_paid(order_id=order.pk, paid=paid, reference="pi_1", at=NOW)

    order.refresh_from_db()
    assert (order.state, LedgerEntry.objects.count(), heard("order.paid")) == ("awaiting_payment", 0, [])


def test_sending_takes_units_off_the_shelf_and_delivery_follows(buying: Buying) -> None:
    order = pay(buying.order(2))

    services.mark_processed(order_id=order.pk, carrier="Black Cat", tracking_numbers=("T1",))
    delivered = services.mark_delivered(order_id=order.pk)

    assert buying.stock() == (8, 0)
    parcel = delivered.fulfillments.get()
    assert (parcel.tracking_numbers, parcel.line_ids) == (["T1"], [order.lines.get().pk])
    assert delivered.state == "delivered"
    assert parcel.delivered_at is not None


def test_cancelling_an_unpaid_order_gives_the_stock_back(buying: Buying) -> None:
    order = buying.order(2)

    cancelled = services.cancel(order_id=order.pk, reason="no longer needed")

    assert (cancelled.state, cancelled.cancel_reason, buying.stock()) == ("cancelled", "no longer needed", (10, 0))
    assert len(heard("order.cancelled")) == 1
    assert heard("refund.due") == []


def test_cancelling_a_paid_order_asks_for_its_refund(buying: Buying) -> None:
    order = pay(buying.order(2))

    services.cancel(order_id=order.pk, reason="no longer needed")

    entry = order.ledger.get(kind="refund")
    assert (entry.amount_minor, entry.method) == (196000, None)
    assert heard("refund.booked") == [
        {
            "order_id": order.pk,
            "ledger_entry_id": entry.pk,
            "amount_minor": 196000,
            "currency": "TWD",
            "method_id": None,
        }
    ]
    assert buying.stock() == (10, 0)


def test_cancelling_needs_a_reason(buying: Buying) -> None:
    order = buying.order()

    with pytest.raises(errors.BadReason):
        services.cancel(order_id=order.pk, reason="  ")

    order.refresh_from_db()
    assert order.state == "awaiting_payment"


def test_an_order_that_was_sent_is_not_cancelled(buying: Buying) -> None:
    order = pay(buying.order())
    services.mark_processed(order_id=order.pk)

    with pytest.raises(errors.OrderStateError) as refused:
        services.cancel(order_id=order.pk, reason="no longer needed")

    assert refused.value.message == "Order #1001 cannot be changed this way any more: Sent."
    assert buying.stock() == (9, 0)


@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("act", list(Act))
def test_only_the_steps_of_the_table_are_possible(buying: Buying, state: OrderState, act: Act) -> None:
    order = buying.order()
    Order.objects.update(state=state)
    order.refresh_from_db()

    if (state, act) in TRANSITIONS:
        assert move(order, act).state == TRANSITIONS[state, act]
    else:
        with pytest.raises(errors.OrderStateError):
            move(order, act)
        order.refresh_from_db()
        assert (order.state, order.version) == (state, 1)


def test_a_move_that_somebody_else_made_meanwhile_is_refused(buying: Buying) -> None:
    stale = buying.order()
    services.cancel(order_id=stale.pk, reason="no longer needed")

    with pytest.raises(errors.OrderStateError):
        move(stale, Act.PAY)


def test_the_sweeper_expires_what_was_never_taken_to_the_provider(buying: Buying) -> None:
    left, at_provider, fresh = buying.order(1), buying.order(2), buying.order(3)
    Order.objects.exclude(pk=fresh.pk).update(reserved_until=timezone.now() - timedelta(seconds=1))
    Order.objects.filter(pk=at_provider.pk).update(checkout_open=True)

    assert (sweep_reservations(), sweep_reservations()) == (1, 0)

    states = dict(Order.objects.values_list("pk", "state"))
    assert states == {left.pk: "expired", at_provider.pk: "awaiting_payment", fresh.pk: "awaiting_payment"}
    assert buying.stock() == (10, 5)


def test_money_for_an_expired_order_buys_it_while_the_goods_are_there(buying: Buying) -> None:
    order = services.expire(order_id=buying.order(4).pk)

    settled = services.settle_late_payment(order_id=order.pk, paid=order.total, reference="pi_1", at=NOW)

    assert (settled.state, settled.paid_at, buying.stock()) == ("paid", NOW, (10, 4))
    assert len(heard("order.paid")) == 1
    assert heard("refund.due") == []


def test_money_for_an_expired_order_whose_goods_are_gone_goes_back(buying: Buying) -> None:
    order = services.expire(order_id=buying.order(4).pk)
    buying.order(8)

    settled = services.settle_late_payment(order_id=order.pk, paid=order.total, reference="pi_1", at=NOW)

    assert (settled.state, settled.cancel_reason, buying.stock()) == ("cancelled", "paid_too_late", (10, 8))
    assert heard("refund.due") == [
        {"order_id": order.pk, "amount_minor": 392000, "currency": "TWD", "payment_reference": "pi_1"}
    ]
    assert heard("order.paid") == []
    assert len(heard("order.cancelled")) == 1
    assert ledger.net_paid(settled) == Money(392000, "TWD")


def test_a_second_payment_of_a_paid_order_goes_back_alone(buying: Buying) -> None:
    order = pay(buying.order(2))

    settled = services.settle_late_payment(order_id=order.pk, paid=order.total, reference="pi_2", at=NOW)

    assert settled.state == "paid"
    assert [event["payment_reference"] for event in heard("refund.due")] == ["pi_2"]


def test_a_ledger_entry_is_never_changed(buying: Buying) -> None:
    pay(buying.order())
    entry = LedgerEntry.objects.get()
    entry.amount_minor = 1

    with pytest.raises(ValueError, match="never changed"):
        entry.save()
