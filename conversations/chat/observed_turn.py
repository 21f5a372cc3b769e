"""How a turn went, told to `catalog.observing`: its words' first and last moment, its model calls; never its words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catalog import observing
from conversations.chat.briefs import Brief
from conversations.chat.outcomes import Outcome

if TYPE_CHECKING:
    from langchain_core.callbacks import AsyncCallbackHandler


class TurnWatch:
    """One turn under way: tell it the brief, the first words and the outcome."""

    def __init__(self, span: observing.Span) -> None:
        self._span, self._watch = span, observing.Stopwatch()
        self._first_s: float | None = None

    def begins(self, brief: Brief) -> None:
        """Say whose turn it is."""
        ctx = brief.ctx
        conversation = ctx.session.removeprefix("conversation:")
        observing.bind(merchant=ctx.merchant_id, conversation=conversation)
        ids: dict[str, observing.Value] = {"shop.merchant": ctx.merchant_id, "shop.conversation": conversation}
        self._span.set({**ids, "shop.surface": ctx.surface, "shop.language": brief.language})

    def speaks(self) -> None:
        """Note that words left; only the first time counts."""
        if self._first_s is None:
            self._first_s = self._watch.seconds

    def ends(self, outcome: Outcome) -> None:
        """Tell how long it took and how it came out."""
        seconds, model = self._watch.seconds, outcome.model_name or "none"
        observing.observe("turn_seconds", seconds, outcome=outcome.state, model=model)
        if self._first_s is not None:
            observing.observe("turn_first_token_seconds", self._first_s, model=model)
        for call in outcome.calls:
            error = "failed" if call.error else call.result.error
            observing.observe("tool_seconds", call.duration_ms / 1000, tool=call.name, outcome=error or "done")
        self._span.set(
            {"shop.outcome": outcome.state, "gen_ai.response.model": model, "shop.tools": len(outcome.calls)}
        )


@contextmanager
def observed_turn(turn_id: int) -> Iterator[TurnWatch]:
    """Watch one turn; log lines of the block carry its number."""
    with observing.bound(turn=turn_id), observing.span("turn", {"shop.turn": turn_id}) as span:
        yield TurnWatch(span)


def model_call_handlers() -> list[AsyncCallbackHandler]:
    """Return LangChain handlers that make a span of each model call; none while nobody traces."""
    if not observing.is_traced():
        return []
    from conversations.chat.model_spans import ModelSpans  # LangChain is imported when the first answer is written

    return [ModelSpans()]
