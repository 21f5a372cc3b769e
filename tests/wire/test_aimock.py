"""A second opinion on the wire: the same turns against npm's @copilotkit/aimock, which others keep true to OpenAI.

It needs Node: `npm install @copilotkit/aimock@1.43.0` anywhere, then AIMOCK_BIN=…/node_modules/.bin/llmock.
"""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_django import Settings

from conversations.chat.models import Message, ToolCall
from tests.conversations.chat.shop import Shop, ask, make_conversation
from tests.wire.provider import closed_port

BINARY = os.environ.get("AIMOCK_BIN", "")
ANSWERS = Path(__file__).with_name("aimock.json")
BROKE_OFF = "My connection broke off there. Ask me to go on, and I'll look it up again."

pytestmark = pytest.mark.skipif(
    not BINARY,
    reason="AIMOCK_BIN is not set: npm install @copilotkit/aimock@1.43.0 and name its node_modules/.bin/llmock",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """aimock with our answers, on loopback, for these tests."""
    port = closed_port()
    with _running([BINARY, "-p", str(port), "-h", "127.0.0.1", "-f", str(ANSWERS)], tmp_path_factory.mktemp("aimock")):
        _wait_until_up(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[None]:
    with (folder / "aimock.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)


def _wait_until_up(address: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):  # noqa: S310 (loopback)
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("aimock did not come up within 20 s")


@pytest.fixture(autouse=True)
def _asks_aimock(settings: Settings, address: str) -> None:
    settings.OPENAI_BASE_URL = address


def said(shop: Shop, text: str) -> tuple[list[str], str, str]:
    """Return (what the double said, the model's name, why the model was given up)."""
    turn = ask(make_conversation(shop), text).turn
    spoken = Message.objects.filter(turn=turn, speaker="double").order_by("sequence")
    return [message.text for message in spoken], turn.model_name, turn.trace["model"]["failed"]


def test_parallel_tool_calls_and_the_answer_after_them(shop: Shop) -> None:
    assert said(shop, "a serum for oily skin") == (["The serum is $31.00. Your cart is empty."], "gpt-4o-mini", "")
    assert [call.name for call in ToolCall.objects.order_by("position")] == ["search_products", "show_cart"]


def test_a_slow_but_living_model_is_waited_for(shop: Shop) -> None:
    assert said(shop, "an unhurried serum please") == (["Slow but here."], "gpt-4o-mini", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a busy serum", "rate_limited"),
        ("a broken serum", "error_500"),
        ("a slow serum", "timeout"),
        ("a dropped serum", "connection"),
    ],
)
def test_what_fails_before_its_first_word_is_answered_offline(shop: Shop, text: str, reason: str) -> None:
    spoken, model, failed = said(shop, text)

    assert (len(spoken), model, failed) == (1, "gpt-4o-mini → offline", reason)
    assert "Serum" in spoken[0]


def test_gibberish_is_answered_offline(shop: Shop) -> None:
    spoken, model, _failed = said(shop, "a gibberish serum")

    assert (len(spoken), model) == (1, "gpt-4o-mini → offline")


def test_a_stream_that_breaks_off_ends_with_a_message_that_says_so(shop: Shop) -> None:
    spoken, model, failed = said(shop, "a serum, cut the answer")

    assert "I would start with the serum that Mei shows in her video tonight".startswith(spoken[0])
    assert (len(spoken), spoken[1], model, failed) == (2, BROKE_OFF, "gpt-4o-mini", "connection")
