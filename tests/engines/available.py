"""Which engines this test run was given, and what a test that needs another says."""

from __future__ import annotations

import os

import pytest

REDIS_URL = os.environ.get("TEST_REDIS_URL", "")
DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "")
_HOW = "scripts/engines -- .venv/bin/pytest starts them"

needs_redis = (
    pytest.mark.engine,
    pytest.mark.skipif(not REDIS_URL, reason=f"needs Redis: set TEST_REDIS_URL ({_HOW})"),
)
# These start their own servers, because they kill them; the addresses say that engines are wanted at all.
needs_engines = (
    pytest.mark.engine,
    pytest.mark.skipif(
        not (REDIS_URL and DATABASE_URL),
        reason=f"needs PostgreSQL and Redis: set TEST_DATABASE_URL and TEST_REDIS_URL ({_HOW})",
    ),
)
