"""What a room looks like on the wire: the snapshot and the payloads of its events."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from conversations.chat.protocol import PersonaFace
from tools.results import ProductCard


class Payload(BaseModel):
    """Base of what is sent: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def json_object(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return self.model_dump(mode="json")


class AnswerPayload(Payload):
    """An answer; the event `answer`. Cards carry no tracked link: POST rooms/<slug>/links/ makes the viewer's own."""

    question_id: int
    answer_id: int
    speaker: Literal["double", "person", "creator"]
    name: str
    text: str
    language: str
    cards: tuple[dict[str, Any], ...]
    askers: int
    asker_name: str
    at: str


class QuestionPayload(Payload):
    """A question; the event `question`. `mine` and `answer` only stand in a snapshot."""

    question_id: int
    text: str
    language: str
    asker_name: str
    state: Literal["new", "answering", "answered", "saved"]
    askers: int
    asked_at: str
    room_second: int
    mine: bool = False
    answer: AnswerPayload | None = None


class QuestionStatePayload(Payload):
    """The event `question_state`."""

    question_id: int
    state: Literal["new", "answering", "answered", "saved"]


class AskersPayload(Payload):
    """The event `askers`: how many ask this now."""

    question_id: int
    askers: int


class PinPayload(Payload):
    """The event `pin`: what is on the table, in every language of the shop; a pin replaces the one before."""

    pin_id: int
    product_id: int
    pinned_at: str
    ends_at: str | None
    room_second: int
    cards: dict[str, ProductCard]  # by language


class UnpinPayload(Payload):
    """The event `unpin`."""

    pin_id: int
    product_id: int


class RoomPayload(Payload):
    """The event `room`: it opened or ended."""

    state: Literal["scheduled", "live", "ended"]


class PinView(Payload):
    """A pinned product in the reader's language, with its price and stock now."""

    pin_id: int
    pinned_at: str
    ends_at: str | None
    room_second: int
    product: ProductCard


class Counts(Payload):
    """How many questions, answers, and questions of the reader's own."""

    questions: int
    answered: int
    mine: int


class RoomSnapshot(Payload):
    """The room as it is now, for one reader. Events after (epoch, seq) continue it."""

    room: str
    slug: str
    title: str
    state: Literal["scheduled", "live", "ended"]
    epoch: int
    seq: int
    language: str
    currency: str
    persona: PersonaFace
    disclosure: str
    embed_url: str
    poster_url: str
    started_at: str | None
    pinned: PinView | None
    earlier: tuple[PinView, ...]
    questions: tuple[QuestionPayload, ...]
    counts: Counts
    viewers: int
