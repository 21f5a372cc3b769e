"""Shoppers in Chromium against the real server with the demo shop: look, ask, buy, pay, watch live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.flows.server import RunningServer, running_server
from tests.frontend.conftest import CHROMIUM, DESKTOP, FLAGS, PHONE
from tests.frontend.waiting import be_patient

pytestmark = pytest.mark.browser

SHOP = "/s/meis-shelf"
ANSWER_MS = 20_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    data_dir: Path = tmp_path_factory.mktemp("pages")
    with running_server(data_dir) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def tab(browser: Browser, server: RunningServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a new shopper; the test fails when a script failed or the policy blocked something."""
    options = {"viewport": DESKTOP, "base_url": server.url, **getattr(request, "param", {})}
    context = browser.new_context(**options)
    page = context.new_page()
    be_patient(page)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert complaints == []


def ask(tab: Page, text: str) -> None:
    """Write to the double and wait for its stored answer."""
    expect(tab.locator("shop-assistant .turn.double").first).to_be_visible()
    before = tab.locator("shop-assistant .turn:not(.thinking):not([aria-busy])").count()
    tab.locator("shop-assistant textarea").fill(text)
    tab.keyboard.press("Enter")
    expect(tab.locator("shop-assistant .turn:not(.thinking):not([aria-busy])")).to_have_count(
        before + 1, timeout=ANSWER_MS
    )


def test_a_shopper_asks_beside_a_video_and_gets_products_with_reasons(tab: Page) -> None:
    tab.goto(f"{SHOP}/v/four-step-night/")
    tab.get_by_role("button", name="Play from 1:35").click()
    expect(tab.locator("#on-screen")).to_be_visible()

    ask(tab, "Which of these suits oily, sensitive skin?")

    answer = tab.locator("shop-assistant .turn.double").last
    expect(answer.locator(".product-row").first).to_be_visible()
    expect(answer.locator(".row-reason").first).not_to_be_empty()
    assert answer.locator(".product-row a").first.get_attribute("href").startswith("/l/")


def test_the_conversation_is_there_again_after_a_reload(tab: Page) -> None:
    tab.goto(f"{SHOP}/c/mei/chat/")
    ask(tab, "Something for oily skin under $40?")
    said = tab.locator("shop-assistant .turn.double .bubble").last.inner_text()

    tab.reload()

    expect(tab.locator("shop-assistant .own .bubble")).to_contain_text("Something for oily skin under $40?")
    expect(tab.locator("shop-assistant .turn.double .bubble").last).to_have_text(said)


def test_from_the_product_page_to_a_paid_test_order(tab: Page) -> None:
    tab.goto(f"{SHOP}/p/no-3-niacinamide-serum/")
    tab.get_by_role("button", name="Add to cart").click()
    expect(tab.locator("[data-cart-count]")).to_have_text("1")
    tab.get_by_role("link", name="Go to cart and check out").click()

    for label, value in (("Name", "Hana Kuo"), ("E-mail for the receipt", "hana@example.com"), ("City", "Taipei")):
        tab.get_by_label(label).fill(value)
    tab.get_by_label("Postal code").fill("106")
    tab.get_by_role("textbox", name="Address", exact=True).fill("12 Yongkang St")
    tab.get_by_role("button", name="Use this address").click()
    tab.get_by_role("button", name=re.compile(r"^Pay \$")).click()
    tab.get_by_role("button", name=re.compile("^Pay")).first.click()

    expect(tab).to_have_url(re.compile(f"{SHOP}/orders/"), timeout=ANSWER_MS)
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Order #")
    for _ in range(20):
        if tab.get_by_text("is on its way to packing").count():
            break
        tab.wait_for_timeout(500)
        tab.reload()
    expect(tab.get_by_text("is on its way to packing")).to_be_visible()
    expect(tab.locator(".order-head .tag").first).to_have_text("Test")


def test_a_question_in_the_live_room_is_answered_in_front_of_everybody(tab: Page, browser: Browser) -> None:
    tab.goto(f"{SHOP}/live/evening-skin-clinic/")
    expect(tab.locator("#pinned .pinned-title")).to_be_visible()
    other = browser.new_context(viewport=DESKTOP, base_url=tab.url.split("/s/")[0]).new_page()
    other.goto(f"{SHOP}/live/evening-skin-clinic/")
    expect(other.locator(".asks-list > li").first).to_be_visible()

    tab.locator("#asks textarea").fill("How long does one bottle of the No. 3 last?")
    tab.keyboard.press("Enter")

    for page in (tab, other):
        row = page.locator(".asks-list > li", has_text="How long does one bottle")
        expect(row.locator(".ask-head .tag")).to_have_text(re.compile("Answered|Saved for Mei"), timeout=ANSWER_MS)
    other.context.close()


@pytest.mark.parametrize("tab", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}], indirect=True)
def test_the_language_menu_turns_the_page_and_its_money_chinese(tab: Page) -> None:
    tab.goto(f"{SHOP}/p/no-3-niacinamide-serum/")
    expect(tab.locator("#price")).to_contain_text("$31.00")

    tab.locator(".menu summary").click()
    tab.get_by_role("button", name="繁體中文").click()

    expect(tab.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(tab.locator("#price")).to_contain_text("NT$")


@pytest.mark.parametrize("path", ["/", "/c/mei/", "/p/no-3-niacinamide-serum/", "/v/four-step-night/", "/cart/"])
def test_no_page_scrolls_sideways(tab: Page, path: str) -> None:
    tab.goto(f"{SHOP}{path}")

    for width in (320, 768, 1280):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_is_kept_when_chosen(tab: Page) -> None:
    tab.goto(f"{SHOP}/")
    tab.locator(".menu summary").click()
    tab.get_by_role("button", name="Dark").click()
    tab.reload()

    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 28, 25)"
