"""Loads the agent's machinery once, beside the first conversation, so that no shopper waits for an import."""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache

from django.conf import settings

logger = logging.getLogger(__name__)


async def warm_up() -> None:
    """Import LangChain on a thread, the provider's client too when there is a key; the second call costs nothing."""
    await asyncio.to_thread(_load)


@lru_cache(maxsize=1)
def _load() -> None:
    """Import what the first answer would import; the imports are the act."""
    import langchain.agents
    import langchain.agents.middleware  # noqa: F401

    import conversations.chat.commit_fallback
    import conversations.chat.offline_model  # noqa: F401

    if settings.OPENAI_API_KEY:
        import langchain_openai  # noqa: F401

    logger.debug("the agent is loaded")
