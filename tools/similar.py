"""Tools that start from one product: what may stand in for it, and what others bought with it."""

from __future__ import annotations

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.orders.together import together_views
from catalog.products.selectors import ProductView
from catalog.products.similar import similar_views
from tools.cards import product_card, product_cards
from tools.choosing import ChosenProduct, chosen_id, product_or_refusal
from tools.context import ToolContext
from tools.fence import plain
from tools.lines import product_list
from tools.results import ToolResult
from tools.shop import in_shop
from tools.tool import tool


class SimilarProducts(ChosenProduct):
    """Like which product."""

    limit: int = Field(default=3, ge=1, le=6, description="How many products to return, 1 to 6.")


class BoughtTogether(ChosenProduct):
    """With which product."""


@tool(SimilarProducts, searches=True)
async def similar_products(ctx: ToolContext, given: SimilarProducts) -> ToolResult:
    """Find products like one: the same kind of thing, with the same properties.

    Use it for "something like this", and when a product is sold out or not quite right. For "cheaper" or a need in
    words use recommend_products.
    """
    return await in_shop(ctx, _similar, given)


@tool(BoughtTogether)
async def bought_together(ctx: ToolContext, given: BoughtTogether) -> ToolResult:
    """Tell what other shoppers often bought with one product.

    Use it for "what goes with this" when the shopper wants to complete an order. What must not be used together is left
    out. For a whole routine or kit use recommend_routine.
    """
    return await in_shop(ctx, _together, given)


def _similar(merchant: Merchant, ctx: ToolContext, given: SimilarProducts) -> ToolResult:
    one = product_or_refusal(ctx, chosen_id(ctx, given))
    found = similar_views(
        merchant_id=merchant.pk,
        product_id=one.product_id,
        language=ctx.language,
        currency=ctx.currency,
        limit=given.limit,
    )
    return _told(ctx, one, found, nothing="No other product of this shop is like it. Say so.", what="like")


def _together(merchant: Merchant, ctx: ToolContext, given: BoughtTogether) -> ToolResult:
    one = product_or_refusal(ctx, chosen_id(ctx, given))
    found = together_views(
        merchant_id=merchant.pk, product_id=one.product_id, language=ctx.language, currency=ctx.currency
    )
    nothing = "The orders do not say what goes with it. Say so, or recommend by need instead."
    return _told(ctx, one, found, nothing=nothing, what="often bought with")


def _told(ctx: ToolContext, one: ProductView, found: list[ProductView], *, nothing: str, what: str) -> ToolResult:
    if not found:
        return ToolResult(text=nothing)
    cards = product_cards(found, ctx)
    of = plain(product_card(one, ctx).title)
    return ToolResult(text=f"{len(cards)} {what} {of}:\n{product_list(cards)}", cards=cards)
