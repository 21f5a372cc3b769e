"""Says a sentence of the double: the persona's own where one fits, else the plain one."""

from __future__ import annotations

from conversations.chat.briefs import Brief
from conversations.chat.wording import sentence


def say(brief: Brief, key: str, *, fallback: str = "", **values: str) -> str:
    """Return the persona's sentence for `key`, or the plain one."""
    known = {"creator": brief.creator_name, **values}
    return sentence(brief.persona, key, brief.language, brief.seed, known, fallback=fallback)
