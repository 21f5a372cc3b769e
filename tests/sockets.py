"""A WebSocket client against an ASGI application. (`channels.testing` does the same and needs daphne installed.)"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import unquote, urlparse

from asgiref.testing import ApplicationCommunicator


class Socket:
    """One socket: `connect`, `send_to`, `receive_from`, `disconnect`."""

    def __init__(
        self,
        application: Any,
        path: str,
        *,
        headers: list[tuple[bytes, bytes]] | None = None,
        subprotocols: list[str] | None = None,
    ) -> None:
        parsed = urlparse(path)
        self.scope = {
            "type": "websocket",
            "path": unquote(parsed.path),
            "query_string": parsed.query.encode(),
            "headers": headers or [],
            "subprotocols": subprotocols or [],
        }
        self._running: Any = cast("Any", ApplicationCommunicator)(application, self.scope)  # asgiref's has no types

    async def connect(self, timeout: float = 5) -> tuple[bool, Any]:
        """Return (True, subprotocol) when let in, (False, close code) otherwise."""
        await self._running.send_input({"type": "websocket.connect"})
        response = await self.receive_output(timeout)
        if response["type"] == "websocket.close":
            return False, response.get("code", 1000)
        assert response["type"] == "websocket.accept"
        return True, response.get("subprotocol")

    async def send_to(self, *, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send a text frame or a binary one."""
        frame = {"bytes": bytes_data} if text_data is None else {"text": text_data}
        await self._running.send_input({"type": "websocket.receive", **frame})

    async def receive_from(self, timeout: float = 5) -> str:
        """Return the next text frame; a close is an error."""
        response = await self.receive_output(timeout)
        assert response["type"] == "websocket.send", response
        return str(response["text"])

    async def receive_output(self, timeout: float = 5) -> dict[str, Any]:
        """Return the next ASGI message, a close among them."""
        message: dict[str, Any] = await self._running.receive_output(timeout)
        return message

    async def disconnect(self, code: int = 1000, timeout: float = 5) -> None:
        """Close, and wait until the application has ended."""
        await self._running.send_input({"type": "websocket.disconnect", "code": code})
        await self._running.wait(timeout)
