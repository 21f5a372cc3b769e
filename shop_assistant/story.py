"""The main job, played end to end against a shop of its own: two shoppers, one content page, one live room, a report.

`scripts/run --story` prints what was said and exits 0 only if every step held.
"""

from __future__ import annotations

import asyncio
import csv
import html
import io
import re
import sys
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from shop_assistant.story_client import (
    Frame,
    Shop,
    ShopperClient,
    Socket,
    StoryError,
    client_id,
    expect,
    running_shop,
)
from shop_assistant.story_engines import NoRoom

MERCHANT, CREATOR, VIDEO, ROOM = "meis-shelf", "mei", "four-step-night", "evening-skin-clinic"
ADDRESS = {
    "en": {"recipient": "Ann Lee", "line1": "12 Canal Street", "city": "Taipei"},
    "zh-hant": {"recipient": "王小明", "line1": "和平東路一段 5 號", "city": "臺北市"},
}


def main() -> None:
    """Play the story; print the transcript; exit 1 with the step that did not hold."""
    started = time.monotonic()
    try:
        with running_shop() as shop:
            asyncio.run(_play(shop))
    except (StoryError, NoRoom) as error:
        print(f"\nThe story stopped: {error}", file=sys.stderr)
        raise SystemExit(1) from error
    print(f"\nEvery step held ({time.monotonic() - started:.0f} s).")


async def _play(shop: Shop) -> None:
    async with ShopperClient.arrive(shop, merchant=MERCHANT, language="en") as ann:
        await _english_shopper(ann)
    async with ShopperClient.arrive(shop, merchant=MERCHANT, language="zh-hant") as ming:
        await _chinese_shopper(ming)
    await _analyst(shop)


async def _english_shopper(ann: ShopperClient) -> None:
    title("An English shopper watches Mei's video")
    await ann.page(f"v/{VIDEO}/", "Mei")
    await ann.api("POST", "content-views/", {"content": VIDEO, "view_id": uuid.uuid4().hex})
    async with Chat.open(ann, surface="content", place=VIDEO) as chat:
        watching = {"content": VIDEO, "second": 97}
        answer = await chat.say("Which of these suits oily, sensitive skin?", context=watching)
        moment = only(answer, "content", "a moment of the video")
        expect(moment["start_s"] is not None, "the content card names no second")
        first = products(answer, at_least=2)
        expect(all(card["reason"] for card in first), "a product card gives no reason")

        cheaper = products(await chat.say("Anything cheaper?"), at_least=2)
        dearest = max(card["price"]["minor"] for card in first)
        expect(all(card["price"]["minor"] < dearest for card in cheaper), "what is cheaper is not cheaper")
        chosen = products(await chat.say("Tell me about the second one"), at_least=1)[0]
        expect(chosen["product_id"] == cheaper[1]["product_id"], "the second one is not the second one")
        await _buy(chat, chosen, yes="yes, place the order")


async def _chinese_shopper(ming: ShopperClient) -> None:
    title("A Chinese shopper asks in the live room")
    room = (await ming.api("GET", f"rooms/{ROOM}/"))["room"]
    await ming.page(f"live/{ROOM}/")
    question = "請問 3 號精華適合油肌嗎？"
    async with ming.socket(f"/ws/rooms/{room}/", "room.v1") as socket:
        hello = await socket.until(of_type("hello"), "hello")
        shopper_says(question)
        await socket.send({"type": "ask", "client_id": client_id(), "text": question})
        ack = await socket.until(of_type("ack"), "acknowledgement")
        last = await socket.until(of_kind("question_state", ack["question_id"]), "question being answered")
    print("   … the connection is lost before the answer comes")
    answer = await _catch_up(ming, room, hello, last, ack["question_id"])
    double_says(answer["payload"]["text"], answer["payload"]["cards"])
    expect("AI" in hello["snapshot"]["persona"]["label"], "the live room does not say that it is an AI")

    async with Chat.open(ming, surface="direct", place="") as chat:
        first = products(await chat.say("油肌，很容易泛紅，一千元左右，推薦什麼？"), at_least=2)
        chosen = products(await chat.say("第二個"), at_least=1)[0]
        expect(chosen["product_id"] == first[1]["product_id"], "第二個 is not the second one")
        await _buy(chat, chosen, yes="確認下單")


async def _catch_up(ming: ShopperClient, room: str, hello: Frame, last: Frame, question_id: int) -> Frame:
    """Reconnect, name the last event seen, and get the rest in order, without a gap."""
    await asyncio.sleep(2)
    async with ming.socket(f"/ws/rooms/{room}/", "room.v1") as socket:
        await socket.until(of_type("hello"), "hello")
        await socket.send({"type": "resume", "epoch": hello["epoch"], "seq": last["seq"]})
        answer = await socket.until(of_kind("answer", question_id), "answer")
        sequences = [frame["seq"] for frame in socket.seen if frame["type"] == "event"]
    expect(sequences == list(range(last["seq"] + 1, last["seq"] + 1 + len(sequences))), f"a gap in {sequences}")
    print(f"   reconnected: events {sequences[0]} to {sequences[-1]} came, none missing")
    return answer


async def _buy(chat: Chat, card: Frame, *, yes: str) -> None:
    """Follow the tracked link, add to the cart, give the address, confirm in words, pay, hear of it."""
    shopper = chat.shopper
    link = await shopper.http.get(card["url"], follow_redirects=True)
    expect(link.status_code == 200 and card["link_id"] in str(link.url), f"the tracked link led to {link.url}")
    print(f"   opened {card['url']} → {link.url.path}")
    variant = next(choice for choice in card["variants"] if choice["in_stock"])
    await chat.act("cart_add", variant_id=variant["variant_id"], quantity=1, link_id=card["link_id"])
    await chat.act("checkout")
    await chat.socket.send(
        {
            "type": "address",
            "client_id": client_id(),
            **ADDRESS[shopper.language],
            "postal_code": "106",
            "country": "TW",
        }
    )
    confirm = await chat.socket.until(has_card("confirm"), "question before the order")
    question = next(card for card in cards_of(confirm) if card["kind"] == "confirm")
    print(f"   [card] {question['title']}  {question['total']['text']}")
    shopper_says(yes)
    await chat.socket.send({"type": "message", "client_id": client_id(), "text": yes})
    done = await chat.socket.until(has_card("checkout"), "payment link")
    checkout = next(card for card in cards_of(done) if card["kind"] == "checkout")
    expect(checkout["is_test"], "an order on the fake Stripe is not marked as a test")
    print(f"   [card] #{checkout['order_number']}  {checkout['total']['text']}  Test  {checkout['pay_url']}")
    await _pay(shopper, checkout["pay_url"])
    arrived = await chat.socket.until(of_type("arrived"), "message that the order is paid")
    double_says(arrived["message"]["text"], arrived["message"]["cards"])
    order = next(card for card in arrived["message"]["cards"] if card["kind"] == "order")
    expect(order["number"] == checkout["order_number"] and order["state"] == "paid", f"the order is {order['state']}")


async def _pay(shopper: ShopperClient, pay_url: str) -> None:
    page = await shopper.http.get(pay_url)
    forgery_token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    if forgery_token is None:
        raise StoryError(f"the pay page answered {page.status_code} without a form")
    paid = await shopper.http.post(
        pay_url,
        data={"act": "pay", "csrfmiddlewaretoken": forgery_token[1]},
        headers={"Referer": pay_url},
        follow_redirects=True,
    )
    expect(paid.status_code == 200, f"paying answered {paid.status_code}")
    print(f"   paid on the test page → {paid.url.path}")


async def _analyst(shop: Shop) -> None:
    title("The analyst opens the report")
    async with httpx.AsyncClient(base_url=shop.origin, timeout=30, follow_redirects=True) as http:
        await _sign_in(http, "mei-analyst", shop.password)
        page = await http.get("/admin/report/")
        sheet = await http.get("/admin/report.csv")
    expect(page.status_code == 200 and sheet.status_code == 200, f"{page.status_code}, {sheet.status_code}")
    tables = _tables(sheet.text)
    steps, journeys = tables["From view to payment"], tables["Newest journeys"]
    for row in steps:
        print("   " + f"{row[0]:<18}" + "".join(f"{cell:>18}" for cell in row[1:5]))
    expect(len(steps) == 7 and all(int(row[1]) >= 2 for row in steps), "the report does not show both at every step")
    expect(sum(all(row) for row in journeys) >= 2, f"two whole journeys with their times are not there: {journeys}")
    print("   median, question to payment: " + tables["Time to payment"][0][2])
    for row in journeys:
        print("   " + row[0] + "  " + "  ".join(at[11:] for at in row[3:]))
    shown = _cells(page.text)
    missing = [row for rows in (steps, journeys, tables["By creator"]) for row in rows if not _stands_in(shown, row)]
    expect(not missing, f"the CSV has rows that the page does not show: {missing[:2]}")
    print(f"   CSV equals the page: {len(steps) + len(journeys) + len(tables['By creator'])} rows compared, 0 differ")


def _tables(sheet: str) -> dict[str, list[list[str]]]:
    """Return the CSV's tables by title, without their headers; an empty line parts them."""
    found: dict[str, list[list[str]]] = {}
    block: list[list[str]] = []
    for row in [*csv.reader(io.StringIO(sheet.lstrip("\ufeff"))), []]:
        if row:
            block.append(row)
        elif block:
            found[block[0][0]] = block[2:]
            block = []
    return found


def _cells(page: str) -> list[str]:
    """Return the text of every table cell of the page, in order."""
    page = re.sub(r'<span class="sa-tag sa-only-narrow.*?</span>', "", page, flags=re.S)
    found = re.findall(r'<(?:td|th|span role="(?:cell|rowheader)")[^>]*>(.*?)</(?:td|th|span)>', page, re.S)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", "", cell)).split()) for cell in found]


def _stands_in(shown: list[str], row: list[str]) -> bool:
    """Return whether the page shows the row's cells side by side (the funnel's last two stand between its bars)."""
    wanted = [cell or "–" for cell in row] if len(row) > 7 else row[:5]
    starts = [place for place, cell in enumerate(shown) if cell == wanted[0]]
    return any(shown[start : start + len(wanted)] == wanted for start in starts)


async def _sign_in(http: httpx.AsyncClient, name: str, password: str) -> None:
    await http.get("/admin/login/")
    answer = await http.post(
        "/admin/login/?next=/admin/",
        data={"username": name, "password": password, "csrfmiddlewaretoken": http.cookies["csrftoken"]},
        headers={"Referer": str(http.base_url)},
    )
    expect("/login/" not in str(answer.url), "the analyst cannot sign in")


@dataclass(slots=True)
class Chat:
    """An open conversation of a shopper."""

    shopper: ShopperClient
    socket: Socket

    @classmethod
    def open(cls, shopper: ShopperClient, *, surface: str, place: str) -> _OpenChat:
        """Return a context manager that opens a conversation and its socket."""
        return _OpenChat(shopper, surface, place)

    async def say(self, text: str, *, context: Frame | None = None) -> Frame:
        """Send a message and return the stored answer."""
        shopper_says(text)
        sent = time.monotonic()
        await self.socket.send({"type": "message", "client_id": client_id(), "text": text, "context": context or {}})
        done = await self.socket.until(of_type("done"), "answer")
        expect(done["state"] == "done", f"the answer ended as {done['state']}")
        message: Frame = done["message"]
        expect(message["speaker"] == "double" and bool(message["name"]), "the answer does not say who speaks")
        double_says(message["text"], message["cards"], took_s=time.monotonic() - sent)
        return message

    async def act(self, act: str, **fields: Any) -> Frame:
        """Press a button of a card."""
        print(f"   [button] {act}")
        wanted = client_id()
        await self.socket.send({"type": "act", "client_id": wanted, "act": act, **fields})
        acted = await self.socket.until(
            lambda frame: frame["type"] in ("acted", "error") and frame.get("client_id") == wanted, f"outcome of {act}"
        )
        expect(acted["type"] == "acted" and not acted["error"], f"{act} answered {acted}")
        return acted


class _OpenChat:
    def __init__(self, shopper: ShopperClient, surface: str, place: str) -> None:
        self._shopper, self._surface, self._place = shopper, surface, place

    async def __aenter__(self) -> Chat:
        opened = await self._shopper.api(
            "POST",
            "conversations/",
            {
                "creator": CREATOR,
                "surface": self._surface,
                "place": self._place,
                "language": self._shopper.language,
            },
        )
        self._context = self._shopper.socket(f"/ws/chat/{opened['conversation']}/", "chat.v1")
        socket = await self._context.__aenter__()
        welcome = await socket.until(of_type("welcome"), "welcome")
        face = welcome["persona"]
        expect(face["label"] == "AI" and bool(face["disclosure"]), "the conversation does not say that it is an AI")
        print(f"   {face['name']} · {face['label']} — {face['disclosure']}")
        return Chat(self._shopper, socket)

    async def __aexit__(self, *error: Any) -> None:
        await self._context.__aexit__(*error)


def of_type(kind: str) -> Any:
    """Accept frames of one type."""
    return lambda frame: frame["type"] == kind


def of_kind(kind: str, question_id: int) -> Any:
    """Accept the room's events of one kind about one question."""
    return lambda frame: (
        frame["type"] == "event" and frame["kind"] == kind and frame["payload"].get("question_id") == question_id
    )


def cards_of(frame: Frame) -> list[Frame]:
    """Return the cards of a frame, wherever it carries them."""
    message = frame.get("message")
    return list(frame.get("cards") or (message.get("cards") if isinstance(message, dict) else None) or [])


def has_card(kind: str) -> Any:
    """Accept frames that carry a card of one kind."""
    return lambda frame: any(card["kind"] == kind for card in cards_of(frame))


def only(message: Frame, kind: str, what: str) -> Frame:
    """Return the first card of a kind."""
    found: list[Frame] = [card for card in message["cards"] if card["kind"] == kind]
    expect(bool(found), f"the answer carries no {what}")
    return found[0]


def products(message: Frame, *, at_least: int) -> list[Frame]:
    """Return the product cards of an answer."""
    found = [card for card in message["cards"] if card["kind"] == "product"]
    expect(len(found) >= at_least, f"{len(found)} product cards, {at_least} wanted")
    return found


def title(text: str) -> None:
    """Begin a scene."""
    print(f"\n{text}  ({datetime.now(UTC):%H:%M:%S} UTC)")


def shopper_says(text: str) -> None:
    """Print the shopper's line."""
    print(f"\n   > {text}")


def double_says(text: str, cards: list[Frame], *, took_s: float | None = None) -> None:
    """Print the double's line and its cards."""
    print(f"   AI  {text}" + (f"   ({took_s * 1000:.0f} ms)" if took_s is not None else ""))
    for card in cards:
        if card["kind"] == "product":
            price = card["price"]["text"] if card["price"] else "-"
            print(f"       [product] {card['title']} · {price} · {card['stock']} · {card['reason']}")
        elif card["kind"] == "content":
            moment = f" · {card['start_s']} s · “{card['quote']}”" if card["quote"] else ""
            print(f"       [content] {card['title']}{moment}")
        else:
            print(f"       [{card['kind']}]")


if __name__ == "__main__":
    main()
