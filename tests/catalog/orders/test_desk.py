"""The order desk: each rule refuses with its code and changes nothing; what is allowed moves state, money and goods."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.accounts.models import Merchant
from catalog.orders.desk import errors, finishing, planning
from catalog.orders.errors import InsufficientBalance, OrderDisputed, OrderError, OrderStateError
from catalog.orders.ledger import net_by_method
from catalog.orders.models import LedgerEntry, Order, OrderRequest, PaymentMethod, RefundApproval
from catalog.products.models import Stock
from catalog.products.services import set_stock
from tests.catalog.hearing import heard
from tests.catalog.orders.desk_orders import Desk, make_desk
from tests.factories import make_shopper

ADDRESS = {"line1": "No. 8", "line2": "", "city": "Tainan", "state": "", "postal_code": "700", "country": "TW"}


@pytest.fixture
def desk(in_scope: Merchant) -> Desk:
    """A shopper with a cream and a bag to order."""
    return make_desk(in_scope)


def entries(order: Order) -> list[tuple[str, int, str]]:
    """Return the ledger as (kind, amount, method)."""
    rows = order.ledger.select_related("method").order_by("pk")
    return [(row.kind, row.amount_minor, row.method.external_id if row.method else "") for row in rows]


SWAP = {"variants": ["C-30"], "new_variants": ["C-50"], "payment_method": "card_1"}


@pytest.mark.parametrize(
    ("operation", "state", "arguments", "code"),
    [
        ("order.cancel", "delivered", {"reason": "no longer needed"}, "wrong_status"),
        ("order.cancel", "paid_modified", {"reason": "no longer needed"}, "wrong_status"),
        ("order.cancel", "paid", {"reason": "No Longer Needed"}, "bad_reason"),
        ("order.cancel", "paid", {"reason": ""}, "bad_reason"),
        ("order.set_address", "processed", ADDRESS, "wrong_status"),
        ("order.set_address", "paid_modified", ADDRESS, "wrong_status"),
        ("order.set_address", "paid", {**ADDRESS, "postal_code": "x"}, "address_invalid"),
        ("order.set_payment", "paid", {"payment_method": "card_1"}, "same_payment_method"),
        ("order.set_payment", "paid", {"payment_method": "card_9"}, "payment_method_not_found"),
        ("order.set_payment", "paid_modified", {"payment_method": "gift_1"}, "wrong_status"),
        ("order.modify_items", "delivered", SWAP, "wrong_status"),
        ("order.modify_items", "paid", {**SWAP, "variants": [], "new_variants": []}, "empty_selection"),
        ("order.modify_items", "paid", {**SWAP, "new_variants": ["C-50", "C-50"]}, "length_mismatch"),
        ("order.modify_items", "paid", {**SWAP, "variants": ["C-50"]}, "line_not_in_order"),
        (
            "order.modify_items",
            "paid",
            {**SWAP, "variants": ["C-30", "C-30"], "new_variants": ["C-50", "C-50"]},
            "line_not_in_order",
        ),
        ("order.modify_items", "paid", {**SWAP, "new_variants": ["C-30"]}, "same_variant"),
        ("order.modify_items", "paid", {**SWAP, "new_variants": ["B-red"]}, "wrong_product"),
        ("order.modify_items", "paid", {**SWAP, "new_variants": ["C-99"]}, "variant_unavailable"),
        ("order.modify_items", "paid", {**SWAP, "new_variants": ["C-1"]}, "variant_not_found"),
        ("order.exchange_items", "paid", SWAP, "wrong_status"),
        ("order.exchange_items", "delivered", {**SWAP, "new_variants": ["C-30"]}, "same_variant"),
        ("order.exchange_items", "return_requested", SWAP, "wrong_status"),
        ("order.return_items", "paid", {"variants": ["C-30"]}, "wrong_status"),
        ("order.return_items", "exchange_requested", {"variants": ["C-30"]}, "wrong_status"),
        ("order.return_items", "delivered", {"variants": []}, "empty_selection"),
        ("order.return_items", "delivered", {"variants": ["C-30", "C-30"]}, "line_not_in_order"),
    ],
)
def test_a_broken_rule_is_refused_by_its_code(
    operation: str, state: str, arguments: dict[str, Any], code: str, desk: Desk
) -> None:
    order = desk.order("C-30", "B-red", state=state)

    with pytest.raises(OrderError) as refused:
        desk.plan(order, operation, **arguments)

    assert refused.value.code == code


def test_a_cancelled_order_gives_every_method_what_it_has_net_paid(desk: Desk) -> None:
    order = desk.order("C-30", "B-red")
    desk.do(order, "order.set_payment", payment_method="gift_1")
    assert desk.balance() == (200_00, 0)

    cancelled = desk.do(order, "order.cancel", reason="ordered by mistake")

    assert (cancelled.state, cancelled.cancel_reason) == ("cancelled", "ordered by mistake")
    assert entries(order) == [
        ("payment", 800_00, "card_1"),
        ("payment", 800_00, "gift_1"),
        ("refund", 800_00, "card_1"),
        ("refund", 800_00, "gift_1"),
    ]
    assert {net.minor for _method, net in net_by_method(order)} == {0}
    assert desk.balance() == (1_000_00, 0)
    assert desk.stock("C-30") == (10, 0)
    assert [(said["amount_minor"], said["method_id"]) for said in heard("refund.booked")] == [
        (800_00, desk.card.pk),
        (800_00, desk.gift_card.pk),
    ]


def test_a_gift_card_must_cover_what_it_pays(desk: Desk) -> None:
    PaymentMethod.objects.filter(pk=desk.gift_card.pk).update(balance_minor=799_99)
    order = desk.order("C-30", "B-red")

    with pytest.raises(InsufficientBalance):
        desk.plan(order, "order.set_payment", payment_method="gift_1")

    assert entries(order) == [("payment", 800_00, "card_1")]


def test_the_payment_is_changed_once(desk: Desk) -> None:
    order = desk.order("B-red")
    desk.do(order, "order.set_payment", payment_method="gift_1")

    with pytest.raises(errors.NotSinglePayment):
        desk.plan(order, "order.set_payment", payment_method="card_1")


def test_other_items_are_booked_once_and_end_what_else_could_be_changed(desk: Desk) -> None:
    order = desk.order("C-30", "B-red")

    changed = desk.do(
        order,
        "order.modify_items",
        variants=["C-30", "B-red"],
        new_variants=["C-50", "B-blue"],
        payment_method="gift_1",
    )

    assert changed.state == "paid_modified"
    assert [(line.sku, line.unit_minor, line.options) for line in order.lines.all()] == [
        ("C-50", 800_00, {"Size": "50 ml"}),
        ("B-blue", 300_00, {"Colour": "blue"}),
    ]
    assert entries(order) == [("payment", 800_00, "card_1"), ("payment", 300_00, "gift_1")]
    changed.refresh_from_db()
    assert (changed.subtotal_minor, changed.total_minor) == (1_100_00, 1_100_00)
    assert desk.balance() == (700_00, 0)
    assert [desk.stock(sku) for sku in ("C-30", "C-50", "B-red", "B-blue")] == [(10, 0), (5, 1), (5, 0), (5, 1)]
    for operation, arguments in (
        ("order.modify_items", {**SWAP, "variants": ["C-50"], "new_variants": ["C-30"]}),
        ("order.cancel", {"reason": "no longer needed"}),
        ("order.set_address", ADDRESS),
        ("order.set_payment", {"payment_method": "gift_1"}),
    ):
        with pytest.raises(OrderStateError):
            desk.plan(order, operation, **arguments)


def test_a_change_that_costs_the_same_books_nothing(desk: Desk) -> None:
    order = desk.order("B-red")

    desk.do(order, "order.modify_items", variants=["B-red"], new_variants=["B-blue"], payment_method="card_1")

    assert entries(order) == [("payment", 300_00, "card_1")]


def test_a_chain_of_changes_is_read_from_the_lines_as_they_were(desk: Desk) -> None:
    order = desk.order("C-30", "C-50")

    desk.do(
        order,
        "order.modify_items",
        variants=["C-30", "C-50"],
        new_variants=["C-50", "C-30"],
        payment_method="card_1",
    )

    assert [line.sku for line in order.lines.all()] == ["C-50", "C-30"]
    assert len(entries(order)) == 1


def test_one_piece_of_a_line_is_changed_in_its_place_with_its_share_of_discount_and_tax(desk: Desk) -> None:
    order = desk.order("C-30", "B-red")
    first = order.lines.first()
    first.quantity, first.discount_minor, first.tax_minor = 3, 100_00, 70_00  # 1,500 - 100 + 70
    first.save()
    before = sum(line.paid_minor for line in order.lines.all())

    desk.do(order, "order.modify_items", variants=["C-30"], new_variants=["C-50"], payment_method="card_1")

    lines = list(order.lines.all())
    assert [(line.sku, line.quantity) for line in lines] == [("C-30", 2), ("C-50", 1), ("B-red", 1)]
    (entry,) = order.ledger.filter(kind="payment").exclude(reference="first")
    assert sum(line.paid_minor for line in lines) - before == entry.amount_minor
    assert lines[1].discount_minor + lines[0].discount_minor == 100_00


def test_a_sold_out_variant_at_the_last_moment_undoes_everything(desk: Desk) -> None:
    order = desk.order("C-30")
    plan = desk.plan(order, "order.modify_items", **SWAP)
    set_stock(variant_id=plan.swaps[0].variant.pk, on_hand=0)

    with pytest.raises(OrderError) as refused:
        planning_then_doing(plan)

    assert refused.value.code == "variant_unavailable"
    order.refresh_from_db()
    assert (order.state, entries(order)) == ("paid", [("payment", 500_00, "card_1")])
    assert desk.stock("C-30") == (10, 1)


def planning_then_doing(plan: Any) -> None:
    """Carry out a plan made a moment ago."""
    from catalog.orders.desk.carrying_out import carry_out

    carry_out(plan)


def test_an_exchange_holds_the_difference_so_that_two_cannot_lean_on_one_balance(desk: Desk) -> None:
    PaymentMethod.objects.filter(pk=desk.gift_card.pk).update(balance_minor=500_00)
    first, second = desk.order("C-30", state="delivered"), desk.order("C-30", state="delivered")
    wanted = {**SWAP, "payment_method": "gift_1"}

    desk.do(first, "order.exchange_items", **wanted)

    assert (desk.balance(), entries(first)) == ((500_00, 300_00), [("payment", 500_00, "card_1")])
    assert desk.stock("C-50") == (5, 1)
    with pytest.raises(InsufficientBalance):
        desk.plan(second, "order.exchange_items", **wanted)


def test_a_finished_exchange_books_the_difference_and_moves_the_goods(desk: Desk) -> None:
    order = desk.order("C-30", state="delivered")
    desk.do(order, "order.exchange_items", **{**SWAP, "payment_method": "gift_1"})
    request = OrderRequest.objects.get()

    done = finishing.finish_exchange(request_id=request.pk, actor_id=None)

    assert done.state == "exchanged"
    assert entries(order)[1:] == [("payment", 300_00, "gift_1")]
    assert desk.balance() == (700_00, 0)
    assert (desk.stock("C-50"), desk.stock("C-30")) == ((4, 0), (11, 0))
    with pytest.raises(finishing.RequestClosed):
        finishing.finish_exchange(request_id=request.pk, actor_id=None)


def test_a_refused_exchange_lets_everything_go(desk: Desk) -> None:
    order = desk.order("C-30", state="delivered")
    desk.do(order, "order.exchange_items", **{**SWAP, "payment_method": "gift_1"})

    back = finishing.refuse_request(request_id=OrderRequest.objects.get().pk, actor_id=None)

    assert (back.state, desk.balance(), desk.stock("C-50")) == ("delivered", (1_000_00, 0), (5, 0))
    assert len(entries(order)) == 1


def test_a_return_is_refunded_when_the_goods_came_back(desk: Desk) -> None:
    order = desk.order("C-30", "B-red", state="delivered")

    asked = desk.do(order, "order.return_items", variants=["B-red"], payment_method="gift_1")
    assert (asked.state, len(entries(order)), desk.balance()) == ("return_requested", 1, (1_000_00, 0))
    done = finishing.finish_return(request_id=OrderRequest.objects.get().pk, actor_id=None)

    assert done.state == "returned"
    assert entries(order)[1:] == [("refund", 300_00, "gift_1")]
    assert (desk.balance(), desk.stock("B-red")) == ((1_300_00, 0), (6, 0))


def test_a_return_goes_to_the_first_method_or_an_own_gift_card_only(desk: Desk) -> None:
    other = PaymentMethod.objects.create(
        merchant=desk.merchant, shopper=desk.shopper, kind="paypal", external_id="paypal_1"
    )
    order = desk.order("C-30", state="delivered")

    with pytest.raises(errors.RefundTargetNotAllowed):
        desk.plan(order, "order.return_items", variants=["C-30"], payment_method=other.external_id)
    assert desk.plan(order, "order.return_items", variants=["C-30"], payment_method="").method == desk.card


@pytest.mark.parametrize(
    ("operation", "state", "arguments"),
    [
        ("order.modify_items", "paid", SWAP),
        ("order.exchange_items", "delivered", SWAP),
        ("order.return_items", "delivered", {"variants": ["C-30"], "payment_method": "card_1"}),
    ],
)
def test_a_plan_is_made_from_one_look_at_the_lines(
    operation: str, state: str, arguments: dict[str, Any], desk: Desk
) -> None:
    # Two looks would see two orders when another connection changes it in between: seen as a ValueError under load.
    order = desk.order("C-30", "B-blue", state=state)

    with CaptureQueriesContext(connection) as asked:
        planning.plan(order, operation=operation, arguments=arguments)

    assert sum('FROM "orders_orderline"' in query["sql"] for query in asked) == 1


def test_another_shoppers_payment_method_is_not_there(desk: Desk) -> None:
    stranger = make_shopper(desk.merchant)
    PaymentMethod.objects.create(
        merchant=desk.merchant, shopper=stranger, kind="gift_card", balance_minor=9_000_00, currency="TWD",
        external_id="gift_9",
    )  # fmt: skip

    with pytest.raises(errors.PaymentMethodNotFound):
        desk.plan(desk.order("C-30"), "order.set_payment", payment_method="gift_9")


def test_the_database_takes_one_return_or_exchange_an_order(desk: Desk) -> None:
    order = desk.order("C-30", "B-red", state="delivered")
    plan = desk.plan(order, "order.return_items", variants=["B-red"])
    desk.do(order, "order.exchange_items", **SWAP)

    with pytest.raises(OrderStateError):
        planning_then_doing(plan)

    assert OrderRequest.objects.count() == 1


def test_a_refund_above_the_limit_is_booked_and_waits_for_a_person(desk: Desk) -> None:
    desk.merchant.refund_limits = {"TWD": 400_00}
    desk.merchant.save()
    order = desk.order("C-30")

    desk.do(order, "order.cancel", reason="no longer needed")

    approval = RefundApproval.objects.get()
    assert entries(order)[1:] == [("refund", 500_00, "card_1")]
    assert heard("refund.booked") == []
    assert finishing.approve_refund(approval_id=approval.pk, actor_id=None)
    assert not finishing.approve_refund(approval_id=approval.pk, actor_id=None)
    assert [said["ledger_entry_id"] for said in heard("refund.booked")] == [approval.entry_id]


def test_a_disputed_order_is_left_to_the_bank(desk: Desk) -> None:
    order = desk.order("C-30", is_disputed=True)

    with pytest.raises(errors.OrderDisputed):
        desk.plan(order, "order.cancel", reason="no longer needed")


def test_a_return_of_a_disputed_order_sends_no_money_before_the_bank_has_decided(desk: Desk) -> None:
    order = desk.order("C-30", "B-red", state="delivered")
    desk.do(order, "order.return_items", variants=["B-red"], payment_method="gift_1")
    request = OrderRequest.objects.get()
    Order.objects.update(is_disputed=True)

    with pytest.raises(OrderDisputed):
        finishing.finish_return(request_id=request.pk, actor_id=None)

    request.refresh_from_db()
    assert (request.state, len(entries(order)), desk.balance()) == ("requested", 1, (1_000_00, 0))
    assert desk.stock("B-red") == (5, 0)
    Order.objects.update(is_disputed=False)
    assert finishing.finish_return(request_id=request.pk, actor_id=None).state == "returned"
    assert desk.balance() == (1_300_00, 0)


def test_an_exchange_of_a_disputed_order_sends_nothing_and_can_be_refused(desk: Desk) -> None:
    order = desk.order("C-30", state="delivered")
    desk.do(order, "order.exchange_items", **{**SWAP, "payment_method": "gift_1"})
    request = OrderRequest.objects.get()
    Order.objects.update(is_disputed=True)

    with pytest.raises(OrderDisputed):
        finishing.finish_exchange(request_id=request.pk, actor_id=None)

    assert (len(entries(order)), desk.balance(), desk.stock("C-50")) == (1, (1_000_00, 300_00), (5, 1))
    assert finishing.refuse_request(request_id=request.pk, actor_id=None).state == "delivered"


def test_a_refund_that_waits_is_not_sent_while_the_order_is_disputed(desk: Desk) -> None:
    desk.merchant.refund_limits = {"TWD": 400_00}
    desk.merchant.save()
    desk.do(desk.order("C-30"), "order.cancel", reason="no longer needed")
    approval = RefundApproval.objects.get()
    Order.objects.update(is_disputed=True)

    with pytest.raises(OrderDisputed):
        finishing.approve_refund(approval_id=approval.pk, actor_id=None)

    approval.refresh_from_db()
    assert (approval.approved_at, heard("refund.booked")) == (None, [])
    Order.objects.update(is_disputed=False)
    assert finishing.approve_refund(approval_id=approval.pk, actor_id=None)


def test_goods_of_an_exchange_are_moved_in_the_order_in_which_orders_take_theirs(desk: Desk) -> None:
    # Two passes, back first, would hold C-50 and wait for C-30 while an order of both does the opposite.
    order = desk.order("C-50", state="delivered")
    swap = {"variants": ["C-50"], "new_variants": ["C-30"], "payment_method": "card_1"}
    desk.do(order, "order.exchange_items", **swap)

    with CaptureQueriesContext(connection) as asked:
        finishing.finish_exchange(request_id=OrderRequest.objects.get().pk, actor_id=None)

    moved = [query["sql"] for query in asked if query["sql"].startswith('UPDATE "products_stock"')]
    rows = [Stock.objects.get(variant__sku=sku).pk for sku in ("C-30", "C-50")]
    assert [int(sql.rpartition(" = ")[2].rstrip(")")) for sql in moved] == sorted(rows)
    assert (desk.stock("C-30"), desk.stock("C-50")) == ((9, 0), (6, 0))


def test_more_cannot_be_charged_to_a_closed_checkout(desk: Desk) -> None:
    order = desk.order("C-30")
    LedgerEntry.objects.filter(order=order).update(method=None)

    with pytest.raises(errors.ChargeNotPossible):
        desk.plan(order, "order.modify_items", **{**SWAP, "payment_method": "original"})


def test_every_operation_has_a_plan_and_a_run() -> None:
    from catalog.orders.desk import carrying_out

    assert set(planning.OPERATIONS) == set(carrying_out._RUNS)
