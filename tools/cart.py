"""The tools that show and change the cart."""

from __future__ import annotations

import re
from datetime import datetime

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.orders.carts import add_to_cart as add_variant
from catalog.orders.carts import set_quantity
from catalog.orders.errors import OrderError
from catalog.orders.selectors import CartView, cart_view
from catalog.payments.client import is_live
from catalog.products.models import Variant
from catalog.products.selectors import ProductView, VariantView
from tools.cards import cart_card, product_card
from tools.choosing import ChosenProduct, RowId, chosen_id, product_or_refusal
from tools.context import ToolContext
from tools.fence import plain
from tools.lines import cart_text, product_list
from tools.results import CartCard, ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, Refusal, tool

QUANTITY_MAX = 99


class ShowCart(Arguments):
    """Nothing to say."""


class AddToCart(ChosenProduct):
    """What to add."""

    variant_id: RowId | None = Field(default=None, description="Id of the variant, when a tool result named it.")
    option: str = Field(default="", max_length=60, description='Or the size or colour as said: "30 ml".')
    quantity: int = Field(default=1, ge=1, le=QUANTITY_MAX, description="How many to add, 1 to 99.")


class ChangeCart(Arguments):
    """Which line, and how many."""

    line: int | None = Field(default=None, ge=1, le=50, description="Number of the line in the cart, 1 = first.")
    variant_id: RowId | None = Field(default=None, description="Or the variant_id of the line.")
    quantity: int = Field(ge=0, le=QUANTITY_MAX, description="How many it shall be, 0 to 99; 0 removes the line.")


@tool(ShowCart)
async def show_cart(ctx: ToolContext, given: ShowCart) -> ToolResult:  # noqa: ARG001 (every tool takes both)
    """Show what lies in the shopper's cart, with today's prices and the total."""
    return await in_shop(ctx, _show)


@tool(AddToCart, writes=True)
async def add_to_cart(ctx: ToolContext, given: AddToCart) -> ToolResult:
    """Put a product into the shopper's cart.

    Use it only when the shopper asks for it. A product with several sizes or colours needs variant_id or option: when
    the shopper named none, call it without, and a card lets him choose.
    """
    return await in_shop(ctx, _add, given)


@tool(ChangeCart, writes=True)
async def change_cart(ctx: ToolContext, given: ChangeCart) -> ToolResult:
    """Set how many of a line the cart holds, or remove it with quantity 0.

    Call show_cart first when the line is not known.
    """
    return await in_shop(ctx, _change, given)


def cart_of(ctx: ToolContext) -> CartView:
    """Return the shopper's cart as it is now; call inside the shop."""
    return cart_view(shopper_id=ctx.shopper_id, language=ctx.language, currency=ctx.currency)


def is_test_shop(merchant: Merchant) -> bool:
    """Return whether an order placed now would be a test order."""
    return merchant.is_demo or not is_live()


def cart_now(merchant: Merchant, ctx: ToolContext) -> CartCard:
    """Return the shopper's cart as a card; call inside the shop."""
    return cart_card(cart_of(ctx), is_test=is_test_shop(merchant))


def put_into_cart(
    merchant: Merchant,
    ctx: ToolContext,
    *,
    variant_id: int,
    quantity: int,
    link_id: str = "",
    starts_at: datetime | None = None,
) -> None:
    """Add a variant for the shopper of `ctx`; without `link_id` the link it was shown by is asked for.

    Raises: OrderError when it cannot be added.
    """
    product_id = Variant.objects.filter(pk=variant_id).values_list("product_id", flat=True).first()
    link = link_id or (ctx.links.link(product_id) if product_id else "")
    add_variant(
        merchant=merchant,
        shopper_id=ctx.shopper_id,
        variant_id=variant_id,
        quantity=quantity,
        currency=ctx.currency,
        creator_id=ctx.creator_id,
        source_ref=ctx.session,
        link_id=link,
        starts_at=starts_at,
    )


def _show(merchant: Merchant, ctx: ToolContext) -> ToolResult:
    card = cart_now(merchant, ctx)
    return ToolResult(text=cart_text(card), cards=(card,))


def _add(merchant: Merchant, ctx: ToolContext, given: AddToCart) -> ToolResult:
    view = product_or_refusal(ctx, _product_id(ctx, given))
    variant = _variant(ctx, view, given)
    try:
        put_into_cart(merchant, ctx, variant_id=variant.variant_id, quantity=given.quantity)
    except OrderError as error:
        now = product_or_refusal(ctx, view.product_id)  # what the shopper saw may be old
        raise Refusal(error.code, str(error.message), [product_card(now, ctx)]) from error
    card = cart_now(merchant, ctx)
    title = plain(f"{view.title} {variant.label}")
    return ToolResult(text=f"Added {given.quantity} × “{title}”. The cart now:\n{cart_text(card)}", cards=(card,))


def _product_id(ctx: ToolContext, given: AddToCart) -> int:
    """Return the product that is meant; a variant alone names its product."""
    if given.variant_id is None or given.product_id is not None or given.ordinal is not None:
        return chosen_id(ctx, given)
    product_id = Variant.objects.filter(pk=given.variant_id).values_list("product_id", flat=True).first()
    if product_id is None:
        raise Refusal("variant_not_found", f"variant_id {given.variant_id} is not a variant of this shop.")
    return product_id


def _variant(ctx: ToolContext, view: ProductView, given: AddToCart) -> VariantView:
    """Return the one variant that is meant.

    Raises: Refusal with the product's card when it is not sold here or several variants would fit.
    """
    if view.stock in ("external", "not_for_sale"):
        text = "It is sold at another shop: give the link." if view.stock == "external" else "It has no price here."
        raise Refusal(view.stock, text, [product_card(view, ctx)])
    if given.variant_id is not None:
        named = [variant for variant in view.variants if variant.variant_id == given.variant_id]
    elif given.option:
        named = _named(view, given.option)
    else:
        named = list(view.variants) if len(view.variants) == 1 else []
    if len(named) == 1:
        return named[0]
    card = product_card(view, ctx)
    labels = ", ".join(plain(variant.label, 40) for variant in view.variants)
    raise Refusal("choose_variant", f"Ask which one: {labels}. Nothing was added yet.\n{product_list([card])}", [card])


def _named(view: ProductView, option: str) -> list[VariantView]:
    """Return the variants whose label is `option`, or else holds it as a part ("30" is not in "130 ml")."""
    wanted = _squeezed(option)
    exact = [variant for variant in view.variants if _squeezed(variant.label) == wanted]
    whole = re.compile(rf"(?<![0-9a-z]){re.escape(wanted)}(?![0-9])")
    return exact or [variant for variant in view.variants if wanted and whole.search(_squeezed(variant.label))]


def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())


def _change(merchant: Merchant, ctx: ToolContext, given: ChangeCart) -> ToolResult:
    variant_id = given.variant_id or _line_variant(ctx, given.line)
    set_quantity(merchant=merchant, shopper_id=ctx.shopper_id, variant_id=variant_id, quantity=given.quantity)
    card = cart_now(merchant, ctx)
    return ToolResult(text=f"Changed. The cart now:\n{cart_text(card)}", cards=(card,))


def _line_variant(ctx: ToolContext, line: int | None) -> int:
    lines = cart_of(ctx).lines
    if line is None and len(lines) == 1:
        line = 1
    if line is None or line > len(lines):
        raise Refusal("which_line", f"The cart has {len(lines)} lines. Name a line from 1 to {len(lines)}.")
    variant_id = lines[line - 1].variant_id
    if variant_id is None:
        raise Refusal("which_line", "That line has no product any more.")
    return variant_id
