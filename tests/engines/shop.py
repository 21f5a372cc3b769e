"""The shop's own processes on the engines: web servers, a Celery worker, beat."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.engines.process import Process, free_port

ROOT = Path(__file__).resolve().parents[2]
_NOT_INHERITED = ("ELASTICSEARCH_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "STRIPE_SECRET_KEY", "EMBEDDED_WORKERS")


def shop_environment(urls: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the environment of a shop on these engines with its data in `folder`; no developer's key gets in."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    return {
        **kept,
        **urls,
        "DJANGO_SETTINGS_MODULE": "shop_assistant.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder),
        "DEBUG": "1",
        "BOUND_TO_LOOPBACK": "1",
        "LOG_LEVEL": "WARNING",
    }


class Web(Process):
    """One web process."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(name, folder)
        self.port = free_port()
        self.environment = {"PUBLIC_URL": self.origin, **environment}

    @property
    def origin(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start and wait until it is ready."""
        command = (
            sys.executable, "-m", "uvicorn", "shop_assistant.asgi:application", "--host", "127.0.0.1",
            "--port", str(self.port), "--ws", "websockets-sansio", "--ws-per-message-deflate", "false",
            "--lifespan", "on", "--log-level", "warning", "--timeout-graceful-shutdown", "3",
        )  # fmt: skip
        self.spawn(command, environment=self.environment, cwd=ROOT)
        self.wait_until(self._is_ready, within_s=120)
        return self

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz/", timeout=5) as answer:  # noqa: S310 (our own address)
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class Worker(Process):
    """A Celery worker for all lanes."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, name: str = "worker") -> None:
        super().__init__(name, folder)
        self.environment = environment

    def start(self, *, processes: int = 2) -> Self:
        """Start and wait until it takes tasks."""
        command = (
            sys.executable, "-m", "celery", "-A", "shop_assistant", "worker", "-Q", "money,index,live,slow",
            "-c", str(processes), "-n", f"{self.name}@%h", "-l", "INFO", "--without-gossip", "--without-mingle",
        )  # fmt: skip
        before = self.log_path.stat().st_size if self.log_path.exists() else 0
        self.spawn(command, environment=self.environment, cwd=ROOT)
        self.wait_until(lambda: b" ready." in self.log_path.read_bytes()[before:], within_s=120)
        return self


class Beat(Process):
    """The schedule."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__("beat", folder)
        self.environment = environment

    def start(self) -> Self:
        """Start; it needs no warming up."""
        schedule = self.folder / "beat-schedule"
        command = (sys.executable, "-m", "celery", "-A", "shop_assistant", "beat", "-l", "INFO", "-s", str(schedule))
        self.spawn(command, environment=self.environment, cwd=ROOT)
        self.wait_until(lambda: "beat: Starting" in self.log, within_s=120)
        return self
