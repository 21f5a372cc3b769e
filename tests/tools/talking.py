"""What tests of tools share: the ports a turn fills, and a context for one shopper."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync

from catalog.accounts.models import Creator, Merchant, Shopper
from conversations.personas.knowledge import CreatorKnowledge
from tools.context import ToolContext
from tools.registry import TOOLS
from tools.results import ToolResult


@dataclass
class Links:
    """Makes the same link for the same product: "link-<product id>"."""

    made: list[int] = field(default_factory=list)

    def link(self, product_id: int, search_id: str = "") -> str:  # noqa: ARG002  (the protocol has it)
        """Return the link's id and remember that it was asked for."""
        self.made.append(product_id)
        return f"link-{product_id}"


@dataclass
class Desk:
    """A desk that remembers what it was asked."""

    state: str = "open"
    asked: list[tuple[str, str]] = field(default_factory=list)

    def open(self, *, reason: str, summary: str) -> str:
        """Take the request."""
        self.asked.append((reason, summary))
        return self.state

    def is_waiting(self) -> bool:
        """Return whether a person was asked."""
        return bool(self.asked)


@dataclass
class Words:
    """What the shopper has said, the newest last."""

    texts: list[str] = field(default_factory=list)

    def said(self) -> list[str]:
        """Return it, the newest first."""
        return self.texts[::-1]


def make_ctx(merchant: Merchant, creator: Creator, shopper: Shopper, **fields: Any) -> ToolContext:
    """A direct message in Traditional Chinese prices: English words, TWD."""
    language = fields.get("language", "en")
    defaults = {
        "merchant_id": merchant.pk,
        "creator_id": creator.pk,
        "shopper_id": shopper.pk,
        "session": f"conversation:{uuid.UUID(int=7)}",
        "surface": "direct",
        "language": language,
        "currency": "TWD",
        "knowledge": CreatorKnowledge(merchant_id=merchant.pk, creator_id=creator.pk, language=language),
        "handoff": Desk(),
        "links": Links(),
    }
    return ToolContext(**{**defaults, **fields})


def call(ctx: ToolContext, name: str, **given: object) -> ToolResult:
    """Call a tool as the agent does, and wait for its result."""
    return async_to_sync(TOOLS[name].call)(ctx, given)
