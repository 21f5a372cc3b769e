"""Who knocks at a room: the token and the language that a socket's handshake carries."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.shoppers import cookie_name
from catalog.languages import normalise_language

PROTOCOL = "room.v1"


def accepted_protocol(scope: Mapping[str, Any]) -> str | None:
    """Return the subprotocol to answer with: ours when it was offered."""
    return PROTOCOL if PROTOCOL in (scope.get("subprotocols") or []) else None


def offered_token(scope: Mapping[str, Any], merchant: Merchant) -> str:
    """Return the shopper's token: the subprotocol beside ours, else this shop's cookie, else nothing."""
    offered = [name for name in scope.get("subprotocols") or [] if name != PROTOCOL]
    if offered:
        return str(offered[0])
    header = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
    kept = SimpleCookie(header.decode("latin-1")).get(cookie_name(merchant))
    return kept.value if kept else ""


def wanted_language(scope: Mapping[str, Any], shopper: Shopper) -> str:
    """Return the language of `?language=`, else the shopper's own."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("language")
    return normalise_language(asked[0] if asked else shopper.language)
