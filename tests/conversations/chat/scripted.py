"""Chat models that say what a test wrote: tool calls, words, failures, pauses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable

Step = str | dict[str, Any] | float | Exception


class ScriptedModel(BaseChatModel):
    """Plays one list of steps a call: text, {"name", "args"} of a tool, a pause in seconds, an exception to raise."""

    rounds: list[list[Any]]
    heard: list[list[BaseMessage]] = []
    waits_for: Any = None  # an asyncio.Event set when the model begins to speak

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        """Take any tools."""
        return self.bind(bound_tools=len(tools), **kwargs)

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError

    async def _astream(
        self, messages: list[BaseMessage], *_args: Any, **_kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.heard.append(list(messages))
        for place, step in enumerate(self.rounds[min(len(self.heard), len(self.rounds)) - 1]):
            if isinstance(step, Exception):
                raise step
            if isinstance(step, float):
                if self.waits_for is not None:
                    self.waits_for.set()
                await asyncio.sleep(step)
            elif isinstance(step, dict):
                call = {"id": f"call-{len(self.heard)}-{place}", "type": "tool_call", **step}
                yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_calls=[call]))
            else:
                yield ChatGenerationChunk(message=AIMessageChunk(content=step))


def scripted(*rounds: list[Step]) -> ScriptedModel:
    """Return a model that plays these rounds; the last one again when asked more often."""
    return ScriptedModel(rounds=[list(steps) for steps in rounds], heard=[])
