"""The order's states as data: which act leads from where to where."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from catalog.orders.errors import OrderStateError
from catalog.orders.models import Order, OrderState


class Act(StrEnum):
    """What can happen to an order."""

    PAY = "pay"
    PAY_LATE = "pay_late"  # the money came after the order had expired, and the goods were still there
    EXPIRE = "expire"
    CANCEL = "cancel"
    PROCESS = "process"
    DELIVER = "deliver"


TRANSITIONS: Mapping[tuple[OrderState, Act], OrderState] = MappingProxyType(
    {
        (OrderState.AWAITING_PAYMENT, Act.PAY): OrderState.PAID,
        (OrderState.AWAITING_PAYMENT, Act.EXPIRE): OrderState.EXPIRED,
        (OrderState.AWAITING_PAYMENT, Act.CANCEL): OrderState.CANCELLED,
        (OrderState.EXPIRED, Act.PAY_LATE): OrderState.PAID,
        (OrderState.EXPIRED, Act.CANCEL): OrderState.CANCELLED,
        (OrderState.PAID, Act.CANCEL): OrderState.CANCELLED,
        (OrderState.PAID, Act.PROCESS): OrderState.PROCESSED,
        (OrderState.PROCESSED, Act.DELIVER): OrderState.DELIVERED,
    }
)

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

    Raises: OrderStateError when the table has no such step, or the order moved meanwhile.
    """
    target = TRANSITIONS.get((OrderState(order.state), act))
    refusal = OrderStateError(number=order.number, state=order.get_state_display(), act=act.value)
    if target is None:
        raise refusal
    moved = Order.objects.filter(pk=order.pk, state=order.state).update(
        state=target, version=F("version") + 1, **changes
    )
    if not moved:
        raise refusal
    order.refresh_from_db()
    return order
