"""What a shopper does by hand in a conversation: buttons, the yes to a proposal, the address form; no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.database_threads import in_db
from conversations.chat.briefs import tool_context
from conversations.chat.models import Conversation, Speaker, Turn, TurnState
from conversations.chat.protocol import Act, Acted, Confirm, Confirmed, SendAddress
from conversations.chat.push import nudge
from conversations.chat.services import resume_double, say
from tools import dispatch
from tools.context import ToolContext
from tools.results import AnyCard

_CART_ACTS = ("cart_add", "cart_set", "slot")
_KEPT_CARDS = ("confirm", "checkout", "handoff")  # worth finding again after a reload


@dataclass(frozen=True, slots=True)
class Kept:
    """A frame for the client that acted, and the message stored for every other one."""

    frame: Acted | Confirmed
    sequence: int | None = None


async def press(*, conversation: Conversation, frame: Act) -> Kept:
    """Do what a card's button says; a repeated `client_id` does nothing again and shows the cart as it is."""
    ctx = await in_db(tool_context, conversation)
    is_new = await in_db(_once, conversation, frame)
    if frame.act == "resume_double":
        if is_new:
            await in_db(resume_double, conversation_id=conversation.pk)
        return Kept(Acted(client_id=frame.client_id, act=frame.act))
    result = await dispatch.act(
        ctx=ctx,
        act=frame.act if is_new else "cart_show",
        variant_id=frame.variant_id,
        variant_ids=frame.variant_ids,
        quantity=frame.quantity,
        link_id=frame.link_id,
        at=frame.at,
        order_number=frame.order_number,
    )
    if frame.act in _CART_ACTS:
        await in_db(nudge, conversation.pk, "cart")
    acted = Acted(client_id=frame.client_id, act=frame.act, cards=result.cards, text=result.text, error=result.error)
    return Kept(acted, await _keep(conversation, f"act:{frame.client_id}", result.text, result.cards))


async def send_address(*, conversation: Conversation, frame: SendAddress) -> Kept:
    """Keep the delivery address and go on with the checkout."""
    ctx = await in_db(tool_context, conversation)
    fields = frame.model_dump(exclude={"type", "client_id"})
    result = await dispatch.save_address(ctx=ctx, fields=fields)
    acted = Acted(client_id=frame.client_id, act="address", cards=result.cards, text=result.text, error=result.error)
    return Kept(acted, await _keep(conversation, f"act:{frame.client_id}", result.text, result.cards))


async def confirm(*, conversation: Conversation, frame: Confirm) -> Kept:
    """Carry out, or decline, what was proposed to this shopper in this conversation; at most once."""
    ctx: ToolContext = await in_db(tool_context, conversation)
    done = await dispatch.execute(ctx=ctx, action_id=frame.action_id, accept=frame.accept)
    confirmed = Confirmed(
        action_id=frame.action_id, outcome=done.outcome, text=done.text, at=done.at.isoformat(), cards=done.cards
    )
    sequence = None
    if done.outcome in ("executed", "declined"):
        await in_db(nudge, conversation.pk, "cart")
        sequence = await _keep(conversation, f"confirm:{frame.action_id}", done.text, done.cards, always=True)
    return Kept(confirmed, sequence)


def _once(conversation: Conversation, frame: Act) -> bool:
    """Note the act under its client id; False when it was done before. Noted first: a lost act is better than two."""
    now = timezone.now()
    try:
        with transaction.atomic():
            Turn.objects.create(
                merchant=conversation.merchant,
                conversation=conversation,
                client_id=frame.client_id,
                state=TurnState.DONE,
                context={"act": frame.act},
                trace={"act": frame.model_dump(mode="json")},
                deadline_at=now,
                finished_at=now,
                model_name="button",
            )
    except IntegrityError:
        return False
    return True


async def _keep(
    conversation: Conversation, once_key: str, text: str, cards: Sequence[AnyCard], *, always: bool = False
) -> int | None:
    """Store what a reload must still show, once; return its number."""
    if not always and not any(card.kind in _KEPT_CARDS for card in cards):
        return None
    message = await in_db(
        say, conversation_id=conversation.pk, speaker=Speaker.SYSTEM, text=text, cards=tuple(cards), once_key=once_key
    )
    return message.sequence if message else None
