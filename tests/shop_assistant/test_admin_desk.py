"""The desk: taking over a conversation, running a room, moving orders, the outbox, the staff."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from catalog.accounts.models import AuditEntry, Membership, Merchant
from catalog.orders.models import Order
from catalog.outbox.models import OutboxMessage
from conversations.chat.models import Conversation
from conversations.chat.services import say
from conversations.live import services as live
from conversations.live.models import LiveRoom, PinnedProduct, Question
from tests.factories import make_creator, make_shopper, make_variant
from tests.shop_assistant.staff import signed_in, text_of


def talk(merchant: Merchant) -> Conversation:
    """A conversation with one message."""
    conversation = Conversation.objects.create(
        merchant=merchant,
        creator=make_creator(merchant),
        shopper=make_shopper(merchant),
        surface="direct",
        currency="TWD",
    )
    say(conversation_id=conversation.pk, speaker="shopper", text="<b>Is anyone there?</b>")
    return conversation


def test_an_agent_takes_over_answers_and_hands_back(in_scope: Merchant) -> None:
    conversation = talk(in_scope)
    client = signed_in(in_scope, "agent")
    act = f"/admin/chat/conversation/{conversation.pk}/act/"

    page = client.get(f"/admin/chat/conversation/{conversation.pk}/change/")
    assert b"&lt;b&gt;Is anyone there?&lt;/b&gt;" in page.content
    client.post(act, {"act": "say", "text": "Yes, I am."})
    conversation.refresh_from_db()
    assert conversation.owner == "person"
    said = conversation.messages.latest("sequence")
    assert (said.speaker, said.speaker_name, said.text) == ("person", "meis-shelf-agent", "Yes, I am.")
    client.post(act, {"act": "back"})
    conversation.refresh_from_db()
    assert conversation.owner == "double"
    assert list(AuditEntry.objects.values_list("action", flat=True).order_by("id")) == [
        "conversation say",
        "conversation back",
    ]


def test_an_analyst_reads_a_conversation_and_says_nothing(in_scope: Merchant) -> None:
    conversation = talk(in_scope)
    client = signed_in(in_scope, "analyst")

    page = client.get(f"/admin/chat/conversation/{conversation.pk}/change/")

    assert "Take over" not in text_of(page.content)
    assert client.post(f"/admin/chat/conversation/{conversation.pk}/act/", {"act": "take"}).status_code == 403
    conversation.refresh_from_db()
    assert conversation.owner == "double"


def test_a_host_opens_pins_answers_and_closes(in_scope: Merchant) -> None:
    creator = make_creator(in_scope)
    room = LiveRoom.objects.create(merchant=in_scope, creator=creator, slug="friday", titles={"en": "Friday"})
    product = make_variant(in_scope).product
    client = signed_in(in_scope, "creator", creator)

    def act(**data: Any) -> None:
        assert client.post(f"/admin/live/liveroom/{room.pk}/act/", data).status_code == 302

    act(act="open")
    asked = live.ask(
        merchant=in_scope,
        room_id=room.pk,
        shopper=make_shopper(in_scope),
        client_id="12345678",
        text="Does it sting?",
        language="en",
    )
    act(act="pin", product=product.pk, minutes="10")
    act(act="save", question=asked.question_id)
    assert "Does it sting?" in text_of(client.get(f"/admin/live/liveroom/{room.pk}/host/").content)
    act(act="answer", question=asked.question_id, text="A little, for a minute.")

    question = Question.objects.select_related("answer").get()
    assert (question.state, question.answer.speaker, question.answer.speaker_name) == ("answered", "creator", "Mei")
    assert PinnedProduct.objects.get().ends_at is not None
    act(act="close")
    room.refresh_from_db()
    assert room.state == "ended"


def test_a_question_of_another_room_is_not_answered_from_here(in_scope: Merchant) -> None:
    creator = make_creator(in_scope)
    rooms = [LiveRoom.objects.create(merchant=in_scope, creator=creator, slug=slug) for slug in ("one", "two")]
    question = Question.objects.create(
        merchant=in_scope, room=rooms[1], shopper=make_shopper(in_scope), client_id="1", text="x", folded="x"
    )
    client = signed_in(in_scope, "owner")

    answer = client.post(
        f"/admin/live/liveroom/{rooms[0].pk}/act/", {"act": "answer", "question": question.pk, "text": "y"}
    )

    assert answer.status_code == 404


def order(merchant: Merchant, state: str) -> Order:
    """An order without lines."""
    return Order.objects.create(
        merchant=merchant,
        number="1042",
        shopper=make_shopper(merchant),
        currency="TWD",
        subtotal_minor=98000,
        total_minor=98000,
        state=state,
        placed_at=timezone.now(),
        is_test=True,
    )


def test_an_order_moves_only_along_its_states(in_scope: Merchant) -> None:
    row = order(in_scope, "paid")
    client = signed_in(in_scope, "agent")

    def act(name: str) -> str:
        page = client.post("/admin/orders/order/", {"action": name, "_selected_action": [row.pk]}, follow=True)
        row.refresh_from_db()
        return text_of(page.content)

    assert "NT$980" in text_of(client.get(f"/admin/orders/order/{row.pk}/change/").content)
    act("mark_delivered")
    assert row.state == "paid"
    act("mark_sent")
    assert row.state == "processed"
    act("mark_delivered")
    assert row.state == "delivered"


def test_cancelling_an_unpaid_order_goes_through_payments(in_scope: Merchant) -> None:
    row = order(in_scope, "awaiting_payment")

    signed_in(in_scope, "agent").post("/admin/orders/order/", {"action": "cancel", "_selected_action": [row.pk]})

    row.refresh_from_db()
    assert (row.state, row.cancel_reason) == ("cancelled", "merchant")


def test_a_message_that_was_given_up_is_sent_again(in_scope: Merchant) -> None:
    message = OutboxMessage.objects.create(
        topic="x",
        subscriber="a.b",
        lane="slow",
        key="1",
        merchant_id=in_scope.pk,
        available_at=timezone.now(),
        dead_at=timezone.now(),
        attempts=8,
    )
    client = signed_in(in_scope, "owner")

    assert client.get("/admin/outbox/outboxmessage/?state=dead").context["cl"].result_count == 1
    client.post("/admin/outbox/outboxmessage/", {"action": "replay", "_selected_action": [message.pk]})

    message.refresh_from_db()
    assert (message.dead_at, message.attempts) == (None, 0)


def test_an_owner_adds_a_member_who_can_sign_in(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "owner")
    data = {"username": "ken", "password": "long-enough-words", "role": "agent", "creator": ""}

    page = client.post("/admin/accounts/membership/add/", data)

    assert page.status_code == 302, text_of(page.content)
    ken = User.objects.get(username="ken")
    assert (ken.is_staff, ken.is_superuser, ken.check_password("long-enough-words")) == (True, False, True)
    assert Membership.objects.get(user=ken).role == "agent"


def test_an_account_that_exists_is_not_taken_over(in_scope: Merchant) -> None:
    User.objects.create(username="boss", is_superuser=True)
    client = signed_in(in_scope, "owner")
    data = {"username": "boss", "password": "long-enough-words", "role": "owner", "creator": ""}

    page = client.post("/admin/accounts/membership/add/", data)

    assert "This user name is taken" in text_of(page.content)
    assert Membership.objects.count() == 1


def test_the_creator_role_must_name_the_creator(in_scope: Merchant) -> None:
    client = signed_in(in_scope, "owner")
    data = {"username": "mei", "password": "long-enough-words", "role": "creator", "creator": ""}

    page = client.post("/admin/accounts/membership/add/", data)

    assert "sees one creator only: choose which" in text_of(page.content)
    assert not User.objects.filter(username="mei").exists()
