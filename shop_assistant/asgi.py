"""HTTP and WebSocket entry point; its lifespan starts and stops the embedded workers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_assistant.settings")

from django.core.asgi import get_asgi_application

http_application = get_asgi_application()  # sets Django up: what follows needs it

from channels.routing import ProtocolTypeRouter
from django.conf import settings

from catalog.outbox.worker import EmbeddedWorkers
from conversations.chat import push
from conversations.live import hub
from shop_assistant import observability
from shop_assistant.routing import websocket_application

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_routes = ProtocolTypeRouter(
    {"http": http_application, "websocket": observability.observed_sockets(websocket_application)}
)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route HTTP and WebSocket; answer the server's lifespan messages."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await _routes(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    workers = EmbeddedWorkers() if settings.EMBEDDED_WORKERS else None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            observability.start(service="web")
            loop = asyncio.get_running_loop()
            push.set_server_loop(loop)
            hub.set_server_loop(loop)
            if workers:
                workers.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            if workers:
                await asyncio.to_thread(workers.stop)
            await send({"type": "lifespan.shutdown.complete"})
            return
