"""The breaker of a chat model: when it opens, who may probe, what it tells; and through real turns over HTTP."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest
from asgiref.sync import async_to_sync
from pytest_django import Settings

from conversations.chat.breaker import Breaker, breaker_of, breaker_states, forget_breakers
from conversations.chat.llm import openai_breaker
from tests.conversations.chat.shop import Shop, ask, ask_async, make_conversation
from tests.wire.provider import Provider, refuses, says

QUESTION = "a serum for oily, sensitive skin"
LOGGER = "conversations.chat.breaker"


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(failures=2, within_s=10, rest_s=5, clock=clock)
    for _number in range(2):
        admission = breaker.admit()
        assert admission is not None
        admission.failed("error_500")
    return breaker


def test_it_opens_after_so_many_failures_within_the_time() -> None:
    breaker = opened(Clock())

    assert breaker.admit() is None
    assert (breaker.state.state, breaker.state.rests_s, breaker.state.opened) == ("open", 5.0, 1)
    assert breaker.state.last_failure == "error_500"


def test_failures_far_apart_and_failures_with_a_success_between_do_not_open_it() -> None:
    clock = Clock()
    breaker = Breaker(failures=2, within_s=10, rest_s=5, clock=clock)
    for wait_s in (0, 11, 11):
        clock.now += wait_s
        breaker.admit().failed("timeout")
    assert breaker.state.state == "closed"

    breaker.admit().worked()
    clock.now += 1
    breaker.admit().failed("timeout")

    assert (breaker.state.state, breaker.state.failures) == ("closed", 1)


def test_after_its_rest_one_turn_probes_and_the_others_are_kept_away() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5

    probe = breaker.admit()

    assert probe is not None
    assert probe.is_probe
    assert [breaker.admit() for _number in range(5)] == [None] * 5
    assert breaker.state.state == "half_open"


def test_a_probe_that_works_closes_it_and_one_that_fails_opens_it_again_at_once() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5
    breaker.admit().failed("timeout")
    assert (breaker.state.state, breaker.state.rests_s, breaker.state.opened) == ("open", 5.0, 2)

    clock.now += 5
    breaker.admit().worked()

    assert (breaker.state.state, breaker.state.failures) == ("closed", 0)


def test_a_probe_that_was_stopped_leaves_its_place_to_the_next() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5
    breaker.admit().left()

    assert breaker.admit().is_probe


def test_a_probe_that_vanished_does_not_close_the_door_for_ever() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5
    breaker.admit()
    clock.now += 5

    assert breaker.admit().is_probe


def test_a_turn_from_before_it_opened_neither_closes_nor_prolongs_it() -> None:
    clock = Clock()
    breaker = Breaker(failures=1, within_s=10, rest_s=5, clock=clock)
    early, late = breaker.admit(), breaker.admit()
    breaker.admit().failed("error_500")
    clock.now += 3

    early.worked()
    late.failed("error_500")

    assert (breaker.state.state, breaker.state.rests_s) == ("open", 2.0)


def test_each_model_at_each_provider_has_its_own(settings: Settings) -> None:
    settings.OPENAI_BREAKER_FAILURES = 1
    forget_breakers()
    breaker_of(provider="a", model="m").admit().failed("timeout")

    states = {
        (provider, model): breaker_of(provider=provider, model=model).state.state
        for provider, model in (("a", "m"), ("a", "n"), ("b", "m"))
    }

    assert states == {("a", "m"): "open", ("a", "n"): "closed", ("b", "m"): "closed"}
    assert len(breaker_states()) == 3


# --- through turns ----------------------------------------------------------------------------------------------


@pytest.fixture
def clock(settings: Settings, stub: Provider) -> Clock:
    """The clock of the provider's breaker, which opens after two failed turns."""
    settings.OPENAI_ATTEMPTS, settings.OPENAI_BREAKER_FAILURES = 1, 2
    forget_breakers()
    openai_breaker()._clock = clock = Clock()
    return clock


def test_a_provider_that_is_down_is_left_alone_then_probed_then_used_again(
    shop: Shop, stub: Provider, clock: Clock, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=LOGGER)
    stub.will(refuses(500))
    turns = [ask(make_conversation(shop), QUESTION).turn for _number in range(4)]
    assert len(stub.requests) == 2
    assert [turn.trace["model"]["failed"] for turn in turns] == ["error_500", "error_500", "resting", "resting"]
    assert breaker_states()[0].state == "open"

    stub.will(says("I am back."))
    clock.now += settings.OPENAI_BREAKER_REST_S
    heard = ask(make_conversation(shop), QUESTION)

    assert heard.reply.text == "I am back."
    assert breaker_states()[0].state == "closed"
    assert [record.message.rpartition("/v1")[2] for record in caplog.records if record.name == LOGGER] == [
        " is left alone for 30 s after: error_500",
        ": one turn asks it again",
        " answers again",
    ]


def test_while_it_rests_nobody_waits_for_it(shop: Shop, stub: Provider, clock: Clock, settings: Settings) -> None:
    settings.OPENAI_FIRST_TOKEN_S = 2.0
    stub.will([30.0])
    openai_breaker().admit().failed("timeout")
    ask(make_conversation(shop), QUESTION)
    started = time.monotonic()

    turn = ask(make_conversation(shop), QUESTION).turn

    assert time.monotonic() - started < settings.OPENAI_FIRST_TOKEN_S
    assert turn.trace["model"] == {"asked": 0, "failed": "resting", "fell_back": True, "breaker": "open"}
    assert len(stub.requests) == 1


def test_of_many_turns_at_once_one_probes(shop: Shop, stub: Provider, clock: Clock, settings: Settings) -> None:
    for _number in range(2):
        openai_breaker().admit().failed("error_500")
    clock.now += settings.OPENAI_BREAKER_REST_S
    stub.will([0.5, *says("I am back.")])
    conversations = [make_conversation(shop, place=f"tab {number}") for number in range(4)]

    async def together() -> list[str]:
        heard = await asyncio.gather(*(ask_async(each, QUESTION) for each in conversations))
        return [each.turn.model_name for each in heard]

    answered_by = async_to_sync(together)()

    assert sorted(answered_by) == ["gpt-4o-mini", *["gpt-4o-mini → offline"] * 3]
    assert len(stub.requests) == 1


def test_a_request_that_is_itself_wrong_does_not_count_against_the_provider(
    shop: Shop, stub: Provider, clock: Clock
) -> None:
    stub.will(refuses(400))

    for _number in range(4):
        ask(make_conversation(shop), QUESTION)

    assert len(stub.requests) == 4
    assert breaker_states()[0].state == "closed"


def test_a_turn_stopped_by_its_shopper_says_nothing_about_the_provider(
    shop: Shop, stub: Provider, clock: Clock
) -> None:
    stub.will([30.0])

    conversation = make_conversation(shop)

    async def stopped() -> str:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.2, stop.set)
        return (await ask_async(conversation, QUESTION, stop=stop)).turn.state

    states = [async_to_sync(stopped)() for _number in range(3)]

    assert states == ["stopped"] * 3
    assert (breaker_states()[0].state, breaker_states()[0].failures) == ("closed", 0)
