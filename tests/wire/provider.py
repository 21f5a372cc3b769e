"""A model provider on loopback that misbehaves as a test wrote: raw bytes of OpenAI's streaming protocol.

A reply is a list of steps: bytes to send, a pause in seconds, or CUT, which resets the connection.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

CUT: Final = object()  # reset the connection, as a proxy that dies does
CLOSE: Final = object()  # end the connection in order, in the middle of what was promised
Step = bytes | float | object
Reply = Sequence[Step]

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_END = b"0\r\n\r\n"
_REASONS = {400: "Bad Request", 401: "Unauthorized", 429: "Too Many Requests", 500: "Internal Server Error"}


def piece(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(data: dict[str, Any] | bytes) -> bytes:
    """Return one event of the stream; bytes are sent as they are, valid JSON or not."""
    return piece(b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n")


def delta(finish: str | None = None, **fields: Any) -> bytes:
    """Return a piece of an answer."""
    choice = {"index": 0, "delta": fields, "finish_reason": finish}
    return event(
        {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    )


def words(*texts: str) -> list[bytes]:
    """Return the beginning of an answer in words, without its end."""
    return [_HEAD, delta(role="assistant", content=""), *(delta(content=text) for text in texts)]


def tool_pieces(*calls: tuple[str, str]) -> list[bytes]:
    """Return the beginning of an answer that calls tools (name, arguments as text), the arguments in two halves."""
    sent = [_HEAD, delta(role="assistant", content=None)]
    for index, (name, arguments) in enumerate(calls):
        half = len(arguments) // 2
        begun = {"index": index, "id": f"call_{name}_{index}", "type": "function"}
        sent.append(delta(tool_calls=[{**begun, "function": {"name": name, "arguments": ""}}]))
        for part in (arguments[:half], arguments[half:]):
            sent.append(delta(tool_calls=[{"index": index, "function": {"arguments": part}}]))
    return sent


def ended(finish: str = "stop") -> list[bytes]:
    """Return the end of a stream."""
    return [delta(finish=finish), event(b"[DONE]"), _END]


def says(*texts: str) -> list[Step]:
    """Return a whole answer in words."""
    return [*words(*texts), *ended()]


def calls(*wanted: tuple[str, dict[str, Any]]) -> list[Step]:
    """Return a whole answer that calls tools at once, side by side."""
    return [*tool_pieces(*((name, json.dumps(arguments)) for name, arguments in wanted)), *ended("tool_calls")]


def refuses(status: int, *, code: str | None = None, headers: dict[str, str] | None = None) -> list[Step]:
    """Return an error as the provider words it."""
    error = {"message": f"status {status}", "type": "error", "param": None, "code": code}
    body = json.dumps({"error": error}).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return [f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\n{head}\r\n".encode() + body]


@dataclass
class Provider:
    """What was asked, and what is answered: each request takes the next reply, the last one again and again."""

    port: int = 0
    replies: list[Reply] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def will(self, *replies: Reply) -> None:
        """Answer the next requests so."""
        self.replies[:] = replies
        self.requests.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.connections += 1
        try:
            while (request := await _read(reader)) is not None:
                reply = self.replies[min(len(self.requests), len(self.replies) - 1)]
                self.requests.append(request)
                if not await _play(reply, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    lines = head.decode().lower().split("\r\n")
    length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
    body: dict[str, Any] = json.loads(await reader.readexactly(length))
    return body


async def _play(reply: Reply, writer: asyncio.StreamWriter) -> bool:
    """Send the steps; False when the connection is over."""
    for step in reply:
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
        elif isinstance(step, float):
            await asyncio.sleep(step)
        else:
            if step is CUT:
                linger = struct.pack("ii", 1, 0)  # a reset instead of an orderly end
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return False
    return True


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider on a thread of its own."""
    stub = Provider()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="provider", daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(stub.serve, "127.0.0.1", 0), loop).result(5)
    stub.port = server.sockets[0].getsockname()[1]
    try:
        yield stub
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def unanswering_port() -> Iterator[int]:
    """A port whose queue of connections is full: a further one hangs before it is made, as behind a dead router."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _number in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for filler in fillers:
                filler.close()


def closed_port() -> int:
    """Return a port that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
