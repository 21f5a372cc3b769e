"""A live question from socket to socket: asked, answered by the double, told to all, missed and caught up, bought."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.shoppers import shopper_token
from catalog.database_threads import in_db
from catalog.orders.carts import add_to_cart
from catalog.outbox.worker import drain
from catalog.products.models import Product, Variant
from conversations.funnel.models import FunnelEvent
from conversations.funnel.reports import funnel_report
from conversations.live import services
from conversations.live.models import LiveRoom
from tests.conversations.live.watching import Watcher, make_room, watcher_of
from tests.factories import make_product, make_shopper

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "Does the No. 3 serum suit oily skin?"


@pytest.fixture
def room(in_scope: Merchant) -> LiveRoom:
    room = make_room(in_scope)
    serum = make_product(in_scope, attributes={"skin_types": ["oily"]})
    services.pin(room_id=room.pk, product_id=serum.pk)
    drain()
    return room


async def people(room: LiveRoom) -> tuple[Shopper, Shopper]:
    mina = await in_db(partial(make_shopper, room.merchant, display_name="Mina"))
    return mina, await in_db(partial(make_shopper, room.merchant, display_name="Hana", language="zh-hant"))


async def answer_seen_by(watcher: Watcher) -> list[dict[str, Any]]:
    """Return the frames up to the answer."""
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1].get("kind") != "answer":
        frames.append(await watcher.any())
    return frames


async def test_a_question_is_answered_to_everybody_and_nobody_misses_anything(room: LiveRoom) -> None:
    mina, hana = await people(room)
    asking, watching = await watcher_of(room, mina), await watcher_of(room, hana, language="zh-hant")
    hello = await asking.enter()
    await watching.enter()
    ack = await asking.ask(QUESTION)
    (question,) = await watching.events(1)
    await watching.leave()  # loses the connection before the answer

    await in_db(drain)

    frames = await answer_seen_by(asking)
    answer = frames[-1]
    assert answer["payload"]["question_id"] == ack["question_id"]
    assert (await asking.any())["type"] == "you"
    # Written before the room's eyes: the pieces add up to the answer.
    pieces = "".join(frame["text"] for frame in frames if frame["type"] == "answer_delta")
    assert pieces == answer["payload"]["text"]

    back = await watcher_of(room, hana, language="zh-hant")
    again = await back.enter()
    await back.send(type="resume", epoch=question["epoch"], seq=question["seq"])
    missed = await back.events(answer["seq"] - question["seq"])
    assert [event["seq"] for event in missed] == list(range(question["seq"] + 1, answer["seq"] + 1))
    assert missed[-1] == answer
    assert again["snapshot"]["questions"][0]["answer"]["text"] == answer["payload"]["text"]
    assert (again["snapshot"]["currency"], hello["snapshot"]["currency"]) == ("TWD", "USD")
    await asking.leave()
    await back.leave()


async def test_two_who_ask_the_same_share_one_answer(room: LiveRoom) -> None:
    mina, hana = await people(room)
    first, second = await watcher_of(room, mina), await watcher_of(room, hana, language="en")
    await first.enter()
    await second.enter()
    asked = await first.ask(QUESTION)
    merged = await second.ask("does the no 3 serum suit OILY skin??")
    assert (merged["question_id"], merged["merged"]) == (asked["question_id"], True)

    await in_db(drain)

    answers = [(await answer_seen_by(watcher))[-1] for watcher in (first, second)]
    assert answers[0] == answers[1]
    assert answers[0]["payload"]["askers"] == 2
    for watcher in (first, second):
        assert (await watcher.any()) == {
            "type": "you",
            "question_id": asked["question_id"],
            "answer_id": answers[0]["payload"]["answer_id"],
        }
        await watcher.leave()
    late = await watcher_of(room, await in_db(partial(make_shopper, room.merchant)))
    await late.enter()
    assert (await late.ask(QUESTION))["merged"] is True
    assert (await late.next("you"))["answer_id"] == answers[0]["payload"]["answer_id"]
    await late.leave()


def _buy(room: LiveRoom, shopper: Shopper, link_id: str) -> None:
    variant = Variant.objects.get()
    add_to_cart(
        merchant=room.merchant,
        shopper_id=shopper.pk,
        variant_id=variant.pk,
        quantity=1,
        currency="USD",
        creator_id=room.creator_id,
        source_ref="",
        link_id=link_id,
    )
    drain()


async def test_the_funnel_joins_view_question_product_click_and_cart(room: LiveRoom, client: Client) -> None:
    mina, _ = await people(room)
    watcher = await watcher_of(room, mina)
    await watcher.enter()
    await watcher.ask(QUESTION)
    await in_db(drain)
    answer = (await answer_seen_by(watcher))[-1]["payload"]
    await watcher.leave()
    product = await in_db(Product.objects.get)

    made = await sync_to_async(client.post)(
        "/api/v1/shops/meis-shelf/rooms/evening-clinic/links/",
        {"product_id": product.pk, "answer_id": answer["answer_id"]},
        content_type="application/json",
        headers={"Authorization": f"Shopper {shopper_token(mina)}"},
    )
    await sync_to_async(client.get)(made.json()["url"])
    await in_db(partial(_buy, room, mina, made.json()["link_id"]))

    events = await in_db(lambda: list(FunnelEvent.objects.order_by("occurred_at")))
    assert [event.step for event in events] == [
        "content_viewed",
        "enquiry_sent",
        "product_shown",
        "product_clicked",
        "cart_added",
    ]
    assert {(event.shopper_id, event.creator_id, event.room_id, event.surface) for event in events} == {
        (mina.pk, room.creator_id, room.pk, "live")
    }
    assert events[3].link_id == events[4].link_id == made.json()["link_id"]
    today = timezone.now().date()
    report = await in_db(partial(funnel_report, merchant=room.merchant, start=today, end=today, timezone="UTC"))
    assert report.total.people == (1, 1, 1, 1, 1, 0, 0)
    assert [line.label for line in report.by_surface] == ["Live room"]
    assert report.journeys[0].times == tuple(event.occurred_at for event in events)
