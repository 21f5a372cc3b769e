"""The tools that propose a change of an order. None of them changes anything: the shopper's own yes does."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.confirmations import log
from catalog.confirmations.services import propose
from catalog.orders.desk import planning
from catalog.orders.desk.errors import HandedOff, TooManyChanges
from catalog.orders.desk.finding import own_order, shown_number
from tools.context import ToolContext
from tools.fence import fenced, plain
from tools.order_cards import order_question
from tools.provenance import traced
from tools.record import note
from tools.results import ConfirmCard, ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, tool

UNITS_MAX = 20
Sku = Annotated[str, Field(min_length=1, max_length=120)]
OrderNumber = Annotated[
    str, Field(min_length=1, max_length=24, description="The order's number exactly as a result or the shopper has it.")
]
OldSkus = Annotated[
    list[Sku],
    Field(max_length=UNITS_MAX, description="SKUs of the order's items, as order_details lists them; a SKU per piece."),
]
NewSkus = Annotated[
    list[Sku],
    Field(max_length=UNITS_MAX, description="The new SKU for each of `variants`, in the same order; same product."),
]
Method = Annotated[
    str,
    Field(
        default="",
        max_length=120,
        description="Reference of the shopper's payment method, from order_details. Empty = as the order was paid.",
    ),
]


class CancelOrder(Arguments):
    """Which order, and why."""

    order_number: OrderNumber
    reason: str = Field(max_length=80, description='"no longer needed" or "ordered by mistake", as the shopper says.')


class ChangeAddress(Arguments):
    """Which order, and where it shall go: in the shopper's own words."""

    order_number: OrderNumber
    line1: str = Field(max_length=200, description="Street and number, exactly as the shopper wrote it.")
    line2: str = Field(default="", max_length=200, description="Flat, floor, building; as written. Often empty.")
    city: str = Field(max_length=100, description="City, as written.")
    state: str = Field(default="", max_length=100, description="State or county, as written.")
    postal_code: str = Field(default="", max_length=20, description="Postal code, as written.")
    country: str = Field(max_length=3, description="Country code such as TW or US.")


class ChangePaymentMethod(Arguments):
    """Which order, and what shall pay it."""

    order_number: OrderNumber
    payment_method: str = Field(
        max_length=120, description="Reference of another payment method of the shopper, from order_details."
    )


class ChangeItems(Arguments):
    """Which pieces become which variants."""

    order_number: OrderNumber
    variants: OldSkus
    new_variants: NewSkus
    payment_method: Method


class ReturnItems(Arguments):
    """Which pieces go back."""

    order_number: OrderNumber
    variants: OldSkus
    payment_method: Method


class ExchangeItems(ChangeItems):
    """Which delivered pieces become which variants."""


@tool(CancelOrder, writes=True, is_private=True)
async def cancel_order(ctx: ToolContext, given: CancelOrder) -> ToolResult:
    """Ask the shopper to confirm the cancellation of a whole order that was not sent yet.

    Every payment method gets its money back. One item alone cannot be cancelled. Nothing happens until the shopper
    confirms on the card.
    """
    return await in_shop(ctx, ask, planning.CANCEL, given)


@tool(ChangeAddress, writes=True, is_private=True)
async def change_address(ctx: ToolContext, given: ChangeAddress) -> ToolResult:
    """Ask the shopper to confirm another delivery address for an order that was not sent yet.

    Every part must stand in the shopper's own messages or in his address form: never complete or guess one. Nothing
    happens until the shopper confirms on the card.
    """
    return await in_shop(ctx, ask, planning.SET_ADDRESS, given)


@tool(ChangePaymentMethod, writes=True, is_private=True)
async def change_payment_method(ctx: ToolContext, given: ChangePaymentMethod) -> ToolResult:
    """Ask the shopper to confirm that another of his payment methods pays an order that was not sent yet.

    Possible once an order. A gift card must cover the whole order. Nothing happens until the shopper confirms.
    """
    return await in_shop(ctx, ask, planning.SET_PAYMENT, given)


@tool(ChangeItems, writes=True, is_private=True)
async def change_items(ctx: ToolContext, given: ChangeItems) -> ToolResult:
    """Ask the shopper to confirm other variants (size, colour…) of the same products in an order not sent yet.

    Possible once an order, so collect all items first. The difference is charged to or paid back by payment_method.
    Nothing happens until the shopper confirms on the card.
    """
    return await in_shop(ctx, ask, planning.CHANGE_ITEMS, given)


@tool(ReturnItems, writes=True, is_private=True)
async def return_items(ctx: ToolContext, given: ReturnItems) -> ToolResult:
    """Ask the shopper to confirm the return of items of a delivered order.

    Once an order, and not after an exchange, so collect all items first. The money goes to what the order was first
    paid with, or to a gift card of the shopper. Nothing happens until the shopper confirms on the card.
    """
    return await in_shop(ctx, ask, planning.RETURN_ITEMS, given)


@tool(ExchangeItems, writes=True, is_private=True)
async def exchange_items(ctx: ToolContext, given: ExchangeItems) -> ToolResult:
    """Ask the shopper to confirm the exchange of delivered items for other variants of the same products.

    Once an order, and not after a return, so collect all items first. Nothing happens until the shopper confirms.
    """
    return await in_shop(ctx, ask, planning.EXCHANGE_ITEMS, given)


def ask(merchant: Merchant, ctx: ToolContext, operation: str, given: Arguments) -> ToolResult:
    """Check everything, store the proposal, and return the card that asks the shopper.

    Raises: OrderError with the code of the first rule that is broken; nothing is stored then.
    """
    arguments = given.model_dump()
    order = own_order(shopper_id=ctx.shopper_id, number=arguments["order_number"])
    note(subject=shown_number(order))
    check_may_write(ctx)
    note(provenance=traced(ctx, order=order, arguments=arguments))
    plan = planning.plan(order, operation=operation, arguments=arguments)
    action = propose(
        merchant=merchant,
        operation=operation,
        arguments={**arguments, "order_id": order.pk, "mark": plan.mark},
        subject=f"order:{order.reference}",
        subject_version=str(order.version),
        session=ctx.session,
        shopper_id=ctx.shopper_id,
    )
    note(action_ref=action.pk, code=log.NOT_CONFIRMED)
    card = order_question(action, plan)
    return ToolResult(text=_asked(card), cards=(card,))


def check_may_write(ctx: ToolContext) -> None:
    """Refuse while a person was asked, and when a shopper has changed as much as a session or a day takes.

    Raises: HandedOff, TooManyChanges.
    """
    if ctx.handoff.is_waiting():
        raise HandedOff
    if log.tally(session=ctx.session, shopper_id=ctx.shopper_id).is_full:
        raise TooManyChanges


def _asked(card: ConfirmCard) -> str:
    """Return what the model reads: what was asked, and that nothing is done. The proposal's id stays with the card."""
    head = f"A card asks the shopper: {plain(card.title)} Nothing is done yet; only the shopper's own yes does it."
    return f"{head}\n{fenced(plain(fact, 300) for fact in card.facts)}"
