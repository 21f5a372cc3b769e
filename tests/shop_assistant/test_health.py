"""Probes: alive whatever else is down, ready only with what every request needs, and the part that is down by name."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as shop_settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.outbox.models import OutboxMessage
from catalog.search import backend as search_module
from catalog.search.ports import SearchUnavailable
from shop_assistant import health_parts


@pytest.fixture(autouse=True)
def _looks_anew() -> Iterator[None]:
    health_parts.forget()
    yield
    health_parts.forget()
    cache.clear()


def _waiting(*, for_s: float, lane: str = "index") -> OutboxMessage:
    return OutboxMessage.objects.create(
        topic="product.changed",
        subscriber="catalog.products.indexing.on_product_changed",
        lane=lane,
        key="1",
        available_at=timezone.now() - timedelta(seconds=for_s),
    )


class _Broken:
    """A part that fails with a secret in its message."""

    def search(self, _query: object) -> None:
        raise SearchUnavailable("http://shop:secret@search.internal:9200 refused")


@pytest.mark.parametrize("path", ["/livez/", "/livez", "/healthz/"])
def test_alive_looks_at_nothing(path: str) -> None:  # no `db` fixture: a query would fail the test
    answer = Client().get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_ready_names_every_part_with_its_state_and_time(db: None) -> None:
    answer = Client().get("/readyz/")

    found = answer.json()
    assert (answer.status_code, found["status"], found["down"]) == (200, "ready", [])
    assert list(found["parts"]) == ["database", "migrations", "redis", "search", "outbox"]
    assert all(isinstance(part["ms"], int) for part in found["parts"].values())
    assert found["parts"]["redis"]["state"] == ("up" if shop_settings.REDIS_URL else "embedded")
    assert found["parts"]["search"]["state"] == ("up" if shop_settings.ELASTICSEARCH_URL else "embedded")


def test_a_part_that_not_every_request_needs_degrades_and_keeps_its_secrets(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_parts, "backend", _Broken)

    answer = Client().get("/readyz/")

    assert (answer.status_code, answer.json()["status"], answer.json()["down"]) == (200, "degraded", ["search"])
    assert answer.json()["parts"]["search"]["error"] == "SearchUnavailable"
    assert b"secret" not in answer.content
    assert b"internal" not in answer.content


def test_a_part_that_settings_require_makes_it_503(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.READY_REQUIRES = ["database", "search"]
    monkeypatch.setattr(health_parts, "backend", _Broken)

    answer = Client().get("/readyz/")

    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert answer.json()["down"] == ["search"]


def test_a_database_that_is_gone_makes_it_503_by_name(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> object:
        raise ConnectionError("server at 10.0.0.7 closed the connection")

    monkeypatch.setattr(health_parts, "LOOKS", {**health_parts.LOOKS, "database": gone})

    answer = Client().get("/readyz/")

    assert (answer.status_code, answer.json()["down"]) == (503, ["database"])
    assert b"10.0.0.7" not in answer.content


def test_missing_migrations_make_it_503_until_they_are_there(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [("orders", "0009_new")]
    monkeypatch.setattr(health_parts.MigrationExecutor, "migration_plan", lambda *_: missing)

    refused = Client().get("/readyz/")
    missing.clear()
    health_parts._kept = None
    answer = Client().get("/readyz/")

    assert (refused.status_code, refused.json()["down"]) == (503, ["migrations"])
    assert refused.json()["parts"]["migrations"]["missing"] == 1
    assert answer.status_code == 200


@pytest.mark.parametrize(("waits_s", "state"), [(59.0, "up"), (61.5, "late")])
def test_work_that_waits_too_long_is_late(db: None, waits_s: float, state: str) -> None:
    _waiting(for_s=waits_s)

    part = Client().get("/readyz/").json()["parts"]["outbox"]

    assert (part["state"], part["lane"]) == (state, "index")
    assert waits_s <= part["oldest_s"] < waits_s + 5


def test_what_was_found_is_kept_for_a_moment(db: None, settings: Settings) -> None:
    settings.READY_CACHE_S = 60.0
    before = Client().get("/readyz/").json()
    _waiting(for_s=3_600)

    assert Client().get("/readyz/").json() == before


def test_a_part_that_hangs_is_down_after_its_limit_and_holds_one_thread(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.DATABASE_THREADS, settings.READY_PART_S = 2, 0.2
    release, asked = threading.Event(), []

    def hangs() -> tuple[health_parts.State, health_parts.More]:
        asked.append(1)
        release.wait(20)
        return "up", {}

    monkeypatch.setattr(health_parts, "LOOKS", {"search": hangs})
    began = time.monotonic()
    states = [health_parts._look().parts[0].state for _ in range(3)]
    took_s = time.monotonic() - began
    release.set()
    health_parts._under_way["search"].result(5)
    after = health_parts._look().parts[0].state

    assert states == ["down"] * 3
    assert took_s < 3
    assert (after, len(asked)) == ("up", 1)


def test_probes_answer_whatever_the_host_and_scheme(db: None, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answers = [Client().get(path, headers={"host": "10.1.2.3:8000"}).status_code for path in ("/livez/", "/readyz/")]
    page = Client().get("/", headers={"host": "10.1.2.3:8000"})

    assert answers == [200, 200]
    assert page.status_code == 400


def test_the_engine_is_asked_through_the_port(db: None) -> None:
    assert health_parts.backend is search_module.backend
