"""Who asks, where, and what the tools may reach above them; never part of a tool's arguments."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tools.results import ContentCard


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of what the creator or the shop said, with where it was said."""

    text: str
    title: str
    kind: str  # policy, content, opinion, note
    score: float
    document_id: int
    content_id: int | None = None
    start_s: int | None = None
    end_s: int | None = None


class KnowledgeBase(Protocol):
    """What the double may answer from."""

    def passages(self, question: str, *, kinds: Sequence[str] = (), limit: int = 3) -> list[Passage]:
        """Return the passages that answer `question`, best first; none when nothing fits."""
        ...

    def content_moments(self, question: str, *, product_ids: Sequence[int] = (), limit: int = 2) -> list[ContentCard]:
        """Return moments of the creator's content about `question` or about these products."""
        ...


class HandoffDesk(Protocol):
    """Where a person is asked to take over."""

    def open(self, *, reason: str, summary: str) -> str:
        """Ask for a person; return "open" or "taken". Asking twice changes nothing."""
        ...

    def is_waiting(self) -> bool:
        """Return whether a person was asked, or answers: until the double may go on, nothing is written."""
        ...


class ShopperWords(Protocol):
    """What the shopper has said, for the question whether a value is his own."""

    def said(self) -> Sequence[str]:
        """Return the shopper's own messages in this session, the newest first; nobody else's, nothing quoted."""
        ...


@dataclass(frozen=True, slots=True)
class Silence:
    """A session in which the shopper has said nothing."""

    def said(self) -> Sequence[str]:
        """Return nothing."""
        return ()


class LinkMaker(Protocol):
    """Makes tracked links."""

    def link(self, product_id: int, search_id: str = "") -> str:
        """Return the id of a tracked link to this product for this shopper in this turn.

        `search_id` is the search of the log that found it, so that the click is told there too.
        """
        ...


@dataclass(frozen=True, slots=True)
class Watching:
    """What the shopper is looking at while asking."""

    content_id: int | None = None
    content_slug: str = ""
    second: int | None = None
    product_ids: tuple[int, ...] = ()  # products of that content or room, the one on screen first
    room_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Everything a tool knows beside its arguments."""

    merchant_id: int
    creator_id: int
    shopper_id: uuid.UUID
    session: str  # "conversation:<uuid>": what a confirmation is bound to
    surface: str
    language: str
    currency: str
    knowledge: KnowledgeBase
    handoff: HandoffDesk
    links: LinkMaker
    watching: Watching = field(default_factory=Watching)
    shown_product_ids: tuple[int, ...] = ()  # as last shown, for "the second one"
    needs: Mapping[str, object] = field(default_factory=dict)  # typed slots of this conversation
    may_write: bool = True  # False in live rooms and try-outs: no cart, no checkout, no orders
    words: ShopperWords = field(default_factory=Silence)
