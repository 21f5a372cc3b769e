"""The wire contract of a direct message: the frames a client sends and receives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tools.results import AnyCard, Card


class ClientFrame(BaseModel):
    """Base of what a client may send: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ClientContext(ClientFrame):
    """What the shopper looks at while writing."""

    content: str = Field(default="", max_length=120)  # slug
    second: int | None = Field(default=None, ge=0, le=86_400)
    product_id: int | None = Field(default=None, ge=1)


class SendMessage(ClientFrame):
    """The shopper wrote something. A repeated `client_id` returns the old turn."""

    type: Literal["message"]
    client_id: str = Field(min_length=8, max_length=64)
    text: str = Field(min_length=1)  # the limit is a setting, checked by the consumer
    context: ClientContext = ClientContext()


class Resume(ClientFrame):
    """After a reconnect: send what was said after this message number."""

    type: Literal["resume"]
    after: int = Field(ge=0)


class Stop(ClientFrame):
    """Stop the answer that is being written."""

    type: Literal["stop"]


class Act(ClientFrame):
    """A button of a card, executed by the shopper's own hand."""

    type: Literal["act"]
    client_id: str = Field(min_length=8, max_length=64)
    act: Literal[
        "cart_add",
        "cart_set",
        "cart_show",
        "checkout",
        "handoff",
        "tell_me",
        "remind",
        "slots",
        "slot",
        "resume_double",
    ]
    variant_id: int | None = Field(default=None, ge=1)
    variant_ids: tuple[int, ...] = Field(default=(), max_length=10)  # "add all three"
    quantity: int = Field(default=1, ge=0, le=99)  # 0 removes
    link_id: str = Field(default="", max_length=24)
    at: str = Field(default="", max_length=40)  # a day to list free times from, or the time chosen
    order_number: str = Field(default="", max_length=24)  # of the order whose appointment moves


class Confirm(ClientFrame):
    """The shopper's yes or no to a proposed write."""

    type: Literal["confirm"]
    action_id: str = Field(min_length=36, max_length=36)
    accept: bool


class SendAddress(ClientFrame):
    """The delivery address asked for by an AddressCard."""

    type: Literal["address"]
    client_id: str = Field(min_length=8, max_length=64)
    recipient: str = Field(min_length=1, max_length=120)
    phone: str = Field(default="", max_length=40)
    line1: str = Field(min_length=1, max_length=200)
    line2: str = Field(default="", max_length=200)
    city: str = Field(min_length=1, max_length=100)
    state: str = Field(default="", max_length=100)
    postal_code: str = Field(default="", max_length=20)
    country: str = Field(min_length=2, max_length=3)
    email: str = Field(default="", max_length=254)
    order_number: str = Field(default="", max_length=24)  # of a placed order that shall go there; empty = the cart


class SetLanguage(ClientFrame):
    """The shopper chose a language."""

    type: Literal["language"]
    language: Literal["en", "zh-hant", "zh-hans"]


AnyClientFrame = Annotated[
    SendMessage | Resume | Stop | Act | Confirm | SendAddress | SetLanguage, Field(discriminator="type")
]
client_frames: TypeAdapter[AnyClientFrame] = TypeAdapter(AnyClientFrame)


class Said(Card):
    """A stored message as a client shows it."""

    sequence: int
    speaker: Literal["shopper", "double", "person", "creator", "system"]
    name: str
    text: str
    language: str
    cards: tuple[AnyCard, ...] = ()
    chips: tuple[str, ...] = ()
    state: Literal["sent", "stopped", "held_back"] = "sent"
    at: str
    client_id: str = ""  # of the turn, on the shopper's own messages


class PersonaFace(Card):
    """Who speaks, as every surface shows it; `label` cannot be hidden."""

    creator_slug: str
    creator_name: str
    name: str  # "Mei's double"
    label: str  # "AI"
    avatar_url: str
    disclosure: str
    opener: str
    suggestions: tuple[str, ...]


class Welcome(Card):
    """First frame after connecting: who is there and what was said last."""

    type: Literal["welcome"] = "welcome"
    conversation: str
    persona: PersonaFace
    language: str
    currency: str
    owner: Literal["double", "waiting", "person"]
    person: str = ""
    messages: tuple[Said, ...]
    cart_count: int
    limits: dict[str, int]
    search_down_since: str = ""


class Accepted(Card):
    """The message was stored; the turn has begun (or was begun before)."""

    type: Literal["accepted"] = "accepted"
    client_id: str
    turn: int
    sequence: int


class Token(Card):
    """A piece of the answer; pieces of one turn add up to a prefix of its text."""

    type: Literal["token"] = "token"
    turn: int
    index: int
    text: str


class Done(Card):
    """The answer as stored. Replaces whatever was streamed."""

    type: Literal["done"] = "done"
    turn: int
    state: Literal["done", "held_back", "stopped", "failed"]
    message: Said


class Arrived(Card):
    """A message that no turn of this socket made: paid, a person wrote, a second tab."""

    type: Literal["arrived"] = "arrived"
    message: Said


class Missed(Card):
    """What was said while the client was away."""

    type: Literal["missed"] = "missed"
    messages: tuple[Said, ...]


class Acted(Card):
    """What a button did."""

    type: Literal["acted"] = "acted"
    client_id: str
    act: str
    cards: tuple[AnyCard, ...] = ()
    text: str = ""
    error: str = ""


class Confirmed(Card):
    """What became of a proposed write."""

    type: Literal["confirmed"] = "confirmed"
    action_id: str
    outcome: Literal["executed", "declined", "expired", "changed", "used", "failed"]
    text: str
    at: str
    cards: tuple[AnyCard, ...] = ()


class CartChanged(Card):
    """How many units lie in the cart now."""

    type: Literal["cart"] = "cart"
    count: int


class OwnerChanged(Card):
    """Who answers from now on."""

    type: Literal["owner"] = "owner"
    owner: Literal["double", "waiting", "person"]
    person: str = ""


class Problem(Card):
    """Something was wrong with what the client sent: which field, and what to do."""

    type: Literal["error"] = "error"
    code: str
    field: str = ""
    message: str
    client_id: str = ""


ServerFrame = (
    Welcome | Accepted | Token | Done | Arrived | Missed | Acted | Confirmed | CartChanged | OwnerChanged | Problem
)
