"""Reading conversations: what was said, who answers, what a client sees first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db.models import QuerySet, Sum

from catalog.accounts.models import Shopper
from catalog.orders.models import CartLine
from conversations.chat.models import Conversation, Handoff, HandoffState, Message, Owner, Speaker
from conversations.chat.protocol import PersonaFace, Said, Welcome
from conversations.personas.selectors import persona_face, persona_for
from tools.outages import search_down_since

WELCOME_MESSAGES = 50
TRANSCRIPT_MAX = 500


def conversation_of(*, conversation_id: uuid.UUID, shopper: Shopper) -> Conversation | None:
    """Return a shopper's own conversation; anyone else's counts as not there."""
    found = Conversation.objects.select_related("creator", "merchant", "shopper")
    return found.filter(pk=conversation_id, shopper=shopper).first()


def messages_of(conversation_id: uuid.UUID) -> QuerySet[Message]:
    """Return the messages of a conversation with their turns, oldest first."""
    return Message.objects.filter(conversation_id=conversation_id).select_related("turn").order_by("sequence")


def transcript(*, conversation_id: uuid.UUID, last: int = TRANSCRIPT_MAX) -> list[Said]:
    """Return the last messages of a conversation, oldest first."""
    rows = list(messages_of(conversation_id).reverse()[:last])
    return [said(row) for row in reversed(rows)]


def messages_after(*, conversation_id: uuid.UUID, after: int) -> list[Said]:
    """Return what was said after message number `after`, oldest first, at most TRANSCRIPT_MAX."""
    return [said(row) for row in messages_of(conversation_id).filter(sequence__gt=after)[:TRANSCRIPT_MAX]]


def news(*, conversation_id: uuid.UUID, after: int) -> list[tuple[str, Said]]:
    """Return what was said after message number `after`, each with the client id of the turn it belongs to."""
    rows = messages_of(conversation_id).filter(sequence__gt=after)[:TRANSCRIPT_MAX]
    return [(row.turn.client_id if row.turn else "", said(row)) for row in rows]


def reply_of(turn_id: int) -> Said | None:
    """Return what the double answered in a turn, or None when it said nothing."""
    rows = Message.objects.filter(turn_id=turn_id, speaker=Speaker.DOUBLE).select_related("turn")
    row = rows.order_by("sequence").first()
    return said(row) if row else None


def said(message: Message) -> Said:
    """Return a stored message as clients show it."""
    return Said.model_validate(
        {
            "sequence": message.sequence,
            "speaker": message.speaker,
            "name": message.speaker_name,
            "text": message.text,
            "language": message.language,
            "cards": message.cards,
            "chips": message.chips,
            "state": message.state,
            "at": message.created_at.isoformat(),
            "client_id": message.turn.client_id if message.turn and message.speaker == "shopper" else "",
        }
    )


def cart_count(*, shopper_id: uuid.UUID) -> int:
    """Return how many units lie in a shopper's open cart."""
    lines = CartLine.objects.filter(cart__shopper_id=shopper_id, cart__is_open=True)
    return lines.aggregate(units=Sum("quantity"))["units"] or 0


def person_of(conversation: Conversation) -> str:
    """Return the name of the person who answers now, or an empty text."""
    if conversation.owner != Owner.PERSON:
        return ""
    taken = Handoff.objects.filter(conversation=conversation, state=HandoffState.TAKEN).select_related("taken_by")
    handoff = taken.first()
    user = handoff.taken_by if handoff else None
    return (user.get_full_name() or user.get_username()) if user else ""


def face_of(conversation: Conversation) -> PersonaFace:
    """Return who speaks in a conversation, as every surface shows it."""
    persona = persona_for(creator_id=conversation.creator_id, persona_id=conversation.persona_id)
    face = persona_face(persona, conversation.creator, conversation.language)
    return PersonaFace(
        creator_slug=face.creator_slug,
        creator_name=face.creator_name,
        name=face.name,
        label=face.label,
        avatar_url=face.avatar_url,
        disclosure=face.disclosure,
        opener=face.opener,
        suggestions=face.suggestions,
    )


def welcome(conversation: Conversation, *, messages: Sequence[Said] | None = None) -> Welcome:
    """Return the first frame of a conversation: who is there, what was said last, what the limits are."""
    spoken = messages
    if spoken is None:
        spoken = transcript(conversation_id=conversation.pk, last=WELCOME_MESSAGES)
    down_since = search_down_since()
    return Welcome.model_validate(
        {
            "conversation": str(conversation.pk),
            "persona": face_of(conversation),
            "language": conversation.language,
            "currency": conversation.currency,
            "owner": conversation.owner,
            "person": person_of(conversation),
            "messages": tuple(spoken),
            "search_down_since": down_since.isoformat() if down_since else "",
            "cart_count": cart_count(shopper_id=conversation.shopper_id),
            "limits": {
                "message_chars": settings.MESSAGE_CHARS_MAX,
                "frame_bytes": settings.FRAME_BYTES_MAX,
                "messages_per_minute": settings.MESSAGES_PER_MINUTE,
            },
        }
    )
