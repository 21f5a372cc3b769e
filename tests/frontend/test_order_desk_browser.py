"""A shopper in Chromium against the real server: buys, asks, changes the address, cancels, returns; all in the chat."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.flows.server import ROOT, RunningServer, environment, running_server
from tests.frontend.conftest import PHONE

pytestmark = pytest.mark.browser

CHAT = "/s/meis-shelf/c/mei/chat/"
ANSWER_MS = 30_000
PICTURES = os.environ.get("SCREENSHOTS", "")  # a folder: what the page looked like at each step


@dataclass(frozen=True, slots=True)
class Words:
    """What the shopper of one language writes and presses."""

    wish: str
    add_first: str
    add_second: tuple[str, ...]
    checkout: str
    address: tuple[tuple[str, str], ...]
    use_address: str
    place: str
    pay: str
    where: str
    move: str
    new_street: str
    change_address: str
    cancel: str
    no_longer: str
    cancel_button: str
    cancelled: str
    give_back: str
    submit: str
    yes: str


ENGLISH = Words(
    wish="A serum for oily skin?",
    add_first="Add the second one to my cart",
    add_second=("Add the third one to my cart",),
    checkout="Check out",
    address=(
        ("Name", "Hana Kuo"),
        ("E-mail for the receipt", "hana@example.com"),
        ("City", "Taipei"),
        ("Postal code", "106"),
        ("Address", "12 Yongkang St"),
    ),
    use_address="Use this address",
    place="Place order",
    pay="Pay",
    where="Where is my order?",
    move="I moved. Can my last order go to another address?",
    new_street="8 Minsheng Rd",
    change_address="Change the address",
    cancel="Please cancel my order",
    no_longer="I no longer need it",
    cancel_button="Cancel the order",
    cancelled="Cancelled",
    give_back="I want to return part of order #{n}",
    submit="Go on with these",
    yes="yes",
)
CHINESE = Words(
    wish="油性肌膚想找精華",
    add_first="第一個加入購物車",
    add_second=("米發酵精華水多少錢", "第一個加入購物車"),
    checkout="結帳",
    address=(
        ("姓名", "郭涵"),
        ("收據寄到的 Email", "han@example.com"),
        ("縣市", "台北市"),
        ("郵遞區號", "106"),
        ("地址", "永康街 12 號"),
    ),
    use_address="使用這個地址",
    place="確認下單",
    pay="付款",
    where="我的訂單到哪了",
    move="我搬家了，上一筆訂單想改寄到別的地址",
    new_street="民生路 8 號",
    change_address="",
    cancel="我想取消訂單",
    no_longer="不需要了",
    cancel_button="",
    cancelled="",
    give_back="我要退訂單 #{n} 裡的一件",
    submit="",
    yes="是",
)
SIMPLIFIED = Words(
    wish="油性肌肤想找精华",
    add_first="第一个加入购物车",
    add_second=("米发酵精华水多少钱", "第一个加入购物车"),
    checkout="结账",
    address=(
        ("姓名", "郭涵"),
        ("收据寄到的 Email", "han@example.com"),
        ("县市", "台北市"),
        ("邮政编码", "106"),
        ("地址", "永康街 12 号"),
    ),
    use_address="使用这个地址",
    place="确认下单",
    pay="付款",
    where="我的订单到哪了",
    move="我搬家了，上一个订单想改寄到别的地址",
    new_street="民生路 8 号",
    change_address="",
    cancel="我想取消订单",
    no_longer="不需要了",
    cancel_button="",
    cancelled="",
    give_back="我要退订单 #{n} 里的一件",
    submit="",
    yes="是",
)


def phone(locale: str) -> dict[str, object]:
    """A phone whose owner reads this language."""
    return {"locale": locale, "viewport": PHONE, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    data_dir: Path = tmp_path_factory.mktemp("desk")
    with running_server(data_dir) as running:
        yield running


@pytest.fixture
def chat(tab: Page, server: RunningServer, complaints: list[str]) -> Iterator[Page]:
    """The full-page chat of a new shopper; the test fails when a script failed or something was blocked."""
    tab.goto(f"{server.url}{CHAT}")
    expect(tab.locator("shop-assistant .turn.double").first).to_be_visible()
    yield tab
    picture(tab, "end")
    assert complaints == []


def picture(chat: Page, name: str) -> None:
    """Keep what the page looks like, when somebody wants to see it."""
    if PICTURES:
        width = (chat.viewport_size or {}).get("width", 0)
        chat.wait_for_timeout(400)
        chat.screenshot(path=f"{PICTURES}/{name}-{chat.locator('html').get_attribute('lang')}-{width}.png")


def ask(chat: Page, text: str) -> Locator:
    """Write to the double and return its stored answer."""
    answers = chat.locator("shop-assistant .turn.double:not(.thinking):not([aria-busy])")
    before = answers.count()
    chat.locator("shop-assistant textarea").fill(text)
    chat.keyboard.press("Enter")
    expect(answers).to_have_count(before + 1, timeout=ANSWER_MS)
    return answers.nth(before)


def press_chip(chat: Page, name: str) -> Locator:
    """Press a follow-up and return the answer to it."""
    answers = chat.locator("shop-assistant .turn.double:not(.thinking):not([aria-busy])")
    before = answers.count()
    chat.locator("shop-assistant .chip", has_text=name).first.click()
    expect(answers).to_have_count(before + 1, timeout=ANSWER_MS)
    return answers.nth(before)


def buy(chat: Page, words: Words, *adds: str, has_address: bool) -> str:
    """Buy in the chat, pay on the fake's page, come back; return the order's number."""
    questions, pays = chat.locator(".card.confirm"), chat.locator(".card.checkout")
    asked, paid_before = questions.count(), pays.count()
    ask(chat, words.wish)
    for add in adds:
        answer = ask(chat, add)
    answer.get_by_role("button", name=words.checkout).click()
    if not has_address:
        form = chat.locator("form.address").last
        for name, value in zip(("recipient", "email", "city", "postal_code", "line1"), words.address, strict=True):
            form.locator(f"[name={name}]").fill(value[1])
        form.locator("button[type=submit]").click()
    questions.nth(asked).locator(".confirm-actions button").first.click()
    card = pays.nth(paid_before)
    expect(card).to_be_visible(timeout=ANSWER_MS)
    number = re.search(r"\d+", card.locator("h4").inner_text())
    assert number
    card.locator("a.button.primary").click()
    chat.locator("form button").first.click()
    expect(chat).to_have_url(re.compile("/orders/"), timeout=ANSWER_MS)
    chat.goto(re.sub(r"/s/.*", CHAT, chat.url))
    paid = chat.locator(".turn.system .card.order", has_text=number.group())
    expect(paid.first).to_be_visible(timeout=ANSWER_MS)
    return number.group()


def deliver(server: RunningServer, number: str) -> None:
    """Do what the merchant's staff does: send the order, and note that it arrived."""
    port = int(server.url.rsplit(":", 1)[1])
    code = (
        "from catalog.accounts.models import Merchant; from catalog.accounts.scoping import merchant_scope\n"
        "from catalog.orders.models import Order; from catalog.orders import services\n"
        "with merchant_scope(Merchant.objects.get(slug='meis-shelf')):\n"
        f"    pk = Order.objects.get(number='{number}').pk\n"
        "    services.mark_processed(order_id=pk); services.mark_delivered(order_id=pk)\n"
    )
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", code], cwd=ROOT, env=environment(server.data_dir, port), check=True
    )


def confirmed(chat: Page) -> Locator:
    """Press the first button of the newest question and return the order's card that follows."""
    chat.locator(".card.confirm").last.locator(".confirm-actions button").first.click()
    expect(chat.locator(".card.confirm").last.locator(".confirm-foot.done")).to_be_visible(timeout=ANSWER_MS)
    return chat.locator(".card.order").last


def test_everything_in_english_by_buttons(chat: Page, server: RunningServer) -> None:
    words = ENGLISH
    first = buy(chat, words, words.add_first, has_address=False)
    second = buy(chat, words, words.add_first, *words.add_second, has_address=True)

    told = ask(chat, words.where)
    expect(told.locator(".card.order")).to_contain_text(f"#{second}")
    picture(chat, "1-where")

    form = ask(chat, words.move).locator("form.address")
    expect(form).to_contain_text(f"#{second}")
    form.locator("[name=line1]").fill(words.new_street)
    picture(chat, "2-address")
    form.locator("button[type=submit]").click()
    question = chat.locator(".card.confirm").last
    expect(question).to_contain_text(words.new_street)
    picture(chat, "3-address-confirm")
    confirmed(chat)

    ask(chat, words.cancel)
    picture(chat, "4-which")
    press_chip(chat, f"#{first}")
    picture(chat, "5-why")
    asked = press_chip(chat, words.no_longer)
    expect(asked.locator(".card.confirm")).to_contain_text(f"Cancel order #{first}?")
    expect(asked.locator(".card.confirm")).to_contain_text("Back to you")
    picture(chat, "6-cancel")
    expect(confirmed(chat)).to_contain_text(words.cancelled)
    picture(chat, "7-cancelled")

    deliver(server, second)
    items = ask(chat, words.give_back.format(n=second)).locator("form.items")
    expect(items.get_by_role("checkbox")).to_have_count(2)
    items.get_by_role("checkbox").first.check()
    picture(chat, "8-items")
    items.get_by_role("button", name=words.submit).click()
    asked_back = chat.locator(".card.confirm", has_text="Return these items")
    expect(asked_back).to_be_visible(timeout=ANSWER_MS)
    expect(asked_back.locator(".line")).to_have_count(1)
    expect(asked_back).to_contain_text("Stays as it is")
    picture(chat, "9-return")
    expect(confirmed(chat)).to_contain_text(f"#{second}")
    picture(chat, "10-returned")


@pytest.mark.parametrize(
    ("tab", "words", "script"),
    [(phone("zh-TW"), CHINESE, "zh-Hant"), (phone("zh-CN"), SIMPLIFIED, "zh-Hans")],
    indirect=["tab"],
    ids=["traditional", "simplified"],
)
def test_everything_in_chinese_by_words(chat: Page, server: RunningServer, words: Words, script: str) -> None:
    expect(chat.locator("html")).to_have_attribute("lang", script)
    first = buy(chat, words, words.add_first, has_address=False)
    second = buy(chat, words, words.add_first, *words.add_second, has_address=True)

    expect(ask(chat, words.where).locator(".card.order")).to_contain_text(f"#{second}")

    form = ask(chat, words.move).locator("form.address")
    form.locator("[name=line1]").fill(words.new_street)
    form.locator("button[type=submit]").click()
    expect(chat.locator(".card.confirm").last).to_contain_text(words.new_street)
    picture(chat, "3-address-confirm")
    ask(chat, words.yes)

    ask(chat, words.cancel)
    picture(chat, "4-which")
    ask(chat, f"#{first}")
    picture(chat, "5-why")
    question = ask(chat, words.no_longer)
    expect(question.locator(".card.confirm")).to_contain_text(f"#{first}")
    picture(chat, "6-cancel")
    ask(chat, "取消")  # neither yes nor no: it asks again
    done = ask(chat, words.yes)
    expect(done.locator(".card.order .tag.danger")).to_be_visible()
    picture(chat, "7-cancelled")

    deliver(server, second)
    items = ask(chat, words.give_back.format(n=second)).locator("form.items")
    title = items.locator(".line-title").first.inner_text()
    picture(chat, "8-items")
    back = ask(chat, title)
    expect(back.locator(".card.confirm .line")).to_have_count(1)
    expect(back.locator(".card.confirm .line")).to_contain_text(title)
    picture(chat, "9-return")
    returned = ask(chat, words.yes)
    expect(returned.locator(".card.order")).to_contain_text(f"#{second}")
    picture(chat, "10-returned")


def test_a_guest_signs_in_by_the_code_of_the_mail_and_keeps_his_cart(
    chat: Page, server: RunningServer, browser: object
) -> None:
    words = ENGLISH
    number = buy(chat, words, words.add_first, has_address=False)
    guest = chat.context.browser.new_context(viewport=chat.viewport_size).new_page()
    guest.goto(f"{server.url}{CHAT}")
    expect(guest.locator("shop-assistant .turn.double").first).to_be_visible()
    ask(guest, words.wish)
    ask(guest, words.add_second[0])

    card = ask(guest, words.where).locator("form.sign-in")
    picture(guest, "11-sign-in")
    card.get_by_label("E-mail you ordered with").fill("hana@example.com")
    card.get_by_role("button", name="Send the code").click()
    expect(card.get_by_label("Code from the mail")).to_be_visible()
    card.get_by_label("Code from the mail").fill(_code_of_mail(guest, server))
    picture(guest, "12-code")
    card.get_by_role("button", name="Sign in").click()

    expect(guest.locator(".card.order").last).to_contain_text(f"#{number}", timeout=ANSWER_MS)
    picture(guest, "13-signed-in")
    guest.goto(f"{server.url}/s/meis-shelf/cart/")
    expect(guest.locator("[data-cart-count]")).to_have_text("1")
    guest.context.close()


def _code_of_mail(page: Page, server: RunningServer) -> str:
    """Return the newest code that the server mailed: without EMAIL_URL it prints its mail."""
    for _try in range(60):
        found: list[str] = re.findall(r"(?m)^(\d{6}) is your code", (server.data_dir / "server.log").read_text())
        if found:
            return found[-1]
        page.wait_for_timeout(500)
    raise AssertionError("no mail with a code was sent")
