"""A socket that answers as Elasticsearch does when it is in trouble: what a healthy node cannot be made to say."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, Any]]


@dataclass
class Node:
    """Where it listens, and every (path, body) it was asked."""

    url: str
    asked: list[tuple[str, bytes]] = field(default_factory=list)


@contextmanager
def answering_with(answers: Sequence[Answer], *, delay_s: float = 0, product: str = "Elasticsearch") -> Iterator[Node]:
    """Serve `answers` one after the other, the last one for ever."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            node.asked.append((self.path, self.rfile.read(int(self.headers.get("content-length", 0)))))
            time.sleep(delay_s)
            status, body = left.pop(0) if len(left) > 1 else left[0]
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/vnd.elasticsearch+json;compatible-with=8")
            self.send_header("content-length", str(len(content)))
            if product:
                self.send_header("x-elastic-product", product)
            self.end_headers()
            self.wfile.write(content)

        do_PUT = do_POST

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    node = Node(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield node
    finally:
        server.shutdown()
        server.server_close()
