"""Settings of the process that is killed: a small database of its own."""

from __future__ import annotations

import os
from pathlib import Path

SECRET_KEY = "only for this test"
INSTALLED_APPS = ["catalog.outbox"]
MIGRATION_MODULES = {"outbox": None}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(os.environ["CHILD_FOLDER"]) / "child.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": "PRAGMA journal_mode=WAL;"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
EMBEDDED_WORKERS = False
REDIS_URL = ""
OUTBOX_LANES = ("money",)
OUTBOX_LEASE_S = 0.5
OUTBOX_RECORD_PAUSES_S = ()
OUTBOX_MAX_ATTEMPTS = 8
OUTBOX_RETRY_BASE_S = 0.1
OUTBOX_BATCH = 50
OUTBOX_SUBSCRIBERS: dict[str, list[str]] = {}
