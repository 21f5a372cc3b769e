"""Reading a room: who may come in, what is there now, which question the host should take next."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts.models import Creator
from catalog.accounts.scoping import every_merchant
from catalog.languages import in_language
from conversations.chat.protocol import PersonaFace
from conversations.live.cards import current_products, product_ids_in, refreshed
from conversations.live.log import LogEntry, Position, room_log
from conversations.live.models import Answer, Asker, LiveRoom, PinnedProduct, Question, QuestionState
from conversations.live.questions import score
from conversations.live.wire import AnswerPayload, Counts, PinView, QuestionPayload, RoomSnapshot
from conversations.personas.selectors import live_persona, persona_face
from tools.results import ProductCard

QUESTIONS_SHOWN = 200


def room_door(room_id: uuid.UUID) -> LiveRoom | None:
    """Return the room with this id, whichever shop's it is, with its merchant and creator; None when there is none."""
    # A socket's address names no shop: whoever comes in must then be a shopper of the room's own merchant.
    with every_merchant():
        return LiveRoom.objects.select_related("merchant", "creator").filter(pk=room_id).first()


def room_by_slug(slug: str) -> LiveRoom | None:
    """Return a room of the merchant in scope."""
    return LiveRoom.objects.select_related("merchant", "creator").filter(slug=slug).first()


def events_since(*, room_id: uuid.UUID, position: Position) -> list[LogEntry] | None:
    """Return what happened after `position`; None when a snapshot must be taken instead."""
    return room_log().since(room_id=room_id, position=position, limit=settings.ROOM_HISTORY_MAX)


def room_snapshot(*, room_id: uuid.UUID, shopper_id: uuid.UUID | None, language: str, viewers: int = 0) -> RoomSnapshot:
    """Return the room as it is now for one reader; prices and stock are read at this moment.

    The place in the log is read first: what happens meanwhile may be seen twice, in the snapshot and as an event, and
    every event says what is, so seeing it twice does no harm.
    """
    position = room_log().position(room_id=room_id)
    room = LiveRoom.objects.select_related("merchant", "creator").get(pk=room_id)
    merchant = room.merchant
    pins = _pins(room)
    questions, mine = _questions(room), _mine(room, shopper_id)
    answers = {answer.question_id: answer for answer in Answer.objects.filter(question__room=room)}
    shown = [pinned.product_id for pinned in pins]
    shown += [product_id for answer in answers.values() for product_id in product_ids_in(answer.cards)]
    currency = merchant.currency_for(language)
    products = current_products(merchant=merchant, product_ids=shown, language=language, currency=currency)
    views = [_pin_view(pinned, products[pinned.product_id]) for pinned in pins if pinned.product_id in products]
    on_table = {pinned.pk for pinned in pins if pinned.unpinned_at is None}
    payloads = tuple(
        _question_view(row, answers.get(row.pk), products, askers=askers, is_mine=row.pk in mine)
        for row, askers in questions
    )
    face = _face(room.creator, language)
    return RoomSnapshot(
        room=str(room.pk),
        slug=room.slug,
        title=in_language(room.titles, language) or room.slug,
        state=room.state,
        epoch=position.epoch,
        seq=position.sequence,
        language=language,
        currency=currency,
        persona=face,
        disclosure=_disclosure(room.creator, language),
        embed_url=room.embed_url,
        poster_url=room.poster_url,
        started_at=_iso(room.started_at),
        pinned=next((view for view in views if view.pin_id in on_table), None),
        earlier=_once_each(view for view in views if view.pin_id not in on_table),
        questions=payloads,
        counts=Counts(questions=len(payloads), answered=len(answers), mine=len(mine)),
        viewers=viewers,
    )


def answer_payload(answer: Answer, *, cards: Sequence[Mapping[str, object]], askers: int) -> AnswerPayload:
    """Return an answer as the event `answer` tells it."""
    question = answer.question
    return AnswerPayload.model_validate(
        {
            "question_id": question.pk,
            "answer_id": answer.pk,
            "speaker": answer.speaker,
            "name": answer.speaker_name,
            "text": answer.text,
            "language": question.language,
            "cards": cards,
            "askers": askers,
            "asker_name": question.asker_name,
            "at": answer.created_at.isoformat(),
        }
    )


def waiting_for_host(*, room_id: uuid.UUID, now: datetime | None = None) -> list[Question]:
    """Return the questions without an answer, the one to take next first."""
    moment = now or timezone.now()
    rows = (
        Question.objects.filter(room_id=room_id)
        .exclude(state=QuestionState.ANSWERED)
        .annotate(asker_count=Count("askers"))
    )
    wanted = {row.pk: score(askers=row.asker_count, asked_at=row.asked_at, now=moment) for row in rows}
    return sorted(rows, key=lambda row: -wanted[row.pk])


def _pins(room: LiveRoom) -> list[PinnedProduct]:
    return list(PinnedProduct.objects.filter(room=room).order_by("-pk")[:QUESTIONS_SHOWN])


def _once_each(views: Iterable[PinView]) -> tuple[PinView, ...]:
    """Return each product once, as it was shown last."""
    kept: dict[int, PinView] = {}
    for view in views:
        kept.setdefault(view.product.product_id, view)
    return tuple(kept.values())


def _pin_view(pinned: PinnedProduct, product: ProductCard) -> PinView:
    return PinView(
        pin_id=pinned.pk,
        pinned_at=pinned.pinned_at.isoformat(),
        ends_at=_iso(pinned.ends_at),
        room_second=pinned.room_second,
        product=product,
    )


def _questions(room: LiveRoom) -> Sequence[tuple[Question, int]]:
    """Return the newest questions with their number of askers, oldest first."""
    rows = Question.objects.filter(room=room).annotate(asker_count=Count("askers")).order_by("-pk")
    newest = [(row, row.asker_count) for row in rows[:QUESTIONS_SHOWN]]
    return newest[::-1]


def _mine(room: LiveRoom, shopper_id: uuid.UUID | None) -> set[int]:
    if shopper_id is None:
        return set()
    return set(Asker.objects.filter(question__room=room, shopper_id=shopper_id).values_list("question_id", flat=True))


def _question_view(
    question: Question, answer: Answer | None, products: Mapping[int, ProductCard], *, askers: int, is_mine: bool
) -> QuestionPayload:
    said = None
    if answer is not None:
        answer.question = question
        said = answer_payload(answer, cards=refreshed(answer.cards, products), askers=askers)
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
            "mine": is_mine,
            "answer": said,
        }
    )


def _face(creator: Creator, language: str) -> PersonaFace:
    face = persona_face(live_persona(creator.pk), creator, language)
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


def _disclosure(creator: Creator, language: str) -> str:
    with override(language):
        return _("Typed answers come from %(name)s's AI double. It can be wrong.") % {
            "name": creator.short_name(language)
        }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
