"""Which requests are a person's choice, and which a machine's look ahead."""

from __future__ import annotations

import re

from django.http import HttpRequest

# Messengers and search engines fetch a link to draw its preview; nobody looked at the product.
_PREVIEW_ROBOTS = re.compile(
    r"bot\b|crawler|spider|slurp|facebookexternalhit|whatsapp|telegram|line-poker|embedly|skypeuripreview|preview",
    re.IGNORECASE,
)


def fetches_ahead(request: HttpRequest) -> bool:
    """Return whether a browser only fetches what may be opened later."""
    purposes = [request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")]
    return any(word in purpose.lower() for purpose in purposes for word in ("prefetch", "prerender", "preview"))


def is_click(request: HttpRequest) -> bool:
    """Return whether a person asked for the page."""
    return request.method == "GET" and not _PREVIEW_ROBOTS.search(request.headers.get("User-Agent", ""))
