"""Where a request comes from, for limits by address."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def sender_of(request: HttpRequest) -> str:
    """Return the sender's address; behind our own proxy the one that the proxy saw, which nobody can make up.

    Empty when it is not known: limits by address then rest, those by shopper hold.
    """
    if settings.SECURE_PROXY_SSL_HEADER is None:
        return str(request.META.get("REMOTE_ADDR", ""))[:64]
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    return forwarded.rpartition(",")[2].strip()[:64]
