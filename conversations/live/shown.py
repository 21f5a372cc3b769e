"""What the funnel is told of products shown in a room, and the tracked link of the viewer who opens one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction

from catalog.accounts.models import Merchant, Shopper
from conversations.funnel.links import make_link
from conversations.funnel.models import ProductLink
from conversations.funnel.services import NewEvent, record_all
from conversations.funnel.steps import Step
from conversations.live.cards import product_ids_in
from conversations.live.errors import NotInThisRoom
from conversations.live.models import Answer, LiveRoom, PinnedProduct


def record_shown(*, merchant: Merchant, room: LiveRoom, answer: Answer, shopper_ids: Iterable[uuid.UUID]) -> None:
    """Record that an answer's products were shown to these shoppers, once each."""
    products = product_ids_in(answer.cards)
    record_all(
        merchant=merchant,
        events=[
            _shown(room, shopper_id, product_id, f"answer:{answer.pk}")
            for shopper_id in shopper_ids
            for product_id in products
        ],
    )


@transaction.atomic
def link_for_viewer(
    *, merchant: Merchant, room: LiveRoom, shopper: Shopper, product_id: int, answer_id: int | None = None
) -> ProductLink:
    """Return the viewer's own tracked link to a product of an answer, or (without answer_id) of the table.

    An answer is broadcast, so its cards carry no link; the client asks for one when the viewer opens a product. Whoever
    opens it was shown it, so that is recorded too when the viewer was not among the askers. The same product of the
    same answer gives the same link again.
    Raises: NotInThisRoom.
    """
    turn_id, place = _where_shown(room, product_id, answer_id)
    record_all(merchant=merchant, events=[_shown(room, shopper.pk, product_id, place)])
    mine = ProductLink.objects.filter(room_id=room.pk, shopper_id=shopper.pk, product_id=product_id, turn_id=turn_id)
    return mine.first() or make_link(
        merchant=merchant,
        product_id=product_id,
        shopper_id=shopper.pk,
        creator_id=room.creator_id,
        surface="live",
        room_id=room.pk,
        turn_id=turn_id,
    )


def _where_shown(room: LiveRoom, product_id: int, answer_id: int | None) -> tuple[int | None, str]:
    if answer_id is None:
        if not PinnedProduct.objects.filter(room=room, product_id=product_id).exists():
            raise NotInThisRoom
        return None, f"room:{room.pk}"
    answer = Answer.objects.filter(pk=answer_id, question__room=room).first()
    if answer is None or product_id not in product_ids_in(answer.cards):
        raise NotInThisRoom
    return answer.turn_id, f"answer:{answer.pk}"


def _shown(room: LiveRoom, shopper_id: uuid.UUID, product_id: int, place: str) -> NewEvent:
    return NewEvent(
        step=Step.PRODUCT_SHOWN,
        shopper_id=shopper_id,
        dedupe_key=f"shown:live:{place}:{product_id}:{shopper_id}",
        creator_id=room.creator_id,
        surface="live",
        room_id=room.pk,
        product_id=product_id,
    )
