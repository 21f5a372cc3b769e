"""A deterministic chat model: reads the message by rules, calls real tools through the graph, words their results.

Imported inside functions only: LangChain costs a second that no management command should pay.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable

from conversations.chat.briefs import Brief
from conversations.chat.calls import Call
from conversations.chat.outcomes import Called
from conversations.chat.phrasing import answer
from conversations.chat.planning import first_calls, next_calls
from tools.results import ToolResult

OFFLINE = "offline"
PIECE_CHARS = 12
_ROUNDS_MAX = 5  # find the order, read it, look its product up, propose; one more for a refusal


class OfflineModel(BaseChatModel):
    """The default model and the fallback of every other; `brief` is the turn it answers."""

    brief: Any  # a Brief: pydantic would copy it
    piece_pause_s: float = 0.0

    @property
    def _llm_type(self) -> str:
        return OFFLINE

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:  # noqa: ARG002 (its port)
        """Remember which tools may be called."""
        return self.bind(tool_names=tuple(tool.name for tool in tools if hasattr(tool, "name")))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 (its port)
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        text, calls = self._decide(messages, kwargs.get("tool_names", ()))
        message = AIMessage(content=text, tool_calls=_as_tool_calls(calls, _rounds(messages)))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        text, calls = self._decide(messages, kwargs.get("tool_names", ()))
        if calls:
            message = AIMessage(content="", tool_calls=_as_tool_calls(calls, _rounds(messages)))
            yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_calls=message.tool_calls))
        for start in range(0, len(text), PIECE_CHARS):
            yield ChatGenerationChunk(message=AIMessageChunk(content=text[start : start + PIECE_CHARS]))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._stream(messages, stop, None, **kwargs):
            await asyncio.sleep(self.piece_pause_s)  # lets a stop through
            yield chunk

    def _decide(self, messages: Sequence[BaseMessage], tool_names: Sequence[str]) -> tuple[str, list[Call]]:
        """Return the words, or the tools to call first."""
        brief: Brief = self.brief
        called = called_in(messages)
        rounds = _rounds(messages)
        planned = first_calls(brief) if rounds == 0 else next_calls(brief, called) if rounds < _ROUNDS_MAX else []
        calls = [call for call in planned if call.name in tool_names]
        return ("", calls) if calls else (answer(brief, called), [])


def called_in(messages: Sequence[BaseMessage]) -> list[Called]:
    """Return the tool calls since the last message of the shopper, with their results."""
    arguments: dict[str, dict[str, Any]] = {}
    called: list[Called] = []
    for message in _since_shopper(messages):
        if isinstance(message, AIMessage):
            arguments |= {str(call["id"]): call["args"] for call in message.tool_calls}
        elif isinstance(message, ToolMessage):
            result = message.artifact
            if not isinstance(result, ToolResult):
                result = ToolResult(text=str(message.content), error="tool_failed")
            given = arguments.get(message.tool_call_id, {})
            called.append(Called(name=message.name or "", arguments=given, result=result))
    return called


def _since_shopper(messages: Sequence[BaseMessage]) -> Sequence[BaseMessage]:
    last = max((place for place, message in enumerate(messages) if isinstance(message, HumanMessage)), default=-1)
    return messages[last + 1 :]


def _rounds(messages: Sequence[BaseMessage]) -> int:
    return sum(isinstance(message, AIMessage) and bool(message.tool_calls) for message in _since_shopper(messages))


def _as_tool_calls(calls: Sequence[Call], rounds: int) -> list[Any]:
    return [
        {"name": call.name, "args": dict(call.arguments), "id": f"call_{rounds}_{place}", "type": "tool_call"}
        for place, call in enumerate(calls)
    ]
