"""A turn that broke off without a reply: nobody waits for it, and the same message sent again is answered once."""

from __future__ import annotations

import asyncio

from conversations.chat import turns
from conversations.chat.models import Message, Turn
from conversations.chat.services import give_up, open_turn
from tests.conversations.chat.shop import Shop, ask, make_conversation

TEXT = "a serum for oily skin"


def said(shop: Shop) -> list[str]:
    return list(Message.objects.order_by("sequence").values_list("speaker", flat=True))


def test_the_next_message_does_not_wait_for_a_turn_that_broke_off(shop: Shop) -> None:
    conversation = make_conversation(shop)
    opened = open_turn(conversation_id=conversation.pk, client_id="first-message", text=TEXT)

    give_up(turn_id=opened.turn.pk)
    heard = ask(conversation, "and a sunscreen?")

    assert heard.turn.state == "done"
    assert Turn.objects.get(pk=opened.turn.pk).state == "failed"
    assert said(shop) == ["shopper", "shopper", "double"]


async def test_the_same_message_sent_again_is_answered_and_stored_once(shop: Shop) -> None:
    conversation = await turns.in_db(make_conversation, shop)
    opened = await turns.in_db(open_turn, conversation_id=conversation.pk, client_id="same-message", text=TEXT)
    await turns.in_db(give_up, turn_id=opened.turn.pk)

    first = await turns.answer(conversation_id=conversation.pk, client_id="same-message", text=TEXT)
    second = await turns.answer(conversation_id=conversation.pk, client_id="same-message", text=TEXT)

    assert (first.pk, first.state, second.pk) == (opened.turn.pk, "done", opened.turn.pk)
    assert await turns.in_db(said, shop) == ["shopper", "double"]


async def test_sent_again_before_the_end_is_known_it_is_answered_when_it_is(shop: Shop) -> None:
    conversation = await turns.in_db(make_conversation, shop)
    opened = await turns.in_db(open_turn, conversation_id=conversation.pk, client_id="same-message", text=TEXT)

    again = asyncio.create_task(turns.answer(conversation_id=conversation.pk, client_id="same-message", text=TEXT))
    await asyncio.sleep(3 * turns.POLL_S)
    await turns.in_db(give_up, turn_id=opened.turn.pk)
    turn = await again

    assert turn.state == "done"
    assert await turns.in_db(said, shop) == ["shopper", "double"]
