"""The local stand-in for Stripe behind a real loopback port: for the stripe library it is a server like any other.

It can lose an answer after the act, hang, or be out of order; it delivers its events as signed HTTP requests.
"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal

from catalog.payments.stripe_fake import FakeStripe, sign
from catalog.payments.stripe_fake_store import FakeStore
from tests.loopback import listening

Mood = Literal["works", "loses answers", "hangs", "is out of order"]
_HANGS_S = 30.0


@dataclass
class StripeServer:
    """Where it listens, how it behaves now, and what it was asked (method, path, idempotency key)."""

    store: FakeStore
    url: str = ""
    mood: Mood = "works"
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    woken: threading.Event = field(default_factory=threading.Event)

    def deliver(self, endpoint: str) -> list[int]:
        """POST every event that is due to `endpoint`, signed; return the answers' statuses. What fails stays due."""
        with self.store.transaction() as rows:
            due = rows.due_deliveries(time.time() + 3600, 100)
        return [self._deliver(endpoint, event_id, body) for event_id, body, *_attempts in due]

    def _deliver(self, endpoint: str, event_id: str, body: str) -> int:
        status = post_event(endpoint, body, sign(body, self.store.webhook_secret))
        with self.store.transaction() as rows:
            if status == 200:
                rows.delivered(event_id)
            else:
                rows.failed(event_id, due_at=time.time(), error=str(status))
        return status

    def sessions(self) -> list[dict[str, Any]]:
        """Return every Checkout Session that was opened."""
        with self.store.transaction() as rows:
            return rows.all_of("checkout.session")


def post_event(endpoint: str, body: str, signature: str) -> int:
    """POST an event's body with a signature; return the status."""
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    request = urllib.request.Request(endpoint, body.encode(), headers)  # noqa: S310 (loopback)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def stripe_server(store: FakeStore) -> Iterator[StripeServer]:
    """Serve `store` on a free port."""
    served = StripeServer(store)
    fake = FakeStripe(store)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("get")

        def do_POST(self) -> None:
            self._answer("post")

        def _answer(self, method: str) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            served.asked.append((method, self.path, self.headers.get("Idempotency-Key", "")))
            if served.mood == "hangs":
                served.woken.wait(_HANGS_S)
            if served.mood in ("hangs", "is out of order"):
                self._send('{"error": {"type": "api_error", "message": "out of order"}}', 503, {})
                return
            body, status, headers = fake.request(method, f"{served.url}{self.path}", dict(self.headers), sent)
            if served.mood == "loses answers":
                self.close_connection = True  # it was done; nobody hears of it
                return
            self._send(body, status, dict(headers))

        def _send(self, body: str, status: int, headers: dict[str, str]) -> None:
            data = body.encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with listening(Handler) as served.url:
        try:
            yield served
        finally:
            served.woken.set()
