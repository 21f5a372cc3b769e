"""A model that falls back until its first word and never after it: no half answer is glued to another.

Imported inside functions only, like everything that needs LangChain.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableBinding
from pydantic import PrivateAttr

from conversations.chat.breaker import Admission, Breaker
from conversations.chat.listening import Patience, spoken
from conversations.chat.model_failures import Filtered, ModelCut, failure_of

__all__ = ["Breaker", "CommitFallback", "ModelCut"]

logger = logging.getLogger(__name__)


class _GivenUp(Exception):
    """The first choice failed before it had said anything."""


class CommitFallback(BaseChatModel):
    """`primary` until it fails before its first word, then `backup` for the rest of the turn.

    A stream that only calls tools is passed on when it is whole: cut before, it is no half answer either.
    `first_token_s` is for all first tokens of the turn together, so that two slow calls do not wait twice; `attempts`
    counts within it. `gap_s` is the longest silence once the model speaks. `needs_end`: a stream must say that it is
    whole, as the OpenAI protocol does.
    """

    primary: BaseChatModel
    backup: BaseChatModel
    first_token_s: float = 8.0
    gap_s: float = 6.0
    attempts: int = 1
    needs_end: bool = False
    breaker: Any = None
    _fell_back: bool = PrivateAttr(default=False)
    _reason: str = PrivateAttr(default="")
    _asked: int = PrivateAttr(default=0)
    _waited_s: float = PrivateAttr(default=0.0)

    @property
    def _llm_type(self) -> str:
        return "commit-fallback"

    @property
    def fell_back(self) -> bool:
        """Whether the backup answered."""
        return self._fell_back

    @property
    def told(self) -> dict[str, Any]:
        """What a turn's trace keeps: how often the model was asked, why it was given up, how its breaker stands."""
        told: dict[str, Any] = {"asked": self._asked, "failed": self._reason, "fell_back": self._fell_back}
        return told | ({"breaker": self.breaker.state.state} if self.breaker else {})

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
        if not self._fell_back:
            try:
                async with aclosing(self._first_choice(messages, stop, {**for_primary, **kwargs})) as chunks:
                    async for chunk in chunks:
                        yield chunk
                return
            except _GivenUp:
                self._fell_back = True
        async for chunk in self.backup._astream(messages, stop, **for_backup, **kwargs):
            yield chunk

    async def _first_choice(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> AsyncGenerator[ChatGenerationChunk, None]:
        """Yield what the first choice says.

        Raises: _GivenUp before its first word, ModelCut after it.
        """
        admission = (self.breaker or Breaker()).admit()
        if admission is None:
            self._reason = "resting"
            raise _GivenUp
        try:
            for attempt in range(1, self.attempts + 1):
                answer = self._asked_once(messages, stop, options, admission, is_last=attempt == self.attempts)
                async with aclosing(answer) as chunks:
                    async for chunk in chunks:
                        if chunk is None:
                            break  # nothing was said: ask again
                        yield chunk
                    else:
                        return
        finally:
            admission.left()

    async def _asked_once(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        options: dict[str, Any],
        admission: Admission,
        *,
        is_last: bool,
    ) -> AsyncGenerator[ChatGenerationChunk | None, None]:
        """Yield one answer; None alone when it failed silently and is worth another try."""
        patience = Patience(first_s=self.first_token_s - self._waited_s, gap_s=self.gap_s)
        began, started = False, time.monotonic()
        self._asked += 1
        try:
            async with aclosing(self.primary._astream(messages, stop, **options)) as source:  # type: ignore[type-var]
                async for chunks in spoken(source, patience, needs_end=self.needs_end):
                    began = True
                    for chunk in chunks:
                        yield chunk
        except Exception as error:  # whatever a provider's client raises: the shopper gets an answer all the same
            self._waited_s += patience.waited_s(since=started)
            if not await self._ask_again(error, admission, began=began, is_last=is_last):
                if began:
                    raise ModelCut(str(error), reason="content_filter" if _is_filter(error) else "cut") from error
                raise _GivenUp from error
            yield None
            return
        self._waited_s += patience.waited_s(since=started)
        admission.worked()

    async def _ask_again(self, error: Exception, admission: Admission, *, began: bool, is_last: bool) -> bool:
        """Wait as long as the provider asks for and say yes, or count the failure and say no."""
        failure = failure_of(error)
        logger.warning("the chat model failed (%s): %s: %s", failure.reason, type(error).__name__, error)
        self._reason = failure.reason
        left_s = self.first_token_s - self._waited_s
        if not began and not is_last and failure.pause_s is not None and failure.pause_s < left_s:
            self._waited_s += failure.pause_s
            await asyncio.sleep(failure.pause_s)
            return True
        if failure.counts:
            admission.failed(failure.reason)
        return False


def _is_filter(error: Exception) -> bool:
    return isinstance(error, Filtered)


def _bound(model: BaseChatModel, tools: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments that binding these tools adds to a call of `model`."""
    bound = model.bind_tools(tools, **kwargs)
    return dict(bound.kwargs) if isinstance(bound, RunnableBinding) else {}
