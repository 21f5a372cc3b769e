"""What test processes that run side by side (`pytest -n`) share, and what each has for itself."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_FOLDER = "TESTS_SHARED_FOLDER"
_REDIS_DATABASES = 16  # as many as a Redis has by default
_LONG = ("killing", "races", "faults", "engines", "flows", "frontend", "deploy")  # folders of tests, the longest first


def open_shared_folder() -> None:
    """Make a folder for all processes of this run; called by the one that starts the others."""
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix="shop-tests-shared-")


def remove_shared_folder() -> None:
    """Remove it; called by the one that made it, when the others are gone."""
    shutil.rmtree(os.environ.pop(_FOLDER, ""), ignore_errors=True)


def shared_folder() -> Path | None:
    """Return that folder, or None in a run of one process."""
    found = os.environ.get(_FOLDER)
    return Path(found) if found else None


def takes_long(item: pytest.Item) -> int:
    """Return the place of a test's folder among those to begin with; equal tests keep their order."""
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return _LONG.index(folder) if folder in _LONG else len(_LONG)


def own_redis(url: str) -> str:
    """Return the address of this process's own database in the Redis at `url`."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if not url or number == 0:
        return url
    if number >= _REDIS_DATABASES:
        raise ValueError(f"Redis has {_REDIS_DATABASES} databases: run at most so many processes side by side (-n)")
    return f"{url.rsplit('/', 1)[0]}/{number}"
