"""The metrics, one table: name, kind, help, labels; kept by prometheus_client.

Imported when a server or worker starts, not by every command (prometheus_client takes a tenth of a second).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, process_collector
from prometheus_client.multiprocess import MultiProcessCollector

from catalog.observing import Meter
from shop_assistant.metrics_now import OutboxCollector, ProcessCollector

OTHER = "other"
MANY = "PROMETHEUS_MULTIPROC_DIR"  # the folder in which processes of one worker add their numbers up
LABEL_VALUES_MAX = 40  # of one label of one metric; what comes later is counted as "other"
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0, 15.0, 30.0, 60.0)

# name: (help, labels, buckets). No label ever holds a merchant, a shopper, a conversation or a text.
HISTOGRAMS: Mapping[str, tuple[str, tuple[str, ...], tuple[float, ...]]] = {
    "request_seconds": ("HTTP requests by route.", ("method", "route", "status"), _FAST),
    "turn_seconds": ("Turns of the double, from the claim to the stored reply.", ("outcome", "model"), _SLOW),
    "turn_first_token_seconds": ("Turns, to the first words that left.", ("model",), _SLOW),
    "tool_seconds": ("Tool calls of the double.", ("tool", "outcome"), _FAST),
    "search_seconds": (
        "Calls of the search engine; failures are the outcomes beside answered.",
        ("engine", "operation", "outcome"),
        _FAST,
    ),
    "delivery_seconds": ("Outbox messages delivered or failed.", ("lane", "topic", "outcome"), _SLOW),
}
COUNTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "webhook_events": ("Events of the payment provider by what was done.", ("outcome",)),
    "order_moves": ("Orders by the state they left and the state they reached.", ("before", "after")),
}


def new_registry(sockets: Mapping[str, int]) -> CollectorRegistry:
    """Return a registry that also tells what is read when somebody asks; `sockets` counts open ones by kind."""
    registry = CollectorRegistry()
    for collector in (ProcessCollector(sockets), OutboxCollector()):
        registry.register(collector)
    if not os.environ.get(MANY):  # memory, processor time, open files: of one process
        process_collector.ProcessCollector(registry=registry)
    return registry


class PrometheusMeter(Meter):
    """Keeps what `catalog.observing` tells."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._histograms = {
            name: Histogram(f"shop_{name}", text, labels, buckets=buckets, registry=registry)
            for name, (text, labels, buckets) in HISTOGRAMS.items()
        }
        self._counters = {
            name: Counter(f"shop_{name}", text, labels, registry=registry) for name, (text, labels) in COUNTERS.items()
        }
        self._seen: dict[tuple[str, str], set[str]] = {}
        self._known: dict[tuple[object, ...], Any] = {}  # (name, labels) -> the child that counts them

    def count(self, name: str, labels: Mapping[str, str]) -> None:
        """Add one."""
        (self._known.get((name, *labels.items())) or self._child(self._counters[name], name, labels)).inc()

    def observe(self, name: str, seconds: float, labels: Mapping[str, str]) -> None:
        """Add a duration."""
        child = self._known.get((name, *labels.items())) or self._child(self._histograms[name], name, labels)
        child.observe(seconds)

    def _child(self, metric: Counter | Histogram, name: str, labels: Mapping[str, str]) -> Any:
        """Return what counts these labels; a label with too many values says "other" from then on."""
        kept = {label: self._bounded(name, label, value) for label, value in labels.items()}
        child = metric.labels(**kept)
        if kept == labels:  # what is "other" is not remembered: there is no end to it
            self._known[(name, *labels.items())] = child
        return child

    def _bounded(self, name: str, label: str, value: str) -> str:
        seen = self._seen.setdefault((name, label), set())
        if value not in seen and len(seen) >= LABEL_VALUES_MAX:
            return OTHER
        seen.add(value)
        return value


def exposition(registry: CollectorRegistry) -> bytes:
    """Return the metrics as Prometheus reads them; with PROMETHEUS_MULTIPROC_DIR those of all processes sharing it."""
    if not os.environ.get(MANY):
        return generate_latest(registry)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # prometheus_client has no type here
    return generate_latest(together)
