"""The writes a shopper can agree to: placing an order, and what the order desk does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.accounts.models import Merchant
from catalog.confirmations.errors import SubjectChanged
from catalog.confirmations.models import PendingAction
from catalog.orders.desk import planning
from catalog.orders.desk.carrying_out import carry_out
from catalog.orders.desk.finding import own_order_locked
from catalog.orders.desk.plans import Plan
from catalog.orders.errors import CartChanged
from catalog.orders.models import Order
from catalog.orders.selectors import view_of
from catalog.orders.services import place_order
from catalog.payments.errors import PaymentError
from catalog.payments.services import close_checkout
from tools.cards import order_card
from tools.cart import cart_now, cart_of
from tools.checkout import PLACE_ORDER, cart_mark
from tools.context import ToolContext
from tools.order_cards import done_text
from tools.order_writes import check_may_write
from tools.orders import checkout_cards, pay_page
from tools.results import AnyCard

Outcome = Literal["executed", "declined", "expired", "changed", "used", "failed"]
ConfirmedBy = Literal["button", "words"]
Cards = tuple[AnyCard, ...]


@dataclass(frozen=True, slots=True)
class Executed:
    """What became of a proposed write: `text` in the shopper's language, for the line under the card."""

    outcome: Outcome
    text: str
    at: datetime
    cards: Cards = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """A kind of write.

    `prepare` runs before the transaction (the network), `version` of its subject now and `run` inside it, `finish`
    after the commit. `show` is what it is about as it stands, `after` what the first yes led to.
    """

    version: Callable[[ToolContext, PendingAction], str]
    run: Callable[[Merchant, ToolContext, PendingAction], Any]
    finish: Callable[[Merchant, ToolContext, Any], Executed]
    show: Callable[[Merchant, ToolContext, PendingAction], Cards]
    after: Callable[[Merchant, ToolContext, PendingAction], Cards]
    declined_text: Promise
    prepare: Callable[[ToolContext, PendingAction], None] = lambda ctx, action: None


def _version_of_cart(ctx: ToolContext, action: PendingAction) -> str:
    view = cart_of(ctx)
    return cart_mark(view) if str(view.cart_id) == action.arguments["cart"] else ""


def _place(merchant: Merchant, ctx: ToolContext, action: PendingAction) -> Order:
    order = place_order(
        merchant=merchant,
        shopper_id=ctx.shopper_id,
        cart_id=UUID(action.arguments["cart"]),
        cart_version=int(action.arguments["version"]),
        language=ctx.language,
    )
    if order.total_minor != action.arguments["total_minor"]:
        raise CartChanged  # a price moved between the check and the order: nobody pays what he was not shown
    return order


def _pay(merchant: Merchant, ctx: ToolContext, order: Order) -> Executed:
    """Open the pay page of an order that was just placed."""
    text = _("Order #%(number)s is placed. Pay to send it on its way.") % {"number": order.number}
    try:
        return Executed(outcome="executed", text=text, at=order.placed_at, cards=(pay_page(ctx, order),))
    except PaymentError as error:
        card = order_card(view_of(order, language=ctx.language), merchant.slug)
        placed = _("Order #%(number)s is placed.") % {"number": order.number}
        text = f"{placed} {error.message}"
        return Executed(outcome="executed", text=text, at=order.placed_at, cards=(card,), error=error.code)


def _placed(merchant: Merchant, ctx: ToolContext, action: PendingAction) -> Cards:
    """Show the order that the first yes placed, pay button included while it waits for payment."""
    order = Order.objects.filter(cart_id=action.arguments.get("cart"), shopper_id=ctx.shopper_id).first()
    if order is None:
        return ()
    view = view_of(order, language=ctx.language)
    return (order_card(view, merchant.slug), *checkout_cards(view))


def _cart(merchant: Merchant, ctx: ToolContext, _action: PendingAction) -> Cards:
    return (cart_now(merchant, ctx),)


def _version_of_order(ctx: ToolContext, action: PendingAction) -> str:
    """Return the order's version, its row locked: from here on nobody else changes it."""
    check_may_write(ctx)
    return str(own_order_locked(shopper_id=ctx.shopper_id, order_id=action.arguments["order_id"]).version)


def _change(_merchant: Merchant, ctx: ToolContext, action: PendingAction) -> Plan:
    """Plan again under the lock, and do it only if it is what the shopper was shown.

    Raises: OrderError for a rule that is broken by now; SubjectChanged for another amount, item or address.
    """
    order = own_order_locked(shopper_id=ctx.shopper_id, order_id=action.arguments["order_id"])
    plan = planning.plan(order, operation=action.operation, arguments=action.arguments)
    if plan.mark != action.arguments["mark"]:
        raise SubjectChanged
    carry_out(plan, session=ctx.session)
    return plan


def _changed(merchant: Merchant, ctx: ToolContext, plan: Plan) -> Executed:
    order = Order.objects.get(pk=plan.order.pk)
    card = order_card(view_of(order, language=ctx.language), merchant.slug)
    return Executed(outcome="executed", text=done_text(plan), at=timezone.now(), cards=(card,))


def _order(merchant: Merchant, ctx: ToolContext, action: PendingAction) -> Cards:
    order = Order.objects.filter(pk=action.arguments.get("order_id"), shopper_id=ctx.shopper_id).first()
    return (order_card(view_of(order, language=ctx.language), merchant.slug),) if order else ()


def _close_checkout(ctx: ToolContext, action: PendingAction) -> None:
    """Close the pay page of an order nobody has paid yet, so that it cannot be paid after it was cancelled."""
    if Order.objects.filter(pk=action.arguments["order_id"], shopper_id=ctx.shopper_id, checkout_open=True).exists():
        close_checkout(order_id=action.arguments["order_id"])


def _desk(prepare: Callable[[ToolContext, PendingAction], None] = lambda ctx, action: None) -> Operation:
    return Operation(
        version=_version_of_order,
        run=_change,
        finish=_changed,
        show=_order,
        after=_order,
        declined_text=gettext_lazy("Nothing was changed."),
        prepare=prepare,
    )


OPERATIONS: Mapping[str, Operation] = {
    PLACE_ORDER: Operation(
        version=_version_of_cart,
        run=_place,
        finish=_pay,
        show=_cart,
        after=_placed,
        declined_text=gettext_lazy("Nothing was ordered. Your cart is kept."),
    ),
    **{name: _desk() for name in planning.OPERATIONS if name != planning.CANCEL},
    planning.CANCEL: _desk(_close_checkout),
}
