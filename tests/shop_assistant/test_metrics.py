"""Metrics: who may read them, what they count, and that their labels stay few."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from catalog import observing
from catalog.accounts.models import Merchant
from catalog.outbox.models import OutboxMessage
from catalog.outbox.services import publish
from catalog.outbox.worker import drain
from catalog.products.selectors import search_products
from catalog.search.ports import ProductQuery
from conversations.chat.breaker import breaker_of, forget_breakers
from shop_assistant import observability
from shop_assistant.metrics import COUNTERS, HISTOGRAMS, LABEL_VALUES_MAX, exposition
from tests.shop_assistant.watching import ONE_SUBSCRIBER, metered, value


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[CollectorRegistry]:
    with metered() as kept:
        monkeypatch.setattr(observability, "_registry", kept)
        yield kept


TOKEN = "a-token-of-the-scraper"


@pytest.mark.parametrize(
    ("token", "debug", "headers", "address", "status"),
    [
        ("", True, {}, "127.0.0.1", 200),
        ("", True, {}, "10.0.0.9", 404),
        ("", True, {"x-forwarded-for": "10.0.0.9"}, "127.0.0.1", 404),
        ("", False, {}, "127.0.0.1", 404),
        (TOKEN, False, {"authorization": f"Bearer {TOKEN}"}, "10.0.0.9", 200),
        (TOKEN, False, {"authorization": "Bearer wrong"}, "10.0.0.9", 404),
        (TOKEN, True, {}, "127.0.0.1", 404),
    ],
)
def test_who_may_read(  # noqa: PLR0917 (pytest hands them by name)
    db: None, registry: CollectorRegistry, settings: Settings, token: str, debug: bool, headers: dict[str, str],
    address: str, status: int,
) -> None:  # fmt: skip
    settings.METRICS_TOKEN, settings.DEBUG, settings.BOUND_TO_LOOPBACK = token, debug, False

    answer = Client(REMOTE_ADDR=address).get("/metrics/", headers=headers)

    assert answer.status_code == status
    assert (b"shop_sockets" in answer.content) is (status == 200)


def test_a_process_that_keeps_none_says_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observability, "_registry", None)

    assert Client().get("/metrics/").status_code == 404


def test_the_page_is_what_prometheus_reads(db: None, registry: CollectorRegistry) -> None:
    observing.observe("turn_seconds", 0.4, outcome="done", model="offline")

    families = {family.name: family for family in text_string_to_metric_families(exposition(registry).decode())}

    assert {f"shop_{name}" for name in (*HISTOGRAMS, *COUNTERS)} <= families.keys()
    sockets = {sample.labels["kind"]: sample.value for sample in families["shop_sockets"].samples}
    assert sockets == {"chat": 2.0, "room": 0.0}


def test_the_outbox_is_counted_by_lane(merchant: Merchant, registry: CollectorRegistry, settings: Settings) -> None:
    settings.OUTBOX_SUBSCRIBERS = ONE_SUBSCRIBER
    with transaction.atomic():
        publish("product.changed", key="404", payload={}, merchant_id=merchant.pk)

    waiting = value(registry, "shop_outbox_waiting", lane="index")

    assert waiting == OutboxMessage.objects.filter(lane="index", delivered_at=None).count() == 1
    assert value(registry, "shop_outbox_oldest_seconds", lane="money") == 0.0


def test_a_change_that_is_tried_again_later_is_behind_all_the_same(
    merchant: Merchant, registry: CollectorRegistry, settings: Settings
) -> None:
    settings.OUTBOX_SUBSCRIBERS = ONE_SUBSCRIBER
    with transaction.atomic():
        publish("product.changed", key="404", payload={}, merchant_id=merchant.pk)
    now = timezone.now()
    OutboxMessage.objects.update(created_at=now - timedelta(seconds=70), available_at=now + timedelta(seconds=30))

    assert value(registry, "shop_outbox_oldest_seconds", lane="index") == 0.0
    assert 70 <= (value(registry, "shop_outbox_behind_seconds", lane="index") or 0) < 75


def test_a_delivery_is_counted_with_its_outcome(
    merchant: Merchant, registry: CollectorRegistry, settings: Settings
) -> None:
    settings.OUTBOX_SUBSCRIBERS = ONE_SUBSCRIBER
    with transaction.atomic():
        publish("product.changed", key="404", payload={"product_ids": [404]}, merchant_id=merchant.pk)
        publish("product.changed", key="405", payload={}, merchant_id=merchant.pk)  # what its subscriber cannot read
    delivered = drain()

    labels = {"lane": "index", "topic": "product.changed"}
    assert value(registry, "shop_delivery_seconds_count", **labels, outcome="delivered") == delivered == 1
    assert value(registry, "shop_delivery_seconds_count", **labels, outcome="failed") == 1


def test_a_search_is_timed_by_engine_and_outcome(in_scope: Merchant, registry: CollectorRegistry) -> None:
    search_products(query=ProductQuery(merchant_id=in_scope.pk, text="serum"), language="en")

    counts = [
        sample.value
        for family in registry.collect()
        if family.name == "shop_search_seconds"
        for sample in family.samples
        if sample.name.endswith("_count") and sample.labels["operation"] == "search"
        and sample.labels["outcome"] == "answered"
    ]  # fmt: skip
    assert sum(counts) >= 1


def test_a_request_is_counted_under_its_pattern_and_the_admin_as_one(db: None, registry: CollectorRegistry) -> None:
    client = Client()
    client.get("/s/no-such-shop/p/a-product/")
    client.get("/admin/login/")
    client.get("/wp-login.php")

    page = {"method": "GET", "route": "/s/<slug:merchant_slug>/p/<str:slug>/", "status": "4xx"}
    routes = {
        sample.labels["route"]
        for family in registry.collect()
        if family.name == "shop_request_seconds"
        for sample in family.samples
    }
    assert "admin" in routes
    assert not any("no-such-shop" in route or "wp-login" in route for route in routes)
    assert len(routes) == 3, (routes, page)


def test_a_breaker_is_told(db: None, registry: CollectorRegistry) -> None:
    forget_breakers()
    breaker = breaker_of(provider="test", model="gpt-test")
    closed = registry.get_sample_value("shop_breaker_open", {"model": "gpt-test"})
    for _ in range(breaker.failures):
        admission = breaker.admit()
        assert admission is not None
        admission.failed("timeout")
    opened = registry.get_sample_value("shop_breaker_open", {"model": "gpt-test"})
    forget_breakers()

    assert (closed, opened) == (0.0, 1.0)


def test_labels_stay_few_whatever_is_told(db: None, registry: CollectorRegistry) -> None:
    for number in range(LABEL_VALUES_MAX + 60):
        observing.count("webhook_events", outcome=f"made-up-{number}")

    samples = [
        sample
        for family in registry.collect()
        if family.name == "shop_webhook_events"
        for sample in family.samples
        if sample.name.endswith("_total")
    ]
    assert len(samples) == LABEL_VALUES_MAX + 1
    assert value(registry, "shop_webhook_events_total", outcome="other") == 60


def test_no_metric_has_a_label_that_names_somebody() -> None:
    labels = {label for _, labels, *_ in (*HISTOGRAMS.values(), *COUNTERS.values()) for label in labels}

    assert labels == {
        "method", "route", "status", "outcome", "model", "tool", "engine", "operation", "lane", "topic", "before",
        "after",
    }  # fmt: skip


def test_a_metric_that_is_not_in_the_table_is_an_error(registry: CollectorRegistry) -> None:
    with pytest.raises(KeyError):
        observing.count("made_up")
    with pytest.raises(ValueError, match="Incorrect label names"):
        observing.count("webhook_events", merchant="12")


def test_processes_of_one_worker_add_up(tmp_path: Path) -> None:
    code = """
import django; django.setup()
from prometheus_client import CollectorRegistry
from catalog import observing
from shop_assistant.metrics import PrometheusMeter, exposition
registry = CollectorRegistry()
observing.watch(tracer=None, meter=PrometheusMeter(registry))
observing.count("webhook_events", outcome="paid")
print(exposition(registry).decode())
"""
    environment = {
        **os.environ,
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "shop_assistant.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path / "data"),
    }
    runs = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]

    assert 'shop_webhook_events_total{outcome="paid"} 1.0' in runs[0]
    assert 'shop_webhook_events_total{outcome="paid"} 2.0' in runs[1]
