"""Who may open the socket of a conversation: its own shopper, known by token or cookie."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.accounts.shoppers import BadToken, cookie_name, shopper_of_token
from conversations.chat.models import Conversation

PROTOCOL = "chat.v1"


def accepted_protocol(scope: Mapping[str, Any]) -> str | None:
    """Return the subprotocol to answer with: ours when it was offered."""
    return PROTOCOL if PROTOCOL in (scope.get("subprotocols") or []) else None


def visited(scope: Mapping[str, Any], conversation_id: uuid.UUID) -> Conversation | None:
    """Return the conversation that the handshake may open; None for strangers, other shops and unknown ids alike."""
    # The address names no shop: the row tells it, and only its own shopper gets any further.
    with every_merchant():
        rows = Conversation.objects.select_related("merchant", "creator", "shopper")
        conversation = rows.filter(pk=conversation_id).first()
    if conversation is None:
        return None
    with merchant_scope(conversation.merchant):
        try:
            shopper = shopper_of_token(
                merchant=conversation.merchant, token=_offered_token(scope, conversation.merchant)
            )
        except BadToken:
            return None
    return conversation if shopper.pk == conversation.shopper_id else None


def _offered_token(scope: Mapping[str, Any], merchant: Merchant) -> str:
    """Return the token beside our subprotocol, else this shop's cookie, else nothing."""
    offered = [name for name in scope.get("subprotocols") or [] if name != PROTOCOL]
    if offered:
        return str(offered[0])
    header = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
    try:
        kept = SimpleCookie(header.decode("latin-1")).get(cookie_name(merchant))
    except CookieError:
        return ""
    return kept.value if kept else ""
