from __future__ import annotations

import json

import pytest

from conversations.chat.frames import parsed
from conversations.chat.protocol import Problem, SendMessage

ACTION = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (None, "not_text", ""),
        ("{", "not_json", ""),
        ("[" * 5000, "not_json", ""),
        ("[]", "unknown_frame", "type"),
        ("7", "unknown_frame", "type"),
        ("{}", "unknown_frame", "type"),
        ('{"type": "teleport"}', "unknown_frame", "type"),
        ('{"type": "message", "text": "hi"}', "bad_field", "client_id"),
        ('{"type": "message", "client_id": "short", "text": "hi"}', "bad_field", "client_id"),
        ('{"type": "message", "client_id": "client-0001", "text": ""}', "bad_field", "text"),
        ('{"type": "message", "client_id": "client-0001", "text": "hi", "shopper": "me"}', "bad_field", "shopper"),
        ('{"type": "message", "client_id": "client-0001", "text": 7}', "bad_field", "text"),
        ('{"type": "resume", "after": -1}', "bad_field", "after"),
        ('{"type": "act", "client_id": "client-0001", "act": "steal"}', "bad_field", "act"),
        ('{"type": "act", "client_id": "client-0001", "act": "cart_add", "quantity": 100}', "bad_field", "quantity"),
        ('{"type": "confirm", "action_id": "1", "accept": true}', "bad_field", "action_id"),
        ('{"type": "language", "language": "tlh"}', "bad_field", "language"),
        (json.dumps({"type": "message", "client_id": "client-0001", "text": "字" * 6000}), "too_large", ""),
        ("x" * 16_385, "too_large", ""),
    ],
)
def test_a_bad_frame_gets_a_problem_that_names_the_field(text: str | None, code: str, field: str) -> None:
    problem = parsed(text)

    assert isinstance(problem, Problem)
    assert (problem.code, problem.field) == (code, field)
    assert problem.message


def test_a_good_frame_is_read_and_trimmed() -> None:
    frame = parsed('{"type": "message", "client_id": "client-0001", "text": "  hi  "}')

    assert frame == SendMessage(type="message", client_id="client-0001", text="hi")


def test_the_problem_names_the_message_it_is_about() -> None:
    problem = parsed('{"type": "message", "client_id": "client-0001", "text": ""}')

    assert isinstance(problem, Problem)
    assert problem.client_id == "client-0001"
