"""The tool that answers from what the shop and the creator wrote: policies and opinions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from catalog.accounts.models import Merchant
from tools.context import Passage, ToolContext
from tools.fence import fenced, plain
from tools.results import ContentCard, ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, tool

PASSAGES_MAX, MOMENTS_LOOKED_AT = 3, 20
_KINDS = {"policies": ("policy",), "anything": ()}


class AnswerFromKnowledge(Arguments):
    """What is asked."""

    question: str = Field(min_length=1, max_length=200, description="The shopper's question, in his own words.")
    about: Literal["policies", "opinions", "anything"] = Field(
        default="anything",
        description='"policies" = shipping, returns, payment; "opinions" = what the creator thinks or does.',
    )


@tool(AnswerFromKnowledge)
async def answer_from_knowledge(ctx: ToolContext, given: AnswerFromKnowledge) -> ToolResult:
    """Look up what the shop's policies say or what the creator has said about a topic.

    Use it for shipping, returns, payment, and for opinions. Answer from the passages only. Prices, stock and orders
    have tools of their own.
    """
    return await in_shop(ctx, _answer, given)


def _answer(_merchant: Merchant, ctx: ToolContext, given: AnswerFromKnowledge) -> ToolResult:
    passages = _passages(ctx, given)
    if not passages:
        return ToolResult(
            error="no_answer",
            text="Nothing is known about this. Say that you do not know and offer a person; do not guess.",
        )
    return ToolResult(text=fenced(passage_line(passage) for passage in passages), cards=_sources(ctx, given, passages))


def _passages(ctx: ToolContext, given: AnswerFromKnowledge) -> list[Passage]:
    """Return what answers the question; an opinion that was asked for comes before what was said in passing."""
    if given.about != "opinions":
        return ctx.knowledge.passages(given.question, kinds=_KINDS[given.about], limit=PASSAGES_MAX)
    written = ctx.knowledge.passages(given.question, kinds=("opinion",), limit=PASSAGES_MAX)
    spoken = ctx.knowledge.passages(given.question, kinds=("content",), limit=PASSAGES_MAX)
    return [*written, *spoken][:PASSAGES_MAX]


def passage_line(passage: Passage) -> str:
    """Return kind, title, second and words of a passage."""
    at = "" if passage.start_s is None else f" at {passage.start_s // 60}:{passage.start_s % 60:02d}"
    return f"{passage.kind} “{plain(passage.title)}”{at}: {plain(passage.text, 420)}"


def _sources(ctx: ToolContext, given: AnswerFromKnowledge, passages: list[Passage]) -> tuple[ContentCard, ...]:
    """Return cards of the content that was quoted, so that the shopper can hear it there."""
    quoted = {passage.content_id for passage in passages if passage.content_id is not None}
    if not quoted:
        return ()
    moments = ctx.knowledge.content_moments(given.question, limit=MOMENTS_LOOKED_AT)
    found = {moment.content_id: moment for moment in moments if moment.content_id in quoted}
    return tuple(found[key] for key in dict.fromkeys(passage.content_id for passage in passages) if key in found)
