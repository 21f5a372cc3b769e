"""Everything that changes a live room."""

from conversations.live.answers import answer_as_host, publish_answer, save_for_host, set_answering
from conversations.live.asking import Asked, ask, me_too
from conversations.live.rooms import close_room, open_room, pin, unpin
from conversations.live.shown import link_for_viewer

__all__ = [
    "Asked",
    "answer_as_host",
    "ask",
    "close_room",
    "link_for_viewer",
    "me_too",
    "open_room",
    "pin",
    "publish_answer",
    "save_for_host",
    "set_answering",
    "unpin",
]
