"""A proxy before a service that can be told to be slow, silent, gone or unwilling; alone it can be all but well.

It speaks HTTP over real sockets, so that clients meet what they would meet in front of a sick server.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.loopback import listening

Mood = Literal["well", "gone", "silent", "slow", "busy", "forbids", "broken"]
_SLOW_S = 10.0
_SILENT_S = 60.0
_REFUSALS: dict[str, tuple[int, str]] = {
    "busy": (429, "es_rejected_execution_exception"),
    "forbids": (403, "cluster_block_exception"),
    "broken": (503, "no_shard_available_action_exception"),
}
_OWN_HEADERS = {"host", "connection", "transfer-encoding", "content-length"}


@dataclass
class Proxy:
    """Where it listens and how it behaves now; `asked` holds (method, path, status, body) of what went through."""

    url: str = ""
    mood: Mood = "well"
    asked: list[tuple[str, str, int, bytes]] = field(default_factory=list)
    refused: int = 0
    woken: threading.Event = field(default_factory=threading.Event)

    def be(self, mood: Mood) -> None:
        """Behave so from now on; who waits is let go."""
        self.mood = mood
        self.woken.set()
        self.woken.clear()

    def writes(self) -> list[list[dict[str, Any]]]:
        """Return the lines of each bulk request that went through, in order."""
        bodies = [body for method, path, _status, body in self.asked if method != "GET" and "_bulk" in path]
        return [[json.loads(line) for line in body.splitlines() if line] for body in bodies]


@contextmanager
def proxy(target: str = "", *, mood: Mood = "well") -> Iterator[Proxy]:
    """Listen on a free port in front of `target`."""
    stand = Proxy(mood=mood)

    class Handler(_Handler):
        proxy, address = stand, urlsplit(target)

    with listening(Handler) as stand.url:
        try:
            yield stand
        finally:
            stand.be("gone")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy
    address: Any

    def _handle(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stand = self.proxy
        if stand.mood in ("slow", "silent"):
            stand.woken.wait(_SLOW_S if stand.mood == "slow" else _SILENT_S)
        if stand.mood in ("gone", "silent"):
            stand.refused += 1
            self.close_connection = True
        elif stand.mood in _REFUSALS:
            stand.refused += 1
            self._refuse(*_REFUSALS[stand.mood])
        else:
            self._pass_on(sent)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _handle

    def _refuse(self, status: int, kind: str) -> None:
        reason = {"type": kind, "reason": kind}
        body = json.dumps({"error": {**reason, "root_cause": [reason]}, "status": status}).encode()
        self._send(status, [("Content-Type", "application/json"), ("X-Elastic-Product", "Elasticsearch")], body)

    def _pass_on(self, sent: bytes) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN_HEADERS}
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
        try:
            connection.request(self.command, self.path, sent, headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        self.proxy.asked.append((self.command, self.path, answer.status, sent))
        self._send(answer.status, [pair for pair in answer.getheaders() if pair[0].lower() not in _OWN_HEADERS], body)

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Stopwatch:
    """How long something took."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Return the time since it was made."""
        return time.monotonic() - self._started
