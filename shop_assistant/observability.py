"""Starts what watches the house: metrics always, spans when settings say where to send them."""

from __future__ import annotations

import logging
import os
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings

from catalog import observing
from shop_assistant.tracing import tracer_to

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

sockets: Counter[str] = Counter()  # open WebSockets of this process by kind; touched on the server's loop only
_registry: CollectorRegistry | None = None
_meter: observing.Meter | None = None
_started_in = 0  # the process id: a worker's children start anew

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]


def start(*, service: str) -> None:
    """Let metrics be kept and, if settings say where to, spans be sent. Once a process: called again it does nothing.

    Raises: TracingPackagesMissing.
    """
    global _registry, _meter, _started_in
    if _started_in == os.getpid():
        return
    endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT
    tracer = tracer_to(endpoint, service=f"{settings.OTEL_SERVICE_NAME}-{service}") if endpoint else None
    from shop_assistant.metrics import PrometheusMeter, new_registry  # by servers and workers, not by every command

    if _registry is None:  # a child of a worker keeps its parent's
        _registry = new_registry(sockets)
        _meter = PrometheusMeter(_registry)
    observing.watch(tracer=tracer, meter=_meter)
    logging.captureWarnings(settings.LOG_FORMAT == "json")  # they too leave as one object a line
    _started_in = os.getpid()


def registry() -> CollectorRegistry | None:
    """Return what holds this process's metrics; None before `start`."""
    return _registry


def observed_sockets(application: Application) -> Application:
    """Return a WebSocket application whose sockets have an id and are counted while they are open."""

    async def observed(scope: Scope, receive: Any, send: Any) -> None:
        kind = "room" if str(scope.get("path", "")).startswith("/ws/rooms/") else "chat"
        sockets[kind] += 1
        try:
            with observing.bound(socket=uuid.uuid4().hex, kind=kind):
                await application(scope, receive, send)
        finally:
            sockets[kind] -= 1

    return observed
