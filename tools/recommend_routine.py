"""The tool that puts products together that are used one after the other."""

from __future__ import annotations

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.products.matching import Routine, routine
from catalog.products.needs import Needs
from catalog.products.selectors import product_views
from tools.cards import price_of, product_card
from tools.choosing import shown_at
from tools.context import ToolContext
from tools.fence import fenced, plain
from tools.lines import product_line
from tools.needs import NeedsArguments, Value, heard_in_words, need_line, needs_of
from tools.results import RoutineCard, RoutineStep, ToolResult
from tools.shop import in_shop
from tools.tool import tool


class RecommendRoutine(NeedsArguments):
    """The needs, the steps, and what to change in the routine last shown."""

    steps: tuple[Value, ...] = Field(
        default=(),
        max_length=5,
        description="Steps wanted: cleanse, tone, treat, moisturise, protect. Empty = usual ones.",
    )
    swap_ordinal: int | None = Field(
        default=None, ge=1, le=20, description="Step of the routine last shown to exchange; the others stay."
    )
    cheaper: bool = Field(default=False, description="True when the whole shall cost less than the one last shown.")


@tool(RecommendRoutine, searches=True)
async def recommend_routine(ctx: ToolContext, given: RecommendRoutine) -> ToolResult:
    """Put together two to five products that go with each other: a morning routine, a kit for a trip.

    Use it when the shopper asks for a routine, a set, or everything for a purpose. It keeps apart what must not be
    combined and adds up the total. The budget is for all of it.
    """
    return await in_shop(ctx, _compose, given)


def _compose(merchant: Merchant, ctx: ToolContext, given: RecommendRoutine) -> ToolResult:
    needs = needs_of(ctx, given)
    swapped = None if given.swap_ordinal is None else shown_at(ctx, given.swap_ordinal)
    made = routine(
        merchant_id=merchant.pk,
        creator_id=ctx.creator_id,
        needs=needs,
        language=ctx.language,
        currency=ctx.currency,
        prefer_product_ids=ctx.watching.product_ids,
        exclude_product_ids=() if swapped is None else (swapped,),
        cheaper_than=_total_shown(ctx) if given.cheaper else None,
        steps=given.steps or None,
        keep_product_ids=() if swapped is None else [each for each in ctx.shown_product_ids if each != swapped],
    )
    heard = heard_in_words(needs, ctx.language)
    if not made.steps:
        text = "Nothing goes together for these needs. Say so, and offer single products or a larger budget."
        return ToolResult(error="no_match", text=text, heard=heard)
    card = _card(ctx, made, needs)
    why = {match.product.product_id: [*match.why] for _name, match in made.steps}
    return ToolResult(text=_text(card), cards=(card,), heard=heard, why=why)


def _card(ctx: ToolContext, made: Routine, needs: Needs) -> RoutineCard:
    steps = [
        RoutineStep(name=name, product=product_card(match.product, ctx, reason=match.reason, ordinal=place))
        for place, (name, match) in enumerate(made.steps, start=1)
    ]
    return RoutineCard(
        title=made.title,
        need=need_line(needs, ctx.language),
        steps=tuple(steps),
        conflict_note=made.conflict_note,
        total=price_of(made.total),
        budget=price_of(needs.budget_max) if needs.budget_max else None,
        over_by=price_of(made.over_by) if made.over_by else None,
    )


def _text(card: RoutineCard) -> str:
    lines = [f"{plain(step.name, 40)}: {product_line(step.product)}" for step in card.steps]
    over = f", {card.over_by.text} over the budget" if card.over_by else ""
    note = f"\nTell this: {plain(card.conflict_note, 200)}" if card.conflict_note else ""
    return f"{plain(card.title)}\n{fenced(lines)}\nTotal {card.total.text}{over}.{note}"


def _total_shown(ctx: ToolContext) -> Money | None:
    views = product_views(product_ids=ctx.shown_product_ids, language=ctx.language, currency=ctx.currency)
    prices = [view.price for view in views if view.price is not None]
    return sum(prices[1:], prices[0]) if prices else None
