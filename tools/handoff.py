"""The tool that asks a person to take over."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from catalog.accounts.models import Merchant
from tools.context import ToolContext
from tools.results import HandoffCard, ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, tool

Reason = Literal["asked", "health", "complaint", "order_problem", "for_the_creator", "not_understood"]


class TalkToPerson(Arguments):
    """Why a person is needed."""

    reason: Reason = Field(
        default="asked",
        description='Why: "asked" = the shopper wants a person, "for_the_creator" = only the creator can answer.',
    )
    summary: str = Field(
        default="", max_length=1_000, description="For that person, short: what the shopper wants. No guesses."
    )


@tool(TalkToPerson, writes=True)
async def talk_to_person(ctx: ToolContext, given: TalkToPerson) -> ToolResult:
    """Ask a person of the shop to take over this conversation.

    Use it when the shopper asks for a person, for health questions, complaints, and what only the creator can answer.
    After it, say only that a person was asked.
    """
    return await in_shop(ctx, ask_person, reason=given.reason, summary=given.summary)


def ask_person(_merchant: Merchant, ctx: ToolContext, *, reason: str, summary: str) -> ToolResult:
    """Open the handoff; asking twice changes nothing."""
    state = ctx.handoff.open(reason=reason, summary=summary)
    if state == "taken":
        return ToolResult(text="A person already answers here. Stay silent.", cards=(HandoffCard(state="taken"),))
    card = HandoffCard(state="open", summary=summary)
    return ToolResult(text="A person was asked and will answer here. Say so; promise no time.", cards=(card,))
