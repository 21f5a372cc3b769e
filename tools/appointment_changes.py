"""The tools for a shopper's own appointments: which there are, another time, or none. The writes only propose."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.utils import timezone
from pydantic import Field

from catalog.accounts.identity import is_known
from catalog.accounts.models import Merchant
from catalog.orders.appointment_models import Appointment, AppointmentState
from catalog.orders.appointments.views import changes_until
from catalog.orders.appointments.wording import moment_text, when_text
from catalog.orders.desk import planning
from catalog.orders.desk.errors import NotAuthenticated
from catalog.orders.desk.finding import shown_number
from catalog.orders.models import Order
from catalog.orders.selectors import view_of
from tools.cards import order_card
from tools.context import ToolContext
from tools.fence import fenced, plain
from tools.order_writes import OrderNumber, ask
from tools.record import note
from tools.results import ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, tool

APPOINTMENTS_MAX = 10


class MyAppointments(Arguments):
    """Nothing to say: who asks is known."""


class MoveAppointment(Arguments):
    """Whose order, and when instead."""

    order_number: OrderNumber
    starts_at: str = Field(
        min_length=16, max_length=40, description="The new time exactly as free_slots listed it for this order."
    )


class CancelAppointment(Arguments):
    """Which order."""

    order_number: OrderNumber


@tool(MyAppointments, is_private=True)
async def my_appointments(ctx: ToolContext, given: MyAppointments) -> ToolResult:  # noqa: ARG001 (every tool takes both)
    """List this shopper's own appointments to come, with the number of their order and until when they can be changed.

    Use it before free_slots with order_number, move_appointment and cancel_appointment.
    """
    return await in_shop(ctx, _mine)


@tool(MoveAppointment, writes=True, is_private=True)
async def move_appointment(ctx: ToolContext, given: MoveAppointment) -> ToolResult:
    """Ask the shopper to confirm another time for the appointment of an order.

    The time must be one that free_slots listed for this order. Nothing happens until the shopper confirms on the card.
    """
    return await in_shop(ctx, ask, planning.MOVE_APPOINTMENT, given)


@tool(CancelAppointment, writes=True, is_private=True)
async def cancel_appointment(ctx: ToolContext, given: CancelAppointment) -> ToolResult:
    """Ask the shopper to confirm the cancellation of the appointment of an order; what it cost goes back.

    Other items of the order stay. Nothing happens until the shopper confirms on the card.
    """
    return await in_shop(ctx, ask, planning.CANCEL_APPOINTMENT, given)


def _mine(merchant: Merchant, ctx: ToolContext) -> ToolResult:
    rows = list(
        Appointment.objects.filter(
            order__shopper_id=ctx.shopper_id, state=AppointmentState.BOOKED, starts_at__gt=timezone.now()
        )
        .select_related("order__merchant", "service", "line")
        .order_by("starts_at")[:APPOINTMENTS_MAX]
    )
    if not rows:
        if not is_known(ctx.shopper_id) and not Order.objects.filter(shopper_id=ctx.shopper_id).exists():
            raise NotAuthenticated
        return ToolResult(text="This shopper has no appointments to come here.")
    numbers = [shown_number(row.order) for row in rows]
    note(shown=numbers)
    zone = ZoneInfo(merchant.timezone)
    lines = [f"order {number} | {_line(row, zone)}" for number, row in zip(numbers, rows, strict=True)]
    orders = {row.order_id: row.order for row in rows}
    cards = tuple(order_card(view_of(order, language=ctx.language), merchant.slug) for order in orders.values())
    return ToolResult(text=fenced(lines), cards=cards)


def _line(row: Appointment, zone: ZoneInfo) -> str:
    when = when_text(row.starts_at, row.ends_at, zone)
    until = moment_text(changes_until(row), zone)
    return f"{plain(row.line.title)} | {when} | can be moved or cancelled until {until}"
