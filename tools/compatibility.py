"""The tool that says whether two things may be used together, by what the shop's data and the creator say of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Annotated

from pydantic import Field

from catalog.accounts.models import Merchant
from catalog.products.models import ContentProduct
from catalog.products.reasons import listed, values
from catalog.products.selectors import ProductView
from catalog.products.vocabulary import word
from tools.cards import product_card
from tools.choosing import RowId, product_or_refusal, shown_at
from tools.context import Passage, ToolContext
from tools.fence import fenced, plain
from tools.knowledge import passage_line
from tools.results import AnyCard, ToolResult
from tools.shop import in_shop
from tools.things import Thing, is_kind, is_made_for, mentions, thing_named, thing_of_product
from tools.tool import Arguments, Refusal, tool

_PASSAGES_LOOKED_AT = 12
_NAMED_MAX = 3


class CheckCompatibility(Arguments):
    """The two things, however they were named."""

    things: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = Field(
        default=(), max_length=4, description='Products or ingredients as the shopper called them: "No. 3", "retinal".'
    )
    product_ids: tuple[RowId, ...] = Field(default=(), max_length=4, description="Or ids from earlier tool results.")
    ordinals: tuple[Annotated[int, Field(ge=1, le=20)], ...] = Field(
        default=(), max_length=4, description="Or places in the list last shown: [1, 2]."
    )


@dataclass(frozen=True, slots=True)
class Clash:
    """A product whose data say what it must not meet."""

    view: ProductView
    named: tuple[str, ...]  # values of `conflicts_with` that the other thing has


@tool(CheckCompatibility)
async def check_compatibility(ctx: ToolContext, given: CheckCompatibility) -> ToolResult:
    """Check whether two products or ingredients may be used together.

    Use it for "can I use X with Y". It reads what the shop's data keep apart and what the creator said. When it finds
    nothing, say only that nothing in the data speaks against it; never that it is safe.
    """
    return await in_shop(ctx, _check, given)


def _check(merchant: Merchant, ctx: ToolContext, given: CheckCompatibility) -> ToolResult:
    things = _things(merchant, ctx, given)
    if len(things) < 2:
        raise Refusal("which_product", "Two things are needed. Ask which two the shopper wants to use together.")
    pairs = [(one, other, _clashes(one, other)) for one, other in combinations(things, 2)]
    one, other, found = max(pairs, key=lambda pair: bool(pair[2]))
    for thing in (one, other):
        if not thing.views and not found:
            raise Refusal("no_data", f"unknown: {plain(thing.label)}\nThe shop's data do not say. Do not guess.")
    said = _said(ctx, one, other)
    lines = [f"first: {plain(one.label)}", f"second: {plain(other.label)}"]
    lines += [_clash_line(clash, ctx.language) for clash in found[:_NAMED_MAX]]
    lines += [] if found else ["Nothing in the data speaks against it. That is all the data say."]
    lines += [passage_line(passage) for passage in said]
    return ToolResult(text=fenced(lines), cards=(*_sources(ctx, said), *_cards(ctx, one, other, found)))


def _things(merchant: Merchant, ctx: ToolContext, given: CheckCompatibility) -> list[Thing]:
    ids = [*given.product_ids, *(shown_at(ctx, ordinal) for ordinal in given.ordinals)]
    things = [thing_of_product(product_or_refusal(ctx, product_id)) for product_id in dict.fromkeys(ids)]
    for said in given.things:
        thing = thing_named(merchant, ctx, said)
        if thing is None and is_kind(said):
            raise Refusal("which_product", f"{plain(said)} is a kind of product. Ask which one is meant.")
        if thing is None:
            raise Refusal("no_data", f"unknown: {plain(said)}\nThe shop knows no such thing. Say so; do not guess.")
        things.append(thing)
    return list({thing.label: thing for thing in things}.values())


def _clashes(one: Thing, other: Thing) -> list[Clash]:
    """Return the products of either side whose data keep them apart from the other; the asked-for products first."""
    found = [
        Clash(view, named)
        for mine, theirs in ((one, other), (other, one))
        for view in mine.views
        if mine.is_product or is_made_for(view, mine.traits)
        if (named := tuple(value for value in values(view, "conflicts_with") if value in theirs.traits))
    ]
    asked = {thing.views[0].product_id for thing in (one, other) if thing.is_product}
    return sorted(found, key=lambda clash: clash.view.product_id not in asked)


def _clash_line(clash: Clash, language: str) -> str:
    named = listed([word("key_ingredients", value, language) for value in clash.named], language)
    return f"conflict: {plain(clash.view.title)} | not together with: {plain(named)}"


def _cards(ctx: ToolContext, one: Thing, other: Thing, found: list[Clash]) -> tuple[AnyCard, ...]:
    """Return a product of each side, the one that clashes before others that hold the same ingredient."""
    clashing = [clash.view.product_id for clash in found]
    views: dict[int, ProductView] = {}
    for thing in (one, other):
        best = sorted(thing.views, key=lambda view: view.product_id not in clashing)
        views |= {view.product_id: view for view in best[:1]}
    return tuple(product_card(view, ctx, ordinal=place) for place, view in enumerate(views.values(), start=1))


def _said(ctx: ToolContext, one: Thing, other: Thing) -> list[Passage]:
    """Return what the creator said of both: named in one passage, or an opinion about products of both sides."""
    question = f"{one.called} {other.called}"
    found = ctx.knowledge.passages(question, kinds=("opinion", "content"), limit=_PASSAGES_LOOKED_AT)
    about = [each for each in found if _names_both(each, one, other) or _is_about_both(each, one, other)]
    return sorted(about, key=lambda passage: passage.kind != "opinion")[:1]


def _names_both(passage: Passage, one: Thing, other: Thing) -> bool:
    text = f"{passage.title} . {passage.text}"
    return all(mentions(text, thing.names) for thing in (one, other))


def _is_about_both(passage: Passage, one: Thing, other: Thing) -> bool:
    if passage.kind != "opinion" or passage.content_id is None:
        return False
    about = set(ContentProduct.objects.filter(content_id=passage.content_id).values_list("product_id", flat=True))
    return all(about & {view.product_id for view in thing.views} for thing in (one, other))


def _sources(ctx: ToolContext, said: list[Passage]) -> tuple[AnyCard, ...]:
    quoted = {passage.content_id for passage in said if passage.content_id is not None}
    if not quoted:
        return ()
    moments = ctx.knowledge.content_moments(said[0].text[:200], limit=_PASSAGES_LOOKED_AT)
    return tuple(moment for moment in moments if moment.content_id in quoted)
