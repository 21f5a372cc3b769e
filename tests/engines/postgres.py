"""One PostgreSQL on loopback with a folder of its own; its data outlive stop() and start(), not remove()."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Self

import psycopg

from tests.engines.process import CannotStart, Process, free_port, identity, own_folder, remove_folder

_USER = "postgres"  # PostgreSQL refuses to run as root; Debian's package makes this user
_DEBIAN = Path("/usr/lib/postgresql")
_REMEDY = "PostgreSQL is needed. On Debian or Ubuntu: apt-get install postgresql"


def programs() -> Path:
    """Return the folder of initdb and postgres.

    Raises: CannotStart.
    """
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted((path for path in _DEBIAN.glob("*/bin/initdb")), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise CannotStart(_REMEDY)
    return versions[-1].parent


class Postgres(Process):
    """A cluster of its own with one database, `shop`."""

    def __init__(self) -> None:
        super().__init__("postgres", own_folder("shop-postgres", user=_USER))
        self.port = free_port()

    @property
    def url(self) -> str:
        """Return DATABASE_URL."""
        return f"postgres://postgres@127.0.0.1:{self.port}/shop"

    def start(self) -> Self:
        """Start, making the cluster the first time, and wait until it answers.

        Raises: CannotStart.
        """
        data, bin_folder = self.folder / "data", programs()
        if not data.exists():
            self._run(
                bin_folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
            )
        options = (
            f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}",
            # Survives kill -9 of the server; only a power cut could lose what a test wrote.
            "fsync=off", "max_connections=200",
        )  # fmt: skip
        command = [bin_folder / "postgres", "-D", data, *(part for option in options for part in ("-c", option))]
        self.spawn(command, cwd=self.folder, user=_USER)
        self.wait_until(self._answers, within_s=60)
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = 'shop'").fetchone() is None:
                connection.execute("create database shop")
        return self

    def stop(self) -> None:
        """Stop at once but in order: who is connected is disconnected."""
        if self._child is not None and self._child.poll() is None:
            os.kill(self._child.pid, signal.SIGINT)  # PostgreSQL's "fast shutdown"; SIGTERM would wait for clients
        self._end(signal.SIGINT)

    def remove(self) -> None:
        """Stop, and remove the folder."""
        self.stop()
        remove_folder(self.folder)

    @property
    def _maintenance(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres connect_timeout=2"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._maintenance).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, *command: str | Path) -> None:
        finished = subprocess.run(
            [str(part) for part in command],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **identity(_USER),
        )
        if finished.returncode:
            raise CannotStart(f"{command[0]} failed:\n{finished.stderr[-2_000:]}")
