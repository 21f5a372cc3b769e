"""Writing conversations: opening them, one turn at a time, storing what was said."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Creator, Merchant, Shopper
from catalog.languages import normalise_language
from conversations.chat.errors import BadClientId, MessageEmpty, MessageTooLong, TooManyMessages
from conversations.chat.handoffs import hand_off, leave_note, resume_double, take_over
from conversations.chat.models import Conversation, Message, Owner, Speaker, Surface, Turn, TurnState
from conversations.chat.outcomes import Outcome
from conversations.chat.push import nudge
from conversations.chat.storing import (
    UNCOUNTED,
    append,
    append_reply,
    locked,
    record_enquiry,
    record_shown,
    store_calls,
)
from tools.results import AnyCard

__all__ = [
    "claim_turn",
    "close_turn",
    "give_up",
    "hand_off",
    "must_wait",
    "open_conversation",
    "open_turn",
    "resume_double",
    "say",
    "set_language",
    "take_over",
    "was_given_up",
]

# A turn that outlived its deadline by this much died with its process; the next message goes on without it.
GRACE_S = 5
_GRACE = timedelta(seconds=GRACE_S)
_GIVEN_UP = {"failed": "given up"}


@dataclass(frozen=True, slots=True)
class OpenedTurn:
    """A stored message and its turn. `is_new` False: the client sent it before."""

    turn: Turn
    message: Message
    is_new: bool


def open_conversation(
    *,
    merchant: Merchant,
    creator: Creator,
    shopper: Shopper,
    surface: str,
    place: str = "",
    language: str,
    currency: str,
    persona_id: int | None = None,
) -> Conversation:
    """Return the shopper's conversation with this creator at this place, a new one at the first visit.

    A try-out always begins anew. An old one goes on in the language asked for, and in its own currency once spoken.
    """
    kept = Conversation.objects.filter(creator=creator, shopper=shopper, surface=surface, place=place).first()
    if kept is not None and surface != Surface.TRY_OUT:
        return _reopened(kept, language=normalise_language(language), currency=currency)
    return Conversation.objects.create(
        merchant=merchant,
        creator=creator,
        shopper=shopper,
        surface=surface,
        place=place,
        language=normalise_language(language),
        currency=currency,
        persona_id=persona_id,
    )


def _reopened(conversation: Conversation, *, language: str, currency: str) -> Conversation:
    spoken = conversation.last_sequence > 0
    if conversation.language != language or (conversation.currency != currency and not spoken):
        conversation.language = language
        conversation.currency = conversation.currency if spoken else currency
        conversation.save(update_fields=["language", "currency"])
    return conversation


def set_language(*, conversation_id: uuid.UUID, language: str) -> Conversation:
    """Answer in `language` from now on; the currency stays that of the conversation's cart."""
    with transaction.atomic():
        conversation = locked(conversation_id)
        conversation.language = normalise_language(language)
        conversation.save(update_fields=["language", "updated_at"])
    return conversation


@transaction.atomic
def open_turn(
    *, conversation_id: uuid.UUID, client_id: str, text: str, context: Mapping[str, Any] | None = None
) -> OpenedTurn:
    """Store a shopper's message at once and begin its turn; a repeated `client_id` returns the old turn.

    One that broke off without a reply begins again then: the shopper pressed "Try again".
    While another turn runs, or a person answers, the message only waits: `claim_turn` tells when its turn has come.
    Raises: MessageEmpty, MessageTooLong, BadClientId, TooManyMessages.
    """
    _check(client_id, text)
    conversation = locked(conversation_id)
    old = Turn.objects.filter(conversation=conversation, client_id=client_id).first()
    if old is not None:
        message = old.messages.filter(speaker=Speaker.SHOPPER).earliest("sequence")
        return OpenedTurn(old, message, is_new=_begun_again(conversation, old))
    _check_rate(conversation)
    now = timezone.now()
    silent = conversation.owner != Owner.DOUBLE
    turn = Turn.objects.create(
        merchant=conversation.merchant,
        conversation=conversation,
        client_id=client_id,
        context=dict(context or {}),
        deadline_at=now + timedelta(seconds=settings.TURN_DEADLINE_S),
        state=TurnState.DONE if silent else TurnState.RUNNING,
        finished_at=now if silent else None,
        trace={"silent": conversation.owner} if silent else {},
    )
    message = append(conversation, speaker=Speaker.SHOPPER, text=text, turn=turn)
    if conversation.surface not in UNCOUNTED:
        record_enquiry(conversation, turn)
    if not silent and _running(conversation) is None:
        conversation.active_turn_id = turn.pk
    conversation.save()
    nudge(conversation.pk)
    return OpenedTurn(turn, message, is_new=True)


@transaction.atomic
def claim_turn(*, turn_id: int) -> Literal["yours", "wait", "over"]:
    """Say whether a stored message may be answered now.

    "yours": it is the running turn, and every other waiting message has joined it. "over": it was answered with
    another one, or a person answers. "wait": ask again.
    """
    turn = Turn.objects.select_related("conversation").get(pk=turn_id)
    conversation = locked(turn.conversation_id)
    turn.refresh_from_db()
    if turn.state != TurnState.RUNNING:
        return "over"
    running = _running(conversation)
    if running not in (None, turn.pk):
        return "wait"
    now = timezone.now()
    waiting = Turn.objects.filter(conversation=conversation, state=TurnState.RUNNING).exclude(pk=turn.pk)
    if conversation.owner != Owner.DOUBLE:
        waiting = Turn.objects.filter(conversation=conversation, state=TurnState.RUNNING)
        waiting.update(state=TurnState.DONE, finished_at=now, trace={"silent": conversation.owner})
        conversation.active_turn_id = None
        conversation.save()
        return "over"
    if running is None:
        waiting.update(state=TurnState.DONE, finished_at=now, trace={"joined": turn.pk})
        turn.deadline_at = now + timedelta(seconds=settings.TURN_DEADLINE_S)
        turn.save(update_fields=["deadline_at"])
        conversation.active_turn_id = turn.pk
        conversation.save()
    return "yours"


def must_wait(*, turn_id: int) -> bool:
    """Whether another turn of the conversation still runs: a cheap look without a lock, before `claim_turn`."""
    turn = Turn.objects.select_related("conversation").get(pk=turn_id)
    active = turn.conversation.active_turn_id
    if turn.state != TurnState.RUNNING or active in (None, turn.pk):
        return False
    alive = Turn.objects.filter(pk=active, state=TurnState.RUNNING, deadline_at__gt=timezone.now() - _GRACE)
    return alive.exists()


@transaction.atomic
def close_turn(*, turn_id: int, outcome: Outcome) -> Message | None:
    """Store the reply with its tool calls and what the shopper was shown, and let the next turn begin.

    Returns None, and says nothing, when a person took over meanwhile or the turn had been given up.
    """
    turn = Turn.objects.select_related("conversation").get(pk=turn_id)
    conversation = locked(turn.conversation_id)
    turn.refresh_from_db()
    if conversation.active_turn_id == turn.pk:
        conversation.active_turn_id = None
    if turn.state != TurnState.RUNNING:
        conversation.save()
        return None
    store_calls(turn, outcome)
    trace = dict(outcome.trace)
    allowed = conversation.owner == Owner.DOUBLE or (conversation.owner == Owner.WAITING and outcome.asked_person)
    message = None
    if allowed:
        message = append_reply(conversation, turn, outcome)
        record_shown(conversation, turn, outcome)
        reason, summary = outcome.note_for_person
        if reason and conversation.surface not in UNCOUNTED:
            leave_note(conversation=conversation, reason=reason, summary=summary)
        conversation.needs = dict(outcome.needs)
        conversation.shown_product_ids = list(outcome.shown_product_ids)
    else:
        trace["silent"] = conversation.owner
    turn.state = outcome.state if allowed else TurnState.STOPPED
    turn.trace = trace
    turn.model_name = outcome.model_name
    turn.persona_version = outcome.persona_version
    turn.finished_at = timezone.now()
    turn.save()
    conversation.save()
    nudge(conversation.pk)
    return message


@transaction.atomic
def give_up(*, turn_id: int) -> None:
    """Record that a running turn broke off without a reply, so that nobody waits for its deadline."""
    turn = Turn.objects.select_related("conversation").get(pk=turn_id)
    locked(turn.conversation_id)
    turn.refresh_from_db()
    if turn.state == TurnState.RUNNING:
        _give_up(turn)


def was_given_up(turn: Turn) -> bool:
    """Whether a turn broke off without a reply."""
    return bool(turn.trace == _GIVEN_UP)


def _begun_again(conversation: Conversation, turn: Turn) -> bool:
    """Let a turn that broke off without a reply run once more; False when it did not."""
    _running(conversation)  # gives up one whose process died
    turn.refresh_from_db()
    if not was_given_up(turn) or conversation.owner != Owner.DOUBLE:
        return False
    turn.state, turn.finished_at, turn.trace = TurnState.RUNNING, None, {}
    turn.deadline_at = timezone.now() + timedelta(seconds=settings.TURN_DEADLINE_S)
    turn.save(update_fields=["state", "finished_at", "trace", "deadline_at"])
    if _running(conversation) is None:
        conversation.active_turn_id = turn.pk
        conversation.save()
    return True


@transaction.atomic
def say(
    *,
    conversation_id: uuid.UUID,
    speaker: str,
    text: str,
    cards: Sequence[AnyCard] = (),
    once_key: str | None = None,
    name: str = "",
) -> Message | None:
    """Store a message of the shop, a person or the creator; None when `once_key` was said before."""
    conversation = locked(conversation_id)
    if once_key and Message.objects.filter(conversation=conversation, once_key=once_key).exists():
        return None
    message = append(conversation, speaker=speaker, text=text, name=name, cards=cards, once_key=once_key)
    conversation.save()
    nudge(conversation.pk)
    return message


def _check(client_id: str, text: str) -> None:
    if not 8 <= len(client_id) <= 64:
        raise BadClientId
    if not text.strip():
        raise MessageEmpty
    if len(text) > settings.MESSAGE_CHARS_MAX:
        raise MessageTooLong(length=len(text), most=settings.MESSAGE_CHARS_MAX)


def _check_rate(conversation: Conversation) -> None:
    if conversation.surface in UNCOUNTED:
        return
    since = timezone.now() - timedelta(minutes=1)
    written = Message.objects.filter(
        conversation__shopper_id=conversation.shopper_id, speaker=Speaker.SHOPPER, created_at__gt=since
    )
    if written.count() >= settings.MESSAGES_PER_MINUTE:
        raise TooManyMessages(most=settings.MESSAGES_PER_MINUTE)


def _running(conversation: Conversation) -> int | None:
    """Return the turn that is being answered; one whose process died is given up here."""
    if conversation.active_turn_id is None:
        return None
    turn = Turn.objects.filter(pk=conversation.active_turn_id, state=TurnState.RUNNING).first()
    if turn is None:
        return None
    if turn.deadline_at + _GRACE < timezone.now():
        _give_up(turn)
        return None
    return turn.pk


def _give_up(turn: Turn) -> None:
    turn.state, turn.finished_at, turn.trace = TurnState.FAILED, timezone.now(), dict(_GIVEN_UP)
    turn.save(update_fields=["state", "finished_at", "trace"])
