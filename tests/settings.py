"""Settings of the tests: the embedded defaults in a folder of their own, whatever a developer's `.env` says."""

from __future__ import annotations

import os
import tempfile

from tests.side_by_side import own_redis

if "TEST_REDIS_URL" in os.environ:
    os.environ["TEST_REDIS_URL"] = own_redis(os.environ["TEST_REDIS_URL"])  # databases are apart by pytest-django
# TEST_DATABASE_URL and the like are how a test run asks for a real engine; a developer's own keys are never used.
os.environ["ENV_FILE"] = os.devnull
for name in ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL"):
    os.environ[name] = os.environ.get(f"TEST_{name}", "")
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS"):
    os.environ.pop(name, None)
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="shop-tests-")
os.environ["ELASTICSEARCH_INDEX_PREFIX"] = f"test-{os.getpid()}-{os.urandom(3).hex()}"  # many runs, one node
os.environ["ELASTICSEARCH_REFRESH"] = "true"  # a test reads what it wrote
os.environ["DEBUG"] = "1"
os.environ["BOUND_TO_LOOPBACK"] = "1"
os.environ["LOG_LEVEL"] = "WARNING"

from shop_assistant.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASE_THREADS = 0  # a test holds its transaction on one thread
EMBEDDED_WORKERS = False  # a test drains the outbox itself
