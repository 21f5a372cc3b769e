"""Shoppers search in Chromium, against the real server with the demo shop: by keyboard, by thumb, in Chinese."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.flows.server import RunningServer, running_server
from tests.frontend.conftest import DESKTOP, PHONE
from tests.frontend.waiting import be_patient

pytestmark = pytest.mark.browser

SHOP = "/s/meis-shelf"
ANSWER_MS = 20_000
ON_A_PHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
ONE_PRODUCT = {"product_id": 1, "slug": "x", "image_url": "", "price": None, "price_varies": False, "stock": "in_stock"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    data_dir: Path = tmp_path_factory.mktemp("search")
    with running_server(data_dir) as running:
        yield running


@pytest.fixture
def tab(browser: Browser, server: RunningServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a new visitor; the test fails when a script failed or the policy blocked something."""
    options = {"viewport": DESKTOP, "base_url": server.url, **getattr(request, "param", {})}
    language = options.pop("language", "en")
    context = browser.new_context(**options)
    context.add_cookies([{"name": "django_language", "value": language, "url": server.url}])
    page = context.new_page()
    be_patient(page)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert complaints == []


def suggested(tab: Page) -> list[str]:
    """What is offered, without the initial that stands for a missing picture."""
    return tab.locator("#search-list .option-title:visible, #search-list .query:visible").all_inner_texts()


def ready(tab: Page) -> None:
    """Wait until the page's scripts run: before that its links and forms work without them."""
    tab.wait_for_load_state("load")


def test_the_field_completes_by_keyboard_as_a_combobox(tab: Page) -> None:
    tab.goto(f"{SHOP}/")
    field = tab.get_by_role("combobox", name="Search this shop")
    tab.keyboard.press("/")
    expect(field).to_be_focused()
    tab.keyboard.type("niac")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(tab.locator("#search-status")).to_contain_text("suggestion")
    first = tab.get_by_role("option").first
    expect(first.locator("img")).to_be_visible()
    expect(first.locator(".option-price")).to_have_text(re.compile(r"\$\d"))

    tab.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", first.get_attribute("id") or "")
    tab.keyboard.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    tab.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("niac")

    tab.keyboard.press("ArrowDown")
    expect(tab.get_by_role("option").first).to_be_visible()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(f"{SHOP}/p/"))


def test_enter_without_a_choice_searches_and_the_search_is_remembered_here_alone(tab: Page) -> None:
    tab.goto(f"{SHOP}/")
    tab.locator("#search-input").click()
    tab.keyboard.type("cloud cream")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("cloud cream")

    tab.goto(f"{SHOP}/")
    tab.locator("#search-input").click()
    expect(tab.get_by_role("option", name="cloud cream")).to_be_visible()
    tab.get_by_role("button", name="Forget these searches").click()
    tab.reload()
    tab.locator("#search-input").click()
    tab.wait_for_timeout(500)
    assert suggested(tab) == []
    assert not [cookie for cookie in tab.context.cookies() if cookie["name"].startswith("shopper")]


@pytest.mark.parametrize("tab", [{**ON_A_PHONE, "language": "zh-hant"}], indirect=True)
def test_on_a_phone_in_chinese_nothing_is_asked_while_a_word_is_composed(tab: Page) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if "/suggestions/" in request.url else None)
    tab.goto(f"{SHOP}/")
    tab.locator("#search-input").tap()
    tab.wait_for_timeout(400)
    asked.clear()
    keyboard = tab.context.new_cdp_session(tab)
    for half in ("j", "ji", "jin", "jing", "jing h", "jing hua"):
        keyboard.send("Input.imeSetComposition", {"text": half, "selectionStart": len(half), "selectionEnd": len(half)})
        tab.wait_for_timeout(200)
    assert asked == []

    keyboard.send("Input.insertText", {"text": "精華"})
    expect(tab.get_by_role("option").first).to_contain_text("精華")
    assert len(asked) == 1
    expect(tab.get_by_role("group", name="分類").get_by_role("option", name="精華", exact=True)).to_be_visible()
    box = tab.locator("#search-suggest").bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= PHONE["width"]) == (True, True)
    assert all((each.bounding_box() or {"height": 0})["height"] >= 44 for each in tab.get_by_role("option").all())
    tab.get_by_role("option").first.tap()
    expect(tab).to_have_url(re.compile(f"{SHOP}/p/"))


def test_an_answer_that_comes_late_is_dropped_and_letters_typed_fast_ask_once(tab: Page) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        typed = route.request.url.split("q=")[1].split("&")[0]
        asked.append(typed)
        tab.wait_for_timeout(600 if typed == "se" else 0)
        found = {"products": [{**ONE_PRODUCT, "title": f"for {typed}"}], "categories": [], "brands": [], "queries": []}
        route.fulfill(content_type="application/json", body=json.dumps(found))

    tab.goto(f"{SHOP}/")
    tab.locator("#search-input").click()
    tab.route("**/suggestions/**", answer)
    tab.keyboard.type("se", delay=20)
    tab.wait_for_timeout(250)
    tab.keyboard.type("rum", delay=20)
    expect(tab.get_by_role("option", name="for serum")).to_be_visible()
    tab.wait_for_timeout(800)

    assert asked == ["se", "serum"]
    assert suggested(tab) == ["for serum"]


@pytest.mark.parametrize("tab", [ON_A_PHONE], indirect=True)
def test_facets_on_a_phone_are_a_sheet_that_says_how_many_there_will_be(tab: Page) -> None:
    tab.goto(f"{SHOP}/search/?q=serum")
    expect(tab.locator("#filters")).to_be_hidden()
    tab.get_by_role("link", name="Filters").tap()
    sheet = tab.get_by_role("dialog", name="Filters")
    expect(sheet).to_be_visible()
    choice = sheet.locator(".facet", has_text="Brand").locator(".tick").first
    brand, count = choice.locator("span").first.inner_text(), int(choice.locator(".count").inner_text())
    choice.tap()
    apply = sheet.locator("#filter-apply")
    expect(apply).to_have_text(re.compile(rf"^Show {count} products?$"))
    assert (choice.bounding_box() or {"height": 0})["height"] >= 44

    apply.tap()
    expect(tab.locator("#found-count")).to_have_text(re.compile(rf"^{count} products?$"))
    expect(tab.locator(".chip", has_text=brand)).to_be_visible()
    tab.locator(".chip", has_text=brand).tap()
    expect(tab).not_to_have_url(re.compile("brand="))
    ready(tab)

    tab.get_by_role("link", name="Filters").tap()
    expect(sheet).to_be_visible()
    tab.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(tab.locator("#filter-open")).to_be_focused()
    assert tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_filter_applies_as_it_is_chosen_and_the_order_too(tab: Page) -> None:
    tab.goto(f"{SHOP}/search/")
    tab.get_by_label("In stock only").check()
    expect(tab).to_have_url(re.compile(r"\?in_stock=1$"))
    ready(tab)
    tab.get_by_label("Sort by").select_option("price")
    expect(tab).to_have_url(re.compile(r"[?&]sort=price"))
    ready(tab)
    prices = [float(text.split("$")[1].split()[0]) for text in tab.locator(".tile-price .num").all_inner_texts()]

    assert prices == sorted(prices)
    assert len(prices) == 24


def test_more_products_are_added_below_and_the_focus_goes_to_the_first_of_them(tab: Page) -> None:
    tab.goto(f"{SHOP}/search/?sort=newest")
    tab.get_by_role("link", name="Show more products").click()
    expect(tab.locator(".found-item")).to_have_count(48)
    links = tab.locator(".found-item .tile")
    expect(links.nth(24)).to_be_focused()
    shown = [link.get_attribute("href") for link in links.all()]

    assert len(set(shown)) == 48


def test_did_you_mean_and_search_instead(tab: Page) -> None:
    tab.goto(f"{SHOP}/search/?q=nicinamide+serm")
    expect(tab.locator("#meant")).to_contain_text("Showing results for niacinamide serum")
    expect(tab.locator(".tile-title").first).to_contain_text("Niacinamide")

    tab.get_by_role("link", name="Search instead for “nicinamide serm”").click()
    expect(tab.locator("#nothing")).to_be_visible()
    ready(tab)
    tab.get_by_role("button", name="Ask the double").click()
    expect(tab.locator("shop-assistant .own .bubble")).to_contain_text("nicinamide serm", timeout=ANSWER_MS)


def test_products_are_ticked_and_compared_side_by_side(tab: Page) -> None:
    tab.goto(f"{SHOP}/search/?q=serum")
    picks = tab.locator(".pick input")
    picks.nth(0).check()
    expect(tab.locator(".tray-note")).to_have_text("Tick one more to compare.")
    for place in (1, 2, 3):
        picks.nth(place).check()
    picks.nth(4).click()
    expect(tab.locator(".tray-note")).to_contain_text("At most 4")
    expect(picks.nth(4)).not_to_be_checked()
    picks.nth(3).uncheck()
    tab.get_by_role("button", name="Compare 3").click()

    expect(tab.get_by_role("columnheader")).to_have_count(3)
    same = tab.locator("tr.same").first
    expect(same).to_be_visible()
    tab.get_by_label("Only what differs").check()
    expect(same).to_be_hidden()
    expect(tab.locator("tr.differs").first).to_be_visible()
    tab.get_by_role("link", name="Remove").first.click()
    expect(tab.get_by_role("columnheader")).to_have_count(2)


@pytest.mark.parametrize("tab", [{**ON_A_PHONE, "language": "zh-hant"}], indirect=True)
def test_compared_products_fit_a_phone_with_their_names_in_sight(tab: Page) -> None:
    tab.goto(f"{SHOP}/search/?q=精華")
    for place in (0, 1, 2):
        tab.locator(".pick").nth(place).tap()
    tab.locator("#compare-go").tap()
    expect(tab.locator("tbody th").first).to_be_visible()

    assert tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    tab.locator(".compare-scroll").evaluate("each => each.scrollTo(999, 0)")
    name = tab.locator("tbody th").first.bounding_box()
    assert name is not None
    assert 0 <= name["x"] < 40


def test_beside_a_product_stand_similar_ones(tab: Page) -> None:
    tab.goto(f"{SHOP}/p/no-3-niacinamide-serum/")
    tab.locator("#beside").scroll_into_view_if_needed()
    expect(tab.get_by_role("heading", name="Similar products")).to_be_visible()
    tab.locator("#similar").get_by_role("link", name="Compare").click()

    expect(tab.get_by_role("columnheader")).to_have_count(3)


CONTRAST = """() => {
  const channel = (value) => (value /= 255) <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("main *, .shop-head *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const box = element.getBoundingClientRect();
    if (!own || element.closest(".sr, svg, .picture, option") || box.width < 2) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    const ratio = (one + .05) / (other + .05);
    if (ratio < 4.5) found.push(`${element.className}: ${element.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return found;
}"""
UNNAMED = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, [role=option], dialog")]
  .filter((each) => each.checkVisibility())
  .filter((each) => !(each.textContent.trim() || each.ariaLabel || each.labels?.length))
  .filter((each) => !each.hasAttribute("aria-labelledby"))
  .map((each) => each.outerHTML.slice(0, 120))"""
REPEATED = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""


PARTS = {"head-tools": "tools", "chips": "chips", "found-tools": "order", "found-grid": "grid", "search-box": "box"}
PART = f"""() => {{
  const parts = Object.entries({json.dumps(PARTS)});
  return (parts.find(([name]) => document.activeElement.closest(`.${{name}}`)) ?? ["", "elsewhere"])[1];
}}"""


@pytest.mark.parametrize(
    "tab",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark", "language": "zh-hant"},
        {**ON_A_PHONE, "color_scheme": "dark"},
    ],
    indirect=True,
)
@pytest.mark.parametrize(
    "path",
    ["/search/?q=serum+under+40&brand=Nobody&in_stock=1", "/search/?q=zzzz", "/search/?q=nicinamide+serm", "/search/"],
)
def test_every_control_has_a_name_and_every_text_its_contrast(tab: Page, path: str) -> None:
    tab.goto(f"{SHOP}{path}")

    assert tab.evaluate(CONTRAST) == []
    assert tab.evaluate(UNNAMED) == []
    assert tab.evaluate(REPEATED) == []
    assert tab.locator("h1").count() == 1


def test_the_focus_goes_from_the_field_to_the_results_in_the_order_of_the_page(tab: Page) -> None:
    tab.goto(f"{SHOP}/search/?q=serum&in_stock=1")
    tab.locator("#search-input").focus()
    order = []
    for _ in range(12):
        tab.keyboard.press("Tab")
        order.append(tab.evaluate(PART))

    assert list(dict.fromkeys(order)) == ["box", "tools", "chips", "order", "grid"]
