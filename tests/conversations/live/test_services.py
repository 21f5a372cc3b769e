"""The room's acts: one transaction each, told to the log, counted in the funnel."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.outbox.models import OutboxMessage
from catalog.products.models import Offer, Product
from conversations.funnel.models import FunnelEvent, ProductLink
from conversations.live import services
from conversations.live.cards import current_products
from conversations.live.errors import NoSuchQuestion, NotInThisRoom, RoomNotOpen, TooManyQuestions
from conversations.live.models import Answer, Asker, LiveRoom, PinnedProduct, Question, RoomEvent
from conversations.live.selectors import room_by_slug, room_door, room_snapshot, waiting_for_host
from tests.conversations.live.watching import make_room
from tests.factories import make_merchant, make_product, make_shopper


@pytest.fixture
def room(in_scope: Merchant) -> LiveRoom:
    return make_room(in_scope)


@pytest.fixture
def serum(in_scope: Merchant) -> Product:
    return make_product(in_scope)


@pytest.fixture
def mina(in_scope: Merchant) -> Shopper:
    return make_shopper(in_scope, display_name="Mina")


def ask(room: LiveRoom, shopper: Shopper, text: str = "Does the No. 3 suit oily skin?", client_id: str = "") -> Any:
    return services.ask(
        merchant=room.merchant,
        room_id=room.pk,
        shopper=shopper,
        client_id=client_id or uuid.uuid4().hex,
        text=text,
        language="en",
    )


def cards_of(product: Product) -> list[dict[str, Any]]:
    cards = current_products(merchant=product.merchant, product_ids=[product.pk], language="en", currency="USD")
    return [{**card.model_dump(mode="json"), "reason": "for oily skin"} for card in cards.values()]


def events(room: LiveRoom) -> list[tuple[str, dict[str, Any]]]:
    return [(event.kind, event.payload) for event in RoomEvent.objects.filter(room=room)]


def steps(**conditions: Any) -> list[tuple[str, uuid.UUID]]:
    rows = FunnelEvent.objects.filter(**conditions).order_by("occurred_at", "step")
    return list(rows.values_list("step", "shopper_id"))


def test_a_question_is_stored_counted_told_and_sent_on_its_way(room: LiveRoom, mina: Shopper) -> None:
    asked = ask(room, mina)

    question = Question.objects.get()
    assert (question.pk, question.state, question.asker_name, asked.merged) == (asked.question_id, "new", "Mina", False)
    assert [kind for kind, _ in events(room)] == ["room", "question"]
    enquiry = FunnelEvent.objects.get()
    assert (enquiry.step, enquiry.surface, enquiry.room_id, enquiry.creator_id) == (
        "enquiry_sent",
        "live",
        room.pk,
        room.creator_id,
    )
    assert OutboxMessage.objects.filter(topic="live.question_asked").count() == 1


def test_the_same_question_counts_askers_and_each_asker_once(room: LiveRoom, mina: Shopper) -> None:
    hana = make_shopper(room.merchant)
    first = ask(room, mina)
    merged = ask(room, hana, "does the no 3 suit oily skin")
    again = ask(room, mina, "DOES the No. 3 suit oily skin?!")

    assert (merged.question_id, merged.merged, again.merged) == (first.question_id, True, True)
    assert (Question.objects.count(), Asker.objects.count()) == (1, 2)
    assert steps(step="enquiry_sent") == [("enquiry_sent", mina.pk), ("enquiry_sent", hana.pk)]
    assert [payload["askers"] for kind, payload in events(room) if kind == "askers"] == [2]
    assert OutboxMessage.objects.filter(topic="live.question_asked").count() == 1


def test_a_repeated_client_id_returns_what_it_came_to(room: LiveRoom, mina: Shopper) -> None:
    hana = make_shopper(room.merchant)
    first = ask(room, mina, client_id="client-0001")
    joined = ask(room, hana, client_id="client-0002")

    assert ask(room, mina, client_id="client-0001") == first
    assert ask(room, hana, client_id="client-0002") == joined
    assert Asker.objects.count() == 2


def test_me_too_joins_and_leaves(room: LiveRoom, mina: Shopper) -> None:
    hana = make_shopper(room.merchant)
    question_id = ask(room, mina).question_id

    counts = [
        services.me_too(merchant=room.merchant, room_id=room.pk, question_id=question_id, shopper=hana, on=on)
        for on in (True, True, False, False, True)
    ]

    assert counts == [2, 2, 1, 1, 2]
    assert [payload["askers"] for kind, payload in events(room) if kind == "askers"] == [2, 1, 2]
    assert steps(shopper_id=hana.pk) == [("enquiry_sent", hana.pk)]


def test_nothing_is_asked_of_a_closed_room(in_scope: Merchant, mina: Shopper) -> None:
    room = make_room(in_scope, is_open=False)
    for change in (lambda: None, lambda: services.open_room(room_id=room.pk) and services.close_room(room_id=room.pk)):
        change()
        with pytest.raises(RoomNotOpen):
            ask(room, mina)
    assert (Question.objects.count(), FunnelEvent.objects.count()) == (0, 0)


def test_asking_has_a_limit_that_counts_what_was_new(room: LiveRoom, mina: Shopper) -> None:
    for word in ("gentle", "vegan", "sticky", "heavy", "matte"):
        ask(room, mina, f"Is the cream {word}?")

    with pytest.raises(TooManyQuestions) as refused:
        ask(room, mina, "Is the cream greasy?")
    assert 0 < refused.value.retry_after_ms <= 10_001
    Asker.objects.update(at=timezone.now() - timedelta(seconds=11))
    assert ask(room, mina, "Is the cream greasy?").merged is False


def test_this_one_is_another_question_when_another_product_lies_on_the_table(
    room: LiveRoom, mina: Shopper, serum: Product
) -> None:
    toner = make_product(room.merchant, slug="toner", title="Still Water Toner")
    services.pin(room_id=room.pk, product_id=serum.pk)
    first = ask(room, mina, "How much is this?")
    assert ask(room, mina, "how much is this").question_id == first.question_id
    services.pin(room_id=room.pk, product_id=toner.pk)

    second = ask(room, mina, "How much is this?")

    assert second.question_id != first.question_id
    asked = OutboxMessage.objects.filter(topic="live.question_asked").order_by("pk")
    assert [message.payload["product_id"] for message in asked] == [serum.pk, toner.pk]


def test_an_answer_is_shown_to_every_asker_and_announced_once(room: LiveRoom, mina: Shopper, serum: Product) -> None:
    hana, late = make_shopper(room.merchant), make_shopper(room.merchant)
    question_id = ask(room, mina).question_id
    ask(room, hana)

    answer = services.publish_answer(question_id=question_id, text="Yes.", cards=cards_of(serum), turn_id=5)
    again = services.publish_answer(question_id=question_id, text="No.")
    joined = ask(room, late)

    assert (again.pk, again.text, Answer.objects.count()) == (answer.pk, "Yes.", 1)
    assert Question.objects.get().state == "answered"
    assert OutboxMessage.objects.filter(topic="live.answer_ready").count() == 1
    assert joined.answer_id == answer.pk
    shown = FunnelEvent.objects.filter(step="product_shown")
    assert set(shown.values_list("shopper_id", "product_id")) == {(who.pk, serum.pk) for who in (mina, hana, late)}


def test_the_host_answers_in_her_own_name(room: LiveRoom, mina: Shopper, serum: Product) -> None:
    question_id = ask(room, mina).question_id
    services.save_for_host(question_id=question_id)
    assert [question.pk for question in waiting_for_host(room_id=room.pk)] == [question_id]

    answer = services.answer_as_host(
        question_id=question_id, text="I use it nightly.", speaker_name="Mei Lin", product_ids=[serum.pk]
    )

    assert (answer.speaker, answer.speaker_name, answer.cards[0]["price"]["text"]) == ("creator", "Mei Lin", "$31.00")
    assert waiting_for_host(room_id=room.pk) == []
    services.save_for_host(question_id=question_id)
    assert Question.objects.get().state == "answered"
    with pytest.raises(NoSuchQuestion):
        services.answer_as_host(question_id=987_654, text="?", speaker_name="Mei")


def test_the_host_sees_first_what_most_people_ask(room: LiveRoom, mina: Shopper) -> None:
    lone = ask(room, mina, "Is the toner vegan?").question_id
    popular = ask(room, mina, "Is the serum sticky?").question_id
    ask(room, make_shopper(room.merchant), "Is the serum sticky?")

    assert [question.pk for question in waiting_for_host(room_id=room.pk)] == [popular, lone]


def test_a_state_is_told_once(room: LiveRoom, mina: Shopper) -> None:
    question_id = ask(room, mina).question_id
    for _ in range(2):
        services.set_answering(question_id=question_id)
    for _ in range(2):
        services.save_for_host(question_id=question_id)
    services.set_answering(question_id=question_id)

    told = [payload["state"] for kind, payload in events(room) if kind == "question_state"]
    assert told == ["answering", "saved"]


def test_a_pin_carries_price_and_stock_in_every_language(room: LiveRoom, serum: Product) -> None:
    ends_at = timezone.now() + timedelta(minutes=5)
    services.pin(room_id=room.pk, product_id=serum.pk, ends_at=ends_at)

    kind, payload = events(room)[-1]
    assert (kind, payload["ends_at"]) == ("pin", ends_at.isoformat())
    prices = {language: card["price"]["text"] for language, card in payload["cards"].items()}
    assert prices == {"en": "$31.00", "zh-hant": "NT$980", "zh-hans": "NT$980"}
    assert payload["cards"]["en"]["url"] == "/s/meis-shelf/p/no-3-serum/"
    services.unpin(room_id=room.pk)
    services.unpin(room_id=room.pk)
    assert [kind for kind, _ in events(room)] == ["room", "pin", "unpin"]


def test_only_this_shops_active_products_are_pinned(room: LiveRoom, serum: Product) -> None:
    other = make_merchant()
    with merchant_scope(other):
        theirs = make_product(other)
    for product_id in (theirs.pk, 987_654):
        with pytest.raises(NotInThisRoom):
            services.pin(room_id=room.pk, product_id=product_id)
    assert PinnedProduct.objects.count() == 0


def test_the_snapshot_is_the_room_as_it_is_now(room: LiveRoom, mina: Shopper, serum: Product) -> None:
    toner = make_product(room.merchant, slug="toner", title="Still Water Toner", prices={"TWD": 590_00, "USD": 19_00})
    services.pin(room_id=room.pk, product_id=toner.pk)
    services.pin(room_id=room.pk, product_id=serum.pk)
    answered = ask(room, mina).question_id
    services.publish_answer(question_id=answered, text="Yes.", cards=cards_of(serum), speaker_name="Mei's double")
    ask(room, make_shopper(room.merchant), "Is the toner vegan?")
    Offer.objects.filter(variant__product=serum, currency="USD").update(amount_minor=26_00)

    snapshot = room_snapshot(room_id=room.pk, shopper_id=mina.pk, language="en", viewers=3)

    assert snapshot.pinned is not None
    assert snapshot.pinned.product.price is not None
    assert (snapshot.pinned.product.title, snapshot.pinned.product.price.text) == (serum.title, "$26.00")
    assert [view.product.title for view in snapshot.earlier] == ["Still Water Toner"]
    assert [(one.state, one.mine, one.askers) for one in snapshot.questions] == [
        ("answered", True, 1),
        ("new", False, 1),
    ]
    said = snapshot.questions[0].answer
    assert said is not None
    # The price is today's, the reason is what was said.
    assert (said.cards[0]["price"]["text"], said.cards[0]["reason"], said.cards[0]["link_id"]) == (
        "$26.00",
        "for oily skin",
        "",
    )
    assert snapshot.counts.model_dump() == {"questions": 2, "answered": 1, "mine": 1}
    assert (snapshot.viewers, snapshot.persona.label, snapshot.currency) == (3, "AI", "USD")
    chinese = room_snapshot(room_id=room.pk, shopper_id=None, language="zh-hant")
    assert (chinese.title, chinese.currency, chinese.counts.mine) == ("小梅的晚間保養診間", "TWD", 0)


def test_a_snapshot_takes_as_many_queries_however_much_was_asked(
    room: LiveRoom, mina: Shopper, serum: Product, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        asked = ask(room, make_shopper(room.merchant), f"Is batch {number} fine?")
        services.publish_answer(question_id=asked.question_id, text="Yes.", cards=cards_of(serum))

    with django_assert_max_num_queries(11):
        room_snapshot(room_id=room.pk, shopper_id=mina.pk, language="en")


def test_a_product_that_is_gone_is_left_out(room: LiveRoom, mina: Shopper, serum: Product) -> None:
    services.pin(room_id=room.pk, product_id=serum.pk)
    asked = ask(room, mina).question_id
    routine = {"kind": "routine", "steps": [{"name": "Serum", "product": cards_of(serum)[0]}]}
    services.publish_answer(question_id=asked, text="Yes.", cards=[*cards_of(serum), routine])
    Product.objects.filter(pk=serum.pk).update(status="archived")

    snapshot = room_snapshot(room_id=room.pk, shopper_id=None, language="en")

    assert snapshot.pinned is None
    said = snapshot.questions[0].answer
    assert said is not None
    (left,) = said.cards
    assert left["steps"][0]["product"]["stock"] == "not_for_sale"
    assert left["steps"][0]["product"]["price"] is None


def test_a_viewers_link_is_his_own_and_joins_exactly(room: LiveRoom, mina: Shopper, serum: Product) -> None:
    passer = make_shopper(room.merchant)
    asked = ask(room, mina).question_id
    answer = services.publish_answer(question_id=asked, text="Yes.", cards=cards_of(serum), turn_id=5)

    links = [
        services.link_for_viewer(
            merchant=room.merchant, room=room, shopper=who, product_id=serum.pk, answer_id=answer.pk
        )
        for who in (mina, passer, passer)
    ]

    assert len({link.pk for link in links}) == 2
    assert set(ProductLink.objects.values_list("shopper_id", "room_id", "turn_id", "surface")) == {
        (mina.pk, room.pk, 5, "live"),
        (passer.pk, room.pk, 5, "live"),
    }
    # Mina was shown it as an asker; the passer-by when he opened it. Each once.
    shown = FunnelEvent.objects.filter(step="product_shown").values_list("shopper_id", flat=True)
    assert sorted(shown) == sorted([mina.pk, passer.pk])


def test_a_link_to_what_was_not_shown_is_refused(room: LiveRoom, mina: Shopper, serum: Product) -> None:
    toner = make_product(room.merchant, slug="toner")
    asked = ask(room, mina).question_id
    answer = services.publish_answer(question_id=asked, text="Yes.", cards=cards_of(serum))
    for product_id, answer_id in ((toner.pk, answer.pk), (serum.pk, None), (serum.pk, 987_654)):
        with pytest.raises(NotInThisRoom):
            services.link_for_viewer(
                merchant=room.merchant, room=room, shopper=mina, product_id=product_id, answer_id=answer_id
            )
    assert ProductLink.objects.count() == 0
    services.pin(room_id=room.pk, product_id=toner.pk)
    assert services.link_for_viewer(merchant=room.merchant, room=room, shopper=mina, product_id=toner.pk).room_id


def test_opening_twice_changes_nothing_and_opening_again_begins_a_new_log(in_scope: Merchant) -> None:
    room = make_room(in_scope, is_open=False)
    first = services.open_room(room_id=room.pk)
    assert services.open_room(room_id=room.pk).epoch == first.epoch
    services.close_room(room_id=room.pk)
    assert services.close_room(room_id=room.pk).state == "ended"

    second = services.open_room(room_id=room.pk)

    assert (second.epoch > first.epoch, second.last_sequence, second.ended_at) == (True, 1, None)


def test_rooms_of_another_merchant_are_not_found(room: LiveRoom) -> None:
    other = make_merchant()
    with merchant_scope(other):
        assert room_by_slug(room.slug) is None
    found = room_door(room.pk)
    assert found is not None
    assert found.merchant.slug == "meis-shelf"
    assert room_door(uuid.uuid4()) is None
