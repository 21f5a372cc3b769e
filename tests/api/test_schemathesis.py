"""Whatever the REST interface's own description allows, and what it forbids: no request breaks the server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from pytest_django import Settings

from tests.api.conftest import EXAMPLES, Fuzzed
from tests.architecture.test_routes_by_role import routes

pytestmark = pytest.mark.django_db  # says that a database is needed; `fuzzed` holds the transaction around all

_GENERATOR: Any = SchemaGenerator  # drf-spectacular leaves it untyped
SCHEMA = schemathesis.openapi.from_dict(_GENERATOR().get_schema(request=None, public=True))
SCHEMA.app = get_wsgi_application()
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
# These answer with a whole turn of the double.
SLOW = {label for label in OPERATIONS if label.endswith("/messages/") and label.startswith("POST")}
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


@pytest.fixture(autouse=True)
def _no_throttles(settings: Settings) -> None:
    """A refusal for asking too often would hide what is behind it."""
    settings.WAITLIST_PER_MINUTE = 10**6
    settings.MESSAGES_PER_MINUTE = 10**6
    cache.clear()


def can_be_wrong(label: str) -> bool:
    """Whether an operation takes anything but the shop's name, so that there is something to get wrong."""
    operation = OPERATIONS[label]
    return bool(operation.body or operation.query or len(operation.path_parameters) > 1)


CASES = [
    pytest.param(label, mode, id=f"{label} {mode.value}")
    for label in sorted(OPERATIONS)
    for mode in MODES
    if mode is schemathesis.GenerationMode.POSITIVE or can_be_wrong(label)
]


@pytest.mark.parametrize(("label", "mode"), CASES)
def test_no_request_breaks_the_server(
    fuzzed: Fuzzed, label: str, mode: schemathesis.GenerationMode, settings: Settings, tmp_path: Path
) -> None:
    operation = OPERATIONS[label]
    sent: list[int] = []

    @bounds(
        max_examples=max(EXAMPLES // 4, 2) if label in SLOW else EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def fuzz(case: schemathesis.Case[Any], data: st.DataObject) -> None:
        _point_at_real_rows(case, data, fuzzed)
        headers = fuzzed.headers if data.draw(st.integers(0, 9)) else {}
        # The stand-in for Stripe has a memory of its own, which no roll-back reaches: each request gets a fresh one.
        settings.STRIPE_FAKE_PATH = tmp_path / f"{len(sent)}.sqlite3"
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        sent.append(response.status_code)
        assert response.status_code < 500, f"{response.status_code}\n{case.as_curl_command()}\n{response.text[:2000]}"

    fuzz()
    assert sent


def _point_at_real_rows(case: schemathesis.Case[Any], data: st.DataObject, shop: Fuzzed) -> None:
    """Put ids of the shop where the description says only "a number": mostly, so that wrong ones are tried too."""
    for name, known in shop.path_parameters.items():
        if name in (case.path_parameters or {}) and data.draw(st.integers(0, 4)):
            case.path_parameters[name] = data.draw(st.sampled_from(known))
    if isinstance(case.body, dict):
        for name, known in shop.bodies.items():
            if name in case.body and data.draw(st.booleans()):
                case.body[name] = data.draw(st.sampled_from(known))


@pytest.mark.django_db  # pytest-django makes the database only where a test is marked; the others share one shop
def test_every_rest_route_is_described() -> None:
    described = {operation.path for operation in OPERATIONS.values()}
    there = {
        "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", pattern) for name, pattern in routes() if pattern.startswith("api/v1/")
    }

    assert described == there
