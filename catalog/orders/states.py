"""The order's states as data: which act leads from where to where."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from types import MappingProxyType

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from catalog import observing
from catalog.money import Money
from catalog.orders.errors import OrderDisputed, OrderOwes, OrderStateError
from catalog.orders.models import Order, OrderState


class Act(StrEnum):
    """What can happen to an order."""

    PAY = "pay"
    PAY_LATE = "pay_late"  # the money came after the order had expired, and the goods were still there
    EXPIRE = "expire"
    CANCEL = "cancel"
    CHANGE_ADDRESS = "change_address"
    CHANGE_PAYMENT = "change_payment"
    CHANGE_ITEMS = "change_items"
    CHANGE_APPOINTMENT = "change_appointment"  # another time, or none: the rest of the order goes on as before
    WITHDRAW = "withdraw"  # the merchant's own cancellation, where a shopper's is no longer possible
    PROCESS = "process"
    DELIVER = "deliver"
    REQUEST_RETURN = "request_return"
    REQUEST_EXCHANGE = "request_exchange"
    REFUSE_REQUEST = "refuse_request"
    FINISH_RETURN = "finish_return"
    FINISH_EXCHANGE = "finish_exchange"


TRANSITIONS: Mapping[tuple[OrderState, Act], OrderState] = MappingProxyType(
    {
        (OrderState.AWAITING_PAYMENT, Act.PAY): OrderState.PAID,
        (OrderState.AWAITING_PAYMENT, Act.EXPIRE): OrderState.EXPIRED,
        (OrderState.AWAITING_PAYMENT, Act.CANCEL): OrderState.CANCELLED,
        (OrderState.EXPIRED, Act.PAY_LATE): OrderState.PAID,
        (OrderState.EXPIRED, Act.CANCEL): OrderState.CANCELLED,
        (OrderState.PAID, Act.CANCEL): OrderState.CANCELLED,
        (OrderState.PAID, Act.CHANGE_ADDRESS): OrderState.PAID,
        (OrderState.PAID, Act.CHANGE_PAYMENT): OrderState.PAID,
        (OrderState.PAID, Act.CHANGE_ITEMS): OrderState.PAID_MODIFIED,
        (OrderState.PAID, Act.CHANGE_APPOINTMENT): OrderState.PAID,
        (OrderState.PAID, Act.PROCESS): OrderState.PROCESSED,
        (OrderState.PAID_MODIFIED, Act.WITHDRAW): OrderState.CANCELLED,
        (OrderState.PAID_MODIFIED, Act.CHANGE_APPOINTMENT): OrderState.PAID_MODIFIED,
        (OrderState.PAID_MODIFIED, Act.PROCESS): OrderState.PROCESSED,
        (OrderState.PROCESSED, Act.CHANGE_APPOINTMENT): OrderState.PROCESSED,
        (OrderState.PROCESSED, Act.DELIVER): OrderState.DELIVERED,
        (OrderState.DELIVERED, Act.CHANGE_APPOINTMENT): OrderState.DELIVERED,
        (OrderState.DELIVERED, Act.REQUEST_RETURN): OrderState.RETURN_REQUESTED,
        (OrderState.DELIVERED, Act.REQUEST_EXCHANGE): OrderState.EXCHANGE_REQUESTED,
        (OrderState.RETURN_REQUESTED, Act.REFUSE_REQUEST): OrderState.DELIVERED,
        (OrderState.RETURN_REQUESTED, Act.FINISH_RETURN): OrderState.RETURNED,
        (OrderState.EXCHANGE_REQUESTED, Act.REFUSE_REQUEST): OrderState.DELIVERED,
        (OrderState.EXCHANGE_REQUESTED, Act.FINISH_EXCHANGE): OrderState.EXCHANGED,
    }
)

# While the bank decides who has the money nothing is sent and nothing is paid back: it would be given twice.
_HELD_BY_DISPUTE = (Act.PROCESS, Act.FINISH_RETURN, Act.FINISH_EXCHANGE)

# What a shopper sees of the way: four stages; the states outside it are told in words.
STAGES: tuple[tuple[OrderState, object], ...] = (
    (OrderState.AWAITING_PAYMENT, _("Ordered")),
    (OrderState.PAID, _("Paid")),
    (OrderState.PROCESSED, _("Sent")),
    (OrderState.DELIVERED, _("Delivered")),
)


def may(state: str, act: Act) -> bool:
    """Return whether `act` is possible in `state`."""
    return (OrderState(state), act) in TRANSITIONS


def move(order: Order, act: Act, **changes: object) -> Order:
    """Take `order` one step and write `changes` with it, in one statement that holds only if nobody was faster.

    Raises: OrderStateError when the table has no such step, or the order moved meanwhile; OrderDisputed instead of
    sending, or paying back, what the cardholder has asked the bank about; OrderOwes instead of sending what is not
    paid in full.
    """
    if act in _HELD_BY_DISPUTE and order.is_disputed:
        raise OrderDisputed(number=order.number)
    if act == Act.PROCESS and order.owed_minor > 0:
        raise OrderOwes(number=order.number, amount=Money(order.owed_minor, order.currency))
    target = TRANSITIONS.get((OrderState(order.state), act))
    refusal = OrderStateError(number=order.number, state=order.get_state_display(), act=act.value)
    if target is None:
        raise refusal
    moved = Order.objects.filter(pk=order.pk, state=order.state).update(
        state=target, version=F("version") + 1, **changes
    )
    if not moved:
        raise refusal
    before = OrderState(order.state)
    # Counted when it is true: a transaction that is taken back moved nothing.
    transaction.on_commit(partial(observing.count, "order_moves", before=before.value, after=target.value), robust=True)
    order.refresh_from_db()
    return order
