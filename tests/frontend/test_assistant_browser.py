"""<shop-assistant> in Chromium against a played server: what is drawn, what is sent, what survives."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from conversations.chat.protocol import Acted
from tests.frontend import sample_cards as sample
from tests.frontend.conftest import PHONE
from tests.frontend.static_site import Site, page
from tests.frontend.talk import FACES, Talk
from tests.frontend.waiting import wait_until_true
from tools.results import Card, VariantChoice

pytestmark = pytest.mark.browser

PHONE_OPTIONS = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


def element(mode: str, language: str = "en", **attributes: str) -> str:
    """The element as a page writes it."""
    face = FACES[language]
    given = {
        "mode": mode,
        "creator": "mei",
        "name": face.name,
        "label": "AI",
        "avatar": face.avatar_url,
        "disclosure": face.disclosure,
        **attributes,
    }
    return "<shop-assistant " + " ".join(f'{name}="{value}"' for name, value in given.items()) + "></shop-assistant>"


def open_chat(
    tab: Page, site: Site, *, mode: str = "page", lang: str = "en", welcome: dict[str, Any] | None = None
) -> Talk:
    """Open a page with the element and wait until the conversation stands."""
    language = "zh-hant" if lang.startswith("zh") else "en"
    body_class = "chat-page" if mode == "page" else ""
    site.pages["/chat"] = page(
        element(mode, language), lang=lang, styles=("pages",), module="shop-assistant", body_class=body_class
    )
    talk = Talk(tab, language=language, welcome=welcome)
    tab.goto(f"{site.url}/chat")
    if mode == "widget":
        tab.locator(".launcher").click()
    expect(tab.locator("shop-assistant .composer textarea")).to_be_visible()
    wait_until_true(tab, "!!document.querySelector('shop-assistant').shadowRoot.querySelector('.head button')")
    tab.wait_for_timeout(150)
    return talk


def ask(talk: Talk, text: str) -> dict[str, Any]:
    """Write and send; the server acknowledges. Returns the frame."""
    got: list[dict[str, Any]] = []

    def accept(frame: dict[str, Any]) -> None:
        if frame["type"] == "message":
            got.append(frame)
            talk.accept(frame)

    talk.on_frame = accept
    talk.page.locator("textarea").fill(text)
    talk.page.keyboard.press("Enter")
    expect(talk.page.locator(".own .bubble").last).to_contain_text(text)
    for _ in range(40):
        if got:
            break
        talk.page.wait_for_timeout(25)
    return got[0]


def show(talk: Talk, *cards: Card, text: str = "Here.") -> Locator:
    """Ask something that is answered with these cards; returns the answer."""
    ask(talk, "Show me")
    talk.answer(text, cards=cards)
    answer = talk.page.locator(".turn.double").last
    expect(answer.locator(".cards")).to_be_visible()
    return answer


def test_first_open_says_who_speaks_and_offers_questions(tab: Page, site: Site, complaints: list[str]) -> None:
    open_chat(tab, site)

    expect(tab.locator(".head .ai")).to_have_text("AI")
    expect(tab.locator(".strip")).to_contain_text("talking to an AI")
    expect(tab.get_by_role("log")).to_contain_text("Hi, I’m Mei’s double.")
    expect(tab.locator(".chip")).to_have_count(3)
    assert complaints == []


def test_a_chip_is_sent_as_it_reads_and_the_chips_vanish(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)

    tab.get_by_role("button", name="Something under $40").click()

    expect(tab.locator(".own .bubble")).to_contain_text("Something under $40")
    expect(tab.locator(".chip")).to_have_count(0)
    assert talk.received[-1]["text"] == "Something under $40"


def test_text_is_never_markup(tab: Page, site: Site, complaints: list[str]) -> None:
    nasty = "<img src=x onerror=\"document.title='hacked'\"><b>hi</b>"
    talk = open_chat(tab, site)

    ask(talk, nasty)
    card = sample.product(1, nasty, reason=nasty, url="javascript:document.title='hacked'")
    talk.answer(nasty, cards=(card,), chips=(nasty,))

    answer = tab.locator(".turn.double").last
    expect(answer.locator(".bubble")).to_have_text(nasty)
    expect(answer.locator("b, .bubble img")).to_have_count(0)
    assert answer.locator("a").first.get_attribute("href") == "#"
    assert tab.title() != "hacked"
    assert complaints == []


def test_tokens_are_shown_as_they_come_and_replaced_by_the_stored_answer(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    ask(talk, "Oily skin?")

    talk.send({"type": "token", "turn": talk.turn, "index": 0, "text": "I would "})
    talk.send({"type": "token", "turn": talk.turn, "index": 1, "text": "start"})
    expect(tab.locator(".streaming")).to_have_text("I would start")
    assert tab.locator(".turn[aria-busy='true']").get_attribute("aria-live") == "off"

    talk.answer("I’d start with the No. 3.")
    expect(tab.locator(".streaming")).to_have_count(0)
    expect(tab.locator(".turn.double .bubble").last).to_have_text("I’d start with the No. 3.")


def test_dots_appear_only_when_the_answer_takes_a_while(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    ask(talk, "Hello?")

    assert tab.locator(".thinking").count() == 0
    expect(tab.locator(".thinking")).to_be_visible(timeout=2000)
    talk.answer("Hello.")
    expect(tab.locator(".thinking")).to_have_count(0)


def test_send_turns_into_stop_while_an_answer_runs(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    ask(talk, "A long one")

    tab.get_by_role("button", name="Stop").click()
    tab.wait_for_timeout(50)
    assert talk.frames[-1] == "stop"

    talk.answer("I’d start with", state="stopped")
    expect(tab.locator(".message-state")).to_have_text("Stopped")
    expect(tab.get_by_role("button", name="Send")).to_be_visible()


def test_enter_that_ends_a_composition_does_not_send(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site, lang="zh-Hant")
    tab.locator("textarea").fill("油肌")

    tab.locator("textarea").dispatch_event("keydown", {"key": "Enter", "isComposing": True})

    assert "message" not in talk.frames
    expect(tab.locator("textarea")).to_have_value("油肌")


def test_a_message_over_the_limit_stays_in_the_field_and_says_why(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site, welcome={"limits": {"message_chars": 10}})

    tab.locator("textarea").fill("more than ten")
    tab.keyboard.press("Enter")

    expect(tab.locator(".composer-problem")).to_have_text("At most 10 characters; this has 13.")
    expect(tab.locator("textarea")).to_have_value("more than ten")
    assert "message" not in talk.frames


def test_a_refused_message_is_kept_and_sent_again_with_the_same_id(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    talk.on_frame = lambda frame: talk.send(
        {"type": "error", "code": "busy", "message": "", "client_id": frame["client_id"]}
    )
    tab.locator("textarea").fill("Does it ship to Osaka?")
    tab.keyboard.press("Enter")
    expect(tab.locator(".message-state.failed")).to_contain_text("Not sent.")

    talk.on_frame = talk.accept
    tab.get_by_role("button", name="Try again").click()

    expect(tab.locator(".message-state")).to_have_count(0)
    first, second = [frame for frame in talk.received if frame["type"] == "message"]
    assert first == second


def test_after_a_lost_connection_it_resumes_and_resends_what_was_not_acknowledged(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    ask(talk, "First")
    talk.answer("One.")
    expect(tab.locator(".turn.double .bubble").last).to_have_text("One.")
    talk.on_frame = lambda frame: None

    talk.drop()
    tab.locator("textarea").fill("Second")
    tab.keyboard.press("Enter")
    for _ in range(100):
        if "resume" in talk.frames and talk.frames[-1] == "message":
            break
        tab.wait_for_timeout(50)

    resume, again = talk.received[-2:]
    assert resume == {"type": "resume", "after": 2}
    assert again["text"] == "Second"
    talk.send({"type": "missed", "messages": [talk.said("While you were away.").model_dump(mode="json")]})
    talk.send({"type": "missed", "messages": [talk.said("Again.", sequence=2).model_dump(mode="json")]})
    expect(tab.locator(".turn.double .bubble").last).to_have_text("While you were away.")
    expect(tab.locator(".own")).to_have_count(2)


def test_a_refused_connection_is_not_tried_again(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)

    talk.drop(code=4403)

    expect(tab.locator(".offline")).to_be_visible()
    tab.wait_for_timeout(900)
    assert len(talk.sockets) == 1


def test_a_product_is_added_and_the_button_becomes_a_stepper(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    answer = show(talk, sample.product(2, "Barrier Cloud Cream", 3400))

    def act(frame: dict[str, Any]) -> None:
        talk.send(Acted(client_id=frame["client_id"], act=frame["act"], cards=(sample.cart(frame["quantity"]),)))

    talk.on_frame = act
    answer.get_by_role("button", name="Add").click()

    expect(answer.locator(".stepper output")).to_have_text("1")
    assert talk.received[-1] | {"client_id": ""} == {
        "type": "act",
        "client_id": "",
        "act": "cart_add",
        "variant_id": 20,
        "quantity": 1,
        "link_id": "link2",
    }
    answer.get_by_role("button", name="One more").click()
    expect(answer.locator(".stepper output")).to_have_text("2")
    assert talk.received[-1]["act"] == "cart_set"


def test_a_price_that_changed_meanwhile_is_asked_again(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    answer = show(talk, sample.product(4, "Still Water Toner", 1900))
    fresh = sample.product(4, "Still Water Toner", 2100)
    talk.on_frame = lambda frame: talk.send(
        Acted(client_id=frame["client_id"], act="cart_add", cards=(fresh,), error="price_changed")
    )

    answer.get_by_role("button", name="Add").click()

    expect(answer.get_by_role("button", name="Add at $21.00")).to_be_visible()
    expect(answer).to_contain_text("Was $19.00")


def test_a_product_with_options_asks_for_one_first(tab: Page, site: Site) -> None:
    variants = (
        VariantChoice(variant_id=1, label="30 ml", price=sample.price(3100), available=3, in_stock=True),
        VariantChoice(variant_id=2, label="50 ml", price=sample.price(5100), available=0, in_stock=False),
    )
    talk = open_chat(tab, site)
    answer = show(talk, sample.product(1, variants=variants))
    expect(answer.get_by_role("button", name="Choose an option first")).to_be_disabled()

    answer.get_by_label("Option of").select_option("1")
    answer.get_by_role("button", name="Add", exact=True).click()
    tab.wait_for_timeout(50)

    assert talk.received[-1]["variant_id"] == 1
    expect(answer.locator("option", has_text="50 ml")).to_be_disabled()


@pytest.mark.parametrize(
    ("stock", "button", "words"),
    [
        ("sold_out", "Tell me", "Sold out"),
        ("external", "View at the shop", "Sold elsewhere"),
        ("not_for_sale", "Details", "Not for sale online"),
    ],
)
def test_what_cannot_be_bought_says_so_and_offers_something_else(
    tab: Page, site: Site, stock: str, button: str, words: str
) -> None:
    talk = open_chat(tab, site)
    answer = show(talk, sample.product(1, stock=stock, left=None))

    expect(answer).to_contain_text(words)
    expect(answer.locator(".row-action").get_by_text(button)).to_be_visible()
    expect(answer.get_by_role("button", name="Add to cart")).to_have_count(0)


def test_the_carousel_is_walked_with_arrow_keys(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site, mode="widget")
    answer = show(talk, *(sample.product(number, f"Product {number}") for number in range(1, 6)))
    track = answer.locator(".carousel-track")

    track.focus()
    tab.keyboard.press("ArrowRight")

    wait_until_true(
        tab, "document.querySelector('shop-assistant').shadowRoot.querySelector('.carousel-track').scrollLeft > 100"
    )
    expect(answer.get_by_role("button", name="Previous products")).to_be_visible()


def test_a_routine_is_added_as_a_whole(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    answer = show(talk, sample.routine())
    talk.on_frame = lambda frame: talk.send(Acted(client_id=frame["client_id"], act="cart_add"))

    expect(answer).to_contain_text("Keep No. 3 for mornings")
    expect(answer).to_contain_text("Within budget")
    answer.get_by_role("button", name="Add all 3").click()

    expect(answer.get_by_role("button", name="In your cart")).to_be_visible()
    assert talk.received[-1]["variant_ids"] == [10, 20, 30]


def test_a_routine_over_budget_says_by_how_much(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)

    answer = show(talk, sample.routine(over_by=sample.price(950)))

    expect(answer.locator(".tag.warn")).to_have_text("$9.50 over budget")


def test_a_confirmation_counts_down_and_works_once(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    card = sample.confirm(588)
    answer = show(talk, card)
    expect(answer.locator(".confirm-foot")).to_contain_text("Works once only. Expires in 9 min 4")
    expect(answer.get_by_role("button")).to_have_count(2)

    answer.get_by_role("button", name="Cancel order").click()
    tab.wait_for_timeout(50)
    assert talk.received[-1] == {"type": "confirm", "action_id": card.action_id, "accept": True}
    said_at = talk.said("x").at
    talk.send(
        {
            "type": "confirmed",
            "action_id": card.action_id,
            "outcome": "executed",
            "text": "Order #1042 is cancelled.",
            "at": said_at,
            "cards": [],
        }
    )

    expect(answer.locator(".confirm-foot.done")).to_contain_text("Order #1042 is cancelled.")
    expect(answer.get_by_role("button")).to_have_count(0)


def test_an_expired_confirmation_offers_to_ask_again(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    answer = show(talk, sample.confirm(1.2))

    expect(answer.get_by_role("button", name="Ask again")).to_be_visible(timeout=6000)
    expect(answer.get_by_role("button", name="Cancel order")).to_have_count(0)


def test_the_address_form_marks_what_is_missing_and_what_the_server_refuses(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    answer = show(talk, sample.address())
    send = answer.get_by_role("button", name="Use this address")

    send.click()
    expect(answer.locator(".error")).to_have_count(4)  # name, e-mail, city, address
    assert "address" not in talk.frames

    for label, value in (("Name", "Hana"), ("E-mail for the receipt", "h@example.com"), ("City", "Taipei")):
        answer.get_by_label(label).fill(value)
    answer.get_by_label("Address", exact=True).fill("12 Yongkang St")
    talk.on_frame = lambda frame: talk.send(
        {"type": "error", "code": "bad", "field": "postal_code", "message": "Postal code: three digits.", **_id(frame)}
    )
    send.click()

    expect(answer.locator(".field.postal_code .error")).to_have_text("Postal code: three digits.")
    assert talk.received[-1]["recipient"] == "Hana"
    assert talk.received[-1]["country"] == "TW"


def test_every_kind_of_card_is_drawn(tab: Page, site: Site, complaints: list[str]) -> None:
    talk = open_chat(tab, site)

    show(
        talk, sample.content(), sample.comparison(), sample.cart(2), sample.checkout(), sample.order(), sample.handoff()
    )

    for kind in ("content", "comparison", "cart", "checkout", "order", "handoff"):
        expect(tab.locator(f".card.{kind}")).to_be_visible()
    expect(tab.locator(".card.order [aria-current='step']")).to_contain_text("On its way")
    expect(tab.get_by_role("link", name="Pay $39.00")).to_have_attribute("href", "/pay/cs_test_1/")
    expect(tab.locator(".card.checkout .tag")).to_have_text("Test")
    assert complaints == []


def test_a_person_takes_over_visibly_and_can_be_left(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)

    talk.send({"type": "owner", "owner": "person", "person": "Joanna"})
    hello = talk.said("Hi, sorry about that.", speaker="person", name="Joanna")
    talk.send({"type": "arrived", "message": hello.model_dump(mode="json")})

    expect(tab.locator(".head-name")).to_contain_text("Joanna")
    expect(tab.locator(".strip")).to_contain_text("A person has taken over. Mei’s double is silent.")
    expect(tab.locator(".turn.person .who")).to_contain_text("Person")
    tab.get_by_role("button", name="Back to AI").click()
    tab.wait_for_timeout(50)
    assert talk.received[-1]["act"] == "resume_double"


def test_escape_closes_the_window_and_gives_the_focus_back(tab: Page, site: Site) -> None:
    open_chat(tab, site, mode="widget")
    expect(tab.locator("textarea")).to_be_focused()

    tab.keyboard.press("Escape")

    expect(tab.locator(".window")).to_be_hidden()
    expect(tab.locator(".launcher")).to_be_focused()


@pytest.mark.parametrize("tab", [PHONE_OPTIONS], indirect=True)
def test_full_screen_on_a_phone_keeps_the_tab_key_inside(tab: Page, site: Site) -> None:
    open_chat(tab, site, mode="widget")
    expect(tab.locator(".window")).to_have_css("position", "fixed")
    tab.locator("textarea").fill("x")

    for _ in range(12):
        tab.keyboard.press("Tab")

    assert tab.evaluate("document.activeElement.tagName") == "SHOP-ASSISTANT"


@pytest.mark.parametrize("tab", [{**PHONE_OPTIONS, "viewport": {"width": 320, "height": 640}}], indirect=True)
def test_nothing_is_cut_off_at_320_pixels(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    show(talk, sample.routine(), sample.confirm(), sample.cart(), sample.order())

    wide = tab.evaluate(
        """() => [...document.querySelector('shop-assistant').shadowRoot.querySelectorAll('.card, .bubble, .button')]
            .filter((node) => node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.className)"""
    )

    assert wide == []


@pytest.mark.parametrize("tab", [PHONE_OPTIONS], indirect=True)
def test_what_is_pressed_on_a_phone_is_at_least_44_high_and_fields_do_not_zoom(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    show(talk, sample.routine(), sample.confirm(), sample.product(7))

    small = tab.evaluate(
        """() => [...document.querySelector('shop-assistant').shadowRoot.querySelectorAll('.button, .round, .chip')]
            .filter((node) => node.getBoundingClientRect().height < 43.5).map((node) => node.textContent)"""
    )

    assert small == []
    assert tab.locator("textarea").evaluate("(field) => getComputedStyle(field).fontSize") == "16px"


@pytest.mark.parametrize("tab", [{"reduced_motion": "reduce"}], indirect=True)
def test_reduced_motion_is_respected(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    ask(talk, "Hello")
    talk.send({"type": "token", "turn": talk.turn, "index": 0, "text": "Hi"})
    expect(tab.locator(".streaming")).to_be_visible()

    duration = tab.locator(".streaming").evaluate("(node) => getComputedStyle(node, '::after').animationDuration")

    assert float(duration.removesuffix("s")) < 0.1


def test_the_newest_is_in_view_until_the_reader_goes_up(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site)
    for number in range(4):
        show(talk, sample.routine(), text=f"Answer {number}")
    expect(tab.get_by_role("button", name="Add all 3").last).to_be_in_viewport()

    tab.locator(".scroller").hover()
    tab.mouse.wheel(0, -900)
    tab.wait_for_timeout(200)
    talk.send({"type": "arrived", "message": talk.said("Paid.").model_dump(mode="json")})

    expect(tab.get_by_role("button", name="New messages")).to_be_visible()
    expect(tab.get_by_text("Paid.")).not_to_be_in_viewport()
    tab.get_by_role("button", name="New messages").click()
    expect(tab.get_by_text("Paid.")).to_be_in_viewport()


def test_chinese_reads_chinese_and_runs_of_text_carry_their_language(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site, lang="zh-Hant")
    ask(talk, "油肌")
    talk.answer("油又容易紅，多半是屏障累了。")

    expect(tab.locator(".head")).to_contain_text("找真人")
    expect(tab.locator("textarea")).to_have_attribute("placeholder", "傳訊息給小梅的分身")
    assert tab.locator(".turn.double .bubble").last.get_attribute("lang") == "zh-Hant"


def test_the_page_language_is_told_to_the_conversation(tab: Page, site: Site) -> None:
    talk = open_chat(tab, site, lang="zh-Hant", welcome={"language": "en"})
    tab.wait_for_timeout(50)

    assert talk.received[0] == {"type": "language", "language": "zh-hant"}


def _id(frame: dict[str, Any]) -> dict[str, Any]:
    return {"client_id": frame.get("client_id", "")}
