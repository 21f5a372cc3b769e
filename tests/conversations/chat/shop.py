"""The tiny shop that the tests of conversations talk to: six products, one video, two policies, one persona."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync

from catalog.accounts.models import Creator, Merchant, Shopper
from catalog.products.indexing import reindex
from catalog.products.models import ContentItem, Product, Shelf
from conversations.chat import services, turns
from conversations.chat.models import Conversation, Message, Speaker, Turn
from conversations.chat.protocol import ServerFrame
from conversations.personas.models import Persona
from conversations.personas.services import ingest_content, ingest_document
from tests.factories import make_content, make_creator, make_delivery, make_product, make_shopper

MEI_TEMPLATES = {
    "en": {
        "recommend": ["Honestly? {product}. {reason}, {price}."],
        "price": ["{product} will be {price} of your coins."],
        "greet": ["Hey you, {creator}'s double here."],
    },
    "zh-hant": {
        "recommend": ["我會先拿{product}喔，{reason}，{price}。"],
        "price": ["{product}現在 {price} 喔。"],
        "greet": ["嗨嗨，我是{creator}的分身。"],
    },
}
KAI_TEMPLATES = {
    "en": {"recommend": ["{product}. {price}. {reason}. Done."], "price": ["{price}. That's {product}."]},
    "zh-hant": {"recommend": ["就{product}，{price}，{reason}，收工。"], "price": ["{price}，{product}。"]},
}


@dataclass
class Shop:
    """What the tests talk about."""

    merchant: Merchant
    creator: Creator
    persona: Persona
    shopper: Shopper
    video: ContentItem
    products: dict[str, Product]


@dataclass
class Heard:
    """The frames of one answer, in order."""

    turn: Turn
    frames: list[ServerFrame] = field(default_factory=list)

    @property
    def reply(self) -> Message:
        """The double's message."""
        return Message.objects.filter(turn=self.turn, speaker=Speaker.DOUBLE).earliest("sequence")

    def kinds(self) -> list[str]:
        """Return the frames' types, tokens counted once."""
        return list(dict.fromkeys(frame.type for frame in self.frames))


def make_persona(creator: Creator, **fields: Any) -> Persona:
    """A live persona: friendly, never says "best" or 最."""
    defaults = {
        "version": 1,
        "state": "live",
        "voice": {"en": "Short and warm."},
        "templates": MEI_TEMPLATES,
        "forbidden_claims": {"en": ["best", "cures", "safe"], "zh-hant": ["最", "第一", "根治"]},
        "disclosures": {"en": "You're talking to an AI.", "zh-hant": "你正在和 AI 對話。"},
    }
    return Persona.objects.create(merchant=creator.merchant, creator=creator, **{**defaults, **fields})


def make_shop(merchant: Merchant) -> Shop:
    """Build the shop inside the merchant's scope and index it."""
    creator = make_creator(merchant)
    products = {slug: _product(merchant, slug, **fields) for slug, fields in PRODUCTS.items()}
    for place, product in enumerate(products.values()):
        Shelf.objects.create(merchant=merchant, creator=creator, product=product, position=place)
    video = make_content(
        creator,
        lines=(
            (0, 40, {"en": "Tonight four steps for oily, sensitive skin.", "zh-hant": "今晚四個步驟，給油性敏感肌。"}),
            (
                97,
                120,
                {
                    "en": "The No. 3 serum calms my oily, sensitive days.",
                    "zh-hant": "三號精華讓我油性敏感的日子安靜下來。",
                },
            ),
        ),
        shows=((products["no-3-serum"], 90, 130), (products["cloud-cream"], 200, 240)),
    )
    ingest_content(content_id=video.pk)
    _policy(merchant, "shipping", {"en": "Delivery", "zh-hant": "運送"}, SHIPPING)
    _policy(merchant, "returns", {"en": "Returns", "zh-hant": "退貨"}, RETURNS)
    make_delivery(merchant)
    reindex(merchant=merchant)
    return Shop(merchant, creator, make_persona(creator), make_shopper(merchant), video, products)


def make_conversation(shop: Shop, **fields: Any) -> Conversation:
    """A direct message in English, prices in US dollars; `language` and `surface` can be given."""
    language = fields.pop("language", "en")
    defaults = {"surface": "direct", "currency": shop.merchant.currency_for(language), "shopper": shop.shopper}
    return services.open_conversation(
        merchant=shop.merchant, creator=shop.creator, language=language, **{**defaults, **fields}
    )


_count = iter(range(10**9))


def ask(conversation: Conversation, text: str, **options: Any) -> Heard:
    """Send `text` and wait for the answer."""
    return async_to_sync(ask_async)(conversation, text, **options)


async def ask_async(conversation: Conversation, text: str, **options: Any) -> Heard:
    """Send `text` and wait for the answer, inside a running loop."""
    frames: list[ServerFrame] = []

    async def hear(frame: ServerFrame) -> None:
        frames.append(frame)

    client_id = options.pop("client_id", "") or f"client-{next(_count):08d}"
    turn = await turns.answer(conversation_id=conversation.pk, client_id=client_id, text=text, on_frame=hear, **options)
    return Heard(turn, frames)


PRODUCTS: dict[str, dict[str, Any]] = {
    "no-3-serum": {
        "title": "No. 3 Niacinamide Serum",
        "titles": {"en": "No. 3 Niacinamide Serum", "zh-hant": "三號菸鹼醯胺精華"},
        "descriptions": {"en": "Two drops is plenty.", "zh-hant": "兩滴就夠。"},
        "category_path": "skincare/serum",
        "category_names": {"en": "Serum", "zh-hant": "精華"},
        "attributes": {
            "skin_types": ["oily", "sensitive"],
            "concerns": ["redness"],
            "key_ingredients": ["niacinamide"],
            "free_from": ["fragrance", "alcohol"],
            "step": "treat",
        },
    },
    "tea-serum": {
        "title": "Tea Water Serum",
        "titles": {"en": "Tea Water Serum", "zh-hant": "茶水精華"},
        "category_path": "skincare/serum",
        "category_names": {"en": "Serum", "zh-hant": "精華"},
        "prices": {"TWD": 560_00, "USD": 18_00},
        "attributes": {"skin_types": ["oily", "combination"], "step": "treat"},
    },
    "riceleaf-gel": {
        "title": "Riceleaf Gel Cleanser",
        "titles": {"en": "Riceleaf Gel Cleanser", "zh-hant": "稻葉潔面凝膠"},
        "category_path": "skincare/cleanser",
        "category_names": {"en": "Cleanser", "zh-hant": "潔面"},
        "prices": {"TWD": 480_00, "USD": 15_50},
        "on_hand": 3,
        "attributes": {"skin_types": ["oily"], "step": "cleanse"},
    },
    "cloud-cream": {
        "title": "Barrier Cloud Cream",
        "titles": {"en": "Barrier Cloud Cream", "zh-hant": "屏障雲朵霜"},
        "category_path": "skincare/moisturiser",
        "category_names": {"en": "Moisturiser", "zh-hant": "乳霜"},
        "prices": {"TWD": 680_00, "USD": 22_00},
        "attributes": {"skin_types": ["dry", "sensitive"], "free_from": ["fragrance"], "step": "moisturise"},
    },
    "paper-light": {
        "title": "Paper Light Sunscreen",
        "titles": {"en": "Paper Light Sunscreen", "zh-hant": "紙輕防曬"},
        "category_path": "skincare/sunscreen",
        "category_names": {"en": "Sunscreen", "zh-hant": "防曬"},
        "prices": {"TWD": 620_00, "USD": 20_00},
        "on_hand": 0,
        "attributes": {"skin_types": ["oily"], "step": "protect", "spf": 50},
    },
}
SHIPPING = {
    "en": "Orders arrive in two to three days in Taiwan. Home delivery is NT$80, free from NT$1,500.",
    "zh-hant": "台灣本島兩到三天送達。宅配運費 NT$80，滿 NT$1,500 免運。",
}
RETURNS = {
    "en": "You can return anything unopened within seven days of delivery.",
    "zh-hant": "到貨七天內、未拆封的商品都可以退貨。",
}


def _product(merchant: Merchant, slug: str, **fields: Any) -> Product:
    return make_product(merchant, slug=slug, **fields)


def _policy(merchant: Merchant, slug: str, titles: dict[str, str], texts: dict[str, str]) -> None:
    ingest_document(merchant=merchant, slug=slug, kind="policy", titles=titles, texts=texts)
