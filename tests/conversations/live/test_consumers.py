"""The room's socket: who comes in, what is refused, and that nobody misses or repeats an event."""

from __future__ import annotations

import asyncio
import json
import uuid
from functools import partial
from typing import Any

import pytest

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import cookie_name, shopper_token
from catalog.database_threads import in_db
from conversations.funnel.models import FunnelEvent
from conversations.live import consumers, services
from conversations.live.hub import hub
from conversations.live.log import room_log
from conversations.live.models import Asker, LiveRoom, Question
from tests.conversations.live.watching import Watcher, application, make_room, watcher_of
from tests.factories import make_merchant, make_shopper
from tests.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(in_scope: Merchant) -> LiveRoom:
    return make_room(in_scope)


async def publish(room: LiveRoom, number: int) -> None:
    await in_db(
        partial(room_log().publish, room_id=room.pk, kind="notice", payload={"n": number}, once_key=f"notice:{number}")
    )


async def test_hello_carries_the_room_as_it_is(room: LiveRoom, in_scope: Merchant) -> None:
    watcher = await watcher_of(room, await in_db(partial(make_shopper, in_scope)))

    hello = await watcher.enter()

    assert (hello["room"], hello["epoch"], hello["seq"]) == (str(room.pk), room.epoch, 1)
    assert hello["limits"] == {"question_chars": 300, "asks_per_10s": 5, "frame_bytes": 16_384}
    snapshot = hello["snapshot"]
    assert (snapshot["title"], snapshot["state"], snapshot["viewers"]) == ("Mei's evening skin clinic", "live", 1)
    assert snapshot["disclosure"] == "Typed answers come from Mei's AI double. It can be wrong."
    assert hub.watching(room.pk) == 1
    await watcher.leave()
    assert hub.watching(room.pk) == 0


async def test_coming_in_is_a_view_once_a_room(room: LiveRoom, in_scope: Merchant) -> None:
    shopper = await in_db(partial(make_shopper, in_scope))
    for _ in range(2):
        watcher = await watcher_of(room, shopper)
        await watcher.enter()
        await watcher.leave()

    events = await in_db(lambda: list(FunnelEvent.objects.values_list("step", "surface", "room_id", "creator_id")))
    assert events == [("content_viewed", "live", room.pk, room.creator_id)]


async def refused(watcher: Socket) -> int:
    accepted, code = await watcher.connect(timeout=5)
    assert accepted is False
    return int(code)


async def test_an_unknown_room_and_a_bad_token_are_refused(room: LiveRoom, in_scope: Merchant) -> None:
    shopper = await in_db(partial(make_shopper, in_scope))
    other = await in_db(partial(make_merchant))
    with merchant_scope(other):
        stranger = await in_db(partial(make_shopper, other))
    token = shopper_token(shopper)

    assert await refused(Watcher(uuid.uuid4(), token).socket) == 4404
    for bad in ("", "forged", token[:-2] + "xx", shopper_token(stranger)):
        assert await refused(Watcher(room.pk, bad).socket) == 4403
    assert await in_db(FunnelEvent.objects.count) == 0


async def test_the_shops_cookie_lets_a_shopper_in(room: LiveRoom, in_scope: Merchant) -> None:
    shopper = await in_db(partial(make_shopper, in_scope))
    cookie = f"other=1; {cookie_name(in_scope)}={shopper_token(shopper)}".encode()
    watcher = Watcher(room.pk, "", headers=[(b"cookie", cookie)])

    assert (await watcher.enter())["viewer"] == str(shopper.pk)
    await watcher.leave()


async def test_a_question_reaches_everybody_and_is_acknowledged(room: LiveRoom, in_scope: Merchant) -> None:
    mina, hana = [await in_db(partial(make_shopper, in_scope, display_name=name)) for name in ("Mina", "Hana")]
    asking, watching = await watcher_of(room, mina), await watcher_of(room, hana)
    await asking.enter()
    await watching.enter()

    ack = await asking.ask("Does the No. 3  suit oily skin?", "client-0001")

    (event,) = await watching.events(1)
    assert (event["kind"], event["seq"], event["epoch"]) == ("question", 2, room.epoch)
    assert event["payload"]["text"] == "Does the No. 3 suit oily skin?"
    assert (event["payload"]["asker_name"], event["payload"]["askers"]) == ("Mina", 1)
    assert ack == {
        "type": "ack",
        "client_id": "client-0001",
        "question_id": event["payload"]["question_id"],
        "merged": False,
    }
    again = await asking.ask("Does the No. 3 suit oily skin?", "client-0001")
    assert again == ack
    assert await in_db(Question.objects.count) == 1
    await asking.leave()
    await watching.leave()


async def test_a_copy_joins_the_askers(room: LiveRoom, in_scope: Merchant) -> None:
    first, second = [await watcher_of(room, await in_db(partial(make_shopper, in_scope))) for _ in range(2)]
    await first.enter()
    await second.enter()
    asked = await first.ask("Does the No. 3 suit oily skin?")

    merged = await second.ask("hi, does the no 3 suit OILY skin??")

    assert (merged["question_id"], merged["merged"]) == (asked["question_id"], True)
    await second.send(type="me_too", question_id=asked["question_id"], on=False)
    second.frames.extendleft(reversed(second.kept))
    kinds = [(event["kind"], event["payload"].get("askers")) for event in await second.events(3)]
    assert kinds == [("question", 1), ("askers", 2), ("askers", 1)]
    await first.leave()
    await second.leave()


async def test_who_comes_back_gets_what_was_missed_once_and_in_order(room: LiveRoom, in_scope: Merchant) -> None:
    shopper = await in_db(partial(make_shopper, in_scope))
    watcher = await watcher_of(room, shopper)
    hello = await watcher.enter()
    await watcher.send(type="resume", epoch=hello["epoch"], seq=hello["seq"])
    await publish(room, 1)
    (seen,) = await watcher.events(1)
    await watcher.leave()
    for number in (2, 3):
        await publish(room, number)

    back = await watcher_of(room, shopper)
    await back.enter()
    await publish(room, 4)  # between hello and resume
    await asyncio.sleep(0.05)
    await back.send(type="resume", epoch=seen["epoch"], seq=seen["seq"])
    await publish(room, 5)

    events = await back.events(4)
    assert [event["payload"]["n"] for event in events] == [2, 3, 4, 5]
    assert [event["seq"] for event in events] == [seen["seq"] + step for step in (1, 2, 3, 4)]
    await publish(room, 6)
    assert [event["payload"]["n"] for event in await back.events(1)] == [6]
    await back.leave()


async def test_a_viewer_who_says_nothing_is_let_in_after_a_moment(
    room: LiveRoom, in_scope: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HOLD_S", 0.05)
    watcher = await watcher_of(room, await in_db(partial(make_shopper, in_scope)))
    await watcher.enter()

    await publish(room, 1)

    assert (await watcher.next("event"))["payload"] == {"n": 1}
    await watcher.leave()


@pytest.mark.parametrize("case", ["other epoch", "future", "too far back"])
async def test_a_place_that_cannot_be_resumed_is_answered_with_the_snapshot(
    room: LiveRoom, in_scope: Merchant, settings: Any, case: str
) -> None:
    settings.ROOM_HISTORY_MAX = 3
    for number in range(5):
        await publish(room, number)
    watcher = await watcher_of(room, await in_db(partial(make_shopper, in_scope)))
    hello = await watcher.enter()
    place = {
        "other epoch": (hello["epoch"] - 1, 2),
        "future": (hello["epoch"], 99),
        "too far back": (hello["epoch"], 1),
    }

    await watcher.send(type="resume", epoch=place[case][0], seq=place[case][1])

    reset = await watcher.next("reset")
    assert (reset["epoch"], reset["seq"], reset["snapshot"]["slug"]) == (room.epoch, 6, "evening-clinic")
    await publish(room, 9)
    assert [event["seq"] for event in await watcher.events(1)] == [7]
    await watcher.leave()


async def test_a_room_opened_again_resets_its_viewers(room: LiveRoom, in_scope: Merchant) -> None:
    watcher = await watcher_of(room, await in_db(partial(make_shopper, in_scope)))
    hello = await watcher.enter()
    await watcher.send(type="resume", epoch=hello["epoch"], seq=hello["seq"])

    await in_db(partial(services.close_room, room_id=room.pk))
    assert (await watcher.next("event"))["payload"] == {"state": "ended"}
    await in_db(partial(services.open_room, room_id=room.pk))

    reset = await watcher.next("reset")
    assert (reset["epoch"] > hello["epoch"], reset["seq"], reset["snapshot"]["state"]) == (True, 1, "live")
    await watcher.leave()


BAD_FRAMES: list[tuple[str, str, str]] = [
    ("{", "not_json", ""),
    ("", "not_json", ""),
    ("[]", "unknown_frame", "type"),
    ("null", "unknown_frame", "type"),
    ("{}", "unknown_frame", "type"),
    ('{"type":"shout"}', "unknown_frame", "type"),
    ('{"type":["ask"]}', "unknown_frame", "type"),
    ('{"type":"ask","client_id":"12345678"}', "bad_field", "text"),
    ('{"type":"ask","client_id":"12345678","text":""}', "bad_field", "text"),
    ('{"type":"ask","client_id":"12345678","text":"   "}', "bad_field", "text"),
    ('{"type":"ask","client_id":"short","text":"is it gentle"}', "bad_field", "client_id"),
    ('{"type":"ask","client_id":"12345678","text":"is it gentle","price":1}', "bad_field", "price"),
    ('{"type":"ask","client_id":"12345678","text":5}', "bad_field", "text"),
    ('{"type":"me_too","question_id":0}', "bad_field", "question_id"),
    ('{"type":"me_too","question_id":"x"}', "bad_field", "question_id"),
    ('{"type":"me_too","question_id":987654321}', "no_such_question", "question_id"),
    ('{"type":"resume","epoch":-1,"seq":0}', "bad_field", "epoch"),
    ('{"type":"ask","client_id":"12345678","text":"' + "a" * 301 + '"}', "too_long", "text"),
    ('{"type":"ask","client_id":"12345678","text":"hello!"}', "not_a_question", "text"),
    ('{"type":"ask","client_id":"12345678","text":"' + "a" * 17_000 + '"}', "too_large", ""),
]


async def test_bad_frames_are_answered_with_field_and_remedy_and_leave_nothing(
    room: LiveRoom, in_scope: Merchant
) -> None:
    watcher = await watcher_of(room, await in_db(partial(make_shopper, in_scope)))
    await watcher.enter()
    for text, code, field in BAD_FRAMES:
        await watcher.socket.send_to(text_data=text)
        nack = await watcher.next("nack")
        assert (nack["code"], nack["field"]) == (code, field), text
        assert nack["message"]
        if field:
            assert nack["message"].startswith(f"{field}: "), nack
    await watcher.socket.send_to(bytes_data=b"\xff")
    assert (await watcher.next("nack"))["code"] == "not_text"

    assert await in_db(Question.objects.count) == 0
    assert await in_db(Asker.objects.count) == 0
    assert (await watcher.ask("Is it gentle?"))["type"] == "ack"
    await watcher.leave()


async def test_a_nack_is_in_the_viewers_language_and_names_the_frame(room: LiveRoom, in_scope: Merchant) -> None:
    watcher = await watcher_of(room, await in_db(partial(make_shopper, in_scope)))
    await watcher.enter()

    nack = await watcher.ask("❤️❤️❤️", "client-0009")

    assert (nack["code"], nack["client_id"]) == ("not_a_question", "client-0009")
    await watcher.leave()


async def test_asking_too_fast_is_refused_with_a_time_to_wait(room: LiveRoom, in_scope: Merchant) -> None:
    watcher = await watcher_of(room, await in_db(partial(make_shopper, in_scope)))
    await watcher.enter()
    words = ["gentle", "vegan", "sticky", "heavy", "matte", "greasy"]
    answers = [await watcher.ask(f"Is the cream {word}?") for word in words]

    assert [answer["type"] for answer in answers] == ["ack"] * 5 + ["nack"]
    assert answers[-1]["code"] == "too_many"
    assert 0 < answers[-1]["retry_after_ms"] <= 10_001
    assert await in_db(Question.objects.count) == 5
    await watcher.leave()


async def test_a_flood_of_frames_closes_the_socket(room: LiveRoom, in_scope: Merchant) -> None:
    watcher = await watcher_of(room, await in_db(partial(make_shopper, in_scope)))
    await watcher.enter()
    for _ in range(consumers.FRAMES_PER_10S + 1):
        await watcher.socket.send_to(text_data="{")
    codes: list[int] = []
    while not codes:
        output = await watcher.socket.receive_output(timeout=5)
        codes = [output["code"]] if output["type"] == "websocket.close" else []

    assert codes == [4029]
    await watcher.leave()


async def test_presence_counts_shoppers_and_speaks_only_of_changes(
    room: LiveRoom, in_scope: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.live.crowd.PRESENCE_S", 0.0)
    monkeypatch.setattr(consumers, "HOLD_S", 0.0)
    mina, hana = [await in_db(partial(make_shopper, in_scope)) for _ in range(2)]
    first, tab, second = [await watcher_of(room, who) for who in (mina, mina, hana)]
    for watcher in (first, tab, second):
        await watcher.enter()
        await asyncio.sleep(0.05)
    for number in range(3):
        await publish(room, number)

    await first.events(3)

    assert first.viewers[-1] == 2
    assert first.viewers == sorted(set(first.viewers))
    for watcher in (first, tab, second):
        await watcher.leave()


async def test_a_viewer_who_does_not_read_is_closed_and_the_others_get_everything(
    room: LiveRoom, in_scope: Merchant, settings: Any
) -> None:
    settings.ROOM_QUEUE_MAX = 3
    shopper = await in_db(partial(make_shopper, in_scope))
    sent: list[dict[str, Any]] = []
    stuck = asyncio.Event()

    async def full_transport(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "websocket.send" and "notice" in message["text"]:
            await stuck.wait()

    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope = {
        "type": "websocket",
        "path": f"/ws/rooms/{room.pk}/",
        "headers": [],
        "subprotocols": ["room.v1", shopper_token(shopper)],
        "query_string": b"",
    }
    slow = asyncio.create_task(application(scope, inbox.get, full_transport))
    await inbox.put({"type": "websocket.connect"})
    await inbox.put(
        {"type": "websocket.receive", "text": json.dumps({"type": "resume", "epoch": room.epoch, "seq": 1})}
    )
    watcher = await watcher_of(room, await in_db(partial(make_shopper, in_scope)))
    hello = await watcher.enter()
    await watcher.send(type="resume", epoch=hello["epoch"], seq=hello["seq"])

    for number in range(8):
        await publish(room, number)
        await watcher.events(1)

    assert sent[-1] == {"type": "websocket.close", "code": 4008}
    assert len([message for message in sent if "notice" in message.get("text", "")]) == 1
    assert hub.watching(room.pk) == 1
    await inbox.put({"type": "websocket.disconnect", "code": 1006})
    await asyncio.wait_for(slow, 5)
    await watcher.leave()
