"""Questions that were once answered beside the point: two things together, mornings, opinions, cheaper, an outage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as configured
from pytest_django.fixtures import Settings

from catalog.products.indexing import reindex
from catalog.products.models import Product
from catalog.search.ports import SearchUnavailable
from conversations.chat.evidence import cut
from conversations.chat.intents import read
from conversations.chat.memory import remembered
from conversations.chat.pairs import things_in
from conversations.chat.selectors import welcome
from conversations.personas.services import ingest_document
from tests.conversations.chat.shop import Shop, ask, make_conversation
from tests.factories import make_product
from tools.outages import search_answered, search_down_since


@pytest.fixture
def retinal(shop: Shop) -> Product:
    """A retinal serum; No. 3 is kept apart from it, and Mei has said what she thinks."""
    serum = shop.products["no-3-serum"]
    serum.attributes |= {"conflicts_with": ["retinal"]}
    serum.save()
    product = make_product(
        shop.merchant,
        slug="night-shift",
        title="Night Shift Retinal",
        titles={"en": "Night Shift Retinal", "zh-hant": "夜班 A 醛精華"},
        attributes={"key_ingredients": ["retinal"], "step": "treat"},
    )
    ingest_document(
        merchant=shop.merchant,
        creator=shop.creator,
        slug="on-both",
        kind="opinion",
        titles={"en": "No. 3 and retinal together?", "zh-hant": "三號和 A 醛一起用？"},
        texts={"en": "Morning and evening, yes. So the No. 3 has my mornings.", "zh-hant": "早晚分開可以。"},
    )
    reindex(merchant=shop.merchant)
    return product


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("Can No. 3 and retinal go together?", ("no 3", "retinal")),
        ("3 號和 A 醛能一起用嗎？", ("3 号", "a 醛")),
        ("A醇和烟酰胺能一起用吗", ("a醇", "烟酰胺")),
        ("can I use the No. 3 serum with my retinal", ("no 3 serum", "retinal")),
        ("這個會跟 A 醛衝突嗎", ("a 醛",)),
    ],
)
def test_both_sides_of_a_question_are_heard(text: str, things: tuple[str, ...]) -> None:
    assert read(text).intent == "compatible"
    assert things_in(text, language="zh-hans") == things


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("can I use it with oily skin", "details"),
        ("does it work with sensitive skin", "details"),
        ("what goes well with the first one?", "routine"),
        ("這三個怎麼一起用", "routine"),
        ("can I add these together to my cart", "cart_add"),
        ("油性敏感肌早上怎麼擦？", "routine"),
        ("早上怎么护肤", "routine"),
        ("幫我配早上的保養，晚上有用 A 醛", "routine"),
        ("how should I do my mornings", "routine"),
        ("這瓶早上怎麼用", "details"),
        ("What does Kai carry himself?", "opinion"),
    ],
)
def test_neighbouring_questions_stay_what_they_are(text: str, intent: str) -> None:
    assert read(text).intent == intent


def test_two_things_the_shop_keeps_apart_are_told_apart_with_the_creators_own_words(
    shop: Shop, retinal: Product
) -> None:
    reply = ask(make_conversation(shop), "Can No. 3 and retinal go together?").reply

    assert reply.text == (
        "Not in the same step: the shop's data keep No. 3 Niacinamide Serum apart from retinal. Use them at different"
        " times of day. Mei said: “Morning and evening, yes. So the No. 3 has my mornings.”"
    )
    shown = [card["product_id"] for card in reply.cards if card["kind"] == "product"]
    assert shown == [shop.products["no-3-serum"].pk, retinal.pk]


def test_nothing_against_it_is_no_promise(shop: Shop, retinal: Product) -> None:
    heard = ask(make_conversation(shop, language="zh-hant"), "稻葉潔面凝膠可以跟 A 醛一起用嗎")

    assert heard.reply.text == "店裡的資料沒有寫稻葉潔面凝膠和 A 醛不能一起用，資料能說的就到這裡。"


def test_a_quote_does_not_end_inside_a_products_name() -> None:
    assert cut("Two drops. So the No. 3 has my mornings. And more.", 42) == "Two drops. So the No. 3 has my mornings."


def test_what_the_shopper_uses_already_is_remembered_for_the_routine(shop: Shop, retinal: Product) -> None:
    text = "幫我配早上的保養，晚上有用 A 醛"

    needs = remembered(needs={}, reading=read(text), text=text, currency="TWD")
    reply = ask(make_conversation(shop, language="zh-hant"), text).reply

    assert needs["uses"] == ["retinal"]
    assert [card["kind"] for card in reply.cards] == ["routine"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("my face reddens easily", {}),
        ("我的皮膚 oily 很油", {}),
        ("I have pimples", {"acne": "pimples"}),
        ("我是大油田", {"oily": "大油田"}),
    ],
)
def test_only_a_name_of_a_need_is_said_back(text: str, words: dict[str, str]) -> None:
    needs = remembered(needs={}, reading=read(text), text=text, currency="TWD")

    assert needs.get("words", {}) == words


def test_words_said_in_another_language_are_not_said_back() -> None:
    text = "something for redness"

    needs = remembered(needs={"words": {"oily": "大油田"}}, reading=read(text), text=text, currency="TWD")

    assert "words" not in needs


def test_the_need_is_said_as_one_phrase(shop: Shop) -> None:
    shop.persona.templates = {"en": {"recommend": ["For {need}: {product}."]}}
    shop.persona.save()

    reply = ask(make_conversation(shop), "something for oily, sensitive skin that reddens").reply

    assert reply.text.startswith("For oily, sensitive skin, redness: ")


def test_cheaper_stays_with_the_kind_that_was_shown(shop: Shop) -> None:
    make_product(
        shop.merchant,
        slug="lip",
        title="Lip Ointment",
        prices={"USD": 5_00},
        category_path="skincare/lip",
        attributes={},
    )
    reindex(merchant=shop.merchant)
    conversation = make_conversation(shop)
    conversation.shown_product_ids = [shop.products["no-3-serum"].pk]
    conversation.save()

    cheaper = ask(conversation, "cheaper")
    wider = ask(conversation, "cheaper")

    assert [card["title"] for card in cheaper.reply.cards] == ["Tea Water Serum"]
    assert wider.reply.text.startswith("Nothing of that kind is cheaper. Of another kind, there is ")


@pytest.fixture
def _search_is_down(shop: Shop, settings: Settings) -> Iterator[None]:
    settings.SEARCH_BACKEND = f"{__name__}.SearchThatIsDown"
    yield
    settings.SEARCH_BACKEND = WORKING
    search_answered()


WORKING = configured.SEARCH_BACKEND  # of this run


class SearchThatIsDown:
    """An engine that does not answer."""

    def __getattr__(self, name: str) -> Any:
        raise SearchUnavailable


@pytest.mark.usefixtures("_search_is_down")
def test_an_outage_is_told_with_its_beginning_and_a_way_to_try_again(shop: Shop, settings: Settings) -> None:
    conversation = make_conversation(shop, language="zh-hant")

    down = ask(conversation, "推薦給油肌的精華")
    since = search_down_since()
    assert since is not None
    clock = f"{since.astimezone(ZoneInfo('Asia/Taipei')):%H:%M}"
    assert down.reply.text == f"{clock} 起無法搜尋商品。購物車、結帳和訂單查詢都正常。"
    assert down.reply.chips == ["再試一次", "看我的購物車"]
    assert datetime.fromisoformat(welcome(conversation).search_down_since) == since

    ask(conversation, "再試一次")
    settings.SEARCH_BACKEND = WORKING
    again = ask(conversation, "再試一次")

    assert [card["kind"] for card in again.reply.cards][:1] == ["product"]
    assert welcome(conversation).search_down_since == ""
