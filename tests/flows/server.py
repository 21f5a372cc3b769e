"""A real server for browser tests: migrated, seeded with the demo, on a free port, in a data folder of its own."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock

from tests.side_by_side import shared_folder

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 180.0


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where the server answers, and its data folder."""

    url: str
    data_dir: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(data_dir: Path, port: int) -> dict[str, str]:
    """Return the settings of a server of its own: embedded parts, its own data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "STRIPE_", "DJANGO_"))}
    for name in ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL"):
        kept.pop(name, None)
    return {
        **kept,
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "shop_assistant.settings",
        "DEBUG": "1",
        "LOG_LEVEL": "WARNING",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def running_server(data_dir: Path) -> Iterator[RunningServer]:
    """Start the product as `scripts/run` does, on a data folder made ready once for all, and stop it at the end.

    Raises: RuntimeError with the server's output when it does not come up.
    """
    shutil.copytree(_ready_folder(), data_dir, dirs_exist_ok=True)
    port = _free_port()
    log_path = data_dir / "server.log"
    with log_path.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "shop_assistant.launch"],
            cwd=ROOT,
            env=environment(data_dir, port),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_up(process, port, log_path)
            yield RunningServer(url=f"http://127.0.0.1:{port}", data_dir=data_dir)
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@cache
def _ready_folder() -> Path:
    """Return a data folder with the migrated database and the demo in it: every server of this run begins with a copy.

    Runs side by side share one: whoever comes first makes it while the others wait.
    Raises: RuntimeError with the output of the command that failed.
    """
    shared = shared_folder()
    if shared is None:
        folder = Path(tempfile.mkdtemp(prefix="shop-ready-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _make_ready(folder)
        return folder
    folder = shared / "ready"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            _make_ready(made := Path(tempfile.mkdtemp(dir=shared)))
            made.rename(folder)
    return folder


def _make_ready(folder: Path) -> None:
    for command in (["migrate", "-v0"], ["demo"]):
        made = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment(folder, 0),
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"manage.py {command[0]} failed:\n{made.stdout[-1000:]}{made.stderr[-3000:]}")


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped:\n{log_path.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise RuntimeError(f"the server did not come up in {START_TIMEOUT_S} s:\n{log_path.read_text()[-3000:]}")
