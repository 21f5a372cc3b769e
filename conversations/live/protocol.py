"""The wire contract of a live room, `room.v1`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class RoomClientFrame(BaseModel):
    """Base of what a viewer may send: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ResumeRoom(RoomClientFrame):
    """First frame after a reconnect: the last event seen."""

    type: Literal["resume"]
    epoch: int = Field(ge=0)
    seq: int = Field(ge=0)


class Ask(RoomClientFrame):
    """A question; sent again with the same `client_id` until it is acknowledged."""

    type: Literal["ask"]
    client_id: str = Field(min_length=8, max_length=64)
    text: str = Field(min_length=1)


class MeToo(RoomClientFrame):
    """Join, or leave, the askers of a question."""

    type: Literal["me_too"]
    question_id: int = Field(ge=1)
    on: bool = True


AnyRoomClientFrame = Annotated[ResumeRoom | Ask | MeToo, Field(discriminator="type")]
room_client_frames: TypeAdapter[AnyRoomClientFrame] = TypeAdapter(AnyRoomClientFrame)


class RoomFrame(BaseModel):
    """Base of what the server sends."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Hello(RoomFrame):
    """First frame: where the log stands and what the limits are. `snapshot` is the room as it is now."""

    type: Literal["hello"] = "hello"
    room: str
    viewer: str  # opaque, for "mine"
    epoch: int
    seq: int
    heartbeat_s: int
    limits: dict[str, int]
    server_time: str
    snapshot: dict[str, Any]  # selectors.room_snapshot: title, state, persona, pinned, earlier, questions, viewers


class Event(RoomFrame):
    """One entry of the room's log. `seq` rises by one within an epoch."""

    type: Literal["event"] = "event"
    epoch: int
    seq: int
    kind: Literal["question", "question_state", "askers", "answer", "pin", "unpin", "stock", "notice", "room"]
    at: str
    payload: dict[str, Any]


class Reset(RoomFrame):
    """Too much was missed, or the log began anew: take the snapshot."""

    type: Literal["reset"] = "reset"
    epoch: int
    seq: int
    snapshot: dict[str, Any]


class Ack(RoomFrame):
    """The question is in the log (or joined an earlier one)."""

    type: Literal["ack"] = "ack"
    client_id: str
    question_id: int
    merged: bool  # True: the same question was there before, you were added to its askers


class Nack(RoomFrame):
    """The frame was refused: why, and when to try again."""

    type: Literal["nack"] = "nack"
    client_id: str = ""
    code: str
    field: str = ""
    message: str
    retry_after_ms: int = 0


class AnswerDelta(RoomFrame):
    """A piece of an answer being written; lossy, the answer event is the truth."""

    type: Literal["answer_delta"] = "answer_delta"
    question_id: int
    index: int
    text: str


class You(RoomFrame):
    """Your question was answered."""

    type: Literal["you"] = "you"
    question_id: int
    answer_id: int


class Presence(RoomFrame):
    """How many watch."""

    type: Literal["presence"] = "presence"
    viewers: int
