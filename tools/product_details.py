"""The tool that tells everything the shop knows about one product."""

from __future__ import annotations

from catalog.accounts.models import Merchant
from catalog.products.selectors import shelf_notes
from tools.cards import product_card
from tools.choosing import ChosenProduct, chosen_id, product_or_refusal
from tools.context import ToolContext
from tools.facts import facts_of
from tools.fence import fenced, plain
from tools.lines import moment_line, product_line
from tools.results import ProductCard, ToolResult
from tools.shop import in_shop
from tools.tool import tool


class ProductDetails(ChosenProduct):
    """Which product."""


@tool(ProductDetails)
async def product_details(ctx: ToolContext, given: ProductDetails) -> ToolResult:
    """Read one product: price, sizes, stock, ingredients or measures, and what the creator says about it.

    Use it for any question about a product already named or shown. Without product_id and ordinal it takes the product
    on screen.
    """
    return await in_shop(ctx, _read, given)


def _read(_merchant: Merchant, ctx: ToolContext, given: ProductDetails) -> ToolResult:
    view = product_or_refusal(ctx, chosen_id(ctx, given))
    card = product_card(view, ctx, ordinal=_ordinal(ctx, view.product_id))
    note = shelf_notes(creator_id=ctx.creator_id, language=ctx.language).get(view.product_id, "")
    moments = ctx.knowledge.content_moments("", product_ids=[view.product_id], limit=1)
    facts = facts_of(view.attributes, ctx.language)
    lines = [
        product_line(card),
        *_variant_lines(card),
        f"facts: {plain('; '.join(f'{name}: {value}' for name, value in facts.items()), 400)}",
        f"about: {plain(view.description, 400)}",
    ]
    if note:
        lines.append(f"the creator says: {plain(note, 200)}")
    lines += [f"shown in: {moment_line(moment)}" for moment in moments]
    return ToolResult(text=fenced(lines), cards=(card, *moments))


def _ordinal(ctx: ToolContext, product_id: int) -> int:
    shown = ctx.shown_product_ids
    return shown.index(product_id) + 1 if product_id in shown else 0


def _variant_lines(card: ProductCard) -> list[str]:
    if len(card.variants) < 2:
        return []
    return [
        f"variant_id={variant.variant_id} | {plain(variant.label)} |"
        f" {variant.price.text if variant.price else 'not for sale'} | {'in stock' if variant.in_stock else 'sold out'}"
        for variant in card.variants
    ]
