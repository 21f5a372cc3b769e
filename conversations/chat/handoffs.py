"""Who answers: the double, nobody yet, or a person. The double is silent while it is not its turn."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from conversations.chat.models import Conversation, Handoff, HandoffState, Message, Owner, Speaker, Surface
from conversations.chat.push import nudge
from conversations.funnel.services import record
from conversations.funnel.steps import Step

REASON_CHARS_MAX, SUMMARY_CHARS_MAX = 40, 500


@dataclass(frozen=True, slots=True)
class ConversationDesk:
    """Fills the tools' HandoffDesk for one conversation; call inside the merchant's scope."""

    conversation_id: uuid.UUID

    def open(self, *, reason: str, summary: str) -> str:
        """Ask for a person; return "open" or "taken". Asking twice changes nothing."""
        return hand_off(conversation_id=self.conversation_id, reason=reason, summary=summary).state

    def is_waiting(self) -> bool:
        """Return whether the double has stepped aside."""
        return Conversation.objects.filter(pk=self.conversation_id).exclude(owner=Owner.DOUBLE).exists()


@dataclass(frozen=True, slots=True)
class ClosedDesk:
    """The desk where nobody can take over: live rooms and try-outs."""

    def open(self, *, reason: str, summary: str) -> str:  # noqa: ARG002 (the port's signature)
        """Say that it is open; nothing is stored."""
        return "open"

    def is_waiting(self) -> bool:
        """Return False: nobody was asked."""
        return False


@transaction.atomic
def hand_off(*, conversation_id: uuid.UUID, reason: str, summary: str = "") -> Handoff:
    """Ask for a person and silence the double; while one was asked or answers, nothing changes."""
    conversation = _locked(conversation_id)
    current = Handoff.objects.filter(
        conversation=conversation, state__in=(HandoffState.OPEN, HandoffState.TAKEN)
    ).first()
    if current is not None and conversation.owner != Owner.DOUBLE:
        return current
    handoff = current or _opened(conversation, reason, summary)
    _give(conversation, Owner.WAITING)
    if conversation.surface not in (Surface.TRY_OUT, Surface.LIVE):
        record(
            merchant=conversation.merchant,
            step=Step.HANDED_OFF,
            shopper_id=conversation.shopper_id,
            dedupe_key=f"handoff:{handoff.pk}",
            creator_id=conversation.creator_id,
            surface=conversation.surface,
            conversation_id=conversation.pk,
        )
    return handoff


def leave_note(*, conversation: Conversation, reason: str, summary: str) -> Handoff:
    """Leave a question at the desk while the double goes on answering; one open note a conversation.

    Call inside a transaction that holds the conversation's lock.
    """
    current = Handoff.objects.filter(
        conversation=conversation, state__in=(HandoffState.OPEN, HandoffState.TAKEN)
    ).first()
    return current or _opened(conversation, reason, summary)


@transaction.atomic
def take_over(*, conversation_id: uuid.UUID, user: AbstractBaseUser) -> Handoff:
    """Let a member of staff answer from now on, whether a person was asked or not; the running reply is not sent."""
    conversation = _locked(conversation_id)
    handoff = Handoff.objects.filter(
        conversation=conversation, state__in=(HandoffState.OPEN, HandoffState.TAKEN)
    ).first()
    if handoff is None:
        handoff = Handoff(merchant=conversation.merchant, conversation=conversation, reason="taken")
    if handoff.state == HandoffState.TAKEN and handoff.taken_by_id == user.pk:
        return handoff
    handoff.state, handoff.taken_by_id, handoff.taken_at = HandoffState.TAKEN, user.pk, timezone.now()
    handoff.save()
    _give(conversation, Owner.PERSON)
    return handoff


@transaction.atomic
def resume_double(*, conversation_id: uuid.UUID) -> Conversation:
    """Let the double answer again; for a double that answers already nothing changes."""
    conversation = _locked(conversation_id)
    if conversation.owner == Owner.DOUBLE:
        return conversation
    open_ones = Handoff.objects.filter(conversation=conversation, state__in=(HandoffState.OPEN, HandoffState.TAKEN))
    open_ones.update(state=HandoffState.CLOSED, closed_at=timezone.now())
    with override(conversation.language):
        notice = _("The AI double answers again.")
    conversation.last_sequence += 1
    Message.objects.create(
        merchant=conversation.merchant,
        conversation=conversation,
        sequence=conversation.last_sequence,
        speaker=Speaker.SYSTEM,
        text=notice,
        language=conversation.language,
    )
    _give(conversation, Owner.DOUBLE)
    nudge(conversation.pk)
    return conversation


def _locked(conversation_id: uuid.UUID) -> Conversation:
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("merchant")
    return rows.get(pk=conversation_id)


def _opened(conversation: Conversation, reason: str, summary: str) -> Handoff:
    return Handoff.objects.create(
        merchant=conversation.merchant,
        conversation=conversation,
        reason=reason[:REASON_CHARS_MAX],
        summary=summary[:SUMMARY_CHARS_MAX],
    )


def _give(conversation: Conversation, owner: Owner) -> None:
    conversation.owner = owner
    conversation.save()
    nudge(conversation.pk, "owner")
