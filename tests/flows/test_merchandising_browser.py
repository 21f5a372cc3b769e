"""A merchant in Chromium, on a phone: sees why, pins a product with the preview beside it; a shopper finds it first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.flows.server import RunningServer, running_server
from tests.frontend.conftest import CHROMIUM, FLAGS, PHONE
from tests.frontend.waiting import be_patient

pytestmark = pytest.mark.browser

WHY = "/admin/search/why/?q=serum"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("merchandising")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def desk(browser: Browser, server: RunningServer) -> Iterator[Page]:
    """The editor's phone, signed in; the test fails when a script failed or the policy blocked something."""
    context = browser.new_context(viewport=PHONE, base_url=server.url)
    page = context.new_page()
    be_patient(page)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto("/admin/login/")
    page.fill("[name=username]", "mei-editor")
    page.fill("[name=password]", (Path(server.data_dir) / "demo_password").read_text().strip())
    page.click("[type=submit]")
    page.wait_for_url("**/admin/")
    yield page
    context.close()
    assert complaints == []


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_product_is_pinned_from_the_page_of_reasons_and_found_first(
    desk: Page, browser: Browser, server: RunningServer
) -> None:
    desk.goto(WHY)
    third = desk.locator(".sa-standings > li").nth(2)
    title = third.locator(".name").inner_text()
    third.locator("summary").click()
    points = [float(text) for text in third.locator(".sa-points tr:not(.sum) .num").all_inner_texts()]
    assert round(sum(points), 3) == float(third.locator(".sum .num").inner_text())
    assert fits(desk)

    third.get_by_role("link", name="Pin").click()
    after = desk.locator("[data-rule-preview] .sa-pair > div").nth(1)
    expect(after.locator("li").first).to_contain_text(title)
    desk.select_option("[name=kind]", "hide")
    expect(after.locator("li").last).to_contain_text("hidden")
    expect(after.locator("li").first).not_to_contain_text(title)
    desk.select_option("[name=kind]", "pin")
    expect(after.locator("li").first).to_contain_text(title)
    assert fits(desk)
    desk.locator("[name=_save]").click()
    expect(desk.locator("#result_list")).to_contain_text(title)

    shopper = browser.new_context(viewport=PHONE, base_url=server.url).new_page()
    shopper.goto("/s/meis-shelf/search/?q=serum")
    first = shopper.locator("#found-grid a.tile").first
    expect(first).to_contain_text(title)
    first.click()
    expect(shopper).to_have_url(re.compile(r"/p/[^?]+\?search=[0-9a-f]{32}$"))
    shopper.context.close()

    desk.goto(WHY)
    expect(desk.locator(".sa-standings .why").first).to_contain_text("pinned by you")
    desk.goto("/admin/search/unmet/")
    expect(desk.locator("#list-empty")).to_be_visible()
    assert fits(desk)
