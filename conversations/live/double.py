"""A question of the room, put to the double; what everybody may hear of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.utils import timezone

from conversations.chat.intents import read
from conversations.chat.models import Message, Speaker, Surface, Turn, TurnState
from conversations.chat.protocol import ServerFrame, Token
from conversations.chat.services import open_conversation
from conversations.chat.turns import OnFrame
from conversations.chat.turns import answer as answer_turn
from conversations.live.cards import current_products, product_ids_in, refreshed, same_facts
from conversations.live.log import room_log
from conversations.live.models import Answer, PinnedProduct, Question
from conversations.live.protocol import AnswerDelta
from conversations.personas.selectors import double_name
from tools.context import Watching
from tools.results import ProductCard

# The double does not answer these before a crowd: the host does.
_FOR_HOST = ("health", "handoff")
_IN_VIEW_MAX = 10
_KNOWN_FOR = timedelta(days=1)  # an answer given in an earlier room may be given again


@dataclass(frozen=True, slots=True)
class Reply:
    """What the double says to everybody; cards without anybody's tracked link."""

    text: str
    cards: tuple[dict[str, Any], ...]
    name: str
    turn_id: int | None


def is_for_host(question: Question) -> bool:
    """Return whether a question goes to the host without asking the double: health, or a person wanted."""
    return read(question.text, language=question.language).intent in _FOR_HOST


def known_reply(question: Question) -> Reply | None:
    """Return the double's answer to the same words in an earlier room of this creator, if all it says still holds.

    It is given again only while every product it shows has the same price and stock; otherwise the double is asked.
    """
    earlier = (
        Answer.objects.filter(
            question__folded=question.folded,
            question__language=question.language,
            question__room__creator_id=question.room.creator_id,
            speaker="double",
            created_at__gt=timezone.now() - _KNOWN_FOR,
        )
        .exclude(question__room_id=question.room_id)
        .order_by("-pk")
        .first()
    )
    if earlier is None:
        return None
    products = _products(question, earlier.cards)
    if not same_facts(earlier.cards, products):
        return None
    return Reply(earlier.text, refreshed(earlier.cards, products), earlier.speaker_name, earlier.turn_id)


def ask_double(question: Question, *, product_id: int | None) -> Reply | None:
    """Let the double answer, with what is on the table in view; None when it held back, failed or wants a person.

    One hidden conversation a question: asked again, it repeats its answer.
    """
    room = question.room
    conversation = open_conversation(
        merchant=question.merchant,
        creator=room.creator,
        shopper=question.shopper,
        surface=Surface.LIVE,
        place=f"{room.pk}:{question.pk}",
        language=question.language,
        currency=question.merchant.currency_for(question.language),
    )
    # A turn whose process died is not waited for: the next attempt is a message of its own.
    attempt = Turn.objects.filter(conversation=conversation, state__in=(TurnState.RUNNING, TurnState.FAILED)).count()
    turn = async_to_sync(answer_turn)(
        conversation_id=conversation.pk,
        client_id=f"question-{question.pk}-{attempt}",
        text=question.text,
        watching=Watching(product_ids=_in_view(question, product_id), room_id=room.pk),
        on_frame=_teller(room.pk, question.pk),
    )
    said = Message.objects.filter(conversation=conversation, speaker=Speaker.DOUBLE).order_by("-sequence").first()
    if turn.state != TurnState.DONE or said is None or any(card["kind"] == "handoff" for card in said.cards):
        return None
    cards = refreshed(said.cards, _products(question, said.cards))
    return Reply(said.text, cards, double_name(room.creator, question.language), turn.pk)


def _in_view(question: Question, product_id: int | None) -> tuple[int, ...]:
    """Return what was shown in the room, newest first, before it what lay on the table when it was asked."""
    shown = PinnedProduct.objects.filter(room_id=question.room_id).order_by("-pk").values_list("product_id", flat=True)
    return tuple(dict.fromkeys([*([product_id] if product_id else []), *shown[:_IN_VIEW_MAX]]))


def _teller(room_id: uuid.UUID, question_id: int) -> OnFrame:
    """Return the listener that shows the room an answer while it is written; lossy, the answer event is the truth."""

    async def tell(frame: ServerFrame) -> None:
        if isinstance(frame, Token):
            delta = AnswerDelta(question_id=question_id, index=frame.index, text=frame.text)
            room_log().cast(room_id=room_id, text=delta.model_dump_json())

    return tell


def _products(question: Question, cards: Sequence[Mapping[str, Any]]) -> dict[int, ProductCard]:
    return current_products(
        merchant=question.merchant,
        product_ids=product_ids_in(cards),
        language=question.language,
        currency=question.merchant.currency_for(question.language),
    )
