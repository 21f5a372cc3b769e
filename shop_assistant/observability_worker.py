"""Celery workers tell what they do too: their processes add up, and the parent serves the sum."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_init, worker_process_shutdown
from django.conf import settings

log = logging.getLogger(__name__)


def listen(app: Celery) -> None:
    """Hear when a worker of `app` and its processes begin and end."""
    worker_init.connect(_worker_begins)
    worker_process_init.connect(_process_begins)
    worker_process_shutdown.connect(_process_ends)
    app.on_after_configure.connect(_configured)


def _configured(**_: Any) -> None:
    """Settings can be read from now on, and not earlier: they are imported through this package."""
    if settings.LOG_FORMAT == "json":
        setup_logging.connect(_keep_our_logging)


def _worker_begins(**_: Any) -> None:
    from shop_assistant import observability

    observability.start(service="worker")
    if settings.METRICS_WORKER_PORT:
        _serve(settings.METRICS_WORKER_ADDRESS, settings.METRICS_WORKER_PORT)


def _process_begins(**_: Any) -> None:
    from shop_assistant import observability

    observability.start(service="worker")


def _process_ends(pid: int | None = None, **_: Any) -> None:
    if pid and os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]  # nor here


def _serve(address: str, port: int) -> None:
    """Serve the metrics of this worker's processes; without a folder to add up in, they would be the parent's: none."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        log.warning("METRICS_WORKER_PORT is set: set PROMETHEUS_MULTIPROC_DIR too, or a worker's metrics stay empty")
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # prometheus_client has no type here
    start_http_server(port, addr=address, registry=together)


def _keep_our_logging(**_: Any) -> None:
    """Celery asks whether somebody sets logging up; settings did."""
