"""Reading what a viewer sends: a frame, or the complaint that names the field and the remedy."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import ValidationError

from conversations.live.errors import RoomError
from conversations.live.protocol import Ask, MeToo, Nack, ResumeRoom, room_client_frames


def parsed(message: dict[str, Any]) -> Ask | MeToo | ResumeRoom | Nack:
    """Return the frame of a `websocket.receive` message, or what is wrong with it."""
    text = message.get("text")
    if text is None:
        return Nack(code="not_text", message=_("Send JSON as text, not binary."))
    if len(text.encode()) > settings.FRAME_BYTES_MAX:
        most = settings.FRAME_BYTES_MAX
        return Nack(code="too_large", message=_("The frame is larger than %(most)s bytes.") % {"most": most})
    try:
        data = json.loads(text)
    except ValueError:
        return Nack(code="not_json", message=_("The frame is not JSON."))
    try:
        return room_client_frames.validate_python(data)
    except ValidationError as error:
        return _nack(error, data)


def _nack(error: ValidationError, data: Any) -> Nack:
    """Return the first complaint about a frame: which field, and what is wrong with it."""
    given = data if isinstance(data, dict) else {}
    client_id = given.get("client_id")
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][-1]) if first["loc"] else ""
    if first["type"] in ("union_tag_invalid", "union_tag_not_found", "model_attributes_type", "model_type"):
        code, field = "unknown_frame", "type"
        text = _('type: send one of "ask", "me_too", "resume".')
    else:
        code, text = "bad_field", f"{field}: {first['msg']}"
    return Nack(
        client_id=client_id if isinstance(client_id, str) and len(client_id) <= 64 else "",
        code=code,
        field=field,
        message=text,
    )


def refusal(error: RoomError, client_id: str) -> Nack:
    """Return what a viewer is told when the room refuses."""
    return Nack(
        client_id=client_id,
        code=error.code,
        field=error.field,
        message=error.message,
        retry_after_ms=error.retry_after_ms,
    )
