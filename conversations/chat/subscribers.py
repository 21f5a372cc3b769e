"""What happened to an order, said in the conversation it came from."""

from __future__ import annotations

import uuid

from django.utils.translation import override

from catalog.orders.message_texts import TOPICS, message_key, sentence
from catalog.orders.models import Order
from catalog.orders.selectors import order_view
from catalog.outbox.subscribers import Event, subscriber
from conversations.chat.models import Conversation, Speaker, Surface
from conversations.chat.push import nudge
from conversations.chat.services import say
from tools.cards import order_card


@subscriber(lane="slow")
def on_order_message(event: Event) -> None:
    """Say what happened to an order, once, with its card; the shop says it, not the double."""
    with event.scope():
        order = Order.objects.select_related("merchant", "shopper").filter(pk=event.payload["order_id"]).first()
        conversation = _conversation_of(order) if order else None
        if order is not None and conversation is not None:
            _say_of_order(event, order, conversation)


# Rows of the outbox that were written under these names are still to be delivered.
on_order_paid = on_order_cancelled = on_order_message


def _say_of_order(event: Event, order: Order, conversation: Conversation) -> None:
    kind = TOPICS[event.topic]
    key = message_key(kind, event.key)
    with override(conversation.language):
        view = order_view(shopper_id=order.shopper_id, reference=str(order.reference), language=conversation.language)
        say(
            conversation_id=conversation.pk,
            speaker=Speaker.SYSTEM,
            text=sentence(kind, order, event.payload),
            cards=(order_card(view, order.merchant.slug),),
            once_key=f"{event.topic}:{order.reference}:{key}" if key else f"{event.topic}:{order.reference}",
        )
    nudge(conversation.pk, "cart")


def _conversation_of(order: Order) -> Conversation | None:
    """Return the conversation the order came from, else the one this shopper last had with the creator or the shop."""
    own = Conversation.objects.filter(shopper_id=order.shopper_id)
    kind, _colon, value = order.source_ref.partition(":")
    if kind == "conversation":
        try:
            found = own.filter(pk=uuid.UUID(value)).exclude(surface=Surface.LIVE).first()
        except ValueError:
            found = None
        if found is not None:
            return found
    spoken = own.exclude(surface__in=(Surface.LIVE, Surface.TRY_OUT))
    with_creator = spoken.filter(creator=order.creator) if order.creator else spoken
    return with_creator.order_by("-updated_at").first()
