"""Answering in a room: said once to everybody, announced to those who asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from catalog.outbox.services import publish
from conversations.live.cards import current_products
from conversations.live.errors import NoSuchQuestion
from conversations.live.log import room_log
from conversations.live.models import Answer, Asker, Question, QuestionState
from conversations.live.shown import record_shown
from conversations.live.wire import QuestionStatePayload


@transaction.atomic
def publish_answer(
    *,
    question_id: int,
    text: str,
    cards: Sequence[Mapping[str, Any]] = (),
    speaker: str = "double",
    speaker_name: str = "",
    turn_id: int | None = None,
) -> Answer:
    """Store the answer and send it on its way to the room's log; what it shows counts as shown to every asker.

    A question is answered once: a second call returns the first answer.
    """
    question = _locked(question_id)
    answered = Answer.objects.filter(question=question).first()
    if answered is not None:
        return answered
    answer = Answer.objects.create(
        merchant=question.merchant,
        question=question,
        turn_id=turn_id,
        speaker=speaker,
        speaker_name=speaker_name,
        text=text,
        cards=list(cards),
    )
    Question.objects.filter(pk=question.pk).update(state=QuestionState.ANSWERED)
    askers = Asker.objects.filter(question=question).values_list("shopper_id", flat=True)
    record_shown(merchant=question.merchant, room=question.room, answer=answer, shopper_ids=askers)
    publish(
        "live.answer_ready",
        key=str(answer.pk),
        payload={"answer_id": answer.pk},
        merchant_id=question.merchant_id,
        once=True,
    )
    return answer


def answer_as_host(
    *,
    question_id: int,
    text: str,
    speaker_name: str,
    speaker: str = "creator",
    product_ids: Sequence[int] = (),
) -> Answer:
    """Publish an answer of the creator herself, or of a person of the shop (`speaker` "person").

    Raises: NoSuchQuestion.
    """
    question = Question.objects.select_related("merchant").filter(pk=question_id).first()
    if question is None:
        raise NoSuchQuestion
    products = current_products(
        merchant=question.merchant,
        product_ids=product_ids,
        language=question.language,
        currency=question.merchant.currency_for(question.language),
    )
    cards = [card.model_dump(mode="json") for card in products.values()]
    return publish_answer(question_id=question_id, text=text, cards=cards, speaker=speaker, speaker_name=speaker_name)


@transaction.atomic
def set_answering(*, question_id: int) -> None:
    """Tell the room that a question is being answered."""
    _set_state(question_id, QuestionState.ANSWERING, unless=(QuestionState.ANSWERED, QuestionState.SAVED))


@transaction.atomic
def save_for_host(*, question_id: int) -> None:
    """Leave a question to the host, and tell the room."""
    _set_state(question_id, QuestionState.SAVED, unless=(QuestionState.ANSWERED,))


def _set_state(question_id: int, state: QuestionState, *, unless: Sequence[QuestionState]) -> None:
    question = _locked(question_id)
    if question.state in (state, *unless):
        return
    Question.objects.filter(pk=question_id).update(state=state)
    payload = QuestionStatePayload.model_validate({"question_id": question_id, "state": state})
    room_log().publish(
        room_id=question.room_id,
        kind="question_state",
        payload=payload.json_object(),
        once_key=f"question:{question_id}:{state}",
    )


def _locked(question_id: int) -> Question:
    rows = Question.objects.select_related("merchant", "room").select_for_update(of=("self",))
    question = rows.filter(pk=question_id).first()
    if question is None:
        raise NoSuchQuestion
    return question
