"""The tools that enter a promotion code and choose how the cart is delivered."""

from __future__ import annotations

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.orders import cart_choices
from catalog.orders.promotions import folded
from tools.cart import cart_now, cart_of
from tools.context import ToolContext
from tools.fence import fenced, plain
from tools.lines import cart_text
from tools.provenance import SAID
from tools.record import note
from tools.results import CartCard, ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, Refusal, tool


class ApplyCode(Arguments):
    """Which code, and whether it goes in or out."""

    code: str = Field(min_length=1, max_length=40, description="The promotion code exactly as the shopper wrote it.")
    remove: bool = Field(default=False, description="True takes the code out of the cart again.")


class ChooseDelivery(Arguments):
    """Which delivery method."""

    method: str = Field(min_length=1, max_length=50, description="Code of the method, as the cart's result lists it.")


@tool(ApplyCode, writes=True)
async def apply_code(ctx: ToolContext, given: ApplyCode) -> ToolResult:
    """Enter a promotion code that the shopper wrote into the cart, or take it out.

    Only a code in the shopper's own words: never invent, guess or suggest one. When it is refused, give the reason.
    """
    return await in_shop(ctx, _apply, given)


@tool(ChooseDelivery, writes=True)
async def choose_delivery(ctx: ToolContext, given: ChooseDelivery) -> ToolResult:
    """Choose how the cart is delivered, such as home delivery or picking up.

    Call show_cart first when the methods are not known.
    """
    return await in_shop(ctx, _choose, given)


def _apply(merchant: Merchant, ctx: ToolContext, given: ApplyCode) -> ToolResult:
    if not given.remove:
        _check_said(ctx, given.code)
    act = cart_choices.remove_code if given.remove else cart_choices.apply_code
    act(merchant=merchant, shopper_id=ctx.shopper_id, code=given.code)
    card = cart_now(merchant, ctx)
    done = "Taken out." if given.remove else "Entered."
    return ToolResult(text=f"{done} The cart now:\n{cart_text(card)}", cards=(card,))


def _check_said(ctx: ToolContext, code: str) -> None:
    """Let only a code pass that the shopper wrote himself: one that a planted text names is nobody's.

    Raises: Refusal.
    """
    if not any(folded(code) in folded(text) for text in ctx.words.said()):
        raise Refusal("not_confirmed", "The shopper has not written this code. Ask him for it; enter no other.")
    note(provenance={"code": SAID})


def _choose(merchant: Merchant, ctx: ToolContext, given: ChooseDelivery) -> ToolResult:
    offered = cart_of(ctx).deliveries
    if given.method not in {choice.code for choice in offered}:
        names = fenced(f"{choice.code} = {plain(choice.name)} {choice.fee}" for choice in offered)
        raise Refusal("delivery_unknown", f"Choose one of these, by its code:\n{names}" if offered else NO_CHOICE)
    cart_choices.choose_delivery(merchant=merchant, shopper_id=ctx.shopper_id, code=given.method)
    card: CartCard = cart_now(merchant, ctx)
    return ToolResult(text=f"Chosen. The cart now:\n{cart_text(card)}", cards=(card,))


NO_CHOICE = "There is nothing to choose yet: the delivery address is needed first."
