"""The tools that book a service for a time: which times are free, and a time into the cart."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.orders.appointment_models import Appointment, Service
from catalog.orders.appointments.choosing import moment_of
from catalog.orders.appointments.days import free_days
from catalog.orders.appointments.errors import NotAService, SlotUnreadable
from catalog.orders.appointments.slots import service_of
from catalog.orders.desk.finding import own_order, shown_number
from catalog.orders.desk.times import standing_appointment
from catalog.orders.errors import OrderError
from catalog.products.selectors import ProductView
from tools.bookable import service_meant
from tools.cards import product_card
from tools.cart import QUANTITY_MAX, cart_now, put_into_cart
from tools.choosing import ChosenProduct, RowId, chosen_id, product_or_refusal
from tools.context import ToolContext
from tools.fence import fenced, plain
from tools.lines import cart_text
from tools.record import note
from tools.results import SlotDay, SlotsCard, SlotTime, ToolResult
from tools.shop import in_shop
from tools.tool import Refusal, tool


class FreeSlots(ChosenProduct):
    """Which service, from which day on."""

    name: str = Field(
        default="", max_length=200, description="Or the service as the shopper named it; it need not be exact."
    )
    from_day: str = Field(
        default="",
        max_length=10,
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        description="First day to look at, YYYY-MM-DD. Empty = today.",
    )
    seats: int = Field(default=1, ge=1, le=QUANTITY_MAX, description="How many people come, 1 to 99.")
    order_number: str = Field(
        default="", max_length=24, description="Only to move an appointment: the number of its order."
    )


class ChooseSlot(ChosenProduct):
    """Which service, and when."""

    starts_at: str = Field(
        min_length=16, max_length=40, description="The time exactly as free_slots listed it: 2026-11-25T14:00:00+08:00."
    )
    seats: int = Field(default=1, ge=1, le=QUANTITY_MAX, description="How many people come, 1 to 99.")
    variant_id: RowId | None = Field(default=None, description="Id of the variant, when the service has several.")


@tool(FreeSlots, text_max=3_000)
async def free_slots(ctx: ToolContext, given: FreeSlots) -> ToolResult:
    """List the free times of a service that is booked for a time (a consultation, a class), and show them as a card.

    Use it before choose_slot, and with order_number to move an appointment. Never name a time it did not list.
    """
    return await in_shop(ctx, list_slots, given)


@tool(ChooseSlot, writes=True)
async def choose_slot(ctx: ToolContext, given: ChooseSlot) -> ToolResult:
    """Put a service into the shopper's cart for one of the times that free_slots listed.

    Use it only when the shopper chose the time. Choosing again replaces it. Nothing is booked before he has paid.
    """
    return await in_shop(ctx, _choose, given)


def list_slots(_merchant: Merchant, ctx: ToolContext, given: FreeSlots) -> ToolResult:
    """Return the card of free times. Call inside the shop.

    Raises: Refusal, OrderError.
    """
    if given.order_number:
        return _slots_to_move(ctx, given)
    view = product_or_refusal(ctx, service_meant(ctx, given, name=given.name))
    service = _service(view)
    if not view.can_be_bought_here:
        raise Refusal("not_for_sale", "It has no price here.", [product_card(view, ctx)])
    card = slots_card(view, service, first_day=day_of(given.from_day), seats=given.seats)
    return _told(card, f"id={view.product_id} {plain(view.title)}")


def _slots_to_move(ctx: ToolContext, given: FreeSlots) -> ToolResult:
    if not ctx.may_write:
        raise Refusal("not_here", "Orders are told only in a direct message.")
    order = own_order(shopper_id=ctx.shopper_id, number=given.order_number)
    row = standing_appointment(order)
    view = product_or_refusal(ctx, row.service.product_id)
    card = slots_card(view, row.service, first_day=day_of(given.from_day), seats=row.seats, moves=row)
    number = shown_number(order)
    note(subject=number, shown=[number])
    return _told(card.model_copy(update={"order_number": number}), f"order {number}, now {row.starts_at.isoformat()}")


def day_of(text: str) -> date | None:
    """Return the day that was named, None for none.

    Raises: SlotUnreadable.
    """
    try:
        day = parse_date(text) if text else None
    except ValueError:
        raise SlotUnreadable from None
    if text and day is None:
        raise SlotUnreadable
    return day


def slots_card(
    view: ProductView,
    service: Service,
    *,
    first_day: date | None = None,
    seats: int = 1,
    moves: Appointment | None = None,
) -> SlotsCard:
    """Return the free times of a service; `moves` is the appointment that looks for another time."""
    found = free_days(service=service, first_day=first_day, seats=seats, without=moves)
    return SlotsCard(
        product_id=view.product_id,
        variant_id=view.variants[0].variant_id,
        title=view.title,
        minutes=service.duration_minutes,
        zone=found.zone,
        seats=seats,
        days=tuple(
            SlotDay(
                day=day.day.isoformat(),
                label=day.label,
                times=tuple(SlotTime(starts_at=at.starts_at, label=at.label, left=at.left) for at in day.times),
            )
            for day in found.days
        ),
        later=found.later.isoformat() if found.later else "",
    )


def _told(card: SlotsCard, head: str) -> ToolResult:
    """Return the card with what the model reads of it; every time on the card may be chosen."""
    times = [at.starts_at for day in card.days for at in day.times]
    note(shown=times)
    if not times:
        return ToolResult(text=f"{head}: no free times in the period that can be booked.", cards=(card,))
    read = times[: settings.APPOINTMENT_SLOTS_READ]
    more = " The card shows more." if len(times) > len(read) or card.later else ""
    text = f"Free times of {head}, {card.minutes} min ({card.zone}):\n{fenced(read, limit=2_400)}{more}"
    return ToolResult(text=text, cards=(card,))


def _service(view: ProductView) -> Service:
    """Return the service that a product is.

    Raises: NotAService.
    """
    service = service_of(view.product_id)
    if service is None or not service.is_active:
        raise NotAService(title=view.title)
    return service


def _choose(merchant: Merchant, ctx: ToolContext, given: ChooseSlot) -> ToolResult:
    view = product_or_refusal(ctx, chosen_id(ctx, given))
    service = _service(view)
    variant_id = given.variant_id or view.variants[0].variant_id
    if variant_id not in {variant.variant_id for variant in view.variants}:
        raise Refusal("variant_not_found", f"variant_id {variant_id} is not a variant of this service.")
    try:
        put_into_cart(merchant, ctx, variant_id=variant_id, quantity=given.seats, starts_at=moment_of(given.starts_at))
    except OrderError as error:
        cards = (slots_card(view, service, seats=given.seats),) if error.code == "slot_taken" else ()
        raise Refusal(error.code, error.message, cards or [product_card(view, ctx)]) from error
    card = cart_now(merchant, ctx)
    text = _("In your cart. The time is yours once it is paid.")
    return ToolResult(text=f"{text}\nThe cart now:\n{cart_text(card)}", cards=(card,))
