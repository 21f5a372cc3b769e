"""The words of a persona version: the fields a merchant edits, and how they are read in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from catalog.languages import SIMPLIFIED, TRADITIONAL, to_simplified, to_traditional
from conversations.personas.models import Persona

Texts = Mapping[str, str]  # language -> text
Lists = Mapping[str, Sequence[str]]  # language -> texts
Templates = Mapping[str, Mapping[str, Sequence[str]]]  # language -> intent -> texts


@dataclass(frozen=True, slots=True)
class Wording:
    """Everything of a persona that a merchant writes; what `save_draft` takes."""

    voice: Texts = field(default_factory=dict)
    warmth: int = 60
    length: int = 40
    catch_phrases: Lists = field(default_factory=dict)
    openers: Texts = field(default_factory=dict)
    suggested_questions: Lists = field(default_factory=dict)
    forbidden_claims: Lists = field(default_factory=dict)
    disclosures: Texts = field(default_factory=dict)
    no_answer: Texts = field(default_factory=dict)
    templates: Templates = field(default_factory=dict)
    tools: Sequence[str] = ()
    handoff_topics: Lists = field(default_factory=dict)

    @classmethod
    def of(cls, persona: Persona) -> Wording:
        """Return what `persona` says now."""
        return cls(**{name: getattr(persona, name) for name in WORDING_FIELDS})


WORDING_FIELDS = tuple(entry.name for entry in fields(Wording))


def text_in(texts: Texts, language: str) -> str:
    """Return the text written for `language` or the other Chinese script, else an empty text.

    Unlike `catalog.languages.in_language` it never falls back to another language: a double that greets a Chinese
    reader in English is worse than the product's own greeting.
    """
    if texts.get(language):
        return texts[language]
    if language == SIMPLIFIED and texts.get(TRADITIONAL):
        return to_simplified(texts[TRADITIONAL])
    if language == TRADITIONAL and texts.get(SIMPLIFIED):
        return to_traditional(texts[SIMPLIFIED])
    return ""


def phrases_in(lists: Lists, language: str) -> tuple[str, ...]:
    """Return the phrases written for `language` or the other Chinese script; none when there are none."""
    if lists.get(language):
        return tuple(lists[language])
    if language == SIMPLIFIED:
        return tuple(to_simplified(phrase) for phrase in lists.get(TRADITIONAL, ()))
    if language == TRADITIONAL:
        return tuple(to_traditional(phrase) for phrase in lists.get(SIMPLIFIED, ()))
    return ()
