"""Elasticsearch stopped, slow, silent, refusing: the turn answers in time and says what is down, never "we lack it"."""

from __future__ import annotations

import os
import re

import pytest
from pytest_django import Settings

from catalog.orders.models import CartLine
from conversations.chat.models import Turn
from tests.conversations.chat.shop import Heard, Shop, ask, make_conversation
from tests.faults.services.proxy import Mood, Stopwatch, proxy
from tests.wire.provider import calls, closed_port, provider, says, unanswering_port

NODE = os.environ.get("TEST_ELASTICSEARCH_URL", "")
ENGINE = "catalog.search.elasticsearch_backend.ElasticsearchSearch"
DOWN = re.compile(r"^Product search is down since \d\d:\d\d\. Cart, checkout and orders work\.$")
# What would tell a shopper that the shop lacks what it has.
LACKS = re.compile(r"nothing|don't have|do not have|no product|not sell|out of stock|sold out|fits all", re.IGNORECASE)
REFUSING: tuple[Mood, ...] = ("gone", "busy", "forbids", "broken")
HANGING: tuple[Mood, ...] = ("silent", "slow")
ENQUIRIES = (
    "a serum for oily, sensitive skin",
    "do you have the niacinamide serum?",
    "build me a routine for oily skin",
    "is there something for redness under $40",
)


def asks_elasticsearch(settings: Settings, url: str) -> None:
    settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL = ENGINE, url


def told(heard: Heard, settings: Settings, watch: Stopwatch) -> None:
    """Check that an answer came in time and is honest."""
    assert watch.seconds < settings.TURN_DEADLINE_S
    assert heard.turn.state == "done"
    assert DOWN.match(heard.reply.text), heard.reply.text
    assert not LACKS.search(heard.reply.text)
    assert heard.reply.cards == []
    assert Turn.objects.get(pk=heard.turn.pk).trace["intent"] == "search_down"


def test_when_it_is_stopped_every_kind_of_question_is_told_so(shop: Shop, settings: Settings) -> None:
    asks_elasticsearch(settings, f"http://127.0.0.1:{closed_port()}")

    for text in ENQUIRIES:
        watch = Stopwatch()
        told(ask(make_conversation(shop, place=text), text), settings, watch)


def test_when_it_refuses_the_turn_says_so(shop: Shop, settings: Settings) -> None:
    for mood in REFUSING:
        with proxy(mood=mood) as sick:
            asks_elasticsearch(settings, sick.url)
            watch = Stopwatch()
            told(ask(make_conversation(shop, place=mood), ENQUIRIES[0]), settings, watch)
            assert sick.refused >= 1


@pytest.mark.parametrize("mood", HANGING)
def test_when_it_hangs_a_turn_waits_for_its_time_limit_and_no_longer(
    shop: Shop, settings: Settings, mood: Mood
) -> None:
    settings.ELASTICSEARCH_TIMEOUT_S = 1.0
    with proxy(mood=mood) as sick:
        asks_elasticsearch(settings, sick.url)
        watch = Stopwatch()
        heard = ask(make_conversation(shop), ENQUIRIES[0])

        told(heard, settings, watch)
        assert watch.seconds < 9  # two searches' time at most, and the turn's own work on a busy machine


def test_a_connection_that_is_never_made_is_given_up_too(shop: Shop, settings: Settings) -> None:
    settings.ELASTICSEARCH_TIMEOUT_S = 1.0
    with unanswering_port() as port:
        asks_elasticsearch(settings, f"http://127.0.0.1:{port}")
        watch = Stopwatch()
        heard = ask(make_conversation(shop), ENQUIRIES[0])

    told(heard, settings, watch)


def test_in_chinese_too(shop: Shop, settings: Settings) -> None:
    asks_elasticsearch(settings, f"http://127.0.0.1:{closed_port()}")

    heard = ask(make_conversation(shop, language="zh-hant"), "油性敏感肌要用什麼精華")

    assert re.match(r"^\d\d:\d\d 起無法搜尋商品。購物車、結帳和訂單查詢都正常。$", heard.reply.text)


def test_cart_and_questions_about_the_shop_go_on(shop: Shop, settings: Settings) -> None:
    conversation = make_conversation(shop)
    ask(conversation, "a serum for oily, sensitive skin")
    asks_elasticsearch(settings, f"http://127.0.0.1:{closed_port()}")

    added = ask(conversation, "add the first one to my cart")
    policy = ask(conversation, "how long does delivery take?")

    assert added.reply.text.startswith("Added. The cart now holds 1")
    assert CartLine.objects.count() == 1
    assert "days" in policy.reply.text


def test_try_again_answers_the_question_once_it_is_back(shop: Shop, settings: Settings) -> None:
    before = (settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL)
    conversation = make_conversation(shop)
    asks_elasticsearch(settings, f"http://127.0.0.1:{closed_port()}")
    down = ask(conversation, ENQUIRIES[0])
    settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL = before

    heard = ask(conversation, down.reply.chips[0])

    assert "No. 3 Niacinamide Serum" in heard.reply.text


def test_a_real_model_is_told_that_search_is_down_and_what_works(shop: Shop, settings: Settings) -> None:
    asks_elasticsearch(settings, f"http://127.0.0.1:{closed_port()}")
    settings.OPENAI_API_KEY = "sk-nobody"
    with provider() as stub:
        settings.OPENAI_BASE_URL = stub.url
        stub.will(calls(("search_products", {"text": "serum"})), says("I cannot search right now. Your cart works."))
        heard = ask(make_conversation(shop), ENQUIRIES[0])

    result = stub.requests[1]["messages"][-1]["content"]
    assert result.startswith(
        "Product search is down. Nothing was looked up, so do not say that the shop lacks anything."
    )
    assert heard.reply.text == "I cannot search right now. Your cart works."


@pytest.mark.engine
@pytest.mark.skipif(not NODE, reason="TEST_ELASTICSEARCH_URL is not set; scripts/elasticsearch starts a node")
def test_a_real_node_that_falls_sick_in_mid_conversation_and_recovers(shop: Shop, settings: Settings) -> None:
    settings.ELASTICSEARCH_TIMEOUT_S = 1.0
    with proxy(NODE) as sick:
        asks_elasticsearch(settings, sick.url)
        for mood in (*REFUSING, *HANGING):
            conversation = make_conversation(shop, place=mood)
            well = ask(conversation, ENQUIRIES[0])
            sick.be(mood)
            watch = Stopwatch()
            down = ask(conversation, ENQUIRIES[1])
            told(down, settings, watch)
            sick.be("well")
            again = ask(conversation, down.reply.chips[0])

            assert "No. 3 Niacinamide Serum" in well.reply.text
            assert "No. 3 Niacinamide Serum" in again.reply.text
