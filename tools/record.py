"""What a tool call leaves for the log: noted while it runs, written when it has ended, never seen by the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class Record:
    """Notes of one call."""

    code: str = ""  # why it was refused: the inner code
    subject: str = ""
    provenance: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    action_ref: UUID | None = None


_current: ContextVar[Record | None] = ContextVar("tool_call_record", default=None)


@contextmanager
def recording() -> Iterator[Record]:
    """Collect the notes of what runs inside, other threads of the same call included."""
    record = Record()
    token = _current.set(record)
    try:
        yield record
    finally:
        _current.reset(token)


def note(
    *,
    code: str = "",
    subject: str = "",
    provenance: Mapping[str, str] | None = None,
    shown: Iterable[str] = (),
    action_ref: UUID | None = None,
) -> None:
    """Leave a note for the log; outside a recorded call it is dropped."""
    record = _current.get()
    if record is None:
        return
    record.code = code or record.code
    record.subject = subject or record.subject
    record.provenance |= provenance or {}
    record.shown += [text for text in shown if text and text not in record.shown]
    record.action_ref = action_ref or record.action_ref
