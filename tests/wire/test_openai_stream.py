"""ChatOpenAI through the real turn, against a provider that answers, fails and breaks off over real HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pytest_django import Settings

from conversations.chat import llm
from conversations.chat.models import Message, ToolCall
from tests.conversations.chat.shop import Heard, Shop, ask, make_conversation
from tests.wire.provider import (
    CLOSE,
    CUT,
    Provider,
    Reply,
    calls,
    closed_port,
    delta,
    ended,
    event,
    refuses,
    says,
    tool_pieces,
    unanswering_port,
    words,
)

QUESTION = "a serum for oily, sensitive skin"
SEARCH = ("search_products", {"text": "niacinamide serum", "limit": 1})
# What the offline model says to QUESTION in Mei's voice.
OFFLINE = "Honestly? No. 3 Niacinamide Serum. Suits oily and sensitive"
BROKE_OFF = "My connection broke off there. Ask me to go on, and I'll look it up again."
STOPPED_THERE = "The service that words my answers stopped there. Ask me in another way, or ask for a person."


def asked(shop: Shop, text: str = QUESTION, **options: Any) -> Heard:
    return ask(make_conversation(shop), text, **options)


def said(heard: Heard) -> list[str]:
    """Everything the double said in the turn, message by message."""
    spoken = Message.objects.filter(turn=heard.turn, speaker="double").order_by("sequence")
    return [message.text for message in spoken]


def streamed(heard: Heard) -> str:
    return "".join(frame.text for frame in heard.frames if frame.type == "token")


# --- answers ----------------------------------------------------------------------------------------------------


def test_an_answer_streams_and_is_stored_as_it_was_said(shop: Shop, stub: Provider) -> None:
    stub.will(says("Hello ", "there. ", "What are you ", "looking for?"))

    heard = asked(shop, "hi there, who wrote the first book about tea")

    assert said(heard) == ["Hello there. What are you looking for?"]
    assert streamed(heard) == "Hello there. What are you looking for?"
    assert (heard.turn.state, heard.turn.model_name) == ("done", "gpt-4o-mini")
    assert heard.turn.trace["model"] == {"asked": 1, "failed": "", "fell_back": False, "breaker": "closed"}


def test_parallel_tool_calls_are_run_and_their_results_go_back(shop: Shop, stub: Provider) -> None:
    stub.will(calls(SEARCH, ("show_cart", {})), says("The serum is $31.00. ", "Your cart is empty."))

    heard = asked(shop)

    assert said(heard) == ["The serum is $31.00. Your cart is empty."]
    called = ToolCall.objects.filter(turn=heard.turn).order_by("position")
    assert [(call.name, call.arguments) for call in called] == [SEARCH, ("show_cart", {})]
    results = [message for message in stub.requests[1]["messages"] if message["role"] == "tool"]
    assert [result["tool_call_id"] for result in results] == ["call_search_products_0", "call_show_cart_1"]
    assert "$31.00" in results[0]["content"]
    assert [card["kind"] for card in heard.reply.cards] == ["product", "cart"]


def test_the_request_names_model_tools_and_asks_for_a_stream(shop: Shop, stub: Provider) -> None:
    stub.will(says("Hello."))

    asked(shop)

    (request,) = stub.requests
    assert (request["model"], request["stream"]) == ("gpt-4o-mini", True)
    assert "search_products" in {tool["function"]["name"] for tool in request["tools"]}
    assert [message["role"] for message in request["messages"]] == ["system", "user"]


def test_turns_in_loops_of_their_own_each_reach_the_provider(shop: Shop, stub: Provider) -> None:
    """A live question runs in an event loop of its own, where another loop's kept connection is dead."""
    stub.will(says("One."), says("Two."), says("Three."))

    assert [said(asked(shop)) for _number in range(3)] == [["One."], ["Two."], ["Three."]]
    assert len(stub.requests) == 3
    assert len(llm._clients._kept) == 1


def test_calls_of_one_turn_share_a_connection(shop: Shop, stub: Provider) -> None:
    stub.will(calls(SEARCH), says("The serum is $31.00."))

    asked(shop)

    assert (len(stub.requests), stub.connections) == (2, 1)


# --- failures before the first word: the offline model answers, whole ---------------------------------------------


@pytest.mark.parametrize(
    ("reply", "reason", "requests"),
    [
        (refuses(500), "error_500", 2),
        (refuses(503), "error_503", 2),
        (refuses(429, headers={"Retry-After": "30"}), "rate_limited", 1),
        (refuses(429, code="insufficient_quota"), "quota", 1),
        (refuses(401, code="invalid_api_key"), "refused_401", 1),
        (refuses(400), "error_400", 1),
        ([CUT], "connection", 2),
        ([*words(), CUT], "connection", 2),
        ([*words(), CLOSE], "connection", 2),
        ([*words(), 5.0], "timeout", 1),
        ([5.0], "timeout", 1),
        ([*words(), event(b"{not json")], "unreadable", 2),
        ([*words(), *ended()], "silent", 2),
        ([*words(), *ended("content_filter")], "content_filter", 1),
        ([*tool_pieces(("search_products", '{"text": "se')), CUT], "connection", 2),
        ([*tool_pieces(("search_products", '{"text": "se')), 5.0], "timeout", 1),
        ([*tool_pieces(("search_products", '{"text": "se')), *ended("tool_calls")], "unreadable", 2),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_fails_before_its_first_word_is_answered_offline_as_one_whole(
    shop: Shop, stub: Provider, reply: Reply, reason: str, requests: int
) -> None:
    stub.will(reply)
    started = time.monotonic()

    heard = asked(shop)

    assert time.monotonic() - started < 5
    assert len(said(heard)) == 1
    assert said(heard)[0].startswith(OFFLINE)
    assert streamed(heard) == said(heard)[0]
    assert (heard.turn.state, heard.turn.model_name) == ("done", "gpt-4o-mini → offline")
    assert (heard.turn.trace["model"]["failed"], len(stub.requests)) == (reason, requests)


def test_a_refused_connection_is_answered_offline(shop: Shop, settings: Settings) -> None:
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{closed_port()}/v1"

    heard = asked(shop)

    assert said(heard)[0].startswith(OFFLINE)
    assert heard.turn.trace["model"]["failed"] == "connection"


def test_a_connection_that_is_never_made_takes_no_longer_than_its_limit(shop: Shop, settings: Settings) -> None:
    with unanswering_port() as port:
        settings.OPENAI_BASE_URL = f"http://127.0.0.1:{port}/v1"
        started = time.monotonic()
        heard = asked(shop)

    assert time.monotonic() - started < settings.OPENAI_FIRST_TOKEN_S + 1.5
    assert said(heard)[0].startswith(OFFLINE)


def test_one_failure_is_asked_again_before_anything_is_given_up(shop: Shop, stub: Provider) -> None:
    stub.will(refuses(500), says("Here I am."))

    heard = asked(shop)

    assert said(heard) == ["Here I am."]
    assert (heard.turn.model_name, heard.turn.trace["model"]["asked"]) == ("gpt-4o-mini", 2)


def test_the_pause_a_busy_provider_asks_for_is_kept(shop: Shop, stub: Provider) -> None:
    stub.will(refuses(429, headers={"Retry-After-Ms": "400"}), says("Here I am."))
    started = time.monotonic()

    heard = asked(shop)

    assert said(heard) == ["Here I am."]
    assert time.monotonic() - started > 0.4


def test_a_slow_first_token_within_the_limit_is_waited_for(shop: Shop, stub: Provider) -> None:
    stub.will([0.6, *says("Slow but here.")])

    assert said(asked(shop)) == ["Slow but here."]


def test_after_the_tools_ran_the_offline_model_words_their_results_and_runs_them_once(
    shop: Shop, stub: Provider
) -> None:
    stub.will(calls(SEARCH), refuses(500))

    heard = asked(shop)

    assert "$31.00" in said(heard)[0]
    assert [call.name for call in ToolCall.objects.filter(turn=heard.turn)][:1] == ["search_products"]
    assert heard.turn.model_name == "gpt-4o-mini → offline"


# --- failures after the first word: what was said stays, and an honest sentence follows ----------------------------


@pytest.mark.parametrize(
    "broken",
    [
        [CUT],
        [CLOSE],
        [5.0],
        [event(b"{not json")],
        [event({"error": {"message": "overloaded", "type": "server_error"}})],
        [event(b"[DONE]"), b"0\r\n\r\n"],
    ],
    ids=["reset", "closed", "silence", "no json", "error event", "no finish reason"],
)
def test_a_stream_that_breaks_off_ends_with_a_message_that_says_so(
    shop: Shop, stub: Provider, broken: list[Any]
) -> None:
    stub.will([*words("I would start", " with the"), *broken])

    heard = asked(shop)

    assert said(heard) == ["I would start with the", BROKE_OFF]
    assert streamed(heard) == "I would start with the"
    first = Message.objects.filter(turn=heard.turn, speaker="double").earliest("sequence")
    assert (heard.turn.state, first.state) == ("failed", "stopped")
    assert heard.kinds() == ["accepted", "token", "done", "arrived"]
    assert len(stub.requests) == 1
    assert not ToolCall.objects.exists()


def test_a_filter_in_mid_answer_is_not_called_a_broken_connection(shop: Shop, stub: Provider) -> None:
    stub.will([*words("I would start with"), *ended("content_filter")])

    assert said(asked(shop)) == ["I would start with", STOPPED_THERE]


def test_half_a_price_is_never_left_standing(shop: Shop, stub: Provider) -> None:
    stub.will(calls(SEARCH), [*words("It suits you. ", "The serum is ", "$3"), CUT])

    heard = asked(shop)

    assert said(heard) == ["It suits you. The serum is", BROKE_OFF]
    assert heard.reply.cards[0]["price"]["text"] == "$31.00"


def test_words_then_tool_calls_that_break_off_run_no_tool(shop: Shop, stub: Provider) -> None:
    begun = delta(tool_calls=[{"index": 0, "id": "c1", "function": {"name": "show_cart", "arguments": '{"a'}}])
    stub.will([*words("Let me look."), begun, CUT])

    heard = asked(shop)

    assert said(heard) == ["Let me look.", BROKE_OFF]
    assert not ToolCall.objects.exists()


@pytest.mark.parametrize("text", ["go on", "Try again", "please continue"])
def test_go_on_after_a_broken_answer_takes_the_question_up_again(shop: Shop, stub: Provider, text: str) -> None:
    conversation = make_conversation(shop)
    stub.will([*words("I would start with"), CUT])
    broken = ask(conversation, QUESTION)
    stub.will(refuses(500))

    heard = ask(conversation, text)

    assert broken.reply.chips == ["Try again", "Talk to a person"]
    assert said(heard)[0].startswith(OFFLINE)


# --- deadlines --------------------------------------------------------------------------------------------------


def test_a_model_that_drips_for_ever_is_ended_at_the_turns_deadline(
    shop: Shop, stub: Provider, settings: Settings
) -> None:
    settings.TURN_DEADLINE_S = 3.0
    drips: list[Any] = [step for number in range(60) for step in (0.2, delta(content=f"word{number} "))]
    stub.will([*words("Well. "), *drips])
    started = time.monotonic()

    heard = asked(shop)

    assert time.monotonic() - started < settings.TURN_DEADLINE_S
    assert heard.turn.state == "failed"
    assert said(heard)[0].startswith("Well.")
    assert said(heard)[1].startswith("I couldn't finish an answer.")


def test_two_slow_calls_of_a_turn_share_one_limit(shop: Shop, stub: Provider) -> None:
    stub.will([0.9, *calls(SEARCH)], [0.9, *says("too late")])

    heard = asked(shop)

    assert "too late" not in said(heard)[0]
    assert heard.turn.model_name == "gpt-4o-mini → offline"
    assert heard.turn.trace["model"]["failed"] == "timeout"
