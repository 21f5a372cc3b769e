"""No server outlives the test run that started it."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
# Linux counts the thread that started a child as its parent: this one lives as long as the process.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")


def spawn(command: Sequence[str | Path], **options: Any) -> subprocess.Popen[bytes]:
    """Start a child that Linux ends when this process is gone; `options` are Popen's."""
    if sys.platform == "linux":
        options["preexec_fn"] = _end_with_parent

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(list(command), **options)

    return _starter.submit(start).result()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
