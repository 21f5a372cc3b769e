"""A listener in front of another server: passes requests on and writes down how they were answered."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests.loopback import listening

_NOT_PASSED_ON = {"host", "connection", "transfer-encoding", "content-length"}


@dataclass
class Forwarder:
    """Where it listens, and (method, path, status) of what went through."""

    url: str = ""
    answered: list[tuple[str, str, int]] = field(default_factory=list)


@contextmanager
def forwarding(target: str) -> Iterator[Forwarder]:
    """Listen on a free port in front of `target`."""
    forwarder, address = Forwarder(), urlsplit(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
            connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
            try:
                connection.request(self.command, self.path, sent, headers)
                answer = connection.getresponse()
                body = answer.read()
            finally:
                connection.close()
            forwarder.answered.append((self.command, self.path, answer.status))
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _pass_on

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with listening(Handler) as forwarder.url:
        yield forwarder
