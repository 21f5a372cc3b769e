"""A wish is known by how it is put: its frame, its many telling words, and what the shop sells."""

from __future__ import annotations

import pytest

from conversations.chat.intents import read
from conversations.chat.memory import remembered
from tests.conversations.chat.shop import Shop, ask, make_conversation


@pytest.mark.parametrize(
    "text",
    [
        "I'm hunting for a lightweight down jacket with a hood, red, price below 90 dollars",
        "any chance you carry a waterproof two person trekking tent? it must not cost over 300",
        "hoping to find thick merino hiking socks for cold winter trips, no more than fifty bucks",
        "where can I get a machine washable linen shirt with long sleeves for daily wear",
        "我想找一件輕量羽絨外套，有帽子、可以機洗，價格不要超過三千",
        "有沒有賣防水雙人登山帳篷，輕一點好收納的，五千以內",
        "do you sell projectors? I wouldn't want to pay more than $990.",
        "would you have a lamp? I'd like to pay under 40 dollars",
    ],
)
def test_a_wish_stays_a_wish_in_any_wording(text: str) -> None:
    assert read(text).intent in ("recommend", "refine")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("how much is the ridge tent, is it under 300?", "price"),
        ("I want to return the jacket I bought last week, the zipper broke", "order_return"),
        ("do you have a video about how to pitch the ridge tent in strong wind", "content"),
        ("exquisite workmanship, stable table", "out_of_scope"),  # no word of shipping
        ("防曬來一支", "cart_add"),
        ("I'd like to pay now, it is under $40 is it?", "checkout"),
        ("還要一個睡袋，零下五度用", "recommend"),
        ("what else do I need for a winter trip?", "routine"),
        ("換掉第一個", "refine"),
    ],
)
def test_other_intents_keep_their_messages(text: str, intent: str) -> None:
    assert read(text).intent == intent


@pytest.mark.parametrize(
    ("text", "is_sold", "intent"),
    [
        ("an iphone charger with usb", True, "recommend"),
        ("an iphone charger with usb", False, "out_of_scope"),
        ("有賣手機嗎", True, "recommend"),
        ("what's the weather today", True, "out_of_scope"),
        ("write me a poem about sunscreen", True, "out_of_scope"),
    ],
)
def test_what_is_foreign_is_decided_by_what_the_shop_sells(text: str, is_sold: bool, intent: str) -> None:
    assert read(text, sells=lambda said: is_sold).intent == intent


@pytest.mark.parametrize(
    "text", ["oily skin, and retinol stings", "油肌，A 醇會刺痛", "oily; I can't tolerate retinol"]
)
def test_what_hurt_is_left_out_and_is_no_call_for_a_doctor(text: str) -> None:
    reading = read(text)

    assert (reading.intent, reading.slots["avoid"]) == ("recommend", ["retinol"])


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("I'm pregnant, is that a problem?", {"is_pregnant": True}),
        ("我懷孕了", {"is_pregnant": True}),
        ("by the way, I'm allergic to nuts too", {"allergies": ["nut"]}),
        ("我對堅果過敏", {"allergies": ["坚果"]}),
    ],
)
def test_allergies_and_pregnancy_are_heard_in_every_message(text: str, slots: dict[str, object]) -> None:
    needs = remembered(needs={}, reading=read(text), text=text, currency="TWD")

    assert {name: needs[name] for name in slots} == slots


def test_a_pregnancy_is_taken_back() -> None:
    needs = remembered(
        needs={"is_pregnant": True}, reading=read("I'm not pregnant"), text="I'm not pregnant", currency="TWD"
    )

    assert "is_pregnant" not in needs


def test_what_is_asked_for_outright_and_not_sold_is_said_not_to_be_here(shop: Shop) -> None:
    asked = ask(make_conversation(shop), "do you sell surfboards?")

    assert (asked.turn.trace["intent"], asked.reply.cards) == ("out_of_scope", [])
