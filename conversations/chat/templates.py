"""Enquiries that need no product, no tool and no model: answered before the graph, still stored as turns."""

from __future__ import annotations

import re

from conversations.chat.briefs import Brief
from conversations.chat.intents.folding import fold
from conversations.chat.saying import say
from conversations.personas.wording import phrases_in

ANSWERED_HERE = ("greet", "thanks", "bye", "is_bot", "injection", "health", "small_talk")
_ALWAYS_HERE = ("injection", "health", "is_bot")  # whatever the model is: these must not depend on it


def template_reply(brief: Brief, *, has_model: bool) -> tuple[str, str] | None:
    """Return (intent, text) when a template answers, else None. With a real model small talk is left to it."""
    intent = brief.reading.intent
    if is_for_creator(brief):
        return "for_creator", say(brief, "for_creator")
    if intent not in ANSWERED_HERE or (has_model and intent not in _ALWAYS_HERE):
        return None
    return intent, say(brief, intent)


def is_for_creator(brief: Brief) -> bool:
    """Whether the message touches a topic that the creator keeps for herself."""
    if brief.persona is None or brief.reading.intent in ("handoff", "affirm", "deny", "injection", "health"):
        return False
    text = fold(brief.text)
    topics = [
        topic for language in ("en", brief.language) for topic in phrases_in(brief.persona.handoff_topics, language)
    ]
    # A topic may be a stem ("pregnan"): it counts from the start of a word.
    return any(re.search(rf"(?<![a-z]){re.escape(topic)}", text) for topic in topics if topic)
