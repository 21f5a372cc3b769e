"""Makes the reply to one brief: a template, the shopper's own yes, or the agent; checked and explained."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings

from conversations.chat.agent import AgentRun
from conversations.chat.booking_planning import booking_after
from conversations.chat.booking_requests import INTENT
from conversations.chat.briefs import Brief
from conversations.chat.chips import chips_for
from conversations.chat.exact_answers import exact_answer
from conversations.chat.guardrails import Verdict, check, facts_of
from conversations.chat.model_failures import ModelCut
from conversations.chat.order_planning import request_after
from conversations.chat.outcomes import Called, Outcome, cards_of, products_in, shown_ids
from conversations.chat.phrasing import answer as offline_answer
from conversations.chat.saying import say
from conversations.chat.sentences import SentenceGate
from conversations.chat.templates import template_reply
from tools.dispatch import execute

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

logger = logging.getLogger(__name__)
# Intents that leave a note for a person, with the reason it gives.
_NOTED = {"health": "health", "for_creator": "for_the_creator"}
Tell = Callable[[str], Awaitable[None]]


class Reply:
    """One reply being made. `make` never raises for what can be told to the shopper."""

    def __init__(self, brief: Brief, tell: Tell, *, model: BaseChatModel | None = None) -> None:
        self.brief = brief
        self._tell = tell
        self._run = AgentRun(brief, model=model)
        self._gate = SentenceGate(self._check)
        self._started = time.monotonic()
        self._first_token_ms: int | None = None
        self._model = model

    async def make(self) -> Outcome:
        """Return the outcome; the words leave by `tell` as they pass the check."""
        brief = self.brief
        may_decide = brief.pending_action and brief.ctx.may_write
        decided = exact_answer(brief.text, operation=brief.pending_operation) if may_decide else None
        if decided is not None:
            return await self._carry_out(accept=decided)
        has_model = self._model is not None or bool(settings.OPENAI_API_KEY)
        template = template_reply(self.brief, has_model=has_model)
        if template is not None:
            intent, text = template
            await self._pass(self._gate.feed(text))
            await self._pass(self._gate.finish())
            return self._outcome(intent=intent, model_name="template")
        return await self._speak()

    def stopped(self) -> Outcome:
        """Return what stands when the shopper stopped the answer."""
        return self._outcome(state="stopped", with_cards=False)

    def late(self) -> Outcome:
        """Return what stands when the deadline passed."""
        return self._broken("failed")

    async def _speak(self) -> Outcome:
        try:
            async for piece in self._run.texts():
                await self._pass(self._gate.feed(piece))
                if not self._gate.verdict.passed:
                    break
        except ModelCut as cut:
            await self._pass(self._gate.finish(is_cut=True))
            return self._broken(cut.reason, intent="cut")
        except Exception:
            logger.exception("turn %s failed", self.brief.turn_id)
            return self._broken("failed")
        await self._pass(self._gate.finish())
        if not self._gate.text.strip():  # a model may fall silent after its tools; their results still have an answer
            await self._pass(self._gate.feed(offline_answer(self.brief, self._run.calls)))
            await self._pass(self._gate.finish())
        return self._outcome()

    async def _carry_out(self, *, accept: bool) -> Outcome:
        """Answer the proposal that was shown with the shopper's own typed yes or no."""
        ctx = self.brief.ctx
        done = await execute(ctx=ctx, action_id=self.brief.pending_action, accept=accept, confirmed_by="words")
        return Outcome(
            text=done.text,
            language=self.brief.language,
            cards=done.cards,
            needs=self.brief.needs,
            shown_product_ids=self.brief.ctx.shown_product_ids,
            trace={"intent": "affirm" if accept else "deny", "confirmation": done.outcome},
            model_name="code",
            persona_version=self.brief.persona.version if self.brief.persona else None,
        )

    async def _pass(self, text: str) -> None:
        if not text:
            return
        if self._first_token_ms is None:
            self._first_token_ms = self._elapsed_ms()
        await self._tell(text)

    def _check(self, text: str) -> Verdict:
        needs = self.brief.needs
        budgets = [
            Decimal(amount["minor"]) / 100
            for name in ("budget_min", "budget_max")
            if (amount := _amount(needs.get(name)))
        ]
        return check(text, facts_of(self._run.calls, persona=self.brief.persona, budgets=budgets))

    def _broken(self, key: str, *, intent: str = "") -> Outcome:
        """What was said stays; an honest sentence follows, as a message of its own when something was said."""
        excuse = say(self.brief, key)
        if self._gate.released.strip():
            return self._outcome(state="failed", afterword=excuse, intent=intent)
        return self._outcome(state="failed", text=excuse, intent=intent)

    def _outcome(
        self,
        *,
        state: str = "done",
        text: str = "",
        intent: str = "",
        afterword: str = "",
        model_name: str = "",
        with_cards: bool = True,
    ) -> Outcome:
        brief, calls, verdict = self.brief, self._run.calls, self._gate.verdict
        said = text or self._gate.released.strip()
        if not verdict.passed:
            state, afterword, said = "held_back", "", say(brief, f"held_{verdict.reason}")
        meant = intent or _outcome_intent(brief, calls)
        return Outcome(
            text=said,
            language=brief.language,
            state=state,  # type: ignore[arg-type]  # one of the four above
            cards=cards_of(calls) if with_cards else (),
            chips=chips_for(brief, calls, meant) if with_cards else (),
            calls=calls,
            needs=brief.needs,
            shown_product_ids=shown_ids(calls, brief.ctx.shown_product_ids),
            trace=self._trace(meant, calls, verdict),
            model_name=model_name or self._run.model_name,
            persona_version=brief.persona.version if brief.persona else None,
            afterword=afterword,
            note_for_person=(_NOTED[meant], brief.text) if meant in _NOTED else ("", ""),
            asked_person=any(call.name == "talk_to_person" and not call.result.error for call in calls),
        )

    def _trace(self, intent: str, calls: Sequence[Called], verdict: Verdict) -> dict[str, Any]:
        """Return what the "why" drawer shows."""
        heard = next((dict(call.result.heard) for call in calls if call.result.heard), {})
        content = next((card for call in calls for card in call.result.cards if card.kind == "content"), None)
        return {
            "intent": intent,
            "heard": heard or {name: str(value) for name, value in self.brief.reading.slots.items()},
            "tools": [
                {"name": call.name, "ms": call.duration_ms, "error": call.error or call.result.error} for call in calls
            ],
            "why": _why_first(calls),
            "content": {"title": content.title, "second": content.start_s} if content else {},
            "rules": {"passed": verdict.passed, "reason": verdict.reason, "detail": verdict.detail},
            "ms": {"total": self._elapsed_ms(), "first_token": self._first_token_ms},
            **({"desk": request.to_json()} if (request := request_after(self.brief, calls)) else {}),
            **({INTENT: booking.to_json()} if (booking := booking_after(self.brief, calls)) else {}),
            **({"model": self._run.model_told} if self._run.model_told else {}),
        }

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._started) * 1000)


async def reply_within(reply: Reply, *, deadline_s: float, stop: asyncio.Event) -> Outcome:
    """Make the reply, unless the shopper stops it or the deadline passes; nothing is left running."""
    speaking = asyncio.create_task(reply.make())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({speaking, stopping}, timeout=deadline_s, return_when=asyncio.FIRST_COMPLETED)
        if speaking.done():
            return speaking.result()
        await _cancelled(speaking)
        return reply.stopped() if stop.is_set() else reply.late()
    finally:
        await _cancelled(stopping)
        await _cancelled(speaking)


async def _cancelled(task: asyncio.Task[Any]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _amount(stored: Any) -> dict[str, Any]:
    return stored if isinstance(stored, dict) else {}


def _why_first(calls: Sequence[Called]) -> dict[str, Any]:
    for call in calls:
        for card in products_in(call.result.cards):
            if card.product_id in call.result.why:
                return {"product": card.title, "signals": call.result.why[card.product_id]}
    return {}


def _outcome_intent(brief: Brief, calls: Sequence[Called]) -> str:
    """Return the intent, or how it came out when the double could not answer: a later "yes" refers to that."""
    errors = {call.result.error for call in calls}
    if "search_down" in errors and "" not in errors:
        return "search_down"
    if "no_answer" in errors:
        return "no_answer"
    found = any(products_in(call.result.cards) for call in calls)
    if brief.reading.intent == "out_of_scope" and brief.reading.confidence < 0.5 and not found:
        return "not_understood"
    return brief.reading.intent
