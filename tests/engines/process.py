"""A server process of our own: started, paused, killed and stopped by its process id, never by its name."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests import orphans

_DOWN_WITHIN_S = 20.0


class CannotStart(Exception):
    """Something that an engine needs is missing; the message names it and the remedy."""


class Process:
    """One child process with a log; it ends with `stop`, or when the `with` block does."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self._child: subprocess.Popen[bytes] | None = None

    def spawn(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str = "",
    ) -> None:
        """Start the command; its output goes to `log_path`. `user` is who root becomes for it."""
        with self.log_path.open("ab") as log:
            self._child = orphans.spawn(
                [str(part) for part in command],
                env=dict(environment) if environment is not None else None,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we stop it in our own time
                **identity(user),
            )

    @property
    def log_path(self) -> Path:
        """Return where its output is kept."""
        return self.folder / f"{self.name}.log"

    @property
    def log(self) -> str:
        """Return the end of its output."""
        return self.log_path.read_text(errors="replace")[-4_000:] if self.log_path.exists() else ""

    @property
    def pid(self) -> int:
        """Return its process id."""
        if self._child is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._child.pid

    def wait_until(self, is_up: Callable[[], bool], *, within_s: float) -> None:
        """Wait until it can be used.

        Raises: CannotStart with the end of its log.
        """
        until = time.monotonic() + within_s
        while time.monotonic() < until and self._child is not None and self._child.poll() is None:
            if is_up():
                return
            time.sleep(0.1)
        self.kill()
        raise CannotStart(f"{self.name} did not come up within {within_s:.0f} s. The end of its log:\n{self.log}")

    def pause(self) -> None:
        """Freeze it: it takes connections and answers nothing."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it and its children at once, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order; one that does not listen is killed."""
        self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if sign is signal.SIGKILL:
            _signal_group(child.pid, sign)
        elif child.poll() is None:
            child.send_signal(sign)
        try:
            child.wait(_DOWN_WITHIN_S)
        except subprocess.TimeoutExpired:
            _signal_group(child.pid, signal.SIGKILL)
            child.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _signal_group(pid: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, sign)


def identity(user: str) -> dict[str, int]:
    """Return Popen's arguments that give root's rights up; none when we are not root."""
    if not user or os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid}


def own_folder(name: str, *, user: str = "") -> Path:
    """Return a new folder that `user` may write to."""
    # In memory where there is room: tests create and empty tables all the time.
    in_memory = "/dev/shm"  # noqa: S108 (mkdtemp makes the name)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=in_memory if os.access(in_memory, os.W_OK) else None))
    if user and os.geteuid() == 0:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    return folder


def remove_folder(folder: Path) -> None:
    """Remove a folder that `own_folder` made."""
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
