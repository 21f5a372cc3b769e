"""Loads the agent's machinery once, beside the first conversation, so that no shopper waits for an import."""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache

logger = logging.getLogger(__name__)


async def warm_up() -> None:
    """Import LangChain on a thread; the second call costs nothing."""
    await asyncio.to_thread(_load)


@lru_cache(maxsize=1)
def _load() -> None:

    import conversations.chat.commit_fallback
    import conversations.chat.offline_model  # noqa: F401 (the import is the act)

    logger.debug("the agent is loaded")
