"""Is this process alive, and can it serve? Which part is down, and since how many milliseconds it was waited for."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

from shop_assistant.health_parts import report


def alive(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process runs; looks at nothing else, so that no outage has it restarted."""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 while this process can serve; 503, naming what is down, when a part of READY_REQUIRES is.

    Another part that is down makes the status "degraded": carts, checkout and orders work without search, and sockets
    outlive Redis; a balancer that took every server away for it would make a small outage a whole one.
    """
    found = report()
    body = {
        "status": found.status,
        "down": list(found.down),
        "parts": {part.name: {"state": part.state, "ms": part.ms, **part.more} for part in found.parts},
    }
    return JsonResponse(body, status=503 if found.status == "unavailable" else 200)
