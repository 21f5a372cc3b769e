"""Where Prometheus reads: with a token, or, in development, from this machine alone."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from shop_assistant.observability import registry

_LOOPBACK = ("127.0.0.1", "::1")


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics of this process; 404 where nobody may know that they are kept."""
    found = registry()
    if found is None or not _may_read(request):
        return HttpResponse("Not found.\n", status=404, content_type="text/plain")
    from shop_assistant.metrics import exposition  # prometheus_client is there by now: the registry is its object

    return HttpResponse(exposition(found), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read(request: HttpRequest) -> bool:
    """METRICS_TOKEN decides where it is set; without one only a development server tells, and only its own machine."""
    if settings.METRICS_TOKEN:
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        return secrets.compare_digest(request.headers.get("Authorization", "").encode(), wanted)
    if not (settings.DEBUG or settings.BOUND_TO_LOOPBACK):
        return False
    is_proxied = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and not is_proxied
