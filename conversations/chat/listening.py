"""Listens to a model's stream: what may be passed on, how long a silence may be, whether the answer is whole.

Imported inside functions only, like everything that needs LangChain.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from conversations.chat.model_failures import Filtered, Silent, Unfinished, Unreadable

_SHORTEST_S = 0.01


class Patience:
    """How long the next chunk may take: `first_s` in all until the model says something, then `gap_s` each time."""

    def __init__(self, *, first_s: float, gap_s: float) -> None:
        self._first_until = time.monotonic() + max(first_s, _SHORTEST_S)
        self._gap_s = gap_s
        self._heard_at: float | None = None

    @property
    def left_s(self) -> float:
        """The time for the next chunk."""
        return self._gap_s if self._heard_at is not None else max(self._first_until - time.monotonic(), _SHORTEST_S)

    @property
    def has_heard(self) -> bool:
        """Whether the model said anything yet."""
        return self._heard_at is not None

    def heard(self) -> None:
        """The model said something."""
        self._heard_at = self._heard_at or time.monotonic()

    def waited_s(self, *, since: float) -> float:
        """Return how long the shopper waited for the first thing said."""
        return (self._heard_at or time.monotonic()) - since


async def spoken(
    source: AsyncIterator[ChatGenerationChunk], patience: Patience, *, needs_end: bool
) -> AsyncIterator[Sequence[ChatGenerationChunk]]:
    """Yield what may be passed on: words as they come, tool calls once all of them are there and can be read.

    Raises: TimeoutError, Silent, Unfinished, Unreadable, Filtered, and what the source raises.
    """
    waiting: list[ChatGenerationChunk] = []
    calls: AIMessageChunk | None = None
    end = ""
    while (chunk := await _next(source, patience)) is not None:
        message = chunk.message
        end = str((chunk.generation_info or {}).get("finish_reason") or end)
        waiting.append(chunk)
        if isinstance(message, AIMessageChunk) and message.tool_call_chunks:
            calls = message if calls is None else calls + message
        if message.content or calls is not None:
            patience.heard()
        if message.content and calls is None:
            yield waiting
            waiting = []
    _check_end(end, calls, said=patience.has_heard, needs_end=needs_end)
    if waiting:
        yield waiting


async def _next(source: AsyncIterator[ChatGenerationChunk], patience: Patience) -> ChatGenerationChunk | None:
    async with asyncio.timeout(patience.left_s):
        return await anext(source, None)


def _check_end(end: str, calls: AIMessageChunk | None, *, said: bool, needs_end: bool) -> None:
    if end == "content_filter":
        raise Filtered("the provider's content filter ended the answer")
    if not said:
        raise Silent("the model said nothing")
    if needs_end and not end:
        raise Unfinished("the stream ended without a finish_reason")
    if calls is not None and not all(_is_readable(call["args"]) for call in calls.tool_call_chunks):
        raise Unreadable(f"tool arguments that are no JSON object: {[call['args'] for call in calls.tool_call_chunks]}")


def _is_readable(arguments: str | None) -> bool:
    """Whether a tool's arguments are whole; LangChain would mend half of them and search for half a word."""
    try:
        return isinstance(json.loads(arguments or "{}"), dict)
    except json.JSONDecodeError:
        return False
