"""The tool that answers needs with products that fit, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.products.matching import recommend
from catalog.products.needs import Needs
from catalog.products.ranking import Match
from catalog.products.selectors import ProductView, product_views
from tools.cards import product_cards
from tools.choosing import shown_at
from tools.context import ToolContext
from tools.lines import product_list
from tools.needs import NeedsArguments, heard_in_words, needs_of
from tools.results import ToolResult
from tools.shop import in_shop
from tools.tool import tool


class RecommendProducts(NeedsArguments):
    """The needs, and how the choice is narrowed."""

    cheaper: bool = Field(default=False, description="True when the shopper wants something cheaper than was shown.")
    than_ordinal: int | None = Field(
        default=None, ge=1, le=20, description="Cheaper than this place in the list last shown; empty = than all shown."
    )
    others: bool = Field(default=False, description="True when the shopper wants others than were shown.")
    limit: int = Field(default=3, ge=1, le=5, description="How many products to return, 1 to 5.")


@tool(RecommendProducts)
async def recommend_products(ctx: ToolContext, given: RecommendProducts) -> ToolResult:
    """Recommend single products for what the shopper told: skin, concerns, activity, budget, what to avoid.

    Use it for advice and for refinements ("cheaper", "without fragrance"); needs said earlier are remembered. For
    several products that go together use recommend_routine.
    """
    return await in_shop(ctx, _recommend, given)


def _recommend(merchant: Merchant, ctx: ToolContext, given: RecommendProducts) -> ToolResult:
    needs = needs_of(ctx, given)
    dearest_wanted = _cheaper_than(ctx, given)
    excluded = ctx.shown_product_ids if given.others or given.cheaper else ()
    matches = recommend(
        merchant_id=merchant.pk,
        creator_id=ctx.creator_id,
        needs=needs,
        language=ctx.language,
        currency=ctx.currency,
        prefer_product_ids=ctx.watching.product_ids,
        exclude_product_ids=excluded,
        cheaper_than=dearest_wanted.price if dearest_wanted else None,
        limit=given.limit,
    )
    heard = heard_in_words(needs, ctx.language)
    if matches:
        return _found(ctx, matches, heard)
    if dearest_wanted is not None:
        return _nothing_cheaper(ctx, dearest_wanted, heard)
    return ToolResult(error="no_match", text=_nothing_text(needs), heard=heard)


def _found(ctx: ToolContext, matches: Sequence[Match], heard: dict[str, str]) -> ToolResult:
    cards = product_cards([match.product for match in matches], ctx, reasons=[match.reason for match in matches])
    return ToolResult(
        text=f"These fit; the first fits best:\n{product_list(cards)}",
        cards=cards,
        heard=heard,
        why={match.product.product_id: [*match.why] for match in matches},
    )


def _cheaper_than(ctx: ToolContext, given: RecommendProducts) -> ProductView | None:
    """Return the product whose price is the limit: the one named, else the cheapest of those shown."""
    if not given.cheaper or (given.than_ordinal is None and not ctx.shown_product_ids):
        return None
    ids = ctx.shown_product_ids if given.than_ordinal is None else (shown_at(ctx, given.than_ordinal),)
    views = product_views(product_ids=ids, language=ctx.language, currency=ctx.currency)
    priced = [view for view in views if view.price is not None]
    return min(priced, key=_minor, default=None)


def _minor(view: ProductView) -> int:
    price: Money | None = view.price
    return price.minor if price else 0


def _nothing_cheaper(ctx: ToolContext, cheapest: ProductView, heard: dict[str, str]) -> ToolResult:
    cards = product_cards([cheapest], ctx)
    text = f"Nothing that fits is cheaper. The cheapest shown:\n{product_list(cards)}"
    return ToolResult(error="nothing_cheaper", text=text, cards=cards, heard=heard)


def _nothing_text(needs: Needs) -> str:
    limit = f" within {needs.budget_max}" if needs.budget_max else ""
    return f"No product of this shop fits these needs{limit}. Say so, and ask which need may give way."
