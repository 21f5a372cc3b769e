"""The buttons of a card with free times: other days, a time into the cart, an appointment to another time."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from pydantic import ValidationError

from catalog.accounts.models import Merchant
from catalog.orders.appointments.choosing import moment_of
from catalog.orders.appointments.errors import SlotUnreadable
from catalog.orders.desk.planning import MOVE_APPOINTMENT
from catalog.orders.errors import OrderError
from catalog.payments.errors import PaymentError
from catalog.products.models import Variant
from tools.appointment_changes import MoveAppointment
from tools.appointments import FreeSlots, list_slots
from tools.cart import cart_now, put_into_cart
from tools.context import ToolContext
from tools.order_writes import ask
from tools.results import AnyCard
from tools.tool import Refusal, argument_text


@dataclass(frozen=True, slots=True)
class ButtonResult:
    """What a button did; `text` and `error` are for the shopper, `field` names what must be corrected."""

    text: str = ""
    cards: tuple[AnyCard, ...] = ()
    error: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """What was pressed."""

    variant_ids: tuple[int, ...]
    quantity: int
    link_id: str
    at: str = ""
    order_number: str = ""


def show_slots(_merchant: Merchant, ctx: ToolContext, press: Press) -> ButtonResult:
    """Show the free times of a service, from a day on when one is named."""
    product_id = Variant.objects.filter(pk=press.variant_ids[0]).values_list("product_id", flat=True).first()
    if product_id is None:
        raise Refusal("variant_not_found", "")
    try:
        given = FreeSlots(
            product_id=product_id, from_day=press.at, seats=max(press.quantity, 1), order_number=press.order_number
        )
    except ValidationError:
        raise SlotUnreadable from None
    result = list_slots(_merchant, ctx, given)
    return ButtonResult(text=_("Choose a time."), cards=result.cards)


def choose_slot(merchant: Merchant, ctx: ToolContext, press: Press) -> ButtonResult:
    """Put the service into the cart for the time, or ask whether the order's appointment shall move there."""
    if press.order_number:
        return _ask_to_move(merchant, ctx, press)
    put_into_cart(
        merchant,
        ctx,
        variant_id=press.variant_ids[0],
        quantity=max(press.quantity, 1),
        link_id=press.link_id,
        starts_at=moment_of(press.at),
    )
    text = _("In your cart. The time is yours once it is paid.")
    return ButtonResult(text=text, cards=(cart_now(merchant, ctx),))


def slot_refused(merchant: Merchant, ctx: ToolContext, press: Press, error: OrderError | PaymentError) -> ButtonResult:
    """Say why a time was not taken, beside the times that are free now."""
    told = error.told_code if isinstance(error, OrderError) else error.code
    cards = show_slots(merchant, ctx, press_again(press)).cards if told in ("slot_taken", "same_time") else ()
    return ButtonResult(error=told, text=error.message, cards=cards)


def press_again(press: Press) -> Press:
    """Return the press that shows the times of the same service."""
    return Press(variant_ids=press.variant_ids, quantity=press.quantity, link_id="", order_number=press.order_number)


def _ask_to_move(merchant: Merchant, ctx: ToolContext, press: Press) -> ButtonResult:
    try:
        given = MoveAppointment(order_number=press.order_number, starts_at=press.at)
    except ValidationError as error:
        return ButtonResult(error="bad_argument", text=argument_text(error))
    result = ask(merchant, ctx, MOVE_APPOINTMENT, given)
    return ButtonResult(text=_("Please check the card. Nothing is changed before you confirm."), cards=result.cards)
