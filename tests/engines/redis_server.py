"""One Redis on loopback that keeps nothing on disk: killed, it comes back empty, which is the worst case."""

from __future__ import annotations

import shutil
from typing import Self

import redis

from tests.engines.process import CannotStart, Process, free_port, own_folder, remove_folder

_REMEDY = "Redis is needed. On Debian or Ubuntu: apt-get install redis-server"


class RedisServer(Process):
    """A Redis of its own."""

    def __init__(self) -> None:
        super().__init__("redis", own_folder("shop-redis"))
        self.port = free_port()

    @property
    def url(self) -> str:
        """Return REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Self:
        """Start and wait until it answers.

        Raises: CannotStart.
        """
        program = shutil.which("redis-server")
        if program is None:
            raise CannotStart(_REMEDY)
        options = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": str(self.folder)}
        self.spawn([program, *(part for name, value in options.items() for part in (f"--{name}", value))])
        self.wait_until(self._answers, within_s=20)
        return self

    def remove(self) -> None:
        """Stop, and remove the folder."""
        self.stop()
        remove_folder(self.folder)

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False
