"""A direct message, from a real socket to the stored turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import shopper_token
from catalog.orders.models import Order
from catalog.orders.services import mark_paid
from catalog.outbox.worker import drain
from catalog.search.backend import backend
from conversations.chat.models import Conversation, Message, ToolCall, Turn
from conversations.chat.offline_model import OfflineModel
from conversations.chat.services import say, take_over
from conversations.funnel.models import FunnelEvent
from shop_assistant.routing import websocket_application
from tests.conversations.chat.shop import Shop, make_conversation, make_shop
from tests.factories import TAIPEI, make_merchant, make_shopper
from tests.sockets import Socket

WATCHING = {"content": "four-step-night", "second": 100}


@pytest.fixture
def open_shop(transactional_db: None) -> Iterator[Shop]:
    """The shop with real commits, so that nudges reach the sockets."""
    merchant = make_merchant(slug="meis-shelf", name="Mei's Shelf", language_currencies={"en": "USD"})
    backend().clear()
    with merchant_scope(merchant):
        yield make_shop(merchant)
    backend().clear()


class Tab:
    """One browser tab: a real consumer behind the real route table."""

    def __init__(self, conversation: Conversation, token: str) -> None:
        headers = [(b"origin", b"http://testserver"), (b"host", b"testserver")]
        self.socket = Socket(
            websocket_application, f"/ws/chat/{conversation.pk}/", headers=headers, subprotocols=["chat.v1", token]
        )

    async def open(self) -> dict[str, Any]:
        """Connect and return the welcome frame."""
        connected, protocol = await self.socket.connect()
        assert (connected, protocol) == (True, "chat.v1")
        return await self.next()

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send_to(text_data=json.dumps(frame))

    async def next(self) -> dict[str, Any]:
        """Return the next frame."""
        frame: dict[str, Any] = json.loads(await self.socket.receive_from(timeout=10))
        return frame

    async def until(self, kind: str) -> list[dict[str, Any]]:
        """Return the frames up to the first of a kind."""
        frames = [await self.next()]
        while frames[-1]["type"] != kind:
            frames.append(await self.next())
        return frames


def played(shop: Shop, script: Any, **fields: Any) -> Any:
    """Run an async script with an open tab."""
    conversation = make_conversation(shop, **fields)

    async def run() -> Any:
        tab = Tab(conversation, shopper_token(shop.shopper))
        welcome = await tab.open()
        try:
            return await script(tab, conversation, welcome)
        finally:
            await tab.socket.disconnect(timeout=10)

    return async_to_sync(run)()


def test_a_question_about_the_video_gets_a_moment_and_products_with_reasons(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> list[dict[str, Any]]:
        assert (welcome["type"], welcome["persona"]["label"], welcome["currency"]) == ("welcome", "AI", "USD")
        await tab.send(
            type="message", client_id="client-0001", text="which of these suits oily, sensitive skin?", context=WATCHING
        )
        return await tab.until("done")

    frames = played(open_shop, script, surface="content", place="four-step-night")

    assert [frame["type"] for frame in frames if frame["type"] != "token"] == ["accepted", "done"]
    done = frames[-1]["message"]
    streamed = "".join(frame["text"] for frame in frames if frame["type"] == "token")
    assert done["text"].startswith(streamed.strip()[:40])
    assert [card["kind"] for card in done["cards"]] == ["content", "product", "product", "product"]
    assert (done["cards"][0]["start_s"], done["cards"][1]["title"]) == (97, "No. 3 Niacinamide Serum")
    assert done["cards"][1]["price"] == {"minor": 3100, "currency": "USD", "text": "$31.00"}
    assert "oily and sensitive skin" in done["cards"][1]["reason"]
    assert done["cards"][1]["url"] == f"/l/{done['cards'][1]['link_id']}/"


def test_the_turn_is_stored_with_tool_calls_and_funnel_events(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        await tab.send(type="message", client_id="client-0001", text="a serum for oily skin", context=WATCHING)
        return (await tab.until("done"))[-1]["message"]

    message = played(open_shop, script)

    calls = list(ToolCall.objects.values_list("position", "name", "error"))
    assert calls == [(1, "recommend_products", ""), (2, "find_content", "")]
    assert ToolCall.objects.get(position=1).arguments == {"text": "a serum for oily skin"}
    assert "No. 3 Niacinamide Serum | $31.00" in ToolCall.objects.get(position=1).result
    links = [card["link_id"] for card in message["cards"] if card["kind"] == "product"]
    assert list(FunnelEvent.objects.values_list("step", "link_id").order_by("occurred_at")) == [
        ("enquiry_sent", ""),
        *(("product_shown", link) for link in links),
    ]
    assert FunnelEvent.objects.get(step="enquiry_sent").content_id == open_shop.video.pk


def test_the_same_question_in_chinese_is_answered_in_chinese_with_the_price_of_the_shop(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        await tab.send(type="message", client_id="client-0001", text="我是油性敏感肌，想找精華")
        return (await tab.until("done"))[-1]["message"]

    message = played(open_shop, script, language="zh-hant")

    assert "三號菸鹼醯胺精華" in message["text"]
    assert "NT$980" in message["text"]
    assert message["language"] == "zh-hant"
    assert message["chips"] == ["便宜一點的", "前兩個比較一下", "第一個加入購物車"]


def test_a_repeated_client_id_is_answered_once(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        await tab.send(type="message", client_id="client-0001", text="hi")
        first = await tab.until("done")
        await tab.send(type="message", client_id="client-0001", text="hi")
        return first, await tab.next()

    first, again = played(open_shop, script)

    assert again == first[0]
    assert (Turn.objects.count(), Message.objects.count()) == (1, 2)


def test_a_second_tab_sees_both_messages(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        other = Tab(conversation, shopper_token(open_shop.shopper))
        await other.open()
        await tab.send(type="message", client_id="client-0001", text="hi")
        await tab.until("done")
        seen = [await other.next(), await other.next()]
        await other.socket.disconnect()
        return seen

    seen = played(open_shop, script)

    assert [(frame["type"], frame["message"]["speaker"]) for frame in seen] == [
        ("arrived", "shopper"),
        ("arrived", "double"),
    ]


def test_after_a_reconnect_the_client_gets_what_it_missed(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        await tab.send(type="message", client_id="client-0001", text="hi")
        await tab.until("done")
        await tab.send(type="resume", after=1)
        return await tab.next()

    missed = played(open_shop, script)

    assert (missed["type"], [message["sequence"] for message in missed["messages"]]) == ("missed", [2])


def test_a_message_of_the_shop_and_of_a_person_arrive(open_shop: Shop, admin_user: Any) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        for _repeat in range(2):
            await sync_to_async(say)(
                conversation_id=conversation.pk, speaker="system", text="Paid.", once_key="order.paid:1"
            )
        arrived = await tab.next()
        await sync_to_async(take_over)(conversation_id=conversation.pk, user=admin_user)
        return arrived, await tab.next()

    arrived, owner = played(open_shop, script)

    assert (arrived["type"], arrived["message"]["text"]) == ("arrived", "Paid.")
    assert (owner["type"], owner["owner"], owner["person"]) == ("owner", "person", "admin")


def test_buying_by_words_and_buttons_ends_paid_in_the_conversation(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        await tab.send(type="message", client_id="client-0001", text="我是油性敏感肌，想找精華")
        await tab.until("done")
        await tab.send(type="message", client_id="client-0002", text="第一個加入購物車")
        cart = await tab.until("cart")
        await tab.send(type="act", client_id="client-0003", act="checkout")
        asked = await tab.until("acted")
        await tab.send(type="address", client_id="client-0004", **TAIPEI)
        proposed = await tab.until("acted")
        action = next(card for card in proposed[-1]["cards"] if card["kind"] == "confirm")
        await tab.send(type="confirm", action_id=action["action_id"], accept=True)
        confirmed = (await tab.until("confirmed"))[-1]
        await tab.send(type="confirm", action_id=action["action_id"], accept=True)
        again = (await tab.until("confirmed"))[-1]
        return cart[-1], asked[-1], action, confirmed, again

    cart, asked, action, confirmed, again = played(open_shop, script, language="zh-hant")

    assert cart == {"type": "cart", "count": 1}
    assert [card["kind"] for card in asked["cards"]] == ["address"]
    assert action["total"]["text"] == "NT$1,060"
    assert (confirmed["outcome"], again["outcome"]) == ("executed", "used")
    assert confirmed["cards"][0]["kind"] == "checkout"


def test_a_typed_yes_right_after_the_question_places_the_order(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        for number, text in enumerate(["我是油性敏感肌，想找精華", "第一個加入購物車"]):
            await tab.send(type="message", client_id=f"client-000{number}", text=text)
            await tab.until("done")
        await tab.send(type="address", client_id="client-0004", **TAIPEI)
        await tab.until("acted")
        await tab.send(type="message", client_id="client-0005", text="好")
        return (await tab.until("done"))[-1]

    done = played(open_shop, script, language="zh-hant")

    assert done["message"]["cards"][0]["kind"] == "checkout"
    assert Turn.objects.get(client_id="client-0005").trace == {"intent": "affirm", "confirmation": "executed"}


def test_a_stranger_is_refused_with_4403(open_shop: Shop) -> None:
    conversation = make_conversation(open_shop)
    tokens = ["", "forged", shopper_token(make_shopper(open_shop.merchant))]

    async def run() -> list[int]:
        codes = []
        for token in tokens:
            tab = Tab(conversation, token)
            await tab.socket.connect()
            codes.append((await tab.socket.receive_output())["code"])
        return codes

    assert async_to_sync(run)() == [4403, 4403, 4403]


def test_the_rest_client_meets_the_same_core(open_shop: Shop) -> None:
    client = Client()
    shops = "/api/v1/shops/meis-shelf"
    token = client.post(f"{shops}/shoppers/", {}, content_type="application/json").json()["token"]
    options: dict[str, Any] = {"content_type": "application/json", "headers": {"authorization": f"Shopper {token}"}}

    opened = client.post(f"{shops}/conversations/", {"creator": "mei", "language": "en"}, **options)
    talk = f"{shops}/conversations/{opened.json()['conversation']}"
    done = client.post(
        f"{talk}/messages/", {"client_id": "client-0001", "text": "a serum for oily, sensitive skin"}, **options
    )
    again = client.post(
        f"{talk}/messages/", {"client_id": "client-0001", "text": "a serum for oily, sensitive skin"}, **options
    )
    variant = done.json()["message"]["cards"][0]["variants"][0]["variant_id"]
    press = {"client_id": "client-0002", "act": "cart_add", "variant_id": variant}
    acted = client.post(f"{talk}/acts/", press, **options)
    client.post(f"{talk}/acts/", press, **options)
    read = client.get(f"{talk}/", **options)

    assert (opened.status_code, done.status_code, done.json()["state"]) == (201, 200, "done")
    assert again.json() == done.json()
    assert "$31.00" in done.json()["message"]["text"]
    assert acted.json()["cards"][0]["count"] == 1
    assert read.json()["cart_count"] == 1
    assert [said["speaker"] for said in read.json()["messages"]] == ["shopper", "double"]


def test_another_shopper_finds_no_such_conversation(open_shop: Shop) -> None:
    conversation = make_conversation(open_shop)
    headers = {"authorization": f"Shopper {shopper_token(make_shopper(open_shop.merchant))}"}

    answer = Client().get(f"/api/v1/shops/meis-shelf/conversations/{conversation.pk}/", headers=headers)

    assert answer.status_code == 404


def test_an_order_paid_is_said_once_in_the_conversation(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        for number, text in enumerate(["我是油性敏感肌，想找精華", "第一個加入購物車"]):
            await tab.send(type="message", client_id=f"client-000{number}", text=text)
            await tab.until("done")
        await tab.send(type="address", client_id="client-0004", **TAIPEI)
        action = (await tab.until("acted"))[-1]["cards"][0]
        await tab.send(type="confirm", action_id=action["action_id"], accept=True)
        card = (await tab.until("confirmed"))[-1]["cards"][0]
        await sync_to_async(_pay)(card["order_number"])
        return await tab.until("arrived")

    frames = played(open_shop, script, language="zh-hant")

    assert frames[-1]["message"]["cards"][0]["kind"] == "order"
    assert Message.objects.filter(once_key__startswith="order.paid:").count() == 1


def _pay(number: str) -> None:
    order = Order.objects.get(number=number)
    mark_paid(order_id=order.pk, paid=order.total, reference="test", at=timezone.now())
    drain()
    drain()


def test_bad_frames_are_answered_and_close_nothing(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> list[Any]:
        codes = []
        for text in ("{", "[]", '{"type": "teleport"}', "x" * 20_000, '{"type": "resume", "after": -1}'):
            await tab.socket.send_to(text_data=text)
            codes.append((await tab.next())["code"])
        await tab.socket.send_to(bytes_data=b"\x00")
        codes.append((await tab.next())["code"])
        await tab.send(type="message", client_id="client-0001", text="字" * 2001)
        codes.append((await tab.next())["code"])
        await tab.send(type="message", client_id="client-0002", text="hi")
        codes.append((await tab.until("done"))[-1]["type"])
        return codes

    codes = played(open_shop, script)

    assert codes == [
        "not_json",
        "unknown_frame",
        "unknown_frame",
        "too_large",
        "bad_field",
        "not_text",
        "too_long",
        "done",
    ]
    assert Message.objects.count() == 2


def test_stop_ends_the_answer_and_a_disconnect_lets_it_finish(open_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = {"pause": 30.0}

    def slow(brief: Any) -> OfflineModel:
        return OfflineModel(brief=brief, piece_pause_s=pauses["pause"])

    monkeypatch.setattr("conversations.chat.agent.chat_model", slow)

    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        await tab.send(type="message", client_id="client-0001", text="a serum for oily skin")
        await tab.until("accepted")
        await tab.send(type="stop")
        stopped = (await tab.until("done"))[-1]
        pauses["pause"] = 0.05
        await tab.send(type="message", client_id="client-0002", text="a serum for oily skin")
        await tab.until("accepted")
        return stopped

    stopped = played(open_shop, script)

    assert stopped["state"] == "stopped"
    assert Turn.objects.get(client_id="client-0002").state == "done"


def test_too_many_messages_are_refused_with_a_remedy(open_shop: Shop, settings: Settings) -> None:
    settings.MESSAGES_PER_MINUTE = 1

    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        await tab.send(type="message", client_id="client-0001", text="hi")
        await tab.until("done")
        await tab.send(type="message", client_id="client-0002", text="hi")
        return await tab.next()

    problem = played(open_shop, script)

    assert (problem["type"], problem["code"], problem["client_id"]) == ("error", "too_many", "client-0002")
    assert "Wait a little" in problem["message"]


def test_the_shoppers_language_can_be_changed(open_shop: Shop) -> None:
    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        await tab.send(type="language", language="zh-hant")
        return await tab.next()

    welcome = played(open_shop, script)

    assert (welcome["type"], welcome["language"], welcome["persona"]["disclosure"]) == (
        "welcome",
        "zh-hant",
        "你正在和 AI 對話。",
    )


def test_a_button_pressed_twice_under_one_id_acts_once(open_shop: Shop) -> None:
    variant = open_shop.products["cloud-cream"].variants.get()

    async def script(tab: Tab, conversation: Conversation, welcome: dict[str, Any]) -> Any:
        for _repeat in range(2):
            await tab.send(type="act", client_id="client-0001", act="cart_add", variant_id=variant.pk)
        return [(await tab.until("acted"))[-1] for _repeat in range(2)]

    first, again = played(open_shop, script)

    assert (first["cards"][0]["count"], again["cards"][0]["count"]) == (1, 1)


def test_the_sockets_origin_is_checked(open_shop: Shop) -> None:
    conversation = make_conversation(open_shop)

    async def run() -> tuple[bool, Any]:
        socket = Socket(
            websocket_application,
            f"/ws/chat/{conversation.pk}/",
            headers=[(b"origin", b"https://evil.example")],
            subprotocols=["chat.v1", shopper_token(open_shop.shopper)],
        )
        return await socket.connect()

    assert async_to_sync(run)()[0] is False


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"client_id": "client-0001", "text": ""}, 400, "text"),
        ({"client_id": "client-0001", "text": "x" * 2001}, 400, "text"),
        ({"client_id": "x", "text": "hi"}, 400, "client_id"),
        ({"client_id": "client-0001", "text": "hi", "price": 1}, 400, "price"),
    ],
)
def test_a_bad_rest_message_names_the_field_and_leaves_nothing(
    open_shop: Shop, body: dict[str, Any], status: int, field: str
) -> None:
    conversation = make_conversation(open_shop)
    headers = {"authorization": f"Shopper {shopper_token(open_shop.shopper)}"}

    answer = Client().post(
        f"/api/v1/shops/meis-shelf/conversations/{conversation.pk}/messages/",
        body,
        content_type="application/json",
        headers=headers,
    )

    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert not Message.objects.exists()
