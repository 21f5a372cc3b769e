"""A Celery worker and beat beside the server that scripts/run starts: with Redis the background work is theirs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

STOP_S = 15


@contextmanager
def beside_the_server() -> Iterator[bool]:
    """Run a worker for all lanes and beat, if settings leave the background work to them; yield whether they do."""
    if settings.EMBEDDED_WORKERS or not settings.REDIS_URL:
        yield False
        return
    folder = Path(settings.DATA_DIR)
    celery = [sys.executable, "-m", "celery", "-A", "shop_assistant"]
    commands = {
        "worker": [*celery, "worker", "-Q", ",".join(settings.OUTBOX_LANES), "-c", "2", "-l", "WARNING"],
        "beat": [*celery, "beat", "-l", "WARNING", "-s", str(folder / "beat-schedule")],
    }
    children = [_start(command, folder / f"{name}.log") for name, command in commands.items()]
    try:
        yield True
    finally:
        for child in children:
            child.terminate()
        for child in children:
            _wait(child)


def _start(command: list[str], log_path: Path) -> subprocess.Popen[bytes]:
    with log_path.open("ab") as log:
        # A group of its own: Ctrl-C reaches the server, which then ends them in order.
        return subprocess.Popen(  # noqa: S603 (our own command)
            command, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True
        )


def _wait(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
