"""Background work of the live room: answer a question, then tell the answer to everybody."""

from __future__ import annotations

from catalog.outbox.subscribers import Event, subscriber
from conversations.live.answers import publish_answer, save_for_host, set_answering
from conversations.live.double import ask_double, is_for_host, known_reply
from conversations.live.log import room_log
from conversations.live.models import Answer, Asker, Question, QuestionState
from conversations.live.selectors import answer_payload


@subscriber(lane="live", time_limit_s=60)
def on_question_asked(event: Event) -> None:
    """Answer a question by an answer known from before or by the double, or leave it to the host."""
    with event.scope():
        rows = Question.objects.select_related("merchant", "shopper", "room__creator")
        question = rows.filter(pk=event.payload["question_id"]).first()
        if question is None or question.state in (QuestionState.ANSWERED, QuestionState.SAVED):
            return
        if is_for_host(question):
            save_for_host(question_id=question.pk)
            return
        set_answering(question_id=question.pk)
        reply = known_reply(question) or ask_double(question, product_id=event.payload.get("product_id"))
        if reply is None:
            save_for_host(question_id=question.pk)
            return
        answer = publish_answer(
            question_id=question.pk,
            text=reply.text,
            cards=reply.cards,
            speaker_name=reply.name,
            turn_id=reply.turn_id,
        )
        # At once: the message that makes it certain stands in the lane behind every question that waits.
        _tell_room(answer.pk)


@subscriber(lane="live")
def on_answer_ready(event: Event) -> None:
    """Append an answer to the room's log, once, however often this message is delivered."""
    with event.scope():
        _tell_room(event.payload["answer_id"])


def _tell_room(answer_id: int) -> None:
    answer = Answer.objects.select_related("question").get(pk=answer_id)
    askers = Asker.objects.filter(question_id=answer.question_id).count()
    payload = answer_payload(answer, cards=answer.cards, askers=askers)
    room_log().publish(
        room_id=answer.question.room_id,
        kind="answer",
        payload=payload.json_object(),
        once_key=f"answer:{answer.pk}",
    )
