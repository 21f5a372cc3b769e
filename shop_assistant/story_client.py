"""The story's clients: a shop of its own in a temporary folder, and shoppers who reach it as anyone would."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from shop_assistant import settings
from shop_assistant.launch import PORT_FILE
from shop_assistant.story_engines import own_engines

START_S, FRAME_S = 120.0, 40.0
Frame = dict[str, Any]  # a JSON object off the wire


class StoryError(AssertionError):
    """A step of the story did not hold."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A running shop."""

    origin: str
    folder: Path
    password: str

    @property
    def socket_origin(self) -> str:
        """The same address for WebSockets."""
        return self.origin.replace("http", "ws", 1)


@contextlib.contextmanager
def running_shop() -> Iterator[Shop]:
    """Start a shop with a data folder of its own on a free port; stop it and remove the folder afterwards.

    With DATABASE_URL, REDIS_URL or ELASTICSEARCH_URL it gets a database and indices of its own there, and with Redis a
    Celery worker and beat.
    """
    engines = own_engines(
        database_url=settings.DATABASE_URL,
        redis_url=settings.REDIS_URL,
        elasticsearch_url=settings.ELASTICSEARCH_URL,
        elasticsearch_api_key=settings.ELASTICSEARCH_API_KEY,
    )
    with tempfile.TemporaryDirectory(prefix="shop-story-") as name, engines as addresses:
        folder = Path(name)
        environment = {**os.environ, **addresses, "DATA_DIR": name, "PORT": "0", "LOG_LEVEL": "WARNING"}
        environment.pop("PUBLIC_URL", None)
        with (folder / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "shop_assistant.launch"], env=environment, stdout=log, stderr=log
            )
            try:
                origin = _wait_until_ready(server, folder)
                print(_parts_in_use(folder))
                yield Shop(origin, folder, (folder / "demo_password").read_text())
            finally:
                server.terminate()
                try:
                    server.wait(15)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> str:
    """Return the shop's address once it answers; the server itself tells its port, so it is never another's."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(httpx.HTTPError, OSError):
            origin = f"http://127.0.0.1:{(folder / PORT_FILE).read_text()}"
            if httpx.get(f"{origin}/readyz/", timeout=5).status_code == 200:
                return origin
        time.sleep(0.2)
    raise StoryError("the shop did not start:\n" + (folder / "server.log").read_text()[-4000:])


def _parts_in_use(folder: Path) -> str:
    """Return the table of parts that the server itself printed when it started."""
    return (folder / "server.log").read_text().partition("Shop assistant\n\n")[2].partition("\n\n")[0]


@dataclass(slots=True)
class Socket:
    """An open WebSocket that can wait for the frame it wants and keeps what passed."""

    connection: ClientConnection
    seen: list[Frame] = field(default_factory=list)

    async def send(self, frame: Frame) -> None:
        """Send one frame."""
        await self.connection.send(json.dumps(frame))

    async def until(self, wanted: Callable[[Frame], bool], what: str) -> Frame:
        """Return the next frame that `wanted` accepts.

        Raises: StoryError when it does not come in time.
        """
        try:
            async with asyncio.timeout(FRAME_S):
                while True:
                    received = json.loads(await self.connection.recv())
                    for frame in received if isinstance(received, list) else [received]:
                        self.seen.append(frame)
                        if wanted(frame):
                            return dict(frame)
        except TimeoutError as error:
            raise StoryError(f"no {what} came; last frames: {self.seen[-5:]}") from error


@dataclass(slots=True)
class ShopperClient:
    """A shopper's browser: a token, cookies, and sockets."""

    shop: Shop
    merchant: str
    language: str
    token: str
    http: httpx.AsyncClient

    @classmethod
    @contextlib.asynccontextmanager
    async def arrive(cls, shop: Shop, *, merchant: str, language: str) -> AsyncIterator[ShopperClient]:
        """Become a shopper of `merchant` who reads `language`."""
        async with httpx.AsyncClient(base_url=shop.origin, timeout=30, headers={"Accept-Language": language}) as http:
            answer = await http.post(f"/api/v1/shops/{merchant}/shoppers/", json={"language": language})
            expect(answer.status_code == 201, f"a shopper's token: {answer.text}")
            http.headers["Authorization"] = f"Shopper {answer.json()['token']}"
            http.cookies.set(f"shopper_{merchant}", answer.json()["token"])
            yield cls(shop, merchant, language, answer.json()["token"], http)

    async def page(self, path: str, *contains: str) -> str:
        """Open a page of the shop, which must hold each of `contains`."""
        answer = await self.http.get(f"/s/{self.merchant}/{path}")
        expect(answer.status_code == 200, f"{path} answered {answer.status_code}")
        for text in contains:
            expect(text in answer.text, f"{path} does not show {text!r}")
        return answer.text

    async def api(self, method: str, path: str, body: Frame | None = None) -> Any:
        """Call the shop's API; anything but success ends the story."""
        answer = await self.http.request(method, f"/api/v1/shops/{self.merchant}/{path}", json=body)
        expect(answer.is_success, f"{method} {path} answered {answer.status_code}: {answer.text[:300]}")
        return answer.json() if answer.content else None

    @contextlib.asynccontextmanager
    async def socket(self, path: str, protocol: str) -> AsyncIterator[Socket]:
        """Open a WebSocket as a browser would."""
        async with connect(
            f"{self.shop.socket_origin}{path}",
            subprotocols=[Subprotocol(protocol), Subprotocol(self.token)],
            origin=self.shop.origin,  # type: ignore[arg-type]  # NewType of str
        ) as connection:
            yield Socket(connection)


def expect(holds: bool, otherwise: str) -> None:
    """Raise StoryError unless a step held."""
    if not holds:
        raise StoryError(otherwise)


def client_id() -> str:
    """Return an id as a client makes it for each message."""
    return uuid.uuid4().hex
