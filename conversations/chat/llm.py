"""Which chat model speaks: OpenAI when there is a key, the offline model otherwise and as its fallback."""

from __future__ import annotations

import asyncio
import ssl
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from conversations.chat.breaker import Breaker, breaker_of
from conversations.chat.briefs import Brief

if TYPE_CHECKING:  # LangChain is imported when the first answer is written: it costs a second and 50 MB
    from langchain_core.language_models import BaseChatModel

_OPENAI = "api.openai.com"


def chat_model(brief: Brief) -> BaseChatModel:
    """Return the model for one turn."""
    from conversations.chat.offline_model import OfflineModel

    offline = OfflineModel(brief=brief)
    return with_fallback(openai_model(), offline) if settings.OPENAI_API_KEY else offline


def with_fallback(primary: BaseChatModel, backup: BaseChatModel) -> BaseChatModel:
    """Return `primary`, replaced by `backup` when it fails before its first word; limits are the OPENAI_ settings."""
    from conversations.chat.commit_fallback import CommitFallback

    return CommitFallback(
        primary=primary,
        backup=backup,
        first_token_s=settings.OPENAI_FIRST_TOKEN_S,
        gap_s=settings.OPENAI_GAP_S,
        attempts=settings.OPENAI_ATTEMPTS,
        needs_end=True,
        breaker=openai_breaker(),
    )


def openai_breaker() -> Breaker:
    """Return the breaker of the model and provider that settings name."""
    return breaker_of(provider=settings.OPENAI_BASE_URL or _OPENAI, model=settings.OPENAI_MODEL)


def model_name(model: BaseChatModel) -> str:
    """Return what a turn stores as the model that answered."""
    if getattr(model, "fell_back", None) is None:
        return str(getattr(model, "model_name", "") or model._llm_type)
    primary = str(getattr(model.primary, "model_name", "") or model.primary._llm_type)  # type: ignore[attr-defined]
    return f"{primary} → offline" if model.fell_back else primary  # type: ignore[attr-defined]


def model_told(model: BaseChatModel) -> dict[str, Any]:
    """Return what a turn's trace keeps of how its model behaved; nothing for one that cannot fail."""
    return dict(getattr(model, "told", {}))


def openai_model() -> BaseChatModel:
    """Return the OpenAI-compatible model of the settings; one client an event loop, so that connections are reused."""
    address = _Address(
        model=settings.OPENAI_MODEL,
        key=settings.OPENAI_API_KEY,
        base_url=settings.OPENAI_BASE_URL,
        connect_s=settings.OPENAI_CONNECT_S,
        # The longest that a socket may be silent; CommitFallback's own limits are shorter or the same.
        read_s=max(settings.OPENAI_FIRST_TOKEN_S, settings.OPENAI_GAP_S),
    )
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _openai(address)
    return _clients.get(loop, address)


@dataclass(frozen=True, slots=True)
class _Address:
    model: str
    key: str
    base_url: str
    connect_s: float
    read_s: float


class _Clients:
    """A client for each event loop: a kept connection belongs to the loop that opened it.

    A server has one loop; a live question and the admin's try-out run in loops of their own, which end with them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[tuple[asyncio.AbstractEventLoop, _Address, BaseChatModel]] = []

    def get(self, loop: asyncio.AbstractEventLoop, address: _Address) -> BaseChatModel:
        """Return the loop's client; those of loops that are closed are let go."""
        with self._lock:
            self._kept = [kept for kept in self._kept if not kept[0].is_closed()]
            for its_loop, its_address, model in self._kept:
                if its_loop is loop and its_address == address:
                    return model
            model = _openai(address)
            self._kept.append((loop, address, model))
            return model


_clients = _Clients()


def _openai(address: _Address) -> BaseChatModel:
    import httpx2
    from langchain_openai import ChatOpenAI

    timeout = httpx2.Timeout(address.read_s, connect=address.connect_s)
    return ChatOpenAI(
        model=address.model,
        api_key=address.key,
        base_url=address.base_url or None,
        max_retries=0,  # one retry layer only: ours
        streaming=True,
        timeout=timeout,
        http_async_client=httpx2.AsyncClient(timeout=timeout, verify=_certificates(), follow_redirects=True),
    )


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Return the trusted certificates, read once: that costs 20 ms."""
    import httpx2

    return httpx2.create_ssl_context()
