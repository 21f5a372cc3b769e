"""Everything one turn needs to know, read once at its start."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from catalog.accounts.models import Creator
from catalog.confirmations.services import latest
from catalog.orders.appointment_models import Service
from catalog.products.assortment import sells
from catalog.products.content import products_on_screen
from catalog.products.models import ContentItem
from conversations.chat.booking_requests import INTENT, Booking, booking_from, booking_of
from conversations.chat.handoffs import ClosedDesk, ConversationDesk
from conversations.chat.intents import Reading, read
from conversations.chat.memory import Spoken, recent, remembered
from conversations.chat.models import Conversation, Message, Speaker, Surface, Turn
from conversations.chat.order_requests import OrderRequest, request_from, request_of
from conversations.chat.wording import is_chip
from conversations.funnel.links import TurnLinks, Untracked
from conversations.personas.knowledge import CreatorKnowledge
from conversations.personas.models import Persona
from conversations.personas.selectors import persona_for
from tools.context import ToolContext, Watching

_TRIES_MAX = 10
_WORDS_MAX = 200  # messages of a shopper that may name what he wants changed
_READ_ONLY = (Surface.LIVE, Surface.TRY_OUT)


# How shoppers ask for the rest of an answer that broke off; whole messages, both Chinese scripts.
_GO_ON = re.compile(
    r"(?:please\s+)?(?:go on|continue|keep going|carry on)(?:\s+please)?|[請请]?(?:繼續|继续)[說说講讲]?吧?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Brief:
    """What a turn is about. `text` is every message that this turn answers; `language` is that of the reply."""

    turn_id: int
    text: str
    reading: Reading
    language: str
    ctx: ToolContext
    persona: Persona | None
    creator: Creator
    history: tuple[Spoken, ...]
    needs: Mapping[str, Any] = field(default_factory=dict)
    seed: str = ""  # same conversation, same place in it: same choice among variants
    pending_action: str = ""  # a proposal that waits for the shopper's yes
    pending_operation: str = ""  # what that proposal would do
    request: OrderRequest | None = None  # what is wanted of the order desk, gathered over the last turns
    booking: Booking | None = None  # what is wanted of an appointment
    last_intent: str = ""  # of the turn before, for a bare "yes"
    clock: tzinfo = UTC  # of the shop, for times that are said

    @property
    def creator_name(self) -> str:
        """What fans call the creator, in the language of the reply."""
        return self.creator.short_name(self.language)


def brief_of(*, turn_id: int, watching: Watching | None = None) -> Brief:
    """Return the brief of a running turn. Call inside the merchant's scope."""
    turn = Turn.objects.select_related("conversation__creator", "conversation__merchant").get(pk=turn_id)
    conversation = turn.conversation
    messages = _asked(turn)
    text = "\n".join(message.text for message in messages)
    before = Turn.objects.filter(conversation=conversation, pk__lt=turn.pk).order_by("-pk").first()
    last_intent = str(before.trace.get("intent", "")) if before else ""
    if before and _asks_again(last_intent, text):
        text = asked_again(before) or text
    reading = read(text, language=conversation.language, sells=_assortment(conversation))
    request = request_of(reading, text, request_from(before.trace.get("desk")) if before else None)
    booking = _booking(conversation, reading, text, before)
    if booking is not None:
        request, reading = None, replace(reading, intent=INTENT, confidence=0.9)
    if request is not None:
        reading = replace(reading, intent=request.intent, confidence=0.9)
    needs = remembered(needs=conversation.needs, reading=reading, text=text, currency=conversation.currency)
    seen = watching or watched(conversation.creator_id, turn.context)
    ctx = tool_context(conversation, language=reading.language, turn_id=turn.pk, watching=seen, needs=needs)
    action_id, operation = _asked_action(conversation, messages[0].sequence, ctx)
    return Brief(
        turn_id=turn.pk,
        text=text,
        reading=reading,
        language=reading.language,
        ctx=ctx,
        persona=persona_for(creator_id=conversation.creator_id, persona_id=conversation.persona_id),
        creator=conversation.creator,
        history=recent(conversation=conversation, before_sequence=messages[0].sequence),
        needs=needs,
        seed=f"{conversation.pk}:{messages[0].sequence}",
        pending_action=action_id,
        pending_operation=operation,
        request=request,
        booking=booking,
        last_intent=last_intent,
        clock=ZoneInfo(conversation.merchant.timezone),
    )


def _assortment(conversation: Conversation) -> Callable[[str], bool]:
    """Return what tells whether the conversation's shop has what a text speaks of."""
    return lambda text: sells(
        merchant_id=conversation.merchant_id,
        text=text,
        language=conversation.language,
        currency=conversation.currency,
    )


def _booking(conversation: Conversation, reading: Reading, text: str, before: Turn | None) -> Booking | None:
    """Return what is wanted of an appointment, in a shop that has services."""
    today = timezone.now().astimezone(ZoneInfo(conversation.merchant.timezone)).date()
    booking = booking_of(reading, text, booking_from(before.trace.get(INTENT)) if before else None, today=today)
    return booking if booking is not None and Service.objects.filter(is_active=True).exists() else None


def tool_context(
    conversation: Conversation,
    *,
    language: str = "",
    turn_id: int | None = None,
    watching: Watching | None = None,
    needs: Mapping[str, Any] | None = None,
) -> ToolContext:
    """Return who asks and where, for the tools of a turn or for a button."""
    reader = language or conversation.language
    read_only = conversation.surface in _READ_ONLY
    links = TurnLinks(
        merchant=conversation.merchant,
        shopper_id=conversation.shopper_id,
        creator_id=conversation.creator_id,
        surface=conversation.surface,
        conversation_id=conversation.pk,
        turn_id=turn_id,
    )
    return ToolContext(
        merchant_id=conversation.merchant_id,
        creator_id=conversation.creator_id,
        shopper_id=conversation.shopper_id,
        session=session_of(conversation.pk),
        surface=conversation.surface,
        language=reader,
        currency=conversation.currency,
        knowledge=CreatorKnowledge(conversation.merchant_id, conversation.creator_id, reader),
        handoff=ClosedDesk() if read_only else ConversationDesk(conversation.pk),
        links=Untracked() if conversation.surface == Surface.TRY_OUT else links,
        watching=watching or Watching(),
        shown_product_ids=tuple(conversation.shown_product_ids),
        needs=needs if needs is not None else conversation.needs,
        may_write=not read_only,
        words=ConversationWords(conversation.pk),
    )


@dataclass(frozen=True, slots=True)
class ConversationWords:
    """Fills the tools' ShopperWords: what the shopper himself wrote in one conversation."""

    conversation_id: uuid.UUID

    def said(self) -> Sequence[str]:
        """Return his messages, the newest first."""
        rows = Message.objects.filter(conversation_id=self.conversation_id, speaker=Speaker.SHOPPER)
        return list(rows.order_by("-sequence").values_list("text", flat=True)[:_WORDS_MAX])


def session_of(conversation_id: uuid.UUID) -> str:
    """Return what carts, orders and confirmations call a conversation."""
    return f"conversation:{conversation_id}"


def watched(creator_id: int, context: Mapping[str, Any]) -> Watching:
    """Return what the shopper looks at: the content with its products, the one on screen first, or one product."""
    product_id = context.get("product_id")
    slug = str(context.get("content") or "")
    item = ContentItem.objects.filter(slug=slug, creator_id=creator_id, is_published=True).first() if slug else None
    if item is None:
        return Watching(product_ids=(int(product_id),) if product_id else ())
    second = context.get("second")
    products = products_on_screen(content_id=item.pk, second=second)
    if product_id:
        products = [int(product_id), *(each for each in products if each != product_id)]
    return Watching(content_id=item.pk, content_slug=item.slug, second=second, product_ids=tuple(products))


def _asked_action(conversation: Conversation, before_sequence: int, ctx: ToolContext) -> tuple[str, str]:
    """Return the proposal that the last reply showed, and its operation, if it still waits.

    A "yes" to anything else is not for it.
    """
    pending = latest(session=ctx.session, shopper_id=ctx.shopper_id)
    if pending is None:
        return "", ""
    said = Message.objects.filter(conversation=conversation, sequence__lt=before_sequence)
    reply = said.exclude(speaker=Speaker.SHOPPER).order_by("-sequence").first()
    asked = {card.get("action_id") for card in reply.cards} if reply else set()
    return (str(pending.pk), pending.operation) if str(pending.pk) in asked else ("", "")


def _asks_again(last_intent: str, text: str) -> bool:
    """Whether the shopper wants an answer that could not be given, or broke off, once more."""
    return last_intent in ("search_down", "cut") and _is_go_on(text)


def _is_go_on(text: str) -> bool:
    return is_chip("again", text) or bool(_GO_ON.fullmatch(text.strip(" .!?。！？~")))


def asked_again(turn: Turn) -> str:
    """Return what a turn was about, through any "try again" before it: the question that search could not answer."""
    earlier = Turn.objects.filter(conversation_id=turn.conversation_id, pk__lte=turn.pk).order_by("-pk")
    for each in earlier[:_TRIES_MAX]:
        text = "\n".join(message.text for message in _asked(each))
        if not _is_go_on(text):
            return text
    return ""


def _asked(turn: Turn) -> list[Message]:
    """Return the messages a turn answers: its own, and those of the turns that joined it."""
    joined = Turn.objects.filter(conversation_id=turn.conversation_id, trace__joined=turn.pk).values_list(
        "pk", flat=True
    )
    rows = Message.objects.filter(turn_id__in=[turn.pk, *joined], speaker=Speaker.SHOPPER)
    return list(rows.order_by("sequence"))
