"""Writing a persona in versions, and feeding the double what it may answer from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalog.accounts.models import Creator, Merchant
from catalog.languages import LANGUAGES
from catalog.products.models import ContentItem, ContentKind
from conversations.personas.checks import PersonaInvalid, publish_problems, shape_problems
from conversations.personas.chunks import Piece, split_text, split_transcript
from conversations.personas.models import (
    KnowledgeChunk,
    KnowledgeDocument,
    KnowledgeKind,
    Persona,
    PersonaState,
)
from conversations.personas.wording import WORDING_FIELDS, Wording

Pieces = Mapping[str, Sequence[Piece]]  # language -> passages in order


class NotADraft(ValueError):
    """A version that was published is never edited."""


@transaction.atomic
def new_draft(*, creator: Creator, written_by_id: int | None = None) -> Persona:
    """Return the creator's draft: the one being written, or a new version that starts from the live one."""
    versions = Persona.objects.select_for_update().filter(creator=creator)
    draft = versions.filter(state=PersonaState.DRAFT).order_by("-version").first()
    if draft is not None:
        return draft
    live = versions.filter(state=PersonaState.LIVE).first()
    wording = Wording.of(live) if live is not None else Wording()
    highest = versions.aggregate(highest=Max("version"))["highest"] or 0
    return Persona.objects.create(
        merchant=creator.merchant,
        creator=creator,
        version=highest + 1,
        created_by_id=written_by_id,
        **{name: getattr(wording, name) for name in WORDING_FIELDS},
    )


@transaction.atomic
def save_draft(*, persona_id: int, wording: Wording) -> Persona:
    """Store what the merchant wrote.

    Raises: NotADraft for a published version; PersonaInvalid when a field cannot be stored as it is.
    """
    persona = _draft(persona_id)
    problems = shape_problems(wording)
    if problems:
        raise PersonaInvalid(problems)
    for name in WORDING_FIELDS:
        value = getattr(wording, name)
        setattr(persona, name, list(value) if name == "tools" else value)
    persona.save(update_fields=WORDING_FIELDS)
    return persona


@transaction.atomic
def publish(*, persona_id: int) -> Persona:
    """Make a draft the version that speaks; the one before it is retired. A live version stays as it is.

    Raises: NotADraft for a retired version; PersonaInvalid with every problem when a check fails.
    """
    persona = Persona.objects.select_for_update().get(pk=persona_id)
    if persona.state == PersonaState.LIVE:
        return persona
    persona = _draft(persona_id)
    problems = publish_problems(Wording.of(persona))
    if problems:
        raise PersonaInvalid(problems)
    Persona.objects.filter(creator=persona.creator_id, state=PersonaState.LIVE).update(state=PersonaState.RETIRED)
    persona.state = PersonaState.LIVE
    persona.published_at = timezone.now()
    persona.save(update_fields=["state", "published_at"])
    return persona


def _draft(persona_id: int) -> Persona:
    persona = Persona.objects.select_for_update().get(pk=persona_id)
    if persona.state != PersonaState.DRAFT:
        raise NotADraft(f"version {persona.version} was published and is never edited; make a new draft")
    return persona


@transaction.atomic
def ingest_document(
    *,
    merchant: Merchant,
    slug: str,
    kind: str,
    titles: Mapping[str, str],
    texts: Mapping[str, str],
    creator: Creator | None = None,
) -> KnowledgeDocument:
    """Store a text the double may answer from, cut into passages; the same text again changes nothing.

    Args: without `creator` every double of the shop may use it (shipping, returns).
    """
    pieces = {language: split_text(text) for language, text in texts.items() if language in LANGUAGES}
    values = {"creator": creator, "kind": kind, "titles": dict(titles), "texts": dict(texts), "content_id": None}
    return _store(merchant=merchant, slug=slug, values=values, pieces=pieces)


@transaction.atomic
def ingest_content(*, content_id: int) -> KnowledgeDocument | None:
    """Make a video, post or opinion answerable, with the seconds of what is said; the same content changes nothing.

    Returns None, and forgets what was known, when the content is not published.
    """
    content = ContentItem.objects.select_related("creator", "merchant").get(pk=content_id)
    if not content.is_published:
        forget_content(content_id=content_id)
        return None
    pieces = _pieces_of(content)
    kind = KnowledgeKind.OPINION if content.kind == ContentKind.OPINION else KnowledgeKind.CONTENT
    values = {
        "creator": content.creator,
        "kind": kind,
        "titles": content.titles,
        "texts": {language: "\n".join(piece.text for piece in parts) for language, parts in pieces.items()},
        "content_id": content.pk,
    }
    return _store(merchant=content.merchant, slug=f"content-{content.pk}", values=values, pieces=pieces)


def forget_content(*, content_id: int) -> None:
    """Remove what the double knows from a piece of content."""
    KnowledgeDocument.objects.filter(content_id=content_id).delete()


def _pieces_of(content: ContentItem) -> dict[str, list[Piece]]:
    pieces = {language: split_text(text) for language, text in content.bodies.items() if language in LANGUAGES}
    lines = list(content.transcript.all())
    for language in LANGUAGES:
        said = [(line.start_s, line.end_s, line.texts.get(language, "")) for line in lines]
        moments = split_transcript(said)
        if moments:
            # The caption of a video stays answerable behind its moments.
            pieces[language] = [*moments, *pieces.get(language, [])]
    return {language: parts for language, parts in pieces.items() if parts}


def _store(*, merchant: Merchant, slug: str, values: Mapping[str, object], pieces: Pieces) -> KnowledgeDocument:
    document, is_new = KnowledgeDocument.objects.select_for_update().get_or_create(
        merchant=merchant, slug=slug, defaults=values
    )
    wanted = [
        (language, position, piece.text, piece.start_s, piece.end_s)
        for language in sorted(pieces)
        for position, piece in enumerate(pieces[language])
    ]
    held = document.chunks.order_by("language", "position")
    if not is_new:
        is_same = all(getattr(document, name) == value for name, value in values.items())
        if is_same and wanted == list(held.values_list("language", "position", "text", "start_s", "end_s")):
            return document
        for name, value in values.items():
            setattr(document, name, value)
        document.save()
        held.delete()
    KnowledgeChunk.objects.bulk_create(
        KnowledgeChunk(
            merchant=merchant,
            document=document,
            language=language,
            position=position,
            text=text,
            start_s=start_s,
            end_s=end_s,
        )
        for language, position, text, start_s, end_s in wanted
    )
    return document
