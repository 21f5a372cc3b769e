"""The server's side of a chat socket, played from Python with the real frames of `conversations.chat.protocol`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page, Route, WebSocketRoute
from pydantic import BaseModel

from conversations.chat.protocol import PersonaFace, Said, Welcome

CONVERSATION = "11111111-1111-4111-8111-111111111111"
FACES = {
    "en": PersonaFace(
        creator_slug="mei",
        creator_name="Mei",
        name="Mei’s double",
        label="AI",
        avatar_url="/static/demo/mei-avatar.svg",
        disclosure="You’re talking to an AI trained on Mei’s posts. It can be wrong.",
        opener="Hi, I’m Mei’s double. Tell me your skin and your budget, I’ll show you what Mei uses.",
        suggestions=("A morning routine for oily skin", "Something under $40", "No. 3 and retinal together?"),
    ),
    "zh-hant": PersonaFace(
        creator_slug="mei",
        creator_name="小梅",
        name="小梅的分身",
        label="AI",
        avatar_url="/static/demo/mei-avatar.svg",
        disclosure="你正在和 AI 對話，它學了小梅的說話方式，可能會出錯。",
        opener="嗨，今天皮膚怎麼了？說說膚況和預算就好。",
        suggestions=("油性敏感肌早上怎麼擦？", "NT$1,000 以內有什麼推薦？", "3 號和 A 醛能一起用嗎？"),
    ),
}


def now() -> str:
    """This moment, as frames carry it."""
    return datetime.now(UTC).isoformat()


class Talk:
    """Answers the page's REST and socket calls; keeps what it received."""

    def __init__(self, page: Page, *, language: str = "en", welcome: dict[str, Any] | None = None) -> None:
        self.page = page
        self.language = language
        self.received: list[dict[str, Any]] = []
        self.sockets: list[WebSocketRoute] = []
        self.on_frame: Callable[[dict[str, Any]], None] = lambda frame: None
        self.sequence = 0
        self.turn = 0
        self._welcome = welcome or {}
        page.route("**/api/v1/**/conversations/", self._open)
        page.route_web_socket("**/ws/chat/**", self._connect)

    @property
    def frames(self) -> list[str]:
        """The types of the frames received, in order."""
        return [frame["type"] for frame in self.received]

    def send(self, frame: BaseModel | dict[str, Any]) -> None:
        """Send a frame to the page's newest socket."""
        data = frame.model_dump(mode="json") if isinstance(frame, BaseModel) else frame
        self.sockets[-1].send(json.dumps(data))

    def drop(self, code: int = 1011) -> None:
        """Break the newest socket."""
        self.sockets[-1].close(code=code)

    def said(self, text: str, *, speaker: str = "double", **fields: Any) -> Said:
        """Return the next message of the conversation."""
        self.sequence += 1
        face = FACES[self.language]
        base = {"sequence": self.sequence, "speaker": speaker, "name": face.name, "text": text}
        return Said.model_validate({**base, "language": self.language, "at": now(), **fields})

    def accept(self, frame: dict[str, Any]) -> None:
        """Acknowledge a message."""
        self.sequence += 1
        self.turn += 1
        self.send({"type": "accepted", "client_id": frame["client_id"], "turn": self.turn, "sequence": self.sequence})

    def answer(self, text: str, **fields: Any) -> None:
        """Finish the running turn with `text`."""
        said = self.said(text, **fields)
        self.send({"type": "done", "turn": self.turn, "state": "done", "message": said.model_dump(mode="json")})

    def _open(self, route: Route) -> None:
        route.fulfill(json={"conversation": CONVERSATION, "token": "opaque"})

    def _connect(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(self._receive)
        fields: dict[str, Any] = {
            "conversation": CONVERSATION,
            "persona": FACES[self.language],
            "language": self.language,
            "currency": "USD",
            "owner": "double",
            "messages": (),
            "cart_count": 0,
            "limits": {"message_chars": 2000},
        }
        self.send(Welcome.model_validate({**fields, **self._welcome}))

    def _receive(self, message: str | bytes) -> None:
        frame = json.loads(message)
        self.received.append(frame)
        self.on_frame(frame)
