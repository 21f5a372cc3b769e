"""Carries out a plan the shopper has agreed to: state, ledger, goods and outbox in one transaction."""

from __future__ import annotations

from collections import Counter

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from catalog.orders import ledger, promotions, stock
from catalog.orders.appointment_models import AppointmentState
from catalog.orders.appointments import changing, holding
from catalog.orders.desk import planning
from catalog.orders.desk.changing import write_changed_lines
from catalog.orders.desk.plans import MoneyMove, Plan
from catalog.orders.digital import granting
from catalog.orders.errors import InsufficientBalance, OrderStateError
from catalog.orders.events import publish_order, publish_return
from catalog.orders.models import (
    LedgerEntry,
    Order,
    OrderAddress,
    OrderRequest,
    PaymentMethod,
    PaymentMethodKind,
    RequestLine,
)
from catalog.orders.request_models import RequestKind, RequestState
from catalog.orders.states import Act, may, move


@transaction.atomic
def carry_out(plan: Plan, *, session: str = "") -> Order:
    """Do what the plan says and return the order; the caller holds its row's lock and planned under it.

    Raises: OrderStateError, InsufficientBalance, VariantUnavailable, AlreadyDownloaded; nothing is written then.
    """
    return _RUNS[plan.operation](plan, session)


def _cancel(plan: Plan, session: str) -> Order:
    granting.revoke_unfetched(plan.order)  # a file may have been fetched since it was planned
    return _end(plan, session)


def _end(plan: Plan, _session: str) -> Order:
    at = timezone.now()
    order = move(plan.order, Act.CANCEL, cancel_reason=plan.reason, checkout_open=False, reserved_until=None)
    ledger.refund_everything(order, at=at, reference="cancel")
    publish_order("order.cancelled", order, at=at)
    promotions.give_back(order)
    stock.release(order)
    return order


def _set_address(plan: Plan, _session: str) -> Order:
    assert plan.address is not None  # noqa: S101 (planning gives one)
    order = move(plan.order, Act.CHANGE_ADDRESS)
    OrderAddress.objects.filter(order=order).update(**plan.address.as_dict())
    return Order.objects.select_related("merchant").get(pk=order.pk)


def _set_payment(plan: Plan, _session: str) -> Order:
    order = move(plan.order, Act.CHANGE_PAYMENT)
    for money in plan.money:
        _book(order, money, reference="payment-change")
    return order


def _change_items(plan: Plan, session: str) -> Order:
    order = move(plan.order, Act.CHANGE_ITEMS)
    request = _write_request(plan, RequestKind.CHANGE, session, state=RequestState.DONE, decided_at=timezone.now())
    for money in plan.money:
        _book(order, money, reference=f"change:{request.pk}")
    before = _counted(order)
    write_changed_lines(order, plan.swaps)
    order.refresh_from_db()
    stock.rebalance(before=before, after=_counted(order))
    return order


def _return_items(plan: Plan, session: str) -> Order:
    order = move(plan.order, Act.REQUEST_RETURN)
    publish_return(order, _write_request(plan, RequestKind.RETURN, session))
    return order


def _exchange_items(plan: Plan, session: str) -> Order:
    order = move(plan.order, Act.REQUEST_EXCHANGE)
    request = _write_request(plan, RequestKind.EXCHANGE, session, held_minor=_hold(plan))
    request.lines.update(holds_stock=True)
    publish_return(order, request)
    stock.reserve_units(Counter(swap.variant.pk for swap in plan.swaps))
    return order


def _move_appointment(plan: Plan, _session: str) -> Order:
    assert plan.appointment is not None  # noqa: S101 (planning gives both)
    assert plan.slot is not None  # noqa: S101
    order = move(plan.order, Act.CHANGE_APPOINTMENT)
    changing.move_appointment(plan.appointment, plan.slot)
    return order


def _cancel_appointment(plan: Plan, _session: str) -> Order:
    assert plan.appointment is not None  # noqa: S101 (planning gives one)
    if not plan.stays and may(plan.order.state, Act.CANCEL):
        promotions.give_back(plan.order)  # before the time, as orders are placed
        holding.release(plan.appointment, state=AppointmentState.CANCELLED)
        return _end(plan, _session)
    order = move(plan.order, Act.CHANGE_APPOINTMENT)
    for place, money in enumerate(plan.money):
        _book(order, money, reference=f"appointment:{plan.appointment.pk}:{place}")
    changing.cancel_appointment(plan.appointment)
    return order


def _hold(plan: Plan) -> int:
    """Set the difference aside on the gift card that will pay it; return how much.

    Raises: InsufficientBalance when another exchange was faster.
    """
    card = plan.method
    if card is None or card.kind != PaymentMethodKind.GIFT_CARD or plan.difference_minor <= 0:
        return 0
    held = PaymentMethod.objects.filter(pk=card.pk, balance_minor__gte=F("held_minor") + plan.difference_minor).update(
        held_minor=F("held_minor") + plan.difference_minor
    )
    if not held:
        raise InsufficientBalance
    return plan.difference_minor


def _write_request(plan: Plan, kind: RequestKind, session: str, **fields: object) -> OrderRequest:
    """Write the request and its units; the database takes one of its kind an order.

    Raises: OrderStateError when there is one.
    """
    order = plan.order
    try:
        with transaction.atomic():
            request = OrderRequest.objects.create(
                merchant_id=order.merchant_id,
                order=order,
                kind=kind,
                method=plan.method,
                difference_minor=plan.difference_minor,
                session=session,
                **fields,
            )
    except IntegrityError:
        raise OrderStateError(number=order.number, state=order.get_state_display(), act=kind.value) from None
    RequestLine.objects.bulk_create(_request_lines(request, plan))
    return request


def _request_lines(request: OrderRequest, plan: Plan) -> list[RequestLine]:
    owned = {"merchant_id": request.merchant_id, "request": request}
    back = [
        RequestLine(**owned, line=unit.line, sku=unit.line.sku, title=unit.line.title, paid_minor=unit.paid_minor)
        for unit in plan.goes
    ]
    return back + [
        RequestLine(
            **owned,
            line=swap.unit.line,
            sku=swap.unit.line.sku,
            title=swap.unit.line.title,
            paid_minor=swap.unit.paid_minor,
            new_variant=swap.variant,
            new_sku=swap.variant.sku,
            new_unit_minor=swap.unit_minor,
        )
        for swap in plan.swaps
    ]


def _book(order: Order, money: MoneyMove, *, reference: str) -> LedgerEntry | None:
    at = timezone.now()
    if money.kind == "refund":
        return ledger.book_refund(order=order, amount=money.amount, reference=reference, at=at, method=money.method)
    assert money.method is not None  # noqa: S101 (planning refuses a charge without a method)
    ledger.book_payment(order=order, amount=money.amount, reference=reference, at=at, method=money.method)
    return None


def _counted(order: Order) -> Counter[int]:
    """Return the units that the order holds of each variant."""
    held: Counter[int] = Counter()
    if order.holds_stock:
        for variant_id, quantity in order.lines.filter(is_counted=True).values_list("variant_id", "quantity"):
            if variant_id is not None:
                held[variant_id] += quantity
    return held


_RUNS = {
    planning.CANCEL: _cancel,
    planning.SET_ADDRESS: _set_address,
    planning.SET_PAYMENT: _set_payment,
    planning.CHANGE_ITEMS: _change_items,
    planning.RETURN_ITEMS: _return_items,
    planning.EXCHANGE_ITEMS: _exchange_items,
    planning.MOVE_APPOINTMENT: _move_appointment,
    planning.CANCEL_APPOINTMENT: _cancel_appointment,
}
