"""The order desk by words: asked over several turns, proposed, and done by an exact yes, in three languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core import mail
from django.test import Client
from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.shoppers import shopper_token
from catalog.orders.models import Order
from catalog.outbox.worker import drain
from catalog.search.backend import backend
from conversations.chat import hands
from conversations.chat.models import Conversation, Message, Turn
from conversations.chat.protocol import SendAddress
from conversations.chat.services import open_conversation
from tests.catalog.orders.desk_orders import Desk, make_desk
from tests.conversations.chat.shop import Heard, ask, make_persona
from tests.factories import make_creator, make_shopper


@pytest.fixture
def desk(in_scope: Merchant) -> Iterator[Desk]:
    """A shopper with a cream and a bag to order."""
    backend().clear()
    yield make_desk(in_scope)
    backend().clear()


def conversation(desk: Desk, *, language: str = "en", shopper: Any = None, surface: str = "direct") -> Conversation:
    """A conversation of the desk's shopper with a creator of the shop."""
    creator = make_creator(desk.merchant)
    make_persona(creator, templates={})
    return open_conversation(
        merchant=desk.merchant,
        creator=creator,
        shopper=shopper or desk.shopper,
        surface=surface,
        language=language,
        currency="TWD",
    )


def kinds(heard: Heard) -> list[str]:
    """The cards under a reply."""
    return [card["kind"] for card in heard.reply.cards]


@pytest.mark.parametrize(
    ("language", "asks", "reason", "yes"),
    [
        ("en", "I'd like to cancel my order", "I no longer need it", "yes, cancel it"),
        ("zh-hant", "我想取消訂單", "不需要了", "是的"),
        ("zh-hans", "我想取消订单", "买错了", "确认取消"),
    ],
)
def test_a_cancellation_asks_which_and_why_and_is_done_by_an_exact_yes(
    desk: Desk, language: str, asks: str, reason: str, yes: str
) -> None:
    first, second = desk.order("C-30"), desk.order("B-red")
    talk = conversation(desk, language=language)

    which = ask(talk, asks)
    why = ask(talk, f"#{first.number}")
    asked = ask(talk, reason)
    done = ask(talk, yes)

    assert which.reply.chips == [f"#{second.number}", f"#{first.number}"]
    assert kinds(which) == ["order", "order"]
    assert len(why.reply.chips) == 2
    assert kinds(asked) == ["confirm"]
    assert done.turn.trace["confirmation"] == "executed"
    assert (kinds(done), done.reply.cards[0]["state"]) == (["order"], "cancelled")
    states = dict(Order.objects.values_list("number", "state"))
    assert states == {first.number: "cancelled", second.number: "paid"}


@pytest.mark.parametrize(("language", "bare"), [("en", "cancel"), ("zh-hant", "取消"), ("zh-hans", "取消")])
def test_a_bare_cancel_is_neither_yes_nor_no_to_a_cancellation(desk: Desk, language: str, bare: str) -> None:
    order = desk.order("C-30")
    talk = conversation(desk, language=language)
    ask(
        talk,
        f"cancel order #{order.number}, I don't need it" if language == "en" else f"取消訂單 #{order.number}，不需要了",
    )

    again = ask(talk, bare)

    order.refresh_from_db()
    assert (order.state, kinds(again)) == ("paid", ["confirm"])
    assert order.number in again.reply.text
    assert "confirmation" not in again.turn.trace


def test_an_order_is_kept_by_an_exact_no(desk: Desk) -> None:
    order = desk.order("C-30")
    talk = conversation(desk)
    ask(talk, f"cancel order #{order.number}, ordered by mistake")

    done = ask(talk, "keep the order")

    order.refresh_from_db()
    assert (order.state, done.turn.trace["confirmation"]) == ("paid", "declined")


@pytest.mark.parametrize(
    ("language", "asks", "yes"),
    [("en", "I want to return the bag", "yes"), ("zh-hant", "幫我申請退貨，Bag 那個", "好")],
)
def test_part_of_a_delivered_order_goes_back(desk: Desk, language: str, asks: str, yes: str) -> None:
    order = desk.order("C-30", "B-red", state="delivered")
    talk = conversation(desk, language=language)

    asked = ask(talk, asks)
    done = ask(talk, yes)

    card = asked.reply.cards[0]
    assert (card["operation"], [line["title"] for line in card["lines"]]) == ("order.return_items", ["Bag"])
    assert any("Cream" in fact for fact in card["facts"])
    assert done.reply.cards[0]["state"] == "return_requested"
    order.refresh_from_db()
    assert order.state == "return_requested"


def test_when_it_is_unclear_which_items_a_card_asks_and_its_answer_is_read_to_the_piece(desk: Desk) -> None:
    order = desk.order("C-30", "C-30", "B-red", state="delivered")
    talk = conversation(desk)

    asked = ask(talk, "I want to return something from my last order")
    card = asked.reply.cards[0]
    proposed = ask(talk, f"{card['says']} Cream · 30 ml (C-30)")

    assert (card["kind"], [unit["sku"] for unit in card["units"]]) == ("items", ["C-30", "C-30", "B-red"])
    assert [line["title"] for line in proposed.reply.cards[0]["lines"]] == ["Cream"]
    assert proposed.reply.cards[0]["operation"] == "order.return_items"
    order.refresh_from_db()
    assert order.state == "delivered"


@pytest.mark.parametrize(
    ("arrived", "text", "operation"),
    [
        (False, "change the cream in order #{n} to 50 ml", "order.modify_items"),
        (True, "exchange the cream in order #{n} for 50 ml", "order.exchange_items"),
        (False, "訂單 #{n} 還沒出貨，cream 想把 30ml 改成 50ml", "order.modify_items"),
    ],
)
def test_another_size_is_a_change_before_it_is_sent_and_an_exchange_after(
    desk: Desk, arrived: bool, text: str, operation: str
) -> None:
    order = desk.order("C-30", "B-red", state="delivered" if arrived else "paid")
    talk = conversation(desk, language="zh-hant" if "訂" in text else "en")

    asked = ask(talk, text.format(n=order.number))

    card = asked.reply.cards[0]
    assert (card["operation"], [line["option"] for line in card["lines"]]) == (operation, ["30 ml → 50 ml"])


def test_the_new_address_is_asked_by_a_form_and_confirmed_by_words(desk: Desk) -> None:
    order = desk.order("C-30")
    talk = conversation(desk, language="zh-hant")

    asked = ask(talk, "我搬家了，訂單可以改寄到別的地方嗎")
    form = asked.reply.cards[0]
    frame = SendAddress(
        type="address", client_id="client-0000001", recipient=form["values"]["recipient"], line1="民生路 8 號",
        city="台南", postal_code="700", country="TW", order_number=form["order_number"],
    )  # fmt: skip
    kept = async_to_sync(hands.send_address)(conversation=talk, frame=frame)
    done = ask(talk, "好")

    assert (form["kind"], form["order_number"]) == ("address", f"#{order.number}")
    assert [card.kind for card in kept.frame.cards] == ["confirm"]
    assert done.turn.trace["confirmation"] == "executed"
    order.refresh_from_db()
    assert (order.address.line1, order.address.city) == ("民生路 8 號", "台南")


def test_another_payment_method_is_offered_by_name(desk: Desk) -> None:
    order = desk.order("C-30")
    talk = conversation(desk)

    asked = ask(talk, f"pay order #{order.number} with my gift card")

    assert asked.reply.cards[0]["operation"] == "order.set_payment"


def test_where_is_it_and_then_cancel_it_is_about_the_same_order(desk: Desk) -> None:
    desk.order("B-red")
    order = desk.order("C-30")
    talk = conversation(desk)
    ask(talk, f"where is order #{order.number}?")

    why = ask(talk, "cancel it please")
    asked = ask(talk, "ordered by mistake")

    assert len(why.reply.chips) == 2
    assert asked.reply.cards[0]["title"] == f"Cancel order #{order.number}?"


def test_a_question_in_between_is_answered_and_nothing_is_proposed(desk: Desk) -> None:
    desk.order("B-red")
    desk.order("C-30")
    talk = conversation(desk)
    ask(talk, "cancel my order")

    thanks = ask(talk, "thanks")

    assert thanks.turn.trace["intent"] == "thanks"
    assert not thanks.reply.cards


def test_my_orders_are_listed_the_newest_first(desk: Desk) -> None:
    first, second = desk.order("C-30"), desk.order("B-red")

    heard = ask(conversation(desk, language="zh-hans"), "查看我的全部订单")

    assert [card["number"] for card in heard.reply.cards] == [second.number, first.number]
    assert heard.reply.text == "这些是你的订单，由新到旧。"


@pytest.mark.parametrize(
    "text", ["where is my order?", "cancel order #1001, ordered by mistake", "show me all my orders"]
)
def test_a_guest_is_offered_to_sign_in_and_learns_nothing(desk: Desk, text: str) -> None:
    desk.order("C-30")
    guest = make_shopper(desk.merchant)

    heard = ask(conversation(desk, shopper=guest), text)

    assert [(card["kind"], card["again"]) for card in heard.reply.cards] == [("sign_in", text)]
    assert "1001" not in heard.reply.text


@pytest.mark.parametrize("text", ["where is my order #1001?", "cancel my order", "我要退訂單 #1001"])
def test_before_a_crowd_nothing_private_is_said(desk: Desk, text: str) -> None:
    desk.order("C-30")

    heard = ask(conversation(desk, surface="live"), text)

    assert (heard.reply.cards, heard.reply.chips) == ([], [])
    assert "chat with me" in heard.reply.text or "私訊" in heard.reply.text


def test_signing_in_by_code_brings_the_conversation_and_no_model_reads_the_code(desk: Desk) -> None:
    Shopper.objects.filter(pk=desk.shopper.pk).update(email="hana@example.com", identified_at=timezone.now())
    order = desk.order("C-30")
    guest = make_shopper(desk.merchant)
    talk = conversation(desk, shopper=guest)
    ask(talk, "where is my order?")
    client, path = Client(), f"/api/v1/shops/{desk.merchant.slug}/conversations/{talk.pk}/sign-in/"
    options: Any = {"content_type": "application/json", "headers": {"authorization": f"Shopper {shopper_token(guest)}"}}

    known = client.post(path, {"email": "hana@example.com"}, **options)
    unknown = client.post(path, {"email": "nobody@example.com"}, **options)
    drain()
    code = mail.outbox[-1].body.split(" ")[0]
    wrong = client.post(f"{path}code/", {"email": "hana@example.com", "code": "0000000"}, **options)
    signed = client.post(f"{path}code/", {"email": "hana@example.com", "code": code}, **options)
    talk.refresh_from_db()
    told = ask(talk, "where is my order?")

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "wrong_code")
    assert (signed.status_code, talk.shopper_id) == (200, desk.shopper.pk)
    assert signed.cookies[f"shopper_{desk.merchant.slug}"].value
    assert told.reply.cards[0]["number"] == order.number
    assert not Message.objects.filter(text__contains=code).exists()
    assert not Turn.objects.filter(trace__icontains=code).exists()
    assert client.get(f"/api/v1/shops/{desk.merchant.slug}/conversations/{talk.pk}/", **options).status_code == 404


def test_the_link_of_the_mail_signs_in_by_its_button_once(desk: Desk) -> None:
    Shopper.objects.filter(pk=desk.shopper.pk).update(email="hana@example.com", identified_at=timezone.now())
    guest = make_shopper(desk.merchant)
    talk = conversation(desk, shopper=guest)
    client = Client()
    client.cookies[f"shopper_{desk.merchant.slug}"] = shopper_token(guest)
    api = f"/api/v1/shops/{desk.merchant.slug}/conversations/{talk.pk}/sign-in/"
    headers = {"authorization": f"Shopper {shopper_token(guest)}"}
    client.post(api, {"email": "hana@example.com"}, content_type="application/json", headers=headers)
    drain()
    link = next(word for word in mail.outbox[-1].body.split() if "/sign-in/" in word)
    path = "/s/" + link.partition("/s/")[2]

    looked = client.get(path)
    signed = client.post(path)
    again = Client().post(path)

    assert (looked.status_code, looked["Referrer-Policy"]) == (200, "no-referrer")
    assert (signed.status_code, again.status_code) == (302, 400)
    talk.refresh_from_db()
    assert talk.shopper_id == desk.shopper.pk
