"""The live room in Chromium against a played socket: states, counts, countdown, what happens without a connection."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from conversations.live.wire import AnswerPayload, Counts, PinView, QuestionPayload, RoomSnapshot
from tests.frontend import sample_cards as sample
from tests.frontend.static_site import Site, page
from tests.frontend.talk import FACES

pytestmark = pytest.mark.browser

ROOM = "44444444-4444-4444-8444-444444444444"
BODY = """
<span id="viewers"></span><span id="room-state" hidden></span><span id="live-note"></span>
<main id="main" class="room"><div class="live-left"><section class="stage" id="stage" data-poster="" data-embed="">
</section><section class="pinned" id="pinned"></section><section class="earlier" id="earlier" hidden></section></div>
<section class="asks" id="asks"></section></main>
"""


def question(number: int, text: str, state: str = "new", **fields: Any) -> QuestionPayload:
    """A question as the snapshot carries it."""
    base = {
        "question_id": number,
        "text": text,
        "language": "en",
        "asker_name": "Ken W.",
        "state": state,
        "askers": 3,
        "asked_at": datetime.now(UTC).isoformat(),
        "room_second": 2540,
    }
    return QuestionPayload.model_validate({**base, **fields})


def answer(number: int, text: str, **fields: Any) -> AnswerPayload:
    """An answer by the double."""
    base = {
        "question_id": number,
        "answer_id": number * 10,
        "speaker": "double",
        "name": "Mei’s double",
        "text": text,
        "language": "en",
        "cards": (),
        "askers": 6,
        "asker_name": "Hana K.",
        "at": datetime.now(UTC).isoformat(),
    }
    return AnswerPayload.model_validate({**base, **fields})


def pin(seconds: float = 252) -> PinView:
    """A serum that leaves the table in `seconds`."""
    now = datetime.now(UTC)
    return PinView(
        pin_id=1,
        pinned_at=now.isoformat(),
        ends_at=(now + timedelta(seconds=seconds)).isoformat(),
        room_second=2500,
        product=sample.product(1, minor=2600, was=sample.price(3100)),
    )


class PlayedRoom:
    """The server's side of a room."""

    def __init__(self, tab: Page, site: Site, **fields: Any) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.received: list[dict[str, Any]] = []
        self.on_frame: Callable[[dict[str, Any]], None] = lambda frame: None
        self.seq = 10
        self.fields = fields
        tab.route_web_socket("**/ws/rooms/**", self._connect)
        config = {
            "id": ROOM,
            "slug": "evening",
            "state": "live",
            "started_at": "",
            "host": "Mei",
            "double": "Mei’s double",
        }
        site.pages["/live"] = page(
            BODY,
            styles=("pages", "cards", "stage", "live"),
            module="live_room",
            body_class="live-page",
            data={"room": {**config, "avatar": ""}},
        )
        tab.goto(f"{site.url}/live")
        expect(tab.locator("#viewers")).to_contain_text("2,318 watching")

    def snapshot(self) -> RoomSnapshot:
        """The room as it is now."""
        base: dict[str, Any] = {
            "room": ROOM,
            "slug": "evening",
            "title": "Evening clinic",
            "state": "live",
            "epoch": 1,
            "seq": self.seq,
            "language": "en",
            "currency": "USD",
            "persona": FACES["en"],
            "disclosure": "",
            "embed_url": "",
            "poster_url": "",
            "started_at": None,
            "pinned": None,
            "earlier": (),
            "questions": (),
            "counts": Counts(questions=0, answered=0, mine=0),
            "viewers": 2318,
        }
        return RoomSnapshot.model_validate({**base, **self.fields})

    def send(self, frame: dict[str, Any]) -> None:
        """Send a frame to the newest socket."""
        self.sockets[-1].send(json.dumps(frame))

    def event(self, kind: str, payload: dict[str, Any]) -> None:
        """Tell the next event of the log."""
        self.seq += 1
        at = datetime.now(UTC).isoformat()
        self.send({"type": "event", "epoch": 1, "seq": self.seq, "kind": kind, "at": at, "payload": payload})

    def _connect(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(self._receive)
        self.send(
            {
                "type": "hello",
                "room": ROOM,
                "viewer": "v",
                "epoch": 1,
                "seq": self.seq,
                "heartbeat_s": 25,
                "limits": {"question_chars": 300},
                "server_time": datetime.now(UTC).isoformat(),
                "snapshot": self.snapshot().json_object(),
            }
        )

    def _receive(self, message: str | bytes) -> None:
        frame = json.loads(message)
        self.received.append(frame)
        self.on_frame(frame)


def test_each_state_shows_its_word_and_what_comes_of_it(tab: Page, site: Site, complaints: list[str]) -> None:
    PlayedRoom(
        tab,
        site,
        questions=(
            question(1, "Is the toner fragrance-free?"),
            question(2, "Safe while breastfeeding?", "saved"),
            question(3, "Which sunscreen?", "answered", answer=answer(3, "Paper Light.", cards=(_card(),))),
            question(4, "Oily skin?", "answering", mine=True, askers=14),
        ),
    )
    rows = tab.locator(".asks-list > li")

    expect(rows).to_have_count(4)
    expect(tab.locator(".ask-head .tag")).to_have_text(["Answering", "Answered", "Saved for Mei", "New"])
    expect(rows.nth(0)).to_contain_text("You and 13 others")
    expect(rows.nth(1).locator(".answer")).to_contain_text("Mei’s double")
    expect(rows.nth(1).locator(".answer .ai")).to_have_text("AI")
    expect(rows.nth(1).locator(".product-row")).to_be_visible()
    expect(rows.nth(2)).to_contain_text("Mei answers this in person.")
    assert complaints == []


def test_an_answer_streams_in_place_and_is_replaced_by_the_event(tab: Page, site: Site) -> None:
    room = PlayedRoom(tab, site, questions=(question(4, "Oily skin?"),))

    room.send({"type": "answer_delta", "question_id": 4, "index": 0, "text": "Yes, "})
    room.send({"type": "answer_delta", "question_id": 4, "index": 1, "text": "this one"})
    expect(tab.locator(".streaming")).to_have_text("Yes, this one")
    expect(tab.locator(".ask-head .tag")).to_have_text("Answering")

    room.event("answer", answer(4, "Yes, start with this one.").json_object())
    expect(tab.locator(".answer-text")).to_have_text("Yes, start with this one.")
    expect(tab.locator(".streaming")).to_have_count(0)
    expect(tab.locator(".ask-head .tag")).to_have_text("Answered")


def test_me_too_is_a_toggle_and_the_rooms_own_count_wins(tab: Page, site: Site) -> None:
    room = PlayedRoom(tab, site, questions=(question(1, "Fragrance-free?"),))
    toggle = tab.locator(".me-too")
    expect(toggle).to_have_attribute("aria-pressed", "false")

    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(toggle).to_have_text("4 asked this")
    assert room.received[-1] == {"type": "me_too", "question_id": 1, "on": True}

    room.event("askers", {"question_id": 1, "askers": 9})
    expect(toggle).to_have_text("9 asked this")


def test_a_question_is_sent_acknowledged_and_announced_when_answered(tab: Page, site: Site) -> None:
    room = PlayedRoom(tab, site)

    def acknowledge(frame: dict[str, Any]) -> None:
        if frame["type"] == "ask":
            room.send({"type": "ack", "client_id": frame["client_id"], "question_id": 7, "merged": False})
            room.event("question", question(7, frame["text"], askers=1, asker_name="").json_object())

    room.on_frame = acknowledge
    tab.locator("textarea").fill("Does it pill?")
    tab.keyboard.press("Enter")

    expect(tab.locator(".asks-list > li")).to_have_count(1)
    expect(tab.get_by_role("tab", name="Mine")).to_contain_text("1")
    room.event("answer", answer(7, "No.", askers=1).json_object())
    room.send({"type": "you", "question_id": 7, "answer_id": 70})
    expect(tab.locator(".asks-foot")).to_contain_text("Your question was answered.")


def test_a_refused_question_keeps_its_text_and_says_when_to_try_again(tab: Page, site: Site) -> None:
    room = PlayedRoom(tab, site)
    room.on_frame = lambda frame: room.send(
        {
            "type": "nack",
            "client_id": frame["client_id"],
            "code": "too_many",
            "field": "",
            "message": "Five in ten seconds is the most.",
            "retry_after_ms": 4200,
        }
    )

    tab.locator("textarea").fill("And this?")
    tab.keyboard.press("Enter")

    expect(tab.locator(".asks-list .pending")).to_contain_text("And this?")
    expect(tab.locator(".asks-foot")).to_contain_text("Try again in 5 s.")
    expect(tab.locator(".pending").get_by_role("button", name="Try again")).to_be_visible()


def test_after_a_lost_connection_it_resumes_and_an_event_seen_twice_counts_once(tab: Page, site: Site) -> None:
    room = PlayedRoom(tab, site, questions=(question(1, "First?"),))
    room.on_frame = lambda frame: None

    room.sockets[-1].close(code=1011)
    for _ in range(100):
        if len(room.sockets) > 1 and room.received:
            break
        tab.wait_for_timeout(50)

    assert room.received[-1] == {"type": "resume", "epoch": 1, "seq": 10}
    room.event("question", question(2, "Second?").json_object())
    room.seq -= 1
    room.event("question", question(2, "Second?").json_object())
    expect(tab.locator(".asks-list > li")).to_have_count(2)
    expect(tab.locator(".asks-foot")).to_contain_text("Back online.")


def test_a_gap_in_the_sequence_is_asked_for_before_anything_later_is_shown(tab: Page, site: Site) -> None:
    room = PlayedRoom(tab, site, questions=(question(1, "First?"),))
    room.seq = 11  # event 11 is lost on the way

    room.event("question", question(3, "Third?").json_object())
    tab.wait_for_timeout(100)
    assert room.received == [{"type": "resume", "epoch": 1, "seq": 10}]
    expect(tab.locator(".asks-list > li")).to_have_count(1)

    room.seq = 10
    room.event("question", question(2, "Second?").json_object())
    room.event("question", question(3, "Third?").json_object())
    expect(tab.locator(".asks-list > li")).to_have_count(3)


def test_the_countdown_follows_the_servers_clock_and_the_price_returns(tab: Page, site: Site) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=6)
    product = sample.product(1, minor=2600, was=sample.price(3100), live_until=ends.isoformat())
    PlayedRoom(tab, site, pinned=pin(252).model_copy(update={"product": product}))

    expect(tab.locator("#pinned")).to_contain_text("$26.00")
    expect(tab.locator("#pinned .tag.danger")).to_contain_text("Live price ends in 00:0")
    expect(tab.locator("#pinned")).to_contain_text("Live price has ended", timeout=12000)
    expect(tab.locator("#pinned .price")).to_have_text("$31.00")


def test_a_product_that_leaves_the_table_keeps_its_price(tab: Page, site: Site) -> None:
    PlayedRoom(tab, site, pinned=pin(6))

    expect(tab.locator("#pinned .tag.danger")).to_contain_text("On the table for 00:0")
    expect(tab.locator("#pinned")).to_contain_text("No longer on the table", timeout=12000)
    expect(tab.locator("#pinned .price")).to_contain_text("$26.00")


def test_a_new_pin_moves_the_old_one_to_earlier(tab: Page, site: Site) -> None:
    room = PlayedRoom(tab, site, pinned=pin())
    toner = sample.product(6, "Still Water Toner", 1900)

    room.event(
        "pin",
        {
            "pin_id": 2,
            "product_id": 6,
            "pinned_at": "2026-11-23T12:00:00+00:00",
            "ends_at": None,
            "room_second": 2600,
            "cards": {"en": toner.model_dump(mode="json")},
        },
    )

    expect(tab.locator("#pinned .pinned-title")).to_have_text("Still Water Toner")
    expect(tab.locator("#earlier li")).to_have_count(1)
    expect(tab.locator("#earlier")).to_contain_text("No. 3 Niacinamide")


def test_new_questions_wait_while_somebody_reads(tab: Page, site: Site) -> None:
    many = tuple(question(number, f"Question {number}?") for number in range(1, 25))
    room = PlayedRoom(tab, site, questions=many)
    tab.locator(".asks-scroll").evaluate("(node) => { node.scrollTop = 300; }")
    tab.wait_for_timeout(100)

    room.event("question", question(99, "A new one?").json_object())

    expect(tab.locator(".newer")).to_have_text("1 new")
    expect(tab.locator(".asks-list")).not_to_contain_text("A new one?")
    tab.locator(".newer").click()
    expect(tab.locator(".asks-list > li").first).to_contain_text("A new one?")


def test_text_in_a_room_is_never_markup(tab: Page, site: Site, complaints: list[str]) -> None:
    nasty = "<img src=x onerror=\"document.title='hacked'\">"
    PlayedRoom(tab, site, questions=(question(1, nasty, "answered", answer=answer(1, nasty), asker_name=nasty),))

    expect(tab.locator(".ask-head h3")).to_have_text(nasty)
    expect(tab.locator(".answer-text")).to_have_text(nasty)
    assert tab.title() != "hacked"
    assert complaints == []


def _card() -> dict[str, Any]:
    return sample.product(3, "Paper Light Sunscreen", 2300, url="/s/meis-shelf/p/sun/", link_id="").model_dump(
        mode="json"
    )


def test_events_that_a_busy_room_sends_in_one_frame_are_all_seen(tab: Page, site: Site, complaints: list[str]) -> None:
    room = PlayedRoom(tab, site)
    at = datetime.now(UTC).isoformat()
    asked = [question(1, "Is the toner fragrance-free?"), question(2, "Which sunscreen?")]
    told = [
        {"type": "event", "epoch": 1, "seq": 11 + place, "kind": "question", "at": at, "payload": row.json_object()}
        for place, row in enumerate(asked)
    ]
    room.sockets[-1].send(json.dumps(told))

    expect(tab.locator(".asks-list > li")).to_have_count(2)
    assert room.received == []  # nothing was missed, so nothing is asked for again
    assert complaints == []
