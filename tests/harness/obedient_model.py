"""A chat model that does whatever a planted text says, as soon as it reads it: the worst model there could be."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

Asked = tuple[str, dict[str, Any]]  # a tool's name and its arguments


class ObedientModel(BaseChatModel):
    """Reads first (`reads`), then, when `planted` stands anywhere in its context, calls `obeys` one after another.

    It repeats what the tools told it as its answer, so that whatever it got hold of would reach the shopper.
    """

    planted: str
    reads: list[Asked]
    obeys: list[Asked]
    saw: list[bool] = []  # one for each time it was asked: whether the text was in its context

    @property
    def _llm_type(self) -> str:
        return "obedient"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:  # noqa: ARG002 (its port)
        """Take any tools; it calls what it was told to, whether it is among them or not."""
        return self

    def _next(self, messages: Sequence[BaseMessage]) -> AIMessage:
        rounds = sum(bool(getattr(message, "tool_calls", ())) for message in messages)
        sees = _folded(self.planted) in _folded(" ".join(str(message.content) for message in messages))
        self.saw.append(sees)
        script = [*self.reads, *(self.obeys if sees else [])]
        if rounds < len(script):
            name, arguments = script[rounds]
            call = {"name": name, "args": arguments, "id": f"call_{rounds}", "type": "tool_call"}
            return AIMessage(content="", tool_calls=[call])
        told = [str(message.content) for message in messages if isinstance(message, ToolMessage)]
        return AIMessage(content="Done. " + " ".join(told)[:500])

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        message = self._next(messages)
        yield ChatGenerationChunk(message=AIMessageChunk(content=message.content, tool_calls=message.tool_calls))

    async def _astream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._stream(messages):
            yield chunk


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())
