"""The rows of a conversation: adding messages, tool calls and funnel events, inside a service's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from catalog.products.models import ContentItem
from conversations.chat.models import Conversation, Message, Speaker, Surface, ToolCall, Turn
from conversations.chat.outcomes import Outcome, products_in
from conversations.funnel.services import record
from conversations.funnel.steps import Step
from conversations.personas.selectors import double_name
from tools.results import AnyCard

UNCOUNTED = (Surface.TRY_OUT, Surface.LIVE)  # a live room counts its questions itself

RESULT_CHARS_MAX = 8_000


def locked(conversation_id: uuid.UUID) -> Conversation:
    """Return a conversation under its row lock."""
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("merchant", "creator", "shopper")
    return rows.get(pk=conversation_id)


def append(
    conversation: Conversation,
    *,
    speaker: str,
    text: str,
    turn: Turn | None = None,
    name: str = "",
    cards: Sequence[AnyCard] = (),
    chips: Sequence[str] = (),
    language: str = "",
    state: str = "sent",
    once_key: str | None = None,
) -> Message:
    """Add a message under the conversation's lock; the caller saves the conversation."""
    conversation.last_sequence += 1
    return Message.objects.create(
        merchant=conversation.merchant,
        conversation=conversation,
        turn=turn,
        sequence=conversation.last_sequence,
        speaker=speaker,
        speaker_name=name,
        text=text,
        language=language or conversation.language,
        cards=[card.model_dump(mode="json") for card in cards],
        chips=list(chips),
        state=state,
        once_key=once_key,
    )


def append_reply(conversation: Conversation, turn: Turn, outcome: Outcome) -> Message:
    """Add what the double said, and its afterword as a message of its own."""
    name = double_name(conversation.creator, outcome.language)
    state = outcome.state if outcome.state in ("held_back", "stopped") else "sent"
    if outcome.state == "failed" and outcome.afterword:
        state = "stopped"  # half an answer stands there
    reply = append(
        conversation,
        speaker=Speaker.DOUBLE,
        text=outcome.text,
        turn=turn,
        name=name,
        cards=outcome.cards,
        chips=outcome.chips,
        language=outcome.language,
        state=state,
    )
    if outcome.afterword:
        append(
            conversation,
            speaker=Speaker.DOUBLE,
            text=outcome.afterword,
            turn=turn,
            name=name,
            language=outcome.language,
        )
    return reply


def store_calls(turn: Turn, outcome: Outcome) -> None:
    """Keep the tool calls of a turn."""
    ToolCall.objects.bulk_create(
        ToolCall(
            merchant=turn.merchant,
            turn=turn,
            position=position,
            name=call.name,
            arguments=dict(call.arguments),
            result=call.result.text[:RESULT_CHARS_MAX],
            error=(call.error or call.result.error)[:500],
            duration_ms=call.duration_ms,
        )
        for position, call in enumerate(outcome.calls, start=1)
    )


def record_enquiry(conversation: Conversation, turn: Turn) -> None:
    """Record that the shopper asked, with the content that was looked at."""
    slug = turn.context.get("content", "")
    content = ContentItem.objects.filter(slug=slug, creator=conversation.creator).first() if slug else None
    record(
        merchant=conversation.merchant,
        step=Step.ENQUIRY_SENT,
        shopper_id=conversation.shopper_id,
        dedupe_key=f"enquiry:{turn.pk}",
        creator_id=conversation.creator_id,
        surface=conversation.surface,
        conversation_id=conversation.pk,
        content_id=content.pk if content else None,
    )


def record_shown(conversation: Conversation, turn: Turn, outcome: Outcome) -> None:
    """One event for each product shown with a tracked link, with the id that click, cart and order will carry."""
    if conversation.surface in UNCOUNTED:
        return
    for card in products_in(outcome.cards):
        if not card.link_id:
            continue
        record(
            merchant=conversation.merchant,
            step=Step.PRODUCT_SHOWN,
            shopper_id=conversation.shopper_id,
            dedupe_key=f"shown:{turn.pk}:{card.product_id}",
            creator_id=conversation.creator_id,
            surface=conversation.surface,
            conversation_id=conversation.pk,
            product_id=card.product_id,
            link_id=card.link_id,
        )
