"""Where a shopper's own yes to a proposed write is carried out; the buttons of cards stand in `buttons`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.accounts.models import Merchant
from catalog.confirmations import services as confirmations
from catalog.confirmations.errors import AlreadyUsed, ConfirmationError, Expired, SubjectChanged
from catalog.confirmations.models import PendingAction
from catalog.orders.errors import CartChanged, OrderError
from catalog.orders.models import Order
from catalog.orders.selectors import view_of
from catalog.orders.services import place_order
from catalog.payments.errors import PaymentError
from tools.buttons import ButtonResult, act, save_address
from tools.cards import order_card
from tools.cart import cart_now, cart_of
from tools.checkout import PLACE_ORDER, cart_mark
from tools.context import ToolContext
from tools.orders import checkout_cards, pay_page
from tools.results import AnyCard
from tools.shop import in_shop

__all__ = ["ButtonResult", "Executed", "Outcome", "act", "execute", "save_address"]

Outcome = Literal["executed", "declined", "expired", "changed", "used", "failed"]


@dataclass(frozen=True, slots=True)
class Executed:
    """What became of a proposed write: `text` in the shopper's language, for the line under the card."""

    outcome: Outcome
    text: str
    at: datetime
    cards: tuple[AnyCard, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """A kind of write: `version` of its subject now, `run` inside the transaction, `finish` after the commit."""

    version: Callable[[ToolContext, PendingAction], str]
    run: Callable[[Merchant, ToolContext, PendingAction], Order]
    finish: Callable[[Merchant, ToolContext, Order], Executed]


async def execute(*, ctx: ToolContext, action_id: str, accept: bool) -> Executed:
    """Carry out or decline what was proposed, as the shopper of `ctx` in its session answered; at most once."""
    return await in_shop(ctx, _execute, action_id=action_id, accept=accept)


def _execute(merchant: Merchant, ctx: ToolContext, *, action_id: str, accept: bool) -> Executed:
    now = timezone.now()
    try:
        if not accept:
            confirmations.decline(action_id=action_id, session=ctx.session, shopper_id=ctx.shopper_id)
            return Executed(outcome="declined", text=_("Nothing was ordered. Your cart is kept."), at=now)
        return _carry_out(merchant, ctx, _action(ctx, action_id))
    except Expired as error:
        return Executed(outcome="expired", text=error.message, at=now)
    except AlreadyUsed as error:
        return _used(merchant, ctx, _action(ctx, action_id), error.message)
    except (SubjectChanged, CartChanged) as error:
        return Executed(outcome="changed", text=error.message, at=now, cards=(cart_now(merchant, ctx),))
    except (ConfirmationError, OrderError) as error:
        cards = (cart_now(merchant, ctx),) if isinstance(error, OrderError) else ()
        return Executed(outcome="failed", text=error.message, at=now, cards=cards, error=error.code)


def _action(ctx: ToolContext, action_id: str) -> PendingAction:
    return confirmations.lookup(action_id=action_id, session=ctx.session, shopper_id=ctx.shopper_id)


def _carry_out(merchant: Merchant, ctx: ToolContext, action: PendingAction) -> Executed:
    """Claim and run in one transaction: when the run fails the claim is given back, so the shopper may try again."""
    operation = OPERATIONS[action.operation]
    with transaction.atomic():
        claimed = confirmations.claim(
            action_id=action.pk,
            session=ctx.session,
            shopper_id=ctx.shopper_id,
            subject_version=operation.version(ctx, action),
        )
        done = operation.run(merchant, ctx, claimed)
    return operation.finish(merchant, ctx, done)


def _used(merchant: Merchant, ctx: ToolContext, action: PendingAction, text: str) -> Executed:
    """Answer a second yes with what the first one did, pay button included while it waits for payment."""
    at = action.claimed_at or action.declined_at or timezone.now()
    order = Order.objects.filter(cart_id=action.arguments.get("cart"), shopper_id=ctx.shopper_id).first()
    if action.claimed_at is None or order is None:
        return Executed(outcome="used", text=text, at=at)
    view = view_of(order, language=ctx.language)
    return Executed(outcome="used", text=text, at=at, cards=(order_card(view, merchant.slug), *checkout_cards(view)))


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


OPERATIONS: Mapping[str, Operation] = {
    PLACE_ORDER: Operation(version=_version_of_cart, run=_place, finish=_pay),
}
