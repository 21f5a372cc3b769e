"""What the buttons of cards do, and the address form: the shopper's own hand, no model in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError

from catalog.accounts.models import Merchant
from catalog.accounts.shoppers import BadEmail, remember_email
from catalog.orders import reminders, waitlist
from catalog.orders.addresses import save_address as keep_address
from catalog.orders.appointments.errors import SlotMissing
from catalog.orders.carts import set_quantity
from catalog.orders.desk.planning import ADDRESS_FIELDS, SET_ADDRESS
from catalog.orders.errors import AddressInvalid, CartEmpty, OrderError
from catalog.orders.models import OrderState
from catalog.orders.selectors import orders_of
from catalog.payments.errors import PaymentError
from catalog.products.models import Variant
from catalog.products.selectors import product_views
from tools.cards import product_card
from tools.cart import QUANTITY_MAX, cart_now, cart_of, put_into_cart
from tools.checkout import address_card, begin_checkout
from tools.context import ToolContext
from tools.handoff import ask_person
from tools.order_writes import ChangeAddress, ask
from tools.orders import pay_page
from tools.results import AddressCard, ProductCard, ToolResult
from tools.shop import in_shop
from tools.slot_buttons import ButtonResult as ButtonResult
from tools.slot_buttons import Press, choose_slot, show_slots, slot_refused
from tools.tool import Refusal, argument_text

ActName = Literal["cart_add", "cart_set", "cart_show", "checkout", "handoff", "tell_me", "remind", "slots", "slot"]
NOT_HERE = "not_here"


async def act(
    *,
    ctx: ToolContext,
    act: ActName,
    variant_id: int | None = None,
    variant_ids: Sequence[int] = (),
    quantity: int = 1,
    link_id: str = "",
    at: str = "",
    order_number: str = "",
) -> ButtonResult:
    """Do what a card's button says. Several `variant_ids` are added together or not at all.

    Args: `quantity` 0 removes a line (cart_set); `link_id` is the tracked link of the card, for one variant; `at` is a
    day to list free times from (slots) or the time that was chosen (slot); with `order_number` an appointment moves.
    """
    wanted = (variant_id, *variant_ids) if variant_id is not None else tuple(variant_ids)
    link = link_id if len(wanted) == 1 else ""
    press = Press(variant_ids=wanted, quantity=quantity, link_id=link, at=at, order_number=order_number)
    return await in_shop(ctx, _act, name=act, press=press)


async def save_address(*, ctx: ToolContext, fields: Mapping[str, str]) -> ButtonResult:
    """Keep the delivery address (and `email`, when given) and go on with the checkout it was asked for.

    With `order_number` it is asked whether that order shall go there: the confirm card, nothing else.
    """
    return await in_shop(ctx, _save_address, fields=fields)


def _act(merchant: Merchant, ctx: ToolContext, *, name: ActName, press: Press) -> ButtonResult:
    if not ctx.may_write:
        return ButtonResult(error=NOT_HERE, text=_("This works in a direct message."))
    if name in ("cart_add", "cart_set", "tell_me", "slots", "slot") and not press.variant_ids:
        return ButtonResult(error="bad_argument", field="variant_id", text=_("Choose a product first."))
    try:
        return _ACTS[name](merchant, ctx, press)
    except (Refusal, OrderError, PaymentError) as error:
        return _refused(merchant, ctx, name, press, error)


def _refused(
    merchant: Merchant, ctx: ToolContext, name: ActName, press: Press, error: Refusal | OrderError | PaymentError
) -> ButtonResult:
    """Say why nothing was done, beside what is true now."""
    if isinstance(error, Refusal):
        return ButtonResult(error=error.code, text=_("That product is no longer here."))
    if isinstance(error, SlotMissing):
        return show_slots(merchant, ctx, press)  # "add" on a service: its times first
    if name in ("slots", "slot"):
        return slot_refused(merchant, ctx, press, error)
    fresh = _products_now(ctx, press) if name == "cart_add" else ()
    return ButtonResult(error=error.code, text=error.message, cards=(*fresh, cart_now(merchant, ctx)))


def _products_now(ctx: ToolContext, press: Press) -> tuple[ProductCard, ...]:
    """Return the pressed products as they are now, so that a card with an old price or stock can be replaced."""
    found = Variant.objects.filter(pk__in=press.variant_ids).values_list("pk", "product_id")
    product_of = dict(found)
    ids = dict.fromkeys(product_of[pk] for pk in press.variant_ids if pk in product_of)
    views = product_views(product_ids=list(ids), language=ctx.language, currency=ctx.currency)
    return tuple(product_card(view, ctx, link_id=press.link_id) for view in views)


def _show(merchant: Merchant, ctx: ToolContext, _press: Press) -> ButtonResult:
    return ButtonResult(cards=(cart_now(merchant, ctx),))


def _add(merchant: Merchant, ctx: ToolContext, press: Press) -> ButtonResult:
    if not 1 <= press.quantity <= QUANTITY_MAX:
        return ButtonResult(error="bad_argument", field="quantity", text=_("Choose a quantity from 1 to 99."))
    with transaction.atomic():
        for variant_id in dict.fromkeys(press.variant_ids):
            put_into_cart(merchant, ctx, variant_id=variant_id, quantity=press.quantity, link_id=press.link_id)
    return ButtonResult(text=_("Added to the cart."), cards=(cart_now(merchant, ctx),))


def _set(merchant: Merchant, ctx: ToolContext, press: Press) -> ButtonResult:
    set_quantity(
        merchant=merchant,
        shopper_id=ctx.shopper_id,
        variant_id=press.variant_ids[0],
        quantity=press.quantity,
    )
    text = _("The cart is up to date.") if press.quantity else _("Removed from the cart.")
    return ButtonResult(text=text, cards=(cart_now(merchant, ctx),))


def _checkout(merchant: Merchant, ctx: ToolContext, _press: Press) -> ButtonResult:
    """Begin the checkout; with an empty cart, return to the pay page of the order that waits for payment."""
    try:
        return _as_button(begin_checkout(merchant, ctx))
    except CartEmpty:
        waiting = orders_of(shopper_id=ctx.shopper_id).filter(state=OrderState.AWAITING_PAYMENT).first()
        if waiting is None:
            raise
        text = _("Order #%(number)s waits for payment.") % {"number": waiting.number}
        return ButtonResult(text=text, cards=(pay_page(ctx, waiting),))


def _tell_me(merchant: Merchant, ctx: ToolContext, press: Press) -> ButtonResult:
    """Put the shopper on the waitlist: pressing the button is the consent, and its words are kept."""
    entry = waitlist.join(
        merchant=merchant,
        shopper_id=ctx.shopper_id,
        variant_id=press.variant_ids[0],
        language=ctx.language,
        source_ref=ctx.session,
    )
    return ButtonResult(text=entry.wording)


def _remind(merchant: Merchant, ctx: ToolContext, press: Press) -> ButtonResult:
    """Remind the shopper of this cart by mail, or no more: pressing the button is the consent, its words are kept."""
    if press.quantity and reminders.are_offered():
        given = reminders.agree(merchant=merchant, shopper_id=ctx.shopper_id, language=ctx.language, source="chat")
        return ButtonResult(text=given.wording, cards=(cart_now(merchant, ctx),))
    reminders.stop(shopper_id=ctx.shopper_id, source="chat")
    return ButtonResult(text=_("No reminders are sent."), cards=(cart_now(merchant, ctx),))


def _as_button(result: ToolResult) -> ButtonResult:
    """Say in the shopper's words what the checkout tool said to the model; a wanted address is no error here."""
    if any(isinstance(card, AddressCard) for card in result.cards):
        return ButtonResult(text=_("Where should it go?"), cards=result.cards)
    if result.error:
        return ButtonResult(text=_("The cart needs a correction first."), cards=result.cards, error=result.error)
    return ButtonResult(cards=result.cards)


def _hand_off(merchant: Merchant, ctx: ToolContext, _press: Press) -> ButtonResult:
    result = ask_person(merchant, ctx, reason="asked", summary="")
    return ButtonResult(text=_("A person has been asked. You can keep writing here."), cards=result.cards)


_ACTS: Mapping[ActName, Callable[[Merchant, ToolContext, Press], ButtonResult]] = {
    "cart_add": _add,
    "cart_set": _set,
    "cart_show": _show,
    "checkout": _checkout,
    "handoff": _hand_off,
    "tell_me": _tell_me,
    "remind": _remind,
    "slots": show_slots,
    "slot": choose_slot,
}


def _save_address(merchant: Merchant, ctx: ToolContext, *, fields: Mapping[str, str]) -> ButtonResult:
    if not ctx.may_write:
        return ButtonResult(error=NOT_HERE, text=_("This works in a direct message."))
    given = {name: value for name, value in fields.items() if name not in ("email", "order_number")}
    if fields.get("order_number"):
        return _ask_new_address(merchant, ctx, number=fields["order_number"], given=given)
    try:
        with transaction.atomic():
            keep_address(merchant=merchant, shopper_id=ctx.shopper_id, fields=given)
            if fields.get("email"):
                remember_email(shopper_id=ctx.shopper_id, email=fields["email"])
    except AddressInvalid as error:
        field = next(iter(error.errors))
        cards = (address_card(cart_of(ctx), given),)
        return ButtonResult(error=error.code, field=field, text=error.message, cards=cards)
    except BadEmail:
        text = _("E-mail: it looks like name@example.com.")
        return ButtonResult(error="email_invalid", field="email", text=text, cards=(address_card(cart_of(ctx), given),))
    except OrderError as error:
        return ButtonResult(error=error.code, text=error.message)
    return _after_address(merchant, ctx)


def _ask_new_address(merchant: Merchant, ctx: ToolContext, *, number: str, given: dict[str, str]) -> ButtonResult:
    """Propose that a placed order goes to the address of the form; its refusal names the field, the form stays."""
    try:
        with transaction.atomic():
            keep_address(merchant=merchant, shopper_id=ctx.shopper_id, fields=given)
            parts = {name: given.get(name, "") for name in ADDRESS_FIELDS}
            result = ask(merchant, ctx, SET_ADDRESS, ChangeAddress(order_number=number, **parts))
    except AddressInvalid as error:
        return ButtonResult(error=error.code, field=next(iter(error.errors)), text=error.message)
    except ValidationError as error:
        return ButtonResult(error="bad_argument", text=argument_text(error))
    except OrderError as error:
        return ButtonResult(error=error.told_code, text=error.message)
    return ButtonResult(text=_("Please check the card. Nothing is changed before you confirm."), cards=result.cards)


def _after_address(merchant: Merchant, ctx: ToolContext) -> ButtonResult:
    try:
        return _as_button(begin_checkout(merchant, ctx))
    except CartEmpty:
        return ButtonResult(text=_("The address is kept."))
