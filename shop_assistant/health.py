"""Is this process alive, and can it serve?"""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, JsonResponse

from catalog.search.backend import backend
from catalog.search.ports import SearchUnavailable


def alive(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process runs."""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers; search may be down and is named: cart and checkout still work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    try:
        backend().product_ids(0)
        search = "up"
    except SearchUnavailable:
        search = "down"
    return JsonResponse({"status": "ready", "database": "up", "search": search})
