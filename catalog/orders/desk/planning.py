"""What each write may do and when: every rule, checked before the shopper is asked and again when he has agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.money import Money
from catalog.orders.addresses import Address, check_address
from catalog.orders.countries import country_code, country_name
from catalog.orders.desk.errors import (
    CancelReasonUnknown,
    ChargeNotPossible,
    NotSinglePayment,
    OrderDisputed,
    RefundTargetNotAllowed,
    SamePaymentMethod,
)
from catalog.orders.desk.finding import own_method
from catalog.orders.desk.plans import MoneyMove, Plan, others
from catalog.orders.desk.times import CANCEL_APPOINTMENT as CANCEL_APPOINTMENT
from catalog.orders.desk.times import MOVE_APPOINTMENT as MOVE_APPOINTMENT
from catalog.orders.desk.times import check_cancellable, check_things, plan_cancel, plan_move
from catalog.orders.desk.units import Swap, chosen, swaps_of, units_of
from catalog.orders.errors import AddressMissing, InsufficientBalance, NoDelivery, OrderStateError
from catalog.orders.ledger import net_by_method
from catalog.orders.models import DeliveryMethod, LedgerKind, Order, OrderState, PaymentMethod, PaymentMethodKind
from catalog.orders.states import Act, may

CANCEL = "order.cancel"
SET_ADDRESS = "order.set_address"
SET_PAYMENT = "order.set_payment"
CHANGE_ITEMS = "order.modify_items"
RETURN_ITEMS = "order.return_items"
EXCHANGE_ITEMS = "order.exchange_items"

CANCEL_REASONS = ("no longer needed", "ordered by mistake")
ADDRESS_FIELDS = ("line1", "line2", "city", "state", "postal_code", "country")
_ACTS = {
    CANCEL: Act.CANCEL,
    SET_ADDRESS: Act.CHANGE_ADDRESS,
    SET_PAYMENT: Act.CHANGE_PAYMENT,
    CHANGE_ITEMS: Act.CHANGE_ITEMS,
    RETURN_ITEMS: Act.REQUEST_RETURN,
    EXCHANGE_ITEMS: Act.REQUEST_EXCHANGE,
    MOVE_APPOINTMENT: Act.CHANGE_APPOINTMENT,
    CANCEL_APPOINTMENT: Act.CHANGE_APPOINTMENT,
}


def plan(order: Order, *, operation: str, arguments: Mapping[str, Any]) -> Plan:
    """Return what `operation` would do with the order as it is now.

    Raises: OrderError with the code of the first rule that is broken; KeyError for an unknown operation.
    """
    act = _ACTS[operation]
    if not may(order.state, act) or order.state == OrderState.EXPIRED:
        raise OrderStateError(number=order.number, state=order.get_state_display(), act=act.value)
    if order.is_disputed:
        raise OrderDisputed
    return _PLANS[operation](order, arguments)


def _cancel(order: Order, arguments: Mapping[str, Any]) -> Plan:
    reason = str(arguments["reason"])
    if reason not in CANCEL_REASONS:
        raise CancelReasonUnknown
    check_cancellable(order)
    money = tuple(MoneyMove("refund", paid, method) for method, paid in net_by_method(order) if paid.minor > 0)
    return Plan(order, CANCEL, money=money, goes=tuple(units_of(order)), reason=reason, is_once=True)


def _set_address(order: Order, arguments: Mapping[str, Any]) -> Plan:
    kept = getattr(order, "address", None)
    if kept is None:
        raise AddressMissing  # nothing of it travels
    given = {name: str(arguments.get(name) or "") for name in ADDRESS_FIELDS}
    address = check_address({"recipient": kept.recipient, "phone": kept.phone, **given})
    _check_delivery(order, address)
    return Plan(order, SET_ADDRESS, address=address, stays=tuple(units_of(order)))


def _check_delivery(order: Order, address: Address) -> None:
    """The way it was to be sent, which is paid for, must go there too."""
    sent = DeliveryMethod.objects.filter(code=order.delivery_code, currency=order.currency).first()
    if sent is None or not sent.countries:
        return
    if country_code(address.country) not in {country_code(code) for code in sent.countries}:
        raise NoDelivery(country=country_name(address.country))


def _set_payment(order: Order, arguments: Mapping[str, Any]) -> Plan:
    method = own_method(order=order, ref=str(arguments["payment_method"]))
    entries = list(order.ledger.select_related("method"))
    if len(entries) != 1 or entries[0].kind != LedgerKind.PAYMENT:
        raise NotSinglePayment
    paid = entries[0]
    if method is None or method.pk == paid.method_id:
        raise SamePaymentMethod
    amount = Money(paid.amount_minor, paid.currency)
    _check_cover(method, amount)
    money = (MoneyMove("payment", amount, method), MoneyMove("refund", amount, paid.method))
    return Plan(order, SET_PAYMENT, money=money, method=method, stays=tuple(units_of(order)), is_once=True)


def _change_items(order: Order, arguments: Mapping[str, Any]) -> Plan:
    return _swapped(order, CHANGE_ITEMS, arguments, later=False)


def _exchange_items(order: Order, arguments: Mapping[str, Any]) -> Plan:
    return _swapped(order, EXCHANGE_ITEMS, arguments, later=True)


def _swapped(order: Order, operation: str, arguments: Mapping[str, Any], *, later: bool) -> Plan:
    units = units_of(order)  # read once: another connection may be changing them while this is only a proposal
    swaps = swaps_of(order, units, skus=_skus(arguments["variants"]), new_skus=_skus(arguments["new_variants"]))
    check_things([swap.unit for swap in swaps])
    method = own_method(order=order, ref=str(arguments.get("payment_method") or ""))
    difference = sum(swap.difference_minor for swap in swaps)
    if difference > 0:
        _check_charge(method, Money(difference, order.currency))
    return Plan(
        order,
        operation,
        swaps=tuple(swaps),
        stays=others(units, [swap.unit for swap in swaps]),
        money=_difference(order, swaps, method, later=later),
        method=method,
        difference_minor=difference,
        is_once=True,
    )


def _difference(
    order: Order, swaps: Sequence[Swap], method: PaymentMethod | None, *, later: bool
) -> tuple[MoneyMove, ...]:
    """Return the one move of money that a swap leads to; none when the prices are equal."""
    minor = sum(swap.difference_minor for swap in swaps)
    if not minor:
        return ()
    amount = Money(abs(minor), order.currency)
    if minor > 0:
        return (MoneyMove("later_payment" if later else "payment", amount, method),)
    return (MoneyMove("later_refund" if later else "refund", amount, method),)


def _return_items(order: Order, arguments: Mapping[str, Any]) -> Plan:
    units = units_of(order)
    goes = chosen(units, _skus(arguments["variants"]))
    check_things(goes)
    method = own_method(order=order, ref=str(arguments.get("payment_method") or ""))
    first = order.ledger.order_by("pk").first()
    is_first = first is not None and (method.pk if method else None) == first.method_id
    if not is_first and (method is None or method.kind != PaymentMethodKind.GIFT_CARD):
        raise RefundTargetNotAllowed
    worth = sum(unit.paid_minor for unit in goes)
    return Plan(
        order,
        RETURN_ITEMS,
        goes=tuple(goes),
        stays=others(units, goes),
        money=(MoneyMove("later_refund", Money(worth, order.currency), method),) if worth else (),
        method=method,
        difference_minor=-worth,
        is_once=True,
    )


def _check_charge(method: PaymentMethod | None, amount: Money) -> None:
    if method is None:
        raise ChargeNotPossible
    _check_cover(method, amount)


def _check_cover(method: PaymentMethod, amount: Money) -> None:
    """A gift card must hold the amount beside what is held for exchanges."""
    if method.kind == PaymentMethodKind.GIFT_CARD and (method.balance_minor or 0) - method.held_minor < amount.minor:
        raise InsufficientBalance


def _skus(given: Any) -> list[str]:
    return [str(sku) for sku in given]


_PLANS = {
    CANCEL: _cancel,
    SET_ADDRESS: _set_address,
    SET_PAYMENT: _set_payment,
    CHANGE_ITEMS: _change_items,
    RETURN_ITEMS: _return_items,
    EXCHANGE_ITEMS: _exchange_items,
    MOVE_APPOINTMENT: plan_move,
    CANCEL_APPOINTMENT: plan_cancel,
}
OPERATIONS = tuple(_PLANS)
