"""A span for each call of the chat model, under OpenTelemetry's names for generative AI; no prompt, no answer.

Imported inside functions only, like everything that needs LangChain.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from catalog import observing


class ModelSpans(AsyncCallbackHandler):
    """Hears of one turn's model calls."""

    run_inline = True  # in the turn's own context: the span stands below the turn's

    def __init__(self) -> None:
        self._open: dict[UUID, observing.Begun] = {}

    async def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        """Begin a span."""
        parameters = kwargs.get("invocation_params") or {}
        model = str(parameters.get("model") or parameters.get("model_name") or (serialized or {}).get("name") or "chat")
        about = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model, "gen_ai.provider.name": _provider()}
        self._open[run_id] = observing.begin(f"chat {model}", {**about, "shop.messages": sum(map(len, messages))})

    async def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        """End it with what was used."""
        span = self._open.pop(run_id, None)
        if span is not None:
            span.set(_used(response))
            span.end()

    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """End it as failed; the error's text stays out of it."""
        span = self._open.pop(run_id, None)
        if span is not None:
            span.end(error=type(error).__name__)


def _provider() -> str:
    return "openai" if settings.OPENAI_API_KEY else "shop"


def _used(response: LLMResult) -> dict[str, observing.Value]:
    """Return the tokens and the reason of the end, where the model tells them."""
    found: dict[str, observing.Value] = {}
    for generation in (one for several in response.generations for one in several):
        if not isinstance(generation, ChatGeneration):
            continue
        message = generation.message
        usage = getattr(message, "usage_metadata", None) or {}
        if usage:
            found["gen_ai.usage.input_tokens"] = int(usage.get("input_tokens", 0))
            found["gen_ai.usage.output_tokens"] = int(usage.get("output_tokens", 0))
        answered_by = message.response_metadata.get("model_name")
        if answered_by:
            found["gen_ai.response.model"] = str(answered_by)
    return found
