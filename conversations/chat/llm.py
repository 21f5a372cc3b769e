"""Which chat model speaks: OpenAI when there is a key, the offline model otherwise and as its fallback."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from conversations.chat.briefs import Brief

if TYPE_CHECKING:  # LangChain is imported when the first answer is written: it costs a second and 50 MB
    from langchain_core.language_models import BaseChatModel

FIRST_TOKEN_S = 8.0


def chat_model(brief: Brief) -> BaseChatModel:
    """Return the model for one turn."""
    from conversations.chat.offline_model import OfflineModel

    offline = OfflineModel(brief=brief)
    return with_fallback(openai_model(), offline) if settings.OPENAI_API_KEY else offline


def with_fallback(
    primary: BaseChatModel, backup: BaseChatModel, *, first_token_s: float = FIRST_TOKEN_S
) -> BaseChatModel:
    """Return `primary`, replaced by `backup` when it fails before its first token."""
    from conversations.chat.commit_fallback import CommitFallback

    return CommitFallback(primary=primary, backup=backup, first_token_s=first_token_s, breaker=_breaker())


def model_name(model: BaseChatModel) -> str:
    """Return what a turn stores as the model that answered."""
    if getattr(model, "fell_back", None) is None:
        return str(getattr(model, "model_name", "") or model._llm_type)
    primary = str(getattr(model.primary, "model_name", "") or model.primary._llm_type)  # type: ignore[attr-defined]
    return f"{primary} → offline" if model.fell_back else primary  # type: ignore[attr-defined]


def openai_model() -> BaseChatModel:
    """Return the OpenAI-compatible model of the settings; one client a process, so that connections are reused."""
    return _openai(settings.OPENAI_MODEL, settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL)


@lru_cache(maxsize=4)
def _openai(model: str, key: str, base_url: str) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    options: dict[str, Any] = {"base_url": base_url} if base_url else {}
    # One retry layer only: ours.
    return ChatOpenAI(
        model=model,
        api_key=key,
        max_retries=0,
        streaming=True,
        timeout=settings.TURN_DEADLINE_S,
        **options,
    )


@lru_cache(maxsize=1)
def _breaker() -> Any:
    from conversations.chat.commit_fallback import Breaker

    return Breaker()
