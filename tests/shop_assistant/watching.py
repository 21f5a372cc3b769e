"""Watching the house in a test: a meter or a tracer for one block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry

from catalog import observing
from shop_assistant.metrics import PrometheusMeter, new_registry

ONE_SUBSCRIBER = {"product.changed": ["catalog.products.indexing.on_product_changed"]}  # whoever else hears of it


@contextmanager
def metered() -> Iterator[CollectorRegistry]:
    """Keep metrics in a registry of their own."""
    registry = new_registry({"chat": 2})
    tracer = observing._tracer
    observing.watch(tracer=tracer, meter=PrometheusMeter(registry))
    try:
        yield registry
    finally:
        observing.watch(tracer=tracer, meter=None)


def value(registry: CollectorRegistry, name: str, **labels: str) -> float:
    """Return one sample; 0 when nothing was told."""
    return registry.get_sample_value(name, labels) or 0.0
