"""Reading what a client sends: a frame, or the complaint that names the field and the remedy."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import ValidationError

from conversations.chat.errors import ChatError
from conversations.chat.protocol import AnyClientFrame, Problem, client_frames

KNOWN = ("message", "resume", "stop", "act", "confirm", "address", "language")
_NO_SUCH_TYPE = ("union_tag_invalid", "union_tag_not_found", "model_attributes_type", "model_type", "dict_type")


def parsed(text: str | None) -> AnyClientFrame | Problem:
    """Return the frame of a text message, or what is wrong with it."""
    if text is None:
        return Problem(code="not_text", message=_("Send JSON as text, not binary."))
    if len(text) > settings.FRAME_BYTES_MAX or len(text.encode()) > settings.FRAME_BYTES_MAX:
        most = settings.FRAME_BYTES_MAX
        return Problem(
            code="too_large", message=_("The frame is larger than %(most)s bytes. Send less.") % {"most": most}
        )
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return Problem(code="not_json", message=_("The frame is not JSON. Send one JSON object."))
    try:
        return client_frames.validate_python(data)
    except ValidationError as error:
        return _problem(error, data)


def refusal(error: ChatError, client_id: str = "") -> Problem:
    """Return what a client is told when its message is not taken."""
    return Problem(code=error.code, field=error.field, message=error.message, client_id=client_id)


def _problem(error: ValidationError, data: Any) -> Problem:
    """Return the first complaint about a frame."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][-1]) if first["loc"] else ""
    if first["type"] in _NO_SUCH_TYPE:
        code, field, text = "unknown_frame", "type", _("type: send one of %(known)s.") % {"known": ", ".join(KNOWN)}
    else:
        code, text = "bad_field", f"{field}: {first['msg']}"
    return Problem(code=code, field=field, message=text, client_id=client_id_of(data))


def client_id_of(data: Any) -> str:
    """Return the client id of what came, when it is one, so that the client knows which message failed."""
    given = data.get("client_id") if isinstance(data, dict) else None
    return given if isinstance(given, str) and len(given) <= 64 else ""
