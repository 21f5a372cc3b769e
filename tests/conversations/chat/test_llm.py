from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from catalog.search.ports import SearchUnavailable
from conversations.chat import llm
from conversations.chat.commit_fallback import Breaker, CommitFallback
from conversations.chat.models import ToolCall
from tests.conversations.chat.scripted import ScriptedModel, scripted
from tests.conversations.chat.shop import Heard, Shop, ask, make_conversation

SEARCH = {"name": "search_products", "args": {"text": "niacinamide serum", "limit": 1}}


def _asked(shop: Shop, primary: ScriptedModel, backup: ScriptedModel, **options: Any) -> Heard:
    model = CommitFallback(primary=primary, backup=backup, **options)
    return ask(make_conversation(shop), "tell me about it", model=model)


def test_a_healthy_model_is_left_alone(shop: Shop) -> None:
    backup = scripted(["backup"])

    heard = _asked(shop, scripted([SEARCH], ["The serum is $31.00."]), backup)

    assert (heard.reply.text, heard.turn.model_name) == ("The serum is $31.00.", "scripted")
    assert backup.heard == []


@pytest.mark.parametrize(
    "rounds",
    [
        [[RuntimeError("500")]],
        [[ConnectionError("refused")]],
        [[5.0, "too late"]],
        [[]],
    ],
)
def test_before_the_first_token_any_failure_goes_to_the_backup(shop: Shop, rounds: list[list[Any]]) -> None:
    heard = _asked(shop, scripted(*rounds), scripted(["The backup speaks."]), first_token_s=0.3)

    assert (heard.turn.state, heard.reply.text) == ("done", "The backup speaks.")
    assert heard.turn.model_name == "scripted → offline"
    assert heard.kinds() == ["accepted", "token", "done"]


def test_a_failure_after_the_tools_lets_the_backup_word_their_results(shop: Shop) -> None:
    backup = scripted(["The backup read it: $31.00."])

    heard = _asked(shop, scripted([SEARCH], [RuntimeError("429")]), backup)

    assert heard.reply.text == "The backup read it: $31.00."
    assert ToolCall.objects.filter(turn=heard.turn).count() == 1
    assert "$31.00" in str(backup.heard[0][-1].content)


def test_after_the_first_token_a_cut_keeps_the_partial_and_says_so_in_a_new_message(shop: Shop) -> None:
    backup = scripted(["never"])

    heard = _asked(shop, scripted(["I would start with", ConnectionError("cut")]), backup)

    messages = list(heard.turn.messages.filter(speaker="double").order_by("sequence"))
    assert [message.text for message in messages] == [
        "I would start with",
        "My connection broke off there. Ask me to go on, and I'll look it up again.",
    ]
    assert (heard.turn.state, messages[0].state) == ("failed", "stopped")
    assert heard.kinds() == ["accepted", "token", "done", "arrived"]
    assert backup.heard == []


def test_after_some_failures_the_model_is_left_alone_for_a_while(shop: Shop) -> None:
    breaker = Breaker(failures=2, within_s=60, rest_s=60)
    primary, backup = scripted([RuntimeError("500")]), scripted(["The backup speaks."])

    for _number in range(3):
        _asked(shop, primary, backup, breaker=breaker)

    assert (len(primary.heard), len(backup.heard)) == (2, 3)


def test_without_a_key_the_offline_model_answers(shop: Shop) -> None:
    assert ask(make_conversation(shop), "a serum for oily skin").turn.model_name == "offline"


def test_with_a_key_the_provider_is_asked_once_and_the_offline_model_stands_behind_it(
    shop: Shop, settings: Settings
) -> None:
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", "http://127.0.0.1:9/v1"

    heard = ask(make_conversation(shop), "a serum for oily skin")

    assert heard.turn.model_name == "gpt-4o-mini → offline"
    assert "$18.00" in heard.reply.text
    assert llm.openai_model().max_retries == 0


def test_search_down_is_told_to_a_real_model_too(shop: Shop, settings: Settings) -> None:
    settings.SEARCH_BACKEND = f"{__name__}.SearchThatIsDown"
    model = scripted([SEARCH], ["Search is down, the cart works."])

    ask(make_conversation(shop), "tell me about it", model=model)

    assert "Product search is down" in str(model.heard[1][-1].content)


class SearchThatIsDown:
    """An engine that does not answer."""

    def __getattr__(self, name: str) -> Any:
        raise SearchUnavailable
