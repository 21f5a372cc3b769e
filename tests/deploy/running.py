"""Runs what compose.yaml runs, without containers: the same files, the same commands, other addresses."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests.deploy.composition import Service
from tests.engines.process import Process


class Composed(Process):
    """One service of compose.yaml as a child process, in the folder that the image would hold."""

    def __init__(self, service: Service, *, image: Path, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(service.name, folder)
        self.service, self.image = service, image
        self.environment = dict(environment)
        self.instead: dict[str, str] = {}  # what stands in the file -> what it is here (ports, folders, addresses)

    def argv(self, command: Sequence[str]) -> list[str]:
        """Return a command of the file with this machine's ports and folders in it."""
        return [self._here(part) for part in command]

    def _here(self, part: str) -> str:
        for said, here in self.instead.items():
            part = part.replace(said, here)
        return part

    def begin(self) -> Self:
        """Start it; `ready` waits for it."""
        self.spawn(self.argv(self.service.command), environment=self.environment, cwd=self.image)
        return self

    def ready(self, *, says: str = "", within_s: float = 180.0) -> Self:
        """Wait until its own healthcheck says that it is well; ask only once its log `says` something."""
        self.wait_until(lambda: says in self.log and self.is_healthy(), within_s=within_s)
        return self

    def check(self) -> subprocess.CompletedProcess[str]:
        """Run its healthcheck once."""
        return run(self.argv(self.service.healthcheck), environment=self.environment, cwd=self.image)

    def is_healthy(self) -> bool:
        """Return whether its healthcheck passes."""
        return self.check().returncode == 0


def run(
    command: Sequence[str], *, environment: Mapping[str, str], cwd: Path, timeout_s: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        list(command), env=dict(environment), cwd=cwd, capture_output=True, text=True, check=False, timeout=timeout_s
    )


def container_environment(given: Mapping[str, str], *, data: Path) -> dict[str, str]:
    """Return the environment of one container: what the files say, and of this machine only what finds programs."""
    programs = Path(sys.executable).parent
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOSTNAME": socket.gethostname(),  # a container engine sets it
        "HOME": str(data),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ENV_FILE": os.devnull,
        **given,
        "DATA_DIR": str(data),
    }


def wait_until(condition: Any, what: str, *, within_s: float = 90.0) -> None:
    """Wait for something that will come; an AssertionError names what did not."""
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, f"waited {within_s:.0f} s for {what}"
        time.sleep(0.3)
