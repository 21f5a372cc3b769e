"""Two web processes, a Celery worker and beat on PostgreSQL and Redis: heard everywhere, lost nowhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from shop_assistant import story
from shop_assistant.story_client import Frame, Shop, ShopperClient, Socket, client_id
from tests.engines.available import needs_engines
from tests.engines.conftest import ScaledShop

pytestmark = [*needs_engines]
MERCHANT, ROOM = story.MERCHANT, story.ROOM


@asynccontextmanager
async def watching(shop: Shop, language: str = "en") -> AsyncIterator[tuple[Socket, Frame]]:
    """A shopper's socket in the live room, with its hello."""
    async with ShopperClient.arrive(shop, merchant=MERCHANT, language=language) as shopper:
        room = (await shopper.api("GET", f"rooms/{ROOM}/"))["room"]
        async with shopper.socket(f"/ws/rooms/{room}/", "room.v1") as socket:
            yield socket, await socket.until(story.of_type("hello"), "hello")


async def ask(socket: Socket, text: str) -> int:
    await socket.send({"type": "ask", "client_id": client_id(), "text": text})
    ack = await socket.until(story.of_type("ack"), "acknowledgement")
    return int(ack["question_id"])


def event_of(kind: str, question_id: int) -> Callable[[Frame], bool]:
    wanted: Callable[[Frame], bool] = story.of_kind(kind, question_id)
    return wanted


def sequences(socket: Socket) -> list[int]:
    return [frame["seq"] for frame in socket.seen if frame["type"] == "event"]


def is_unbroken(numbers: list[int]) -> bool:
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def wait_until(condition: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.2)


def everything_delivered(shop: ScaledShop) -> bool:
    return shop.ask_database("select count(*) from outbox_outboxmessage where delivered_at is null") == [(0,)]


async def test_an_answer_made_in_a_worker_reaches_the_viewers_of_both_web_processes(shop: ScaledShop) -> None:
    wait_until(lambda: everything_delivered(shop), "the demo's own messages")
    async with watching(shop.a) as (asking, _), watching(shop.b) as (elsewhere, _):
        await elsewhere.until(lambda frame: frame["type"] == "presence" and frame["viewers"] == 2, "both counted")

        question = await ask(asking, "Is the barrier cream okay for a very dry face?")
        answer = await asking.until(event_of("answer", question), "answer")
        same = await elsewhere.until(event_of("answer", question), "answer")
        you = await asking.until(story.of_type("you"), "mention")

    assert same == answer
    assert you["answer_id"] == answer["payload"]["answer_id"]
    assert is_unbroken(sequences(asking))
    # Written before the eyes of the other process's viewers too: the worker's pieces add up to the answer.
    pieces = [frame["text"] for frame in elsewhere.seen if frame["type"] == "answer_delta"]
    assert "".join(pieces) == answer["payload"]["text"]
    pushed = shop.ask_database(
        "select extract(epoch from delivered_at - created_at) from outbox_outboxmessage"
        " where topic = 'live.question_asked' and key = %s",
        str(question),
    )
    assert pushed[0][0] < 4.0  # pushed by id after the commit; the sweep comes every five seconds


async def test_what_a_worker_says_reaches_the_shoppers_socket(shop: ScaledShop) -> None:
    async with (
        ShopperClient.arrive(shop.a, merchant=MERCHANT, language="en") as ann,
        story.Chat.open(ann, surface="direct", place="") as chat,
    ):
        card = story.products(await chat.say("What do you recommend for oily skin?"), at_least=1)[0]
        await story._buy(chat, card, yes="yes, place the order")  # ends with the frame that the worker caused


async def test_two_seconds_without_redis_close_no_socket_and_lose_nothing(shop: ScaledShop) -> None:
    redis = shop.engines.redis
    async with (
        watching(shop.a) as (asking, _),
        watching(shop.b) as (elsewhere, _),
        ShopperClient.arrive(shop.b, merchant=MERCHANT, language="en") as ann,
        story.Chat.open(ann, surface="direct", place="") as chat,
    ):
        redis.kill()
        began = time.monotonic()
        question = await ask(asking, "Can the clay mask be used on holiday by the sea?")
        acknowledged_s = time.monotonic() - began
        await elsewhere.until(event_of("question", question), "question, from the table")
        seen_elsewhere_s = time.monotonic() - began
        said = await chat.say("Do you have a sunscreen?")
        await asyncio.sleep(max(0.0, 2.0 - (time.monotonic() - began)))
        redis.start()  # it comes back empty

        answers = [await socket.until(event_of("answer", question), "answer") for socket in (asking, elsewhere)]
        later = await ask(asking, "And does it sting?")
        await elsewhere.until(event_of("question", later), "a question after the outage")

    assert said["speaker"] == "double"
    assert answers[0] == answers[1]
    assert is_unbroken(sequences(asking))
    assert is_unbroken(sequences(elsewhere))
    assert acknowledged_s < 5.0
    assert seen_elsewhere_s < 8.0
    wait_until(lambda: everything_delivered(shop), "what could not be pushed")
    rows = shop.ask_database("select count(*), count(distinct sequence) from live_roomevent where kind = 'question'")
    assert rows[0][0] == rows[0][1]


async def test_a_socket_that_was_open_during_the_outage_is_told_what_it_missed(shop: ScaledShop) -> None:
    async with (
        ShopperClient.arrive(shop.a, merchant=MERCHANT, language="en") as ann,
        story.Chat.open(ann, surface="direct", place="") as chat,
    ):
        (conversation,) = shop.ask_database("select id from chat_conversation order by created_at desc limit 1")[0]
        say = (
            "from catalog.accounts.scoping import every_merchant\n"
            "from conversations.chat.services import say\n"
            "with every_merchant():\n"
            f"    say(conversation_id='{conversation}', speaker='system', text='{{}}')\n"
        )
        shop.engines.redis.kill()
        shop.run(say.format("said in the dark"))
        shop.engines.redis.start()

        missed = await chat.socket.until(story.of_type("arrived"), "what was said meanwhile")
        shop.run(say.format("said in the light"))
        heard = await chat.socket.until(story.of_type("arrived"), "what was said after")

    assert missed["message"]["text"] == "said in the dark"
    assert heard["message"]["text"] == "said in the light"


_PUBLISH = """
from django.db import transaction
from catalog.accounts.scoping import every_merchant
from catalog.outbox.services import Outgoing, publish_many
from catalog.products.models import Product
with every_merchant(), transaction.atomic():
    found = list(Product.objects.values_list("pk", "merchant_id")[:100])
    for number in range(3):
        publish_many("product.changed", [Outgoing(str(pk), {"product_ids": [pk]}) for pk, _ in found],
                     merchant_id=found[0][1])
"""


def _delivered(shop: ScaledShop, query: str, before: int, target: int) -> bool:
    found: int = shop.ask_database(query, before)[0][0]
    return found >= target


def test_a_worker_killed_three_times_loses_nothing(shop: ScaledShop) -> None:
    wait_until(lambda: everything_delivered(shop), "earlier messages")
    (before,) = shop.ask_database("select max(id) from outbox_outboxmessage")[0]
    query = "select count(*) from outbox_outboxmessage where id > %s and delivered_at is not null"

    shop.worker.kill()
    shop.run(_PUBLISH)
    for target in (30, 90, 150):
        shop.worker.start()
        wait_until(partial(_delivered, shop, query, before, target), f"{target} delivered")
        shop.worker.kill()
    # Whoever was killed holds a lease for a minute; here it is let go at once.
    shop.ask_database(
        "update outbox_outboxmessage set leased_until = now() - interval '1 s' where leased_until > now() returning id"
    )
    shop.worker.start()
    wait_until(lambda: everything_delivered(shop), "all 300", within_s=90)

    rows = shop.ask_database(
        "select count(*), max(attempts) from outbox_outboxmessage where lane = 'index' and id > %s", before
    )
    assert rows == [(300, 1)]


def test_the_sweep_drains_a_queue_that_redis_forgot(shop: ScaledShop) -> None:
    shop.worker.stop()
    shop.run(_PUBLISH)
    shop.engines.redis.kill()
    shop.engines.redis.start()  # empty: every push is lost
    shop.worker.start()

    wait_until(lambda: everything_delivered(shop), "all that was pushed and lost", within_s=90)
