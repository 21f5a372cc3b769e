"""A question's way to its answer: known before, by the double, or left to the host; told once, whatever dies."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from catalog.accounts.models import Merchant, Shopper
from catalog.outbox.models import OutboxMessage
from catalog.outbox.subscribers import Event
from catalog.outbox.worker import drain
from catalog.products.models import Offer, Product
from conversations.chat.models import Conversation, Turn
from conversations.funnel.models import FunnelEvent
from conversations.live import services, tasks
from conversations.live.log import room_log
from conversations.live.models import Answer, LiveRoom, Question, RoomEvent
from tests.conversations.live.watching import make_room
from tests.factories import make_product, make_shopper


@pytest.fixture
def room(in_scope: Merchant) -> LiveRoom:
    return make_room(in_scope)


@pytest.fixture
def serum(in_scope: Merchant) -> Product:
    product = make_product(in_scope, attributes={"skin_types": ["oily"], "concerns": ["oil_control"]})
    drain()
    return product


@pytest.fixture
def mina(in_scope: Merchant) -> Shopper:
    return make_shopper(in_scope, display_name="Mina")


def ask(room: LiveRoom, shopper: Shopper, text: str) -> int:
    asked = services.ask(
        merchant=room.merchant,
        room_id=room.pk,
        shopper=shopper,
        client_id=uuid.uuid4().hex,
        text=text,
        language="en",
    )
    return asked.question_id


def kinds(room: LiveRoom) -> list[str]:
    return [
        event.payload["state"] if event.kind == "question_state" else event.kind
        for event in RoomEvent.objects.filter(room=room)
    ]


def deliver_again(topic: str) -> None:
    """Deliver a message that was delivered before, as after a crash."""
    message = OutboxMessage.objects.get(topic=topic)
    subscriber = tasks.on_question_asked if topic == "live.question_asked" else tasks.on_answer_ready
    subscriber(Event(message.pk, topic, message.key, message.payload, message.merchant_id, message.created_at))


def test_the_double_answers_with_what_lies_on_the_table(room: LiveRoom, mina: Shopper, serum: Product) -> None:
    services.pin(room_id=room.pk, product_id=serum.pk)
    question_id = ask(room, mina, "How much is this?")

    drain()

    assert kinds(room) == ["room", "pin", "question", "answering", "answer"]
    payload = RoomEvent.objects.get(kind="answer").payload
    assert (payload["question_id"], payload["name"], payload["asker_name"], payload["askers"]) == (
        question_id,
        "Mei's double",
        "Mina",
        1,
    )
    assert "$31.00" in payload["text"]
    assert [card["product_id"] for card in payload["cards"]] == [serum.pk]
    assert {(card["link_id"], card["url"]) for card in payload["cards"]} == {("", "/s/meis-shelf/p/no-3-serum/")}


def test_a_live_question_is_counted_once_and_its_products_as_shown(
    room: LiveRoom, mina: Shopper, serum: Product
) -> None:
    services.pin(room_id=room.pk, product_id=serum.pk)
    ask(room, mina, "How much is this?")

    drain()

    events = FunnelEvent.objects.order_by("occurred_at").values_list("step", "surface", "room_id", "shopper_id")
    assert list(events) == [
        ("enquiry_sent", "live", room.pk, mina.pk),
        ("product_shown", "live", room.pk, mina.pk),
    ]


def test_a_health_question_is_left_to_the_host(room: LiveRoom, mina: Shopper) -> None:
    ask(room, mina, "Is retinal safe while breastfeeding?")

    drain()

    assert kinds(room) == ["room", "question", "saved"]
    assert Question.objects.get().state == "saved"
    assert (Answer.objects.count(), Turn.objects.count()) == (0, 0)


def test_a_message_delivered_again_changes_nothing(room: LiveRoom, mina: Shopper, serum: Product) -> None:
    services.pin(room_id=room.pk, product_id=serum.pk)
    ask(room, mina, "How much is this?")
    drain()
    before = (kinds(room), Answer.objects.count(), Turn.objects.count(), FunnelEvent.objects.count())

    for topic in ("live.question_asked", "live.answer_ready"):
        deliver_again(topic)
    drain()

    assert (kinds(room), Answer.objects.count(), Turn.objects.count(), FunnelEvent.objects.count()) == before


def test_killed_between_turn_and_answer_the_same_turn_is_published(
    room: LiveRoom, mina: Shopper, serum: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.pin(room_id=room.pk, product_id=serum.pk)
    ask(room, mina, "How much is this?")

    def killed(**_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(tasks, "publish_answer", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver_again("live.question_asked")
    assert (Answer.objects.count(), Turn.objects.count()) == (0, 1)

    drain()

    assert (Answer.objects.count(), Turn.objects.count()) == (1, 1)
    assert kinds(room) == ["room", "pin", "question", "answering", "answer"]


@pytest.mark.parametrize("written", [False, True])
def test_killed_around_the_log_the_answer_is_told_once(
    room: LiveRoom, mina: Shopper, serum: Product, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    services.pin(room_id=room.pk, product_id=serum.pk)
    ask(room, mina, "How much is this?")

    class Dying:
        """The process is killed before the log wrote the answer, or just after."""

        def publish(self, **event: Any) -> None:
            if written:
                room_log().publish(**event)
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(tasks, "room_log", Dying)
        with pytest.raises(KeyboardInterrupt):
            deliver_again("live.question_asked")
    assert Answer.objects.count() == 1
    assert kinds(room).count("answer") == int(written)

    drain()
    deliver_again("live.answer_ready")

    assert kinds(room) == ["room", "pin", "question", "answering", "answer"]
    assert Answer.objects.count() == 1


def test_a_known_answer_is_given_again_in_a_later_room_while_its_facts_hold(
    room: LiveRoom, mina: Shopper, serum: Product
) -> None:
    services.pin(room_id=room.pk, product_id=serum.pk)
    ask(room, mina, "How much is the No. 3 serum?")
    drain()
    second = make_room(room.merchant, creator=room.creator, slug="second-night")
    ask(second, mina, "how much is the no 3 serum")

    drain()

    assert Turn.objects.count() == 1
    said = list(Answer.objects.order_by("pk").values_list("text", flat=True))
    assert said[0] == said[1]

    Offer.objects.filter(variant__product=serum, currency="USD").update(amount_minor=26_00)
    third = make_room(room.merchant, creator=room.creator, slug="third-night")
    ask(third, mina, "How much is the No. 3 serum?")
    drain()

    assert Turn.objects.count() == 2
    assert "$31" not in Answer.objects.latest("pk").text


def test_the_hidden_conversation_is_the_questions_own(room: LiveRoom, mina: Shopper, serum: Product) -> None:
    services.pin(room_id=room.pk, product_id=serum.pk)
    question_id = ask(room, mina, "How much is this?")
    drain()

    conversation = Conversation.objects.get()
    assert (conversation.surface, conversation.place) == ("live", f"{room.pk}:{question_id}")
