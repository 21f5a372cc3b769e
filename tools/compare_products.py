"""The tool that lays two to four products side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.products.selectors import ProductView, product_views
from tools.cards import product_cards
from tools.choosing import RowId, shown_at
from tools.context import ToolContext
from tools.facts import facts_of
from tools.fence import fenced, plain
from tools.lines import product_line
from tools.results import ComparisonCard, ProductCard, ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, Refusal, tool

ROWS_MAX = 8
NOTHING = "–"
_STOCK = {
    "in_stock": gettext_lazy("In stock"),
    "sold_out": gettext_lazy("Sold out"),
    "external": gettext_lazy("Sold at another shop"),
    "not_for_sale": gettext_lazy("Not for sale"),
}


class CompareProducts(Arguments):
    """Which products."""

    product_ids: tuple[RowId, ...] = Field(
        default=(), max_length=4, description="Ids of two to four products, from earlier tool results."
    )
    ordinals: tuple[Annotated[int, Field(ge=1, le=20)], ...] = Field(
        default=(), max_length=4, description="Or their places in the list last shown: [1, 2]."
    )


@tool(CompareProducts)
async def compare_products(ctx: ToolContext, given: CompareProducts) -> ToolResult:
    """Compare two to four products by price, size and attributes.

    Use it for "what is the difference" and "which of these two". With no product named it takes the first products
    last shown.
    """
    return await in_shop(ctx, _compare, given)


def _compare(_merchant: Merchant, ctx: ToolContext, given: CompareProducts) -> ToolResult:
    ids = [*given.product_ids, *(shown_at(ctx, ordinal) for ordinal in given.ordinals)]
    ids = list(dict.fromkeys(ids or ctx.shown_product_ids[:3]))[:4]
    views = product_views(product_ids=ids, language=ctx.language, currency=ctx.currency)
    missing = [str(wanted) for wanted in ids if wanted not in {view.product_id for view in views}]
    if missing:
        raise Refusal("product_not_found", f"product_ids: {', '.join(missing)} is not a product of this shop.")
    if len(views) < 2:
        raise Refusal("which_product", "Two products are needed. Ask which ones the shopper wants to compare.")
    cards = product_cards(views, ctx)
    rows = _rows(views, cards, ctx.language)
    text = fenced([*(product_line(card) for card in cards), *(f"{name}: {' / '.join(row)}" for name, row in rows)])
    return ToolResult(text=text, cards=(ComparisonCard(products=cards, rows=rows),))


def _rows(
    views: Sequence[ProductView], cards: Sequence[ProductCard], language: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return price, stock, and the facts of which at least two products say something."""
    facts = [facts_of(view.attributes, language) for view in views]
    rows = [
        (_("Price"), tuple(card.price.text if card.price else NOTHING for card in cards)),
        (_("Stock"), tuple(_stock(card) for card in cards)),
    ]
    for name in dict.fromkeys(name for fact in facts for name in fact):
        values = tuple(plain(fact.get(name, NOTHING), 60) for fact in facts)
        if sum(value != NOTHING for value in values) >= 2:
            rows.append((name, values))
    return tuple(rows[:ROWS_MAX])


def _stock(card: ProductCard) -> str:
    if card.stock == "few_left":
        return _("Only %(left)s left") % {"left": card.left}
    return str(_STOCK[card.stock])
