"""The try-out: a merchant asks a persona version as a shopper would, and sees why it answers so."""

from __future__ import annotations

import json
import uuid
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.accounts.models import Creator, Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import new_shopper
from catalog.accounts.tenancy import only_creator_of, require
from catalog.languages import normalise_language
from conversations.chat.models import Conversation, Speaker, Surface, Turn
from conversations.chat.selectors import said
from conversations.chat.services import open_conversation
from conversations.personas.models import Persona


@require_POST
def say(request: HttpRequest, persona_id: int) -> JsonResponse:
    """Answer one question with a version, draft or live; nothing of it counts in the funnel."""
    persona = _persona(request, persona_id)
    require(request, area="double", act="change", merchant_id=persona.merchant_id)
    text, language, conversation_id = _read(request)
    if not text or len(text) > settings.MESSAGE_CHARS_MAX:
        message = _("text: write 1 to %(most)s characters.") % {"most": settings.MESSAGE_CHARS_MAX}
        return JsonResponse({"error": message}, status=400)
    with merchant_scope(persona.merchant):
        conversation = _conversation(request, persona, language, conversation_id)
        turn = _answered(conversation.pk, text)
        return JsonResponse(_told(conversation, turn))


def _persona(request: HttpRequest, persona_id: int) -> Persona:
    persona = Persona.objects.select_related("merchant", "creator").filter(pk=persona_id).first()
    only = only_creator_of(request.user)
    if persona is None or (only is not None and persona.creator_id != only):
        raise Http404
    return persona


def _read(request: HttpRequest) -> tuple[str, str, uuid.UUID | None]:
    try:
        sent = json.loads(request.body)
    except ValueError:
        sent = {}
    sent = sent if isinstance(sent, dict) else {}
    try:
        conversation_id = uuid.UUID(str(sent.get("conversation")))
    except ValueError:
        conversation_id = None
    return str(sent.get("text") or "").strip(), normalise_language(str(sent.get("language") or "en")), conversation_id


def _conversation(
    request: HttpRequest, persona: Persona, language: str, conversation_id: uuid.UUID | None
) -> Conversation:
    """Go on with the try-out of this page, or begin one in a guest's place."""
    if conversation_id is not None:
        found = Conversation.objects.filter(
            pk=conversation_id, surface=Surface.TRY_OUT, persona_id=persona.pk, language=language
        ).first()
        if found is not None:
            return found
    merchant: Merchant = persona.merchant
    creator: Creator = persona.creator
    shopper: Shopper = new_shopper(merchant=merchant, language=language)
    return open_conversation(
        merchant=merchant,
        creator=creator,
        shopper=shopper,
        surface=Surface.TRY_OUT,
        place=f"user:{request.user.pk}",
        language=language,
        currency=merchant.currency_for(language),
        persona_id=persona.pk,
    )


def _answered(conversation_id: uuid.UUID, text: str) -> Turn:
    from conversations.chat import turns  # brings the agent's machinery, which no other admin page needs

    async def quietly(_frame: Any) -> None:
        """A try-out shows the stored answer; nobody watches it being written."""

    return async_to_sync(turns.answer)(
        conversation_id=conversation_id, client_id=uuid.uuid4().hex, text=text, context={}, on_frame=quietly
    )


def _told(conversation: Conversation, turn: Turn) -> dict[str, Any]:
    reply = turn.messages.filter(speaker=Speaker.DOUBLE).order_by("sequence").last()
    turn.refresh_from_db()
    took = (turn.finished_at - turn.started_at).total_seconds() if turn.finished_at else 0.0
    return {
        "conversation": str(conversation.pk),
        "reply": said(reply).model_dump(mode="json") if reply else None,
        "state": turn.state,
        "seconds": round(took, 1),
        "model": turn.model_name,
        "tools": [
            {"name": call.name, "ms": call.duration_ms, "result": call.result[:200], "error": call.error}
            for call in turn.tool_calls.all()
        ],
        "trace": turn.trace,
    }
