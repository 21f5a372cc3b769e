"""Log lines: machine-readable by setting, bound to what they belong to, and without personal data."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.test import Client
from pydantic import BaseModel, ValidationError
from pytest_django.fixtures import Settings

from catalog import observing
from catalog.accounts.models import Merchant
from conversations.chat import turns
from conversations.chat.models import Conversation
from shop_assistant.logging_formats import BelongsTo, PlainFormatter, redacted
from shop_assistant.logging_json import JsonFormatter

CANARY = "canary.person@mailbox-of-hers.example"
CANARY_TEXT = "my rash since the divorce"


class Lines:
    """Everything that is logged while it listens, at every level, in both forms."""

    def __init__(self) -> None:
        self._json, self._plain = io.StringIO(), io.StringIO()
        self.handlers = [logging.StreamHandler(self._json), logging.StreamHandler(self._plain)]
        self.handlers[0].setFormatter(JsonFormatter())
        self.handlers[1].setFormatter(PlainFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        for handler in self.handlers:
            handler.addFilter(BelongsTo())

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._json.getvalue().splitlines()]

    @property
    def text(self) -> str:
        return self._json.getvalue() + self._plain.getvalue()


@pytest.fixture
def lines() -> Iterator[Lines]:
    kept, root = Lines(), logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    for handler in kept.handlers:
        root.addHandler(handler)
    yield kept
    for handler in kept.handlers:
        root.removeHandler(handler)
    root.setLevel(before)


class Address(BaseModel):
    """What a shopper typed."""

    country: int


def test_a_line_is_one_object_with_what_it_belongs_to(lines: Lines) -> None:
    with observing.bound(request="r-12345678", merchant=7):
        logging.getLogger("catalog.orders").warning("order %s waits", 1001)

    (line,) = lines.objects
    at = line.pop("at")
    assert line == {
        "level": "WARNING", "logger": "catalog.orders", "message": "order 1001 waits", "request": "r-12345678",
        "merchant": 7,
    }  # fmt: skip
    assert (at[10], at[-1], len(at)) == ("T", "Z", 24)


def test_a_plain_line_ends_with_what_it_belongs_to(lines: Lines) -> None:
    with observing.bound(turn=12):
        logging.getLogger("chat").error("no model")

    assert lines.text.splitlines()[-1].endswith("ERROR chat no model  [turn=12]")


def test_what_nobody_has_looked_at_stays_out(lines: Lines) -> None:
    logging.getLogger("a.library").info("sent", extra={"recipient": CANARY, "body": CANARY_TEXT, "ms": 12})

    assert lines.objects[0]["ms"] == 12
    assert CANARY_TEXT not in lines.text
    assert CANARY not in lines.text


def test_an_address_that_a_library_quotes_is_withheld(lines: Lines) -> None:
    try:
        Address.model_validate({"country": f"{CANARY} {CANARY_TEXT}"})
    except ValidationError:
        logging.getLogger("tools").exception("tool failed for %s", CANARY)
    quoted = f"duplicate key\nDETAIL:  Key (street)=({CANARY_TEXT}) already exists."
    logging.getLogger("django.db").error(quoted)

    assert CANARY not in lines.text
    assert CANARY_TEXT not in lines.text
    assert "int_parsing" in lines.objects[0]["error"]  # what helps is still there
    assert "test_logging.py" in lines.objects[0]["error"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("redis://shop:hunter22@10.0.0.1:6379/0 refused", "redis://[withheld]@10.0.0.1:6379/0 refused"),
        ("key sk_live_abc123DEF", "key [withheld]"),
        ("whsec_abcdef12345", "[withheld]"),
        ("Authorization: Shopper eyJhbGciOi.JIUzI1Ni:abc-1", "Authorization: Shopper [withheld]"),
        ("call +886 912 345 678 now", "call [withheld] now"),
        ("order 1001 at 2026-11-23 03:14:15+00:00", "order 1001 at 2026-11-23 03:14:15+00:00"),
        ("小梅 said a@b.tw。", "小梅 said [withheld]。"),
    ],
)  # fmt: skip
def test_redaction_takes_what_identifies_and_leaves_the_rest(said: str, kept: str) -> None:
    assert redacted(said) == kept


async def test_no_line_of_a_turn_holds_what_the_shopper_wrote(conversation: Conversation, lines: Lines) -> None:
    turn = await turns.answer(
        conversation_id=conversation.pk,
        client_id=uuid.uuid4().hex,
        text=f"Mail me at {CANARY}: {CANARY_TEXT}. Which cleanser suits oily skin?",
    )

    assert turn.state == "done"
    assert lines.text  # something was said at DEBUG
    assert CANARY not in lines.text
    assert CANARY_TEXT not in lines.text


def test_a_request_line_names_the_route_and_never_the_query(
    merchant: Merchant, lines: Lines, settings: Settings
) -> None:
    settings.LOG_REQUESTS = True

    answer = Client().get(f"/api/v1/shops/{merchant.slug}/products/", {"q": CANARY_TEXT, "mail": CANARY})

    (line,) = [line for line in lines.objects if line["logger"] == "shop_assistant.requests"]
    assert (line["route"], line["status"], line["shop"]) == (
        "/api/v1/shops/<slug:merchant_slug>/products/", 200, merchant.slug,
    )  # fmt: skip
    assert line["request"] == answer.headers["X-Request-ID"]
    assert CANARY_TEXT not in lines.text
    assert CANARY not in lines.text


@pytest.mark.parametrize(
    ("given", "is_kept"), [("0123456789abcdef", True), ("short", False), ("a\nlevel: fake-line", False)]
)
def test_a_request_id_from_outside_is_taken_if_it_is_harmless(db: None, given: str, is_kept: bool) -> None:
    answer = Client().get("/s/none/", headers={"x-request-id": given})

    assert (answer.headers["X-Request-ID"] == given) is is_kept
    assert len(answer.headers["X-Request-ID"]) >= 8


def _settings_say(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "import django; django.setup(); import logging; logging.getLogger('shop').warning('hello a@b.example')"
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "shop_assistant.settings", "ENV_FILE": os.devnull,
             "DATA_DIR": str(folder), **environment},
        cwd=shop_settings.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_setting_chooses_the_form(tmp_path: Path) -> None:
    as_json = _settings_say(tmp_path, LOG_FORMAT="json")
    plain = _settings_say(tmp_path)
    wrong = _settings_say(tmp_path, LOG_FORMAT="xml")

    assert json.loads(as_json.stderr)["message"] == "hello [withheld]"
    assert plain.stderr.rstrip().endswith("WARNING shop hello [withheld]")
    assert "LOG_FORMAT=xml: set it to plain or json" in wrong.stderr
