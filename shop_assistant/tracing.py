"""OpenTelemetry spans, sent over OTLP/HTTP when OTEL_EXPORTER_OTLP_ENDPOINT is set; nothing is imported otherwise."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from catalog.observing import Begun, Span, Tracer, Value

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span as OtelSpan
    from opentelemetry.trace import Tracer as OtelTracer

HOW_TO_GET_IT = "pip install -r requirements-tracing.txt"
_PACKAGES = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter")


class TracingPackagesMissing(Exception):
    """Traces are asked for and the packages that send them are not installed; the message says how to get them."""


class OpenTelemetryTracer(Tracer):
    """Makes spans of what `catalog.observing` tells."""

    def __init__(self, tracer: OtelTracer) -> None:
        self._tracer = tracer

    def span(self, name: str, attributes: Mapping[str, Value], *, parent: str = "") -> AbstractContextManager[Span]:
        """Return a span that is current in its block; an exception is told by its type, never by its text."""
        return self._span(name, attributes, parent)

    def begin(self, name: str, attributes: Mapping[str, Value]) -> Begun:
        """Return a span that somebody ends later."""
        return _OpenSpan(self._tracer.start_span(name, attributes=dict(attributes)))

    @contextmanager
    def _span(self, name: str, attributes: Mapping[str, Value], parent: str) -> Iterator[Span]:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = TraceContextTextMapPropagator().extract({"traceparent": parent}) if parent else None
        with self._tracer.start_as_current_span(
            name, context, attributes=dict(attributes), record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield _OpenSpan(span)
            except BaseException as error:
                _mark(span, type(error).__name__)
                raise


class _OpenSpan:
    """One of OpenTelemetry's spans, behind our port."""

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    def set(self, attributes: Mapping[str, Value]) -> None:
        """Add attributes; `name` renames the span (a route is known when it was resolved)."""
        told = dict(attributes)
        name = told.pop("name", "")
        if name:
            self._span.update_name(str(name))
        self._span.set_attributes(told)

    def end(self, *, error: str = "") -> None:
        """End it; `error` marks it as failed."""
        if error:
            _mark(self._span, error)
        self._span.end()


def _mark(span: OtelSpan, error: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR))


def is_installed() -> bool:
    """Return whether the packages that send traces are there."""
    try:
        return all(importlib.util.find_spec(name) is not None for name in _PACKAGES)
    except ModuleNotFoundError:  # of a package above it
        return False


def tracer_to(endpoint: str, *, service: str) -> Tracer:
    """Return a tracer that sends to an OTLP/HTTP endpoint ("http://collector:4318") in the background.

    Raises: TracingPackagesMissing.
    """
    if not is_installed():
        raise TracingPackagesMissing(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is missing: {HOW_TO_GET_IT}"
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return tracer_with(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces"), service=service)


def tracer_with(exporter: SpanExporter, *, service: str, at_once: bool = False) -> Tracer:
    """Return a tracer for any exporter; `at_once` hands it each span when it ends (tests)."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(exporter) if at_once else BatchSpanProcessor(exporter))
    return OpenTelemetryTracer(provider.get_tracer("shop_assistant"))
