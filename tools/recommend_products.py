"""The tool that answers needs with products that fit, each with its reason."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.products.matching import Advice, advise
from catalog.products.needs import Needs
from catalog.products.reasons import values
from catalog.products.selectors import ProductView, product_views
from tools.cards import product_cards
from tools.choosing import shown_at
from tools.context import ToolContext
from tools.fence import plain
from tools.lines import product_list
from tools.needs import NeedsArguments, heard_in_words, needs_of
from tools.results import ToolResult
from tools.shop import in_shop
from tools.tool import tool

OTHER_KINDS = "Nothing cheaper of the kind that was shown. Say that these are of another kind:"


class RecommendProducts(NeedsArguments):
    """The needs, and how the choice is narrowed."""

    cheaper: bool = Field(default=False, description="True when the shopper wants something cheaper than was shown.")
    than_ordinal: int | None = Field(
        default=None, ge=1, le=20, description="Cheaper than this place in the list last shown; empty = than all shown."
    )
    others: bool = Field(default=False, description="True when the shopper wants others than were shown.")
    swap_ordinal: int | None = Field(
        default=None, ge=1, le=20, description="Put another product at this place of the list shown, keep the rest."
    )
    limit: int = Field(default=3, ge=1, le=5, description="How many products to return, 1 to 5.")


@tool(RecommendProducts, searches=True)
async def recommend_products(ctx: ToolContext, given: RecommendProducts) -> ToolResult:
    """Recommend single products for what the shopper told: skin, concerns, activity, budget, what to avoid.

    Use it for advice and for refinements ("cheaper", "without fragrance"); needs said earlier are remembered. For
    several products that go together use recommend_routine.
    """
    return await in_shop(ctx, _recommend, given)


def _recommend(merchant: Merchant, ctx: ToolContext, given: RecommendProducts) -> ToolResult:
    needs = needs_of(ctx, given)
    if given.swap_ordinal is not None:
        return _swapped(merchant, ctx, given, needs, given.swap_ordinal)
    than = _compared_with(ctx, given)
    heard = heard_in_words(needs, ctx.language)
    if not than:
        advice = _advice(merchant, ctx, given, needs)
        return _found(ctx, advice, heard) if advice.matches else _nothing(needs, advice, heard)
    cheapest = min(than, key=_minor)
    # "Cheaper" after three serums means a serum, whether or not the shopper ever said the word.
    kinds = needs.categories or tuple(dict.fromkeys(_kind(view) for view in than if _kind(view)))
    advice = _advice(merchant, ctx, given, replace(needs, categories=kinds), cheaper_than=cheapest.price)
    if advice.matches:
        return _found(ctx, advice, heard)
    if not needs.categories:
        wider = _advice(merchant, ctx, given, needs, cheaper_than=cheapest.price)
        if wider.matches:
            return _found(ctx, wider, heard, lead=OTHER_KINDS)
    return _nothing_cheaper(ctx, cheapest, heard)


def _swapped(merchant: Merchant, ctx: ToolContext, given: RecommendProducts, needs: Needs, ordinal: int) -> ToolResult:
    """Return the list last shown with another product of the same kind at one place."""
    heard = heard_in_words(needs, ctx.language)
    out = shown_at(ctx, ordinal)
    shown = product_views(product_ids=ctx.shown_product_ids, language=ctx.language, currency=ctx.currency)
    kind = next((_kind(view) for view in shown if view.product_id == out and _kind(view)), "")
    alike = replace(needs, categories=(kind,)) if kind and not needs.categories else needs
    advice = _advice(merchant, ctx, given, alike)
    if not advice.matches and alike is not needs:
        advice = _advice(merchant, ctx, given, needs)
    if not advice.matches:
        return _nothing(needs, advice, heard)
    new = advice.matches[0]
    views = [new.shown if view.product_id == out else view for view in shown]
    reasons = [new.reason if view.product_id == out else "" for view in shown]
    cards = product_cards(views, ctx, reasons=reasons)
    return ToolResult(
        text=f"Number {ordinal} is another one now, the rest stayed:\n{product_list(cards)}{_withheld(advice)}",
        cards=cards,
        heard=heard,
        why={new.product.product_id: [*new.why]},
        withheld=advice.withheld,
    )


def _advice(
    merchant: Merchant, ctx: ToolContext, given: RecommendProducts, needs: Needs, *, cheaper_than: Money | None = None
) -> Advice:
    return advise(
        merchant_id=merchant.pk,
        creator_id=ctx.creator_id,
        needs=needs,
        language=ctx.language,
        currency=ctx.currency,
        prefer_product_ids=ctx.watching.product_ids,
        exclude_product_ids=ctx.shown_product_ids if given.others or given.cheaper or given.swap_ordinal else (),
        cheaper_than=cheaper_than,
        has_shown=bool(ctx.shown_product_ids),
        limit=given.limit,
    )


def _kind(view: ProductView) -> str:
    """Return what kind of product it is, as the shop calls it: its kind, else its category."""
    return next(iter(values(view, "kind")), view.category_path.rpartition("/")[2])


def _found(ctx: ToolContext, advice: Advice, heard: dict[str, str], *, lead: str = "") -> ToolResult:
    matches = advice.matches
    cards = product_cards([match.shown for match in matches], ctx, reasons=[match.reason for match in matches])
    return ToolResult(
        text=f"{lead or 'These fit; the first fits best:'}\n{product_list(cards)}{_withheld(advice)}{_asking(advice)}",
        cards=cards,
        heard=heard,
        why={match.product.product_id: [*match.why] for match in matches},
        asks=advice.question.about if advice.question else "",
        answers=advice.question.answers if advice.question else (),
        withheld=advice.withheld,
    )


def _compared_with(ctx: ToolContext, given: RecommendProducts) -> list[ProductView]:
    """Return the products that "cheaper" refers to, those with a price: the one named, else all that were shown."""
    if not given.cheaper or (given.than_ordinal is None and not ctx.shown_product_ids):
        return []
    ids = ctx.shown_product_ids if given.than_ordinal is None else (shown_at(ctx, given.than_ordinal),)
    views = product_views(product_ids=ids, language=ctx.language, currency=ctx.currency)
    return [view for view in views if view.price is not None]


def _minor(view: ProductView) -> int:
    price: Money | None = view.price
    return price.minor if price else 0


def _nothing_cheaper(ctx: ToolContext, cheapest: ProductView, heard: dict[str, str]) -> ToolResult:
    cards = product_cards([cheapest], ctx)
    text = f"Nothing that fits is cheaper. The cheapest shown:\n{product_list(cards)}"
    return ToolResult(error="nothing_cheaper", text=text, cards=cards, heard=heard)


def _withheld(advice: Advice) -> str:
    """Return what to say of products that were left out: never that anything is safe."""
    if not advice.withheld:
        return ""
    return (
        f"\nLeft out: {advice.withheld} products whose data do not say what this allergy or pregnancy has to know. Say"
        " that the shop's data go only so far and that the label counts; never say that a product is safe."
    )


def _asking(advice: Advice) -> str:
    """Return the one question whose answer would bring up other products."""
    if advice.question is None:
        return ""
    answers = f" ({plain(', '.join(advice.question.answers), 120)})" if advice.question.answers else ""
    return f"\nIf you ask anything, ask only this: {plain(advice.question.about.replace('_', ' '), 60)}{answers}"


def _nothing(needs: Needs, advice: Advice, heard: dict[str, str]) -> ToolResult:
    limit = f" within {needs.budget_max}" if needs.budget_max else ""
    text = (
        f"No product of this shop fits these needs{limit}. Say so, and ask which need may give way.{_withheld(advice)}"
    )
    return ToolResult(error="no_match", text=text, heard=heard, withheld=advice.withheld)
