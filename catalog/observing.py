"""What happens in the house, told to whoever watches: numbers for metrics, spans for tracing, ids for log lines.

The lowest floor declares the port and `shop_assistant.observability` fills it; with nobody watching each call costs a
comparison. Never tell it texts, names, e-mails or addresses.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Protocol

Value = str | int | float | bool
_NONE: Mapping[str, Value] = MappingProxyType({})


class Span(Protocol):
    """One piece of work that is under way."""

    def set(self, attributes: Mapping[str, Value]) -> None:
        """Add what became known meanwhile."""
        ...


class Begun(Span, Protocol):
    """A span that has no block: whoever began it ends it, wherever that is."""

    def end(self, *, error: str = "") -> None:
        """End it; `error` is the kind of what went wrong."""
        ...


class Tracer(Protocol):
    """Keeps spans."""

    def begin(self, name: str, attributes: Mapping[str, Value]) -> Begun:
        """Return a span below the current one; it does not become the current one itself."""
        ...

    def span(self, name: str, attributes: Mapping[str, Value], *, parent: str = "") -> AbstractContextManager[Span]:
        """Return a span that lasts as long as its block; `parent` is a W3C traceparent header."""
        ...


class Meter(Protocol):
    """Keeps numbers. A name or label it does not know is an error: metrics are declared in one table."""

    def count(self, name: str, labels: Mapping[str, str]) -> None:
        """Add one to a counter."""
        ...

    def observe(self, name: str, seconds: float, labels: Mapping[str, str]) -> None:
        """Add a duration to a histogram."""
        ...


class _NoSpan:
    """What a block gets while nobody traces; one object for all of them."""

    def set(self, attributes: Mapping[str, Value]) -> None:
        """Forget it."""

    def __enter__(self) -> _NoSpan:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def end(self, *, error: str = "") -> None:
        """Forget that too."""


_NO_SPAN = _NoSpan()
_tracer: Tracer | None = None
_meter: Meter | None = None
_ids: ContextVar[Mapping[str, Value]] = ContextVar("observed_ids", default=_NONE)


def watch(*, tracer: Tracer | None, meter: Meter | None) -> None:
    """Let these two hear everything from now on; None: nobody."""
    global _tracer, _meter
    _tracer, _meter = tracer, meter


def is_traced() -> bool:
    """Return whether somebody keeps spans: what is costly to find out is found out for them only."""
    return _tracer is not None


def span(name: str, attributes: Mapping[str, Value] = _NONE, *, parent: str = "") -> AbstractContextManager[Span]:
    """Return a span for a `with` block. Attributes are ids and kinds, never texts."""
    if _tracer is None:
        return _NO_SPAN
    return _tracer.span(name, attributes, parent=parent)


def begin(name: str, attributes: Mapping[str, Value]) -> Begun:
    """Return a span for work that begins in one callback and ends in another."""
    return _NO_SPAN if _tracer is None else _tracer.begin(name, attributes)


def count(name: str, **labels: str) -> None:
    """Add one to the counter `name`."""
    if _meter is not None:
        _meter.count(name, labels)


def observe(name: str, seconds: float, **labels: str) -> None:
    """Add `seconds` to the histogram `name`."""
    if _meter is not None:
        _meter.observe(name, seconds, labels)


@contextmanager
def bound(**ids: Value) -> Iterator[None]:
    """Name what the work in this block belongs to (request, conversation, merchant): its log lines carry it."""
    before = _ids.set({**_ids.get(), **ids})
    try:
        yield
    finally:
        _ids.reset(before)


def bind(**ids: Value) -> None:
    """Add what became known about the work of the innermost `bound` block."""
    _ids.set({**_ids.get(), **ids})


def bound_ids() -> Mapping[str, Value]:
    """Return what the work of this moment belongs to."""
    return _ids.get()


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Return how long it has run."""
        return time.perf_counter() - self._started
