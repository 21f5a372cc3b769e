"""The viewers of one room in this process: each event is encoded once and handed to all of them."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import orjson
from django.conf import settings

from catalog.accounts.models import Merchant
from conversations.live.log import LogEntry, Position
from conversations.live.protocol import Presence, You
from conversations.live.viewer import Viewer

PRESENCE_S = 5.0


def frame_text(entry: LogEntry) -> str:
    """Return the event frame of an entry (protocol.Event), encoded."""
    frame = {
        "type": "event",
        "epoch": entry.epoch,
        "seq": entry.sequence,
        "kind": entry.kind,
        "at": entry.at.astimezone(UTC).isoformat(),
        "payload": entry.payload,
    }
    return orjson.dumps(frame).decode()


def joined(texts: list[str]) -> str:
    """Return one frame of several: a JSON array, which stands wherever a frame may."""
    return texts[0] if len(texts) == 1 else f"[{','.join(texts)}]"


class Crowd:
    """The viewers of one room in this process, and how far the log was read."""

    def __init__(self, room_id: uuid.UUID, merchant: Merchant, position: Position) -> None:
        self.room_id = room_id
        self.merchant = merchant
        self.position = position
        self.viewers: set[Viewer] = set()
        self.recent: deque[tuple[int, str]] = deque(maxlen=settings.ROOM_HISTORY_MAX)
        self.bell = asyncio.Event()
        self.presence = 0
        self.elsewhere = 0  # viewers in other processes, as last heard
        self.presence_due = 0.0
        self.delivered_at: deque[float] = deque(maxlen=settings.ROOM_TICK_ABOVE_PER_S + 1)
        self.reader: asyncio.Task[None] | None = None

    def add(self, viewer: Viewer) -> None:
        """Take a viewer whose snapshot may be older or newer than what was read here."""
        self.viewers.add(viewer)
        if viewer.position.epoch < self.position.epoch:
            viewer.when_lost()
        elif viewer.position.epoch == self.position.epoch and not self._remembers(viewer.position.sequence):
            self.position = viewer.position  # read again from there; who has seen it skips it
            self.recent.clear()
        self.bell.set()

    def catch_up(self, viewer: Viewer) -> None:
        """Hand a viewer what was read here and it has not seen."""
        if viewer.position.epoch != self.position.epoch or viewer.is_held:
            return
        self._hand(viewer, [(number, text) for number, text in self.recent if number > viewer.position.sequence])

    def deliver(self, entries: list[LogEntry]) -> None:
        """Encode each entry once and hand it to everyone; the askers of an answer are told besides."""
        items = [(entry.sequence, frame_text(entry)) for entry in entries]
        before, last = self.position.sequence, Position(entries[-1].epoch, entries[-1].sequence)
        self.recent.extend(items)
        self.position = last
        whole = joined([text for _, text in items])
        for viewer in list(self.viewers):
            if viewer.is_held:
                continue
            if viewer.position == Position(last.epoch, before):
                viewer.position = last
                viewer.offer(whole)
            else:
                self._hand(viewer, [item for item in items if item[0] > viewer.position.sequence])
        for entry in entries:
            if entry.kind == "answer":
                self._tell_askers(entry.payload)
        self.delivered_at.extend([asyncio.get_running_loop().time()] * len(entries))

    @property
    def is_lively(self) -> bool:
        """Whether more than ROOM_TICK_ABOVE_PER_S events were delivered within the last second."""
        times = self.delivered_at
        return len(times) == times.maxlen and asyncio.get_running_loop().time() - times[0] < 1.0

    def tell_presence(self) -> None:
        """Say how many shoppers watch, when that changed, at most every PRESENCE_S."""
        now = asyncio.get_running_loop().time()
        if now < self.presence_due or self.presence == self.watching:
            return
        self.presence, self.presence_due = self.watching, now + PRESENCE_S
        self.cast(Presence(viewers=self.presence).model_dump_json())

    @property
    def watching(self) -> int:
        """How many shoppers watch, here and in other processes."""
        return self.watching_here + self.elsewhere

    @property
    def watching_here(self) -> int:
        """How many different shoppers watch here."""
        return len({viewer.shopper_id for viewer in self.viewers})

    def cast(self, text: str) -> None:
        """Hand a frame outside the log to every viewer."""
        for viewer in list(self.viewers):
            if not viewer.is_held:
                viewer.offer(text)

    def lose(self, position: Position) -> None:
        """The log began anew, or ran ahead too far: every viewer takes the snapshot."""
        self.position = position
        self.recent.clear()
        for viewer in list(self.viewers):
            viewer.when_lost()

    def _remembers(self, sequence: int) -> bool:
        oldest = self.recent[0][0] if self.recent else self.position.sequence + 1
        return sequence >= oldest - 1

    def _hand(self, viewer: Viewer, items: list[tuple[int, str]]) -> None:
        if items:
            viewer.position = Position(self.position.epoch, items[-1][0])
            viewer.offer(joined([text for _, text in items]))

    def _tell_askers(self, payload: Mapping[str, Any]) -> None:
        frame = You(question_id=payload["question_id"], answer_id=payload["answer_id"]).model_dump_json()
        for viewer in list(self.viewers):
            if payload["question_id"] in viewer.mine and not viewer.is_held:
                viewer.offer(frame)
