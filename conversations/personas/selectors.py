"""Reading personas: the one that speaks, and how it introduces itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts.models import Creator
from conversations.personas.models import Persona, PersonaState
from conversations.personas.wording import phrases_in, text_in

AI_LABEL = "AI"  # the same in every language, and not a merchant's to change
SUGGESTIONS_MAX = 4


@dataclass(frozen=True, slots=True)
class Face:
    """Who speaks, as every surface shows it; the fields of the wire's PersonaFace."""

    creator_slug: str
    creator_name: str
    name: str
    label: str
    avatar_url: str
    disclosure: str
    opener: str
    suggestions: tuple[str, ...]


def live_persona(creator_id: int) -> Persona | None:
    """Return the version that speaks for a creator, or None before the first was published."""
    return Persona.objects.filter(creator_id=creator_id, state=PersonaState.LIVE).first()


def persona_for(*, creator_id: int, persona_id: int | None = None) -> Persona | None:
    """Return the version tried out, which may be a draft, or the live one when `persona_id` is None.

    A version of another creator counts as not there.
    """
    if persona_id is None:
        return live_persona(creator_id)
    return Persona.objects.filter(pk=persona_id, creator_id=creator_id).first()


def double_name(creator: Creator, language: str) -> str:
    """Return what the double is called: "Mei's double"."""
    with override(language):
        return _("%(name)s's double") % {"name": creator.short_name(language)}


def persona_face(persona: Persona | None, creator: Creator, language: str) -> Face:
    """Return how the double introduces itself in `language`, with the product's words where the persona has none."""
    name = creator.short_name(language)
    with override(language):
        disclosure = _("You're talking to an AI trained on %(name)s's posts. It can be wrong.") % {"name": name}
        opener = _("Hi, I'm %(name)s's double. Ask me about anything on this shelf.") % {"name": name}
    return Face(
        creator_slug=creator.slug,
        creator_name=creator.name(language),
        name=double_name(creator, language),
        label=AI_LABEL,
        avatar_url=creator.avatar_url,
        disclosure=(text_in(persona.disclosures, language) if persona else "") or disclosure,
        opener=(text_in(persona.openers, language) if persona else "") or opener,
        suggestions=(phrases_in(persona.suggested_questions, language) if persona else ())[:SUGGESTIONS_MAX],
    )
