"""The tool that finds the moment of a video or post in which the creator speaks of something."""

from __future__ import annotations

from pydantic import Field

from catalog.accounts.models import Merchant
from tools.choosing import ChosenProduct, product_or_refusal, shown_at
from tools.context import ToolContext
from tools.fence import fenced
from tools.lines import moment_line
from tools.results import ToolResult
from tools.shop import in_shop
from tools.tool import tool


class FindContent(ChosenProduct):
    """About what."""

    question: str = Field(default="", max_length=200, description="What it should be about, in the shopper's words.")
    limit: int = Field(default=2, ge=1, le=4, description="How many moments to return, 1 to 4.")


@tool(FindContent)
async def find_content(ctx: ToolContext, given: FindContent) -> ToolResult:
    """Find moments of the creator's own videos and posts about a question or a product.

    Use it when the shopper asks what the creator said, did or showed, or how a product is used. Name a product by
    product_id or ordinal to find where it is shown.
    """
    return await in_shop(ctx, _find, given)


def _find(_merchant: Merchant, ctx: ToolContext, given: FindContent) -> ToolResult:
    product_ids = _products(ctx, given)
    cards = ctx.knowledge.content_moments(given.question, product_ids=product_ids, limit=given.limit)
    if not cards:
        return ToolResult(
            error="no_content", text="The creator has published nothing about this. Say so; do not invent a quote."
        )
    return ToolResult(text=fenced(moment_line(card) for card in cards), cards=tuple(cards))


def _products(ctx: ToolContext, given: FindContent) -> list[int]:
    if given.product_id is not None:
        return [product_or_refusal(ctx, given.product_id).product_id]
    if given.ordinal is not None:
        return [shown_at(ctx, given.ordinal)]
    return [] if given.question else list(ctx.watching.product_ids)
