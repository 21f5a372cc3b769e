"""The tool that looks products up by words, price and stock."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.products.search_log import Asker
from catalog.products.selectors import search_products as find_products
from catalog.search.ports import ProductQuery
from tools.cards import product_cards
from tools.context import ToolContext
from tools.lines import product_list
from tools.results import ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, tool

AMOUNT_MAX = 10_000_000
TRY_OUT = "try_out"
# Amounts come from the model as JSON numbers; Money.parse reads their decimal text, so no float is ever reckoned with.
Amount = Annotated[float, Field(ge=0, le=AMOUNT_MAX, allow_inf_nan=False)]
ShortText = Annotated[str, Field(min_length=1, max_length=60)]


class SearchProducts(Arguments):
    """What to look for."""

    text: str = Field(
        default="",
        max_length=200,
        description="Words for what is looked for, in the shopper's language: category, name.",
    )
    brands: tuple[ShortText, ...] = Field(default=(), max_length=5, description="Only these brands.")
    price_min: Amount | None = Field(default=None, description="Lowest price, in the shopper's currency.")
    price_max: Amount | None = Field(default=None, description="Highest price, in the shopper's currency.")
    in_stock_only: bool = Field(default=False, description="True to leave out what is sold out.")
    sort: Literal["relevance", "price", "-price"] = Field(
        default="relevance", description='"price" = cheapest first, "-price" = dearest first.'
    )
    limit: int = Field(default=5, ge=1, le=10, description="How many products to return, 1 to 10.")


@tool(SearchProducts, searches=True)
async def search_products(ctx: ToolContext, given: SearchProducts) -> ToolResult:
    """Look up products of this shop by name, category, brand or price.

    Use it when the shopper names what he wants or asks what there is. When he tells his needs (skin, budget, activity)
    and wants advice, use recommend_products.
    """
    return await in_shop(ctx, _search, given)


def amount_of(number: float | None, currency: str) -> Money | None:
    """Return an amount given as a JSON number, or None."""
    return None if number is None else Money.parse(str(number), currency)


def _search(merchant: Merchant, ctx: ToolContext, given: SearchProducts) -> ToolResult:
    lowest, highest = amount_of(given.price_min, ctx.currency), amount_of(given.price_max, ctx.currency)
    query = ProductQuery(
        merchant_id=merchant.pk,
        text=given.text,
        currency=ctx.currency,
        price_min=lowest.minor if lowest else None,
        price_max=highest.minor if highest else None,
        brands=given.brands,
        in_stock_only=given.in_stock_only,
        sort=given.sort,
        limit=given.limit,
    )
    # Staff who try the double out are no shoppers: what they ask teaches nothing.
    asked_by = None if ctx.surface == TRY_OUT else Asker("agent", ctx.shopper_id)
    page = find_products(query=query, language=ctx.language, asked_by=asked_by)
    if not page.products:
        return ToolResult(text="No product of this shop matches. Say so, and offer to widen the search.")
    cards = product_cards(page.products, ctx, search_id=page.search_id)
    return ToolResult(text=f"{page.total} match, {len(cards)} shown:\n{product_list(cards)}", cards=cards)
