"""A shopper in Chromium against the real server: books an hour on a phone, on its page and in the chat, and a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flows.server import RunningServer, running_server
from tests.frontend.conftest import PHONE
from tests.frontend.waiting import wait_until_true

pytestmark = pytest.mark.browser

SERVICE = "/s/meis-shelf/p/skin-consultation/"
FILE = "/s/meis-shelf/p/night-routine-planner/"
CHAT = "/s/meis-shelf/c/mei/chat/"
ANSWER_MS = 30_000
PICTURES = os.environ.get("SCREENSHOTS", "")  # a folder: what the page looked like at each step
PHONE_TAB = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The product, seeded with the demo."""
    with running_server(tmp_path_factory.mktemp("booking")) as running:
        yield running


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, when asked to."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def ask(page: Page, text: str) -> None:
    """Say something in the chat and wait for the whole answer."""
    turns = page.locator("shop-assistant .turn.double")
    before = turns.count()
    page.locator("shop-assistant textarea").fill(text)
    page.locator("shop-assistant textarea").press("Enter")
    expect(turns).to_have_count(before + 1, timeout=ANSWER_MS)
    expect(page.locator("shop-assistant .turn.double.streaming")).to_have_count(0, timeout=ANSWER_MS)


def pay(page: Page) -> None:
    """Pay on the test pay page and come back to the order."""
    expect(page).to_have_url(re.compile("/pay/"), timeout=ANSWER_MS)
    page.locator("button", has_text=re.compile("Pay|付款|支付")).first.click()
    expect(page).to_have_url(re.compile("/orders/"), timeout=ANSWER_MS)


def no_sideways_scroll(page: Page) -> None:
    """A phone shows the page without scrolling sideways."""
    # Waited for: what is measured in mid-layout is no page that a person sees.
    wait_until_true(page, "document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(
    "tab", [{**PHONE_TAB, "locale": "en-US"}, {**PHONE_TAB, "locale": "zh-TW", "color_scheme": "dark"}], indirect=True
)
def test_an_hour_is_booked_on_its_page_and_stands_on_the_order(
    tab: Page, server: RunningServer, complaints: list[str]
) -> None:
    tab.goto(f"{server.url}{SERVICE}")
    name = tab.locator("html").get_attribute("lang")
    days, times = tab.locator(".slot-day[role=radio]"), tab.locator(".slot-time")
    expect(days.first).to_have_attribute("aria-checked", "true")
    picture(tab, f"{name}-1-service")
    no_sideways_scroll(tab)
    days.nth(1).click()
    expect(days.nth(1)).to_have_attribute("aria-checked", "true")
    days.nth(1).press("ArrowRight")
    expect(days.nth(2)).to_be_focused()
    clock = times.nth(1).locator(".num").inner_text()
    times.nth(1).click()
    expect(times.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(tab.locator("#add")).to_contain_text(clock)
    picture(tab, f"{name}-2-chosen")

    tab.locator("#add").click()
    tab.locator("#to-cart").click()

    expect(tab.locator(".line-when")).to_contain_text(clock)
    expect(tab.locator("#address input:visible")).to_have_count(1)  # an e-mail address is all it takes
    picture(tab, f"{name}-3-cart")
    no_sideways_scroll(tab)
    tab.locator("#email").fill("hana@example.com")
    tab.locator("#address button").click()
    tab.locator("#pay button.primary").click()
    pay(tab)

    expect(tab.locator(".line-when")).to_contain_text(clock, timeout=ANSWER_MS)
    tab.reload()
    picture(tab, f"{name}-4-order")
    no_sideways_scroll(tab)
    with tab.expect_download() as kept:
        tab.locator("a[href$='.ics']").click()
    text = Path(kept.value.path()).read_text(encoding="utf-8")
    assert kept.value.suggested_filename.endswith(".ics")
    assert "BEGIN:VEVENT" in text
    assert "STATUS:CONFIRMED" in text

    tab.goto(f"{server.url}{SERVICE}")
    tab.locator(".slot-day[role=radio]").nth(2).click()
    expect(tab.locator(".slot-time .num", has_text=re.compile(f"^{clock}$"))).to_have_count(0)  # it is taken
    assert complaints == []


@pytest.mark.parametrize(
    ("tab", "wish", "checkout"),
    [
        ({**PHONE_TAB, "locale": "en-US"}, "Can I book a skin consultation?", "Check out"),
        ({**PHONE_TAB, "locale": "zh-TW"}, "我想預約保養諮詢", "結帳"),
    ],
    indirect=["tab"],
)
def test_an_hour_is_booked_in_the_chat_and_moved_there(
    tab: Page, server: RunningServer, wish: str, checkout: str, complaints: list[str]
) -> None:
    tab.goto(f"{server.url}{CHAT}")
    name = tab.locator("html").get_attribute("lang")
    expect(tab.locator("shop-assistant .turn.double").first).to_be_visible(timeout=ANSWER_MS)
    ask(tab, wish)
    card = tab.locator(".card.slots").last
    card.locator(".slot-day[role=radio]").nth(3).click()
    clock = card.locator(".slot-time .num").first.inner_text()
    picture(tab, f"{name}-5-chat")
    no_sideways_scroll(tab)
    card.locator(".slot-time").first.click()
    expect(card.locator(".result")).to_be_visible()
    picture(tab, f"{name}-6-chat-chosen")
    card.get_by_role("button", name=checkout).click()
    question = tab.locator(".card.confirm").last
    expect(question).to_contain_text(clock)
    picture(tab, f"{name}-7-chat-confirm")
    question.locator(".confirm-actions button").first.click()
    tab.locator(".card.checkout a.button").click()
    pay(tab)

    tab.goto(f"{server.url}{CHAT}")
    expect(tab.locator("shop-assistant .turn.double").first).to_be_visible(timeout=ANSWER_MS)
    ask(tab, "Can I move my appointment?" if name == "en" else "我的預約可以改時間嗎")
    moving, questions = tab.locator(".card.slots").last, tab.locator(".card.confirm")
    answered = questions.count()
    moving.locator(".slot-day[role=radio]").nth(4).click()
    moving.locator(".slot-time").last.click()
    expect(questions).to_have_count(answered + 1)  # the one about the order stands there too, answered
    asked = questions.last
    expect(asked).to_contain_text(clock)
    picture(tab, f"{name}-8-chat-move")
    asked.locator(".confirm-actions button").first.click()
    expect(asked.locator(".confirm-foot.done")).to_be_visible(timeout=ANSWER_MS)
    picture(tab, f"{name}-9-chat-moved")
    assert complaints == []


def test_a_file_is_bought_and_fetched(tab: Page, server: RunningServer, complaints: list[str]) -> None:
    tab.goto(f"{server.url}{FILE}")
    tab.locator("#add").click()
    tab.locator("#to-cart").click()
    tab.locator("#email").fill("hana@example.com")
    tab.locator("#address button").click()
    tab.locator("#pay button.primary").click()
    pay(tab)

    tab.reload()
    expect(tab.locator(".files li")).to_have_count(1)
    picture(tab, "desktop-10-file-order")
    tab.locator(".files a.button").click()
    picture(tab, "desktop-11-download")
    with tab.expect_download() as kept:
        tab.locator("form button.primary").click()

    assert kept.value.suggested_filename == "night-routine-planner.pdf"
    assert Path(kept.value.path()).read_bytes().startswith(b"%PDF")
    assert complaints == []
