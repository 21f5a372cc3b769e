"""The LangChain agent: one model, the persona's tools, a limit on calls; every call is recorded."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings

from catalog import observing
from catalog.database_threads import in_db
from catalog.search.ports import SearchUnavailable
from conversations.chat.briefs import Brief
from conversations.chat.llm import chat_model, model_name, model_told
from conversations.chat.observed_turn import model_call_handlers
from conversations.chat.outcomes import Called
from conversations.personas.prompts import system_prompt
from tools import dispatch
from tools.outages import search_failed
from tools.registry import Tool, tools_for
from tools.results import ToolResult
from tools.tool import SEARCH_DOWN

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.tools import StructuredTool

logger = logging.getLogger(__name__)
TOOL_FAILED = (
    "This tool failed on our side. Nothing was looked up or changed. Say so in one sentence; do not answer from memory."
)


@dataclass(slots=True)
class AgentRun:
    """One answer being made: iterate `texts`, then read `calls` and `model_name`."""

    brief: Brief
    model: BaseChatModel | None = None
    _calls: list[Called | None] = field(default_factory=list)
    model_name: str = ""
    model_told: dict[str, Any] = field(default_factory=dict)

    @property
    def calls(self) -> tuple[Called, ...]:
        """The finished tool calls, in the order they were asked for."""
        return tuple(call for call in self._calls if call is not None)

    async def texts(self) -> AsyncIterator[str]:
        """Yield what the model says, piece by piece; what tools and middleware say is not passed on.

        Raises: model_failures.ModelCut when the model broke off after it had begun.
        """
        from langchain.agents import create_agent
        from langchain.agents.middleware import ToolCallLimitMiddleware
        from langchain_core.messages import AIMessageChunk

        model = self.model or chat_model(self.brief)
        prompt = await in_db(system_prompt, persona=self.brief.persona, creator=self.brief.creator, ctx=self.brief.ctx)
        # Built anew for each turn (a millisecond): its tools act for one shopper and must never act for another.
        agent: Any = create_agent(
            model,
            tools=self._tools(),
            system_prompt=prompt,
            middleware=[ToolCallLimitMiddleware(run_limit=settings.TURN_TOOL_CALLS_MAX)],
        )
        try:
            config = {"callbacks": model_call_handlers()}
            stream = agent.astream({"messages": history(self.brief)}, config, stream_mode="messages")
            async with aclosing(stream):
                async for chunk, metadata in stream:
                    # Middleware and tools stream under other nodes: only the model's own words leave.
                    if isinstance(chunk, AIMessageChunk) and metadata.get("langgraph_node") == "model" and chunk.text:
                        yield chunk.text
        finally:
            self.model_name, self.model_told = model_name(model), model_told(model)

    def _tools(self) -> list[StructuredTool]:
        persona = self.brief.persona
        names = persona.tools if persona else ()
        return [self._wrapped(tool) for tool in tools_for(names, is_private=self.brief.ctx.may_write)]

    def _wrapped(self, tool: Tool) -> StructuredTool:
        """Return a LangChain tool; who acts comes from this turn's context, never from the arguments."""
        from langchain_core.tools import StructuredTool

        async def call(**arguments: Any) -> tuple[str, ToolResult]:
            result = await self._recorded(tool, arguments)
            return result.text, result

        # A schema as data, so that our own check refuses wrong and unknown arguments, and records that it did.
        return StructuredTool(
            name=tool.name,
            description=tool.description,
            args_schema=tool.arguments.model_json_schema(),
            coroutine=call,
            response_format="content_and_artifact",
        )

    async def _recorded(self, tool: Tool, arguments: dict[str, Any]) -> ToolResult:
        place = len(self._calls)
        self._calls.append(None)  # parallel calls end in any order
        started = time.monotonic()
        error = ""
        try:
            with observing.span(f"execute_tool {tool.name}", {"gen_ai.tool.name": tool.name}):
                result = await dispatch.call(ctx=self.brief.ctx, tool=tool, arguments=arguments)
        except SearchUnavailable:
            search_failed()
            result = ToolResult(text=SEARCH_DOWN, error="search_down")
        except Exception as failure:  # the shopper gets an honest sentence, the operator the trace
            logger.exception("tool %s failed in turn %s", tool.name, self.brief.turn_id)
            error = f"{type(failure).__name__}: {failure}"
            result = ToolResult(text=TOOL_FAILED, error="tool_failed")
        self._calls[place] = Called(
            name=tool.name,
            arguments=arguments,
            result=result,
            error=error,
            duration_ms=round((time.monotonic() - started) * 1000),
        )
        return result


def history(brief: Brief) -> list[BaseMessage]:
    """Return the remembered messages and the new one, as the model reads them; never a tool call without its result."""
    from langchain_core.messages import AIMessage, HumanMessage

    messages: list[BaseMessage] = []
    for spoken in brief.history:
        if spoken.by_shopper:
            messages.append(HumanMessage(spoken.text))
            continue
        shown = "; ".join(f"{place}. id={pk} {title}" for place, (pk, title) in enumerate(spoken.shown, start=1))
        messages.append(AIMessage(f"{spoken.text}\n[shown: {shown}]" if shown else spoken.text))
    return [*messages, HumanMessage(brief.text)]
