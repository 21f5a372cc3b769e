"""Asking in a room: the same question is one row with many askers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.languages import normalise_language
from catalog.outbox.services import publish
from conversations.funnel.services import record
from conversations.funnel.steps import Step
from conversations.live.errors import NoSuchQuestion, NotAQuestion, QuestionTooLong, RoomNotOpen, TooManyQuestions
from conversations.live.log import room_log
from conversations.live.models import Answer, Asker, LiveRoom, PinnedProduct, Question, RoomState
from conversations.live.questions import is_question, near_copy_among, question_key
from conversations.live.rooms import second_of
from conversations.live.shown import record_shown
from conversations.live.wire import AskersPayload, QuestionPayload

_LIMIT_WINDOW = timedelta(seconds=10)
_COMPARED_MAX = 500  # newest questions looked through for a near copy


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a question: its own row, or (merged) a place among the askers of an earlier one."""

    question_id: int
    merged: bool
    answer_id: int | None = None  # when it was answered before


def ask(*, merchant: Merchant, room_id: uuid.UUID, shopper: Shopper, client_id: str, text: str, language: str) -> Asked:
    """Take a question: stored, counted, told to the room and on its way to the double, all or nothing.

    The same `client_id` again returns what it came to; a copy or near copy joins the askers of the first.
    Raises: RoomNotOpen, QuestionTooLong, NotAQuestion, TooManyQuestions.
    """
    wording = " ".join(text.split())
    if len(wording) > settings.ROOM_QUESTION_CHARS_MAX:
        raise QuestionTooLong(length=len(wording), most=settings.ROOM_QUESTION_CHARS_MAX)
    if not is_question(wording):
        raise NotAQuestion
    with transaction.atomic():
        room = _open_room(room_id)
        repeated = _asked_before(room_id, shopper, client_id)
        if repeated is not None:
            return repeated
        _check_rate(room_id, shopper)
        table = PinnedProduct.objects.filter(room_id=room_id, unpinned_at=None).first()
        key = question_key(wording, pinned_product_id=table.product_id if table else None)
        known = _same_question(room_id, key)
        if known is not None:
            return _join(merchant, room, known, shopper, client_id=client_id)
        question = Question.objects.create(
            merchant=merchant,
            room=room,
            shopper=shopper,
            client_id=client_id,
            text=wording,
            language=normalise_language(language),
            asker_name=shopper.display_name,
            folded=key,
            room_second=second_of(room, timezone.now()),
        )
        _add(merchant, room, question, shopper, client_id=client_id)
        publish(
            "live.question_asked",
            key=str(question.pk),
            payload={"question_id": question.pk, "product_id": table.product_id if table else None},
            merchant_id=merchant.pk,
            once=True,
        )
        room_log().publish(
            room_id=room_id,
            kind="question",
            payload=question_payload(question, askers=1).json_object(),
            once_key=f"question:{question.pk}",
        )
        return Asked(question.pk, merged=False)


def me_too(*, merchant: Merchant, room_id: uuid.UUID, question_id: int, shopper: Shopper, on: bool = True) -> int:
    """Join, or leave, the askers of a question; return how many there are.

    Raises: RoomNotOpen, NoSuchQuestion, TooManyQuestions.
    """
    with transaction.atomic():
        room = _open_room(room_id)
        question = Question.objects.filter(pk=question_id, room=room).first()
        if question is None:
            raise NoSuchQuestion
        asker = Asker.objects.filter(question=question, shopper=shopper).first()
        if on and asker is None:
            _check_rate(room_id, shopper)
            _join(merchant, room, question, shopper, client_id="")
        elif not on and asker is not None:
            key = f"asker:{asker.pk}:off"
            asker.delete()
            _say_askers(question, key)
        return Asker.objects.filter(question=question).count()


def question_payload(question: Question, *, askers: int) -> QuestionPayload:
    """Return a question as the event `question` tells it."""
    return QuestionPayload.model_validate(
        {
            "question_id": question.pk,
            "text": question.text,
            "language": question.language,
            "asker_name": question.asker_name,
            "state": question.state,
            "askers": askers,
            "asked_at": question.asked_at.isoformat(),
            "room_second": question.room_second,
        }
    )


def _open_room(room_id: uuid.UUID) -> LiveRoom:
    """Lock the room: two copies of a question at the same moment must find each other."""
    room = LiveRoom.objects.select_for_update().get(pk=room_id)
    if room.state != RoomState.LIVE:
        raise RoomNotOpen
    return room


def _asked_before(room_id: uuid.UUID, shopper: Shopper, client_id: str) -> Asked | None:
    asker = Asker.objects.filter(question__room_id=room_id, shopper=shopper, client_id=client_id).first()
    if asker is None:
        question = Question.objects.filter(room_id=room_id, shopper=shopper, client_id=client_id).first()
        return Asked(question.pk, merged=False, answer_id=_answer_id(question.pk)) if question else None
    first = Question.objects.filter(pk=asker.question_id, shopper=shopper, client_id=client_id).exists()
    return Asked(asker.question_id, merged=not first, answer_id=_answer_id(asker.question_id))


def _answer_id(question_id: int) -> int | None:
    return Answer.objects.filter(question_id=question_id).values_list("pk", flat=True).first()


def _check_rate(room_id: uuid.UUID, shopper: Shopper) -> None:
    now = timezone.now()
    times = Asker.objects.filter(question__room_id=room_id, shopper=shopper, at__gt=now - _LIMIT_WINDOW)
    recent = list(times.order_by("-at").values_list("at", flat=True)[: settings.ROOM_ASKS_PER_10S])
    if len(recent) >= settings.ROOM_ASKS_PER_10S:
        wait = recent[-1] + _LIMIT_WINDOW - now
        raise TooManyQuestions(most=settings.ROOM_ASKS_PER_10S, retry_after_ms=int(wait.total_seconds() * 1000) + 1)


def _same_question(room_id: uuid.UUID, key: str) -> Question | None:
    rows = Question.objects.filter(room_id=room_id)
    exact = rows.filter(folded=key).first()
    if exact is not None:
        return exact
    newest = rows.order_by("-pk").values_list("pk", "folded")[:_COMPARED_MAX]
    found = near_copy_among(key, newest)
    return rows.get(pk=found) if found is not None else None


def _join(merchant: Merchant, room: LiveRoom, question: Question, shopper: Shopper, *, client_id: str) -> Asked:
    asker = Asker.objects.filter(question=question, shopper=shopper).first()
    if asker is None:
        asker = _add(merchant, room, question, shopper, client_id=client_id)
        _say_askers(question, f"asker:{asker.pk}")
    answer = Answer.objects.filter(question=question).first()
    if answer is not None:
        record_shown(merchant=merchant, room=room, answer=answer, shopper_ids=[shopper.pk])
    return Asked(question.pk, merged=True, answer_id=answer.pk if answer else None)


def _add(merchant: Merchant, room: LiveRoom, question: Question, shopper: Shopper, *, client_id: str) -> Asker:
    asker = Asker.objects.create(merchant=merchant, question=question, shopper=shopper, client_id=client_id)
    record(
        merchant=merchant,
        step=Step.ENQUIRY_SENT,
        shopper_id=shopper.pk,
        dedupe_key=f"enquiry:live:{question.pk}:{shopper.pk}",
        creator_id=room.creator_id,
        surface="live",
        room_id=room.pk,
    )
    return asker


def _say_askers(question: Question, once_key: str) -> None:
    askers = Asker.objects.filter(question=question).count()
    payload = AskersPayload(question_id=question.pk, askers=askers)
    room_log().publish(room_id=question.room_id, kind="askers", payload=payload.json_object(), once_key=once_key)
