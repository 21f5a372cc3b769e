"""Each HTTP request: probes are answered first of all; the others get an id and are told to whoever watches."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from catalog import observing
from shop_assistant.health import alive, ready
from shop_assistant.metrics_view import metrics

log = logging.getLogger("shop_assistant.requests")
_OURS = re.compile(r"[A-Za-z0-9_-]{8,64}")  # a request id of somebody else's is taken if it can do no harm in a log
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
STATIC = "static or unknown"
# Asked by machines, at addresses of their own choice: before hosts are checked and plain HTTP is redirected.
PROBES: Mapping[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "livez": alive,
    "healthz": alive,
    "readyz": ready,
    "metrics": metrics,
}


class ObservingMiddleware:
    """First of all: answers probes whatever the host and scheme, gives each request an id, tells how it went."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        """Answer a request."""
        if self.is_async:
            return self._answer_async(request)
        probe = PROBES.get(request.path_info.strip("/"))
        if probe is not None:
            return probe(request)
        with Told(request) as told:
            return told.answered(self.get_response(request))

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path_info.strip("/"))
        if probe is not None:
            return await sync_to_async(probe)(request)
        with Told(request) as told:
            return told.answered(await self.get_response(request))


class Told:
    """One request under way: its id is on its log lines and in the answer; metrics and span hear how it ended."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        given = request.headers.get("X-Request-ID", "")
        self.id = given if _OURS.fullmatch(given) else uuid.uuid4().hex
        self.method = request.method if request.method in _METHODS else "OTHER"
        self._watch = observing.Stopwatch()
        self._ids = observing.bound(request=self.id)
        about: dict[str, observing.Value] = {"http.request.method": str(self.method), "shop.request": self.id}
        self._block = observing.span(str(self.method), about, parent=request.headers.get("traceparent", ""))

    def __enter__(self) -> Told:
        self._ids.__enter__()
        self._span = self._block.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._block.__exit__(*error)
        self._ids.__exit__(*error)

    def answered(self, response: HttpResponseBase) -> HttpResponseBase:
        """Tell the answer; return it with the request's id."""
        match = self.request.resolver_match
        route, seconds = route_of(match.view_name if match else "", match.route if match else ""), self._watch.seconds
        status = response.status_code
        observing.observe("request_seconds", seconds, method=str(self.method), route=route, status=f"{status // 100}xx")
        self._span.set({"name": f"{self.method} {route}", "http.route": route, "http.response.status_code": status})
        if settings.LOG_REQUESTS and route != STATIC:
            about = {"route": route, "method": self.method, "status": status, "ms": round(seconds * 1000)}
            slug = match.kwargs.get("merchant_slug") if match else None
            log.info("%s %s", self.method, route, extra=about | ({"shop": slug} if slug else {}))
        response.headers["X-Request-ID"] = self.id
        return response


def route_of(view_name: str, route: str) -> str:
    """Return the name under which a request is counted: the route's pattern, all pages of the admin as one."""
    if not route:
        return STATIC
    if view_name.startswith("admin:") or route.startswith("admin/"):
        return "admin"
    return "/" + route
