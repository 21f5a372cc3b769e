"""Spans by setting: what they say, that they hold no words, and that nothing is imported without the setting."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as shop_settings
from django.db import transaction
from django.test import Client
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_django.fixtures import Settings

from catalog import observing
from catalog.accounts.models import Merchant
from catalog.outbox.services import publish
from catalog.outbox.worker import drain
from conversations.chat import turns
from conversations.chat.models import Conversation
from shop_assistant.tracing import tracer_with
from tests.shop_assistant.watching import ONE_SUBSCRIBER

WORDS = "Which cleanser suits my oily skin?"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    meter = observing._meter
    observing.watch(tracer=tracer_with(kept, service="shop-test", at_once=True), meter=meter)
    yield kept
    observing.watch(tracer=None, meter=meter)


def _named(exporter: InMemorySpanExporter, start: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name.startswith(start)]


async def test_a_turn_is_a_tree_of_model_tool_and_search(
    conversation: Conversation, exporter: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    await turns.answer(conversation_id=conversation.pk, client_id=uuid.uuid4().hex, text=WORDS)

    (turn,) = _named(exporter, "turn")
    models, tools, searches = (_named(exporter, name) for name in ("chat ", "execute_tool ", "search.search"))
    assert turn.attributes is not None
    assert turn.attributes["shop.outcome"] == "done"
    assert turn.attributes["shop.conversation"] == str(conversation.pk)
    assert len(models) >= 2  # it asks for tools, then speaks
    assert tools
    assert searches
    assert {span.context.trace_id for span in (*models, *tools, *searches)} == {turn.context.trace_id}
    assert {models[0].attributes["gen_ai.operation.name"], models[0].attributes["gen_ai.provider.name"]} == {
        "chat", "shop",
    }  # fmt: skip
    assert "Failed to detach context" not in caplog.text
    told = " ".join(f"{span.name} {dict(span.attributes or {})}" for span in exporter.get_finished_spans())
    assert "oily" not in told


def test_a_request_continues_the_trace_it_came_with(db: None, exporter: InMemorySpanExporter) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    Client().get("/s/none/", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})

    (span,) = _named(exporter, "GET ")
    assert f"{span.context.trace_id:032x}" == trace
    assert span.name == "GET /s/<slug:merchant_slug>/"
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 404


def test_a_delivery_that_fails_says_the_kind_of_error_and_not_its_text(
    merchant: Merchant, exporter: InMemorySpanExporter, settings: Settings
) -> None:
    settings.OUTBOX_SUBSCRIBERS = ONE_SUBSCRIBER
    with transaction.atomic():
        publish("product.changed", key="1", payload={"mail": "a@b.example"}, merchant_id=merchant.pk)
    drain()

    (span,) = _named(exporter, "outbox.deliver")
    assert span.attributes is not None
    assert dict(span.attributes)["error.type"] == "KeyError"
    assert dict(span.attributes)["outbox.lane"] == "index"


def test_an_exception_leaves_a_span_with_its_type_only(exporter: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="a@b"), observing.span("work"):
        raise ValueError("a@b.example")

    (span,) = exporter.get_finished_spans()
    assert (span.attributes or {})["error.type"] == "ValueError"
    assert not span.status.is_ok
    assert list(span.events) == []


def test_with_nobody_watching_a_span_is_one_shared_object() -> None:
    assert observing.span("a", {"x": 1}) is observing.span("b")
    assert not observing.is_traced()


_START = """
import sys
{hide}
import django; django.setup()
from shop_assistant import observability
observability.start(service="web")
from catalog import observing
print(observing.is_traced(), any(name.startswith("opentelemetry") for name in sys.modules))
"""
_HIDE = """
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
"""


def _started(folder: Path, *, endpoint: str, hidden: bool) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _START.format(hide=_HIDE if hidden else "")],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "shop_assistant.settings", "ENV_FILE": os.devnull,
             "DATA_DIR": str(folder), "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint},
        cwd=shop_settings.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_the_setting_nothing_is_imported_and_the_packages_are_not_needed(tmp_path: Path) -> None:
    for hidden in (False, True):
        started = _started(tmp_path, endpoint="", hidden=hidden)

        assert (started.returncode, started.stdout.strip()) == (0, "False False"), started.stderr


def test_with_the_setting_spans_are_sent(tmp_path: Path) -> None:
    started = _started(tmp_path, endpoint="http://127.0.0.1:1", hidden=False)

    assert (started.returncode, started.stdout.strip()) == (0, "True True"), started.stderr


def test_with_the_setting_and_without_the_packages_it_says_what_to_install(tmp_path: Path) -> None:
    started = _started(tmp_path, endpoint="http://127.0.0.1:1", hidden=True)

    assert started.returncode != 0
    assert "pip install -r requirements-tracing.txt" in started.stderr
