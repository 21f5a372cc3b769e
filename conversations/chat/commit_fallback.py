"""A model that falls back until its first token and never after it: no half answer is glued to another.

Imported inside functions only, like everything that needs LangChain.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableBinding
from pydantic import PrivateAttr

logger = logging.getLogger(__name__)


class ModelCut(Exception):
    """The model broke off after it had begun to speak; what was said stays said."""


class Breaker:
    """After some failures in a while, goes straight to the backup for a time: nobody waits for what is down."""

    def __init__(self, *, failures: int = 3, within_s: float = 60.0, rest_s: float = 30.0) -> None:
        self.failures, self.within_s, self.rest_s = failures, within_s, rest_s
        self._failed_at: deque[float] = deque(maxlen=failures)
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the model is left alone now."""
        return time.monotonic() < self._open_until

    def failed(self) -> None:
        """Count a failure."""
        now = time.monotonic()
        self._failed_at.append(now)
        if len(self._failed_at) == self.failures and now - self._failed_at[0] < self.within_s:
            self._open_until = now + self.rest_s

    def worked(self) -> None:
        """Forget the failures."""
        self._failed_at.clear()


class CommitFallback(BaseChatModel):
    """`primary` until it fails before its first token, then `backup` for the rest of the turn.

    `first_token_s` is for all first tokens of the turn together, so two slow calls do not wait twice.
    """

    primary: BaseChatModel
    backup: BaseChatModel
    first_token_s: float = 8.0
    breaker: Any = None
    _fell_back: bool = PrivateAttr(default=False)
    _waited_s: float = PrivateAttr(default=0.0)

    @property
    def _llm_type(self) -> str:
        return "commit-fallback"

    @property
    def fell_back(self) -> bool:
        """Whether the backup answered."""
        return self._fell_back

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Bind the tools to both models, each in its own form."""
        return self.bind(for_primary=_bound(self.primary, tools, kwargs), for_backup=_bound(self.backup, tools, kwargs))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError("the double speaks asynchronously only")

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for_primary, for_backup = kwargs.pop("for_primary", {}), kwargs.pop("for_backup", {})
        source = self.primary._astream(messages, stop, **for_primary, **kwargs)
        held = None if self._fell_back or (self.breaker and self.breaker.is_open) else await self._first(source)
        if held is None:
            self._fell_back = True
            async for chunk in self.backup._astream(messages, stop, **for_backup, **kwargs):
                yield chunk
            return
        for chunk in held:
            yield chunk
        try:
            async for chunk in source:
                yield chunk
        except Exception as error:
            self._note(error)
            raise ModelCut(str(error)) from error
        if self.breaker:
            self.breaker.worked()

    async def _first(self, source: AsyncIterator[ChatGenerationChunk]) -> list[ChatGenerationChunk] | None:
        """Return the chunks up to the first that says something, or None when it failed or took too long."""
        held: list[ChatGenerationChunk] = []
        started = time.monotonic()
        try:
            async with asyncio.timeout(max(self.first_token_s - self._waited_s, 0.01)):
                async for chunk in source:
                    held.append(chunk)
                    if _says_something(chunk):
                        return held
        except Exception as error:  # any provider error and the timeout: the shopper gets an answer all the same
            self._note(error)
            return None
        finally:
            self._waited_s += time.monotonic() - started
        self._note(RuntimeError("the model said nothing"))
        return None

    def _note(self, error: Exception) -> None:
        logger.warning("the chat model failed: %s: %s", type(error).__name__, error)
        if self.breaker:
            self.breaker.failed()


def _bound(model: BaseChatModel, tools: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments that binding these tools adds to a call of `model`."""
    bound = model.bind_tools(tools, **kwargs)
    return dict(bound.kwargs) if isinstance(bound, RunnableBinding) else {}


def _says_something(chunk: ChatGenerationChunk) -> bool:
    message = chunk.message
    return bool(message.content) or (isinstance(message, AIMessageChunk) and bool(message.tool_call_chunks))
