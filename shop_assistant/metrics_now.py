"""Gauges that are read when somebody asks: what waits in the outbox, who watches, how the breakers stand."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from threading import Lock

from django.conf import settings
from django.db import Error
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from conversations.chat.breaker import breaker_states
from conversations.live.hub import hub
from shop_assistant.outbox_lag import Lane, lanes_now


class ProcessCollector(Collector):
    """What this process knows by itself: sockets, watched rooms, breakers."""

    def __init__(self, sockets: Mapping[str, int]) -> None:
        self._sockets = sockets

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        sockets = GaugeMetricFamily("shop_sockets", "Open WebSockets of this process.", labels=["kind"])
        for kind in ("chat", "room"):
            sockets.add_metric([kind], self._sockets.get(kind, 0))
        yield sockets
        watched = list(hub.watching_here().values())
        yield GaugeMetricFamily("shop_live_rooms_watched", "Live rooms watched in this process.", value=len(watched))
        yield GaugeMetricFamily("shop_live_viewers", "Shoppers that watch in this process.", value=sum(watched))
        is_open = GaugeMetricFamily(
            "shop_breaker_open", "1 while a chat model is left alone, 0.5 while it is tried again.", labels=["model"]
        )
        for breaker in breaker_states():
            is_open.add_metric([breaker.model], {"closed": 0.0, "half_open": 0.5, "open": 1.0}[breaker.state])
        yield is_open


class OutboxCollector(Collector):
    """What waits in the outbox, of all processes: one grouped query, at most every METRICS_OUTBOX_CACHE_S."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._read_at, self._lanes = float("-inf"), list[Lane]()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; none when the database does not answer, which /readyz/ says."""
        lanes = self._current()
        waiting = GaugeMetricFamily("shop_outbox_waiting", "Messages not delivered yet.", labels=["lane"])
        oldest = GaugeMetricFamily("shop_outbox_oldest_seconds", "How long the oldest due one waits.", labels=["lane"])
        # Of the lane `index`: how far search may be behind the shop. A retry is not due, yet it is behind.
        behind = GaugeMetricFamily(
            "shop_outbox_behind_seconds", "How long ago the oldest undelivered one was written.", labels=["lane"]
        )
        given_up = GaugeMetricFamily("shop_outbox_given_up", "Messages given up, to be replayed.", labels=["lane"])
        for lane in lanes:
            waiting.add_metric([lane.name], lane.waiting)
            oldest.add_metric([lane.name], lane.oldest_s)
            behind.add_metric([lane.name], lane.behind_s)
            given_up.add_metric([lane.name], lane.given_up)
        yield from (waiting, oldest, behind, given_up)

    def _current(self) -> list[Lane]:
        with self._lock:
            if time.monotonic() - self._read_at > settings.METRICS_OUTBOX_CACHE_S:
                try:
                    self._lanes = lanes_now()
                except Error:
                    self._lanes = []
                self._read_at = time.monotonic()
            return self._lanes
