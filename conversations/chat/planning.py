"""Which tools the offline model calls for a message, and which it calls after it has seen their results."""

from __future__ import annotations

import re

# ruff: noqa: E501 (patterns read better whole)
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from catalog.search.analysis import query_terms
from conversations.chat.booking_planning import booking_calls
from conversations.chat.briefs import Brief
from conversations.chat.calls import Call
from conversations.chat.codes import entered_code, takes_code_out
from conversations.chat.intents.folding import fold
from conversations.chat.intents.slots import ordinals_in
from conversations.chat.naming import is_named
from conversations.chat.order_planning import desk_calls
from conversations.chat.outcomes import Called, products_in
from conversations.chat.pairs import points_at_both, points_at_one, things_in
from tools.results import CartCard, ProductCard

TEXT_CHARS_MAX = 200
ADDED_AT_ONCE_MAX = 5
_ALL = re.compile(
    r"(?<![a-z])(?:all|both|everything|each of)(?![a-z])|全部|全都|都(?:要|加|买|放)|两个都|三个都|一起加"
)
_EMPTY_CART = re.compile(r"(?:empty|clear|everything|all)(?![a-z])|清空|全部|全都")
_DEICTIC = re.compile(r"(?<![a-z])(?:it|this|that|its|this one|that one|them|these|those)(?![a-z])|这|那(?!么)|它")
_OPTION = re.compile(
    r"\d+(?:\.\d+)?\s?(?:ml|毫升|g|克|l|公升|升|人|号|cm)(?![a-z])|(?<![a-z])(?:xs|xxl|xl|[sml])(?= ?号|$| size)"
)
_VIDEO_WORDS = re.compile(
    r"(?<![a-z])(?:which|what|any|got|do|did|have|you|your|ever|made?|videos?|vids?|clips?|posts?|posted|reels?|episodes?|tutorials?|in|on|about|"
    r"the|where|talk(?:ed)?|say|said|show(?:ed)?|mention(?:ed)?|is|there|a|me|of|for|it|explain|that|i|can|find|watch|latest|link|to)(?![a-z])"
    r"|哪(?:一)?(?:支|个|集|部|里)?|影片|视频|贴文|帖子|文章|教学|教程|有没有|有(?:讲|说|拍|提)(?:到|过)?|(?:讲|说|拍|提|示范|分享)(?:到|过)|"
    r"在|里面?|你(?:的)?|的|吗|呢|看|怎么|关于|是|[?？]"
)
_OFFER = re.compile(r"discount|offer|promo|coupon|code|sale|voucher|折扣|优惠|促销|特价|活动|折价|赠")
_NO_OFFER = re.compile(r"cannot|can't|no (?:discount|coupon|code)|不能|没有|无法|不提供")
_OFFERED_PERSON = ("health", "not_understood", "for_creator", "no_answer")


def first_calls(brief: Brief) -> list[Call]:
    """Return the tools that answer this message; none when words alone answer it."""
    if code := entered_code(brief.text):
        return [Call("apply_code", {"code": code, "remove": takes_code_out(brief.text)})]
    if brief.booking is not None:
        return booking_calls(brief, brief.booking, [])
    if brief.request is not None:
        return desk_calls(brief, [])
    plan = _PLANS.get(brief.reading.intent)
    return plan(brief) if plan else []


def next_calls(brief: Brief, called: Sequence[Called]) -> list[Call]:
    """Return what to call after the first results: a product that was named had to be found first."""
    if brief.booking is not None:
        return booking_calls(brief, brief.booking, called)
    if brief.request is not None:
        return desk_calls(brief, called)
    intent = brief.reading.intent
    if intent in ("cart_remove", "recommend"):
        return _removals(brief, called) if intent == "cart_remove" else _moment_of(brief, called)
    if called[-1].name != "search_products":
        return []
    return _of_named(brief, [card for card in _found(called) if is_named(card.title, brief.text)])


def _of_named(brief: Brief, found: Sequence[ProductCard]) -> list[Call]:
    """Go on with the products that were found by name."""
    intent = brief.reading.intent
    if not found:
        return []
    if intent in ("details", "opinion"):
        return [Call("product_details", {"product_id": found[0].product_id})]
    if intent == "compare" and len(found) > 1:
        return [Call("compare_products", {"product_ids": [found[0].product_id, found[1].product_id]})]
    if intent == "cart_add":
        return [Call("add_to_cart", {"product_id": found[0].product_id, **_how_many(brief)})]
    return []


def is_about_offers(text: str) -> bool:
    """Whether a passage tells of an offer, and not that there is none."""
    folded = fold(text)
    return bool(_OFFER.search(folded)) and not _NO_OFFER.search(folded)


def _recommend(brief: Brief) -> list[Call]:
    return [Call("recommend_products", {"text": brief.text[:TEXT_CHARS_MAX]})]


def _moment_of(brief: Brief, called: Sequence[Called]) -> list[Call]:
    """Beside a video, find where the recommended product is shown or spoken of."""
    products = _found(called)
    if brief.ctx.watching.content_id is None or not products or called[-1].name != "recommend_products":
        return []
    about = {"product_id": products[0].product_id, "question": brief.text[:TEXT_CHARS_MAX]}
    return [Call("find_content", {**about, "limit": 1})]


def _refine(brief: Brief) -> list[Call]:
    slots = brief.reading.slots
    arguments: dict[str, Any] = {}
    if _showed_routine(brief) and (slots.get("cheaper") or slots.get("ordinal", 0) > 0) and not _of_product(slots):
        change = {"cheaper": True} if slots.get("cheaper") else {"swap_ordinal": slots["ordinal"]}
        return [Call("recommend_routine", change)]
    if slots.get("cheaper") and brief.ctx.shown_product_ids:
        arguments["cheaper"] = True
        if slots.get("ordinal", 0) > 0:
            arguments["than_ordinal"] = slots["ordinal"]
    elif set(slots) == {"ordinal"} and (place := _place(brief)) is not None:
        arguments["swap_ordinal"] = place
    elif not set(slots) - {"ordinal", "cheaper"}:
        arguments["others"] = True
    return [Call("recommend_products", arguments)]


def _showed_routine(brief: Brief) -> bool:
    """Whether the last reply that showed products showed a routine: "cheaper" then means all of it."""
    last = next((spoken for spoken in reversed(brief.history) if spoken.shown or spoken.has_routine), None)
    return last is not None and last.has_routine and not last.by_shopper


def _of_product(slots: Mapping[str, Any]) -> bool:
    """Whether a message asks for one kind of product, or for something cheaper than one place of the list."""
    return "category" in slots or bool(slots.get("cheaper") and slots.get("ordinal"))


def _routine(brief: Brief) -> list[Call]:
    return [Call("recommend_routine", {"text": brief.text[:TEXT_CHARS_MAX]})]


def _one_product(brief: Brief) -> list[Call]:
    """Look at the product that is meant: by its place, the one at hand, or by its name."""
    if (place := _place(brief)) is not None:
        return [Call("product_details", {"ordinal": place})]
    if _names_something(brief):
        return [Call("search_products", {"text": brief.text[:TEXT_CHARS_MAX], "limit": 3})]
    return [Call("product_details", _at_hand(brief))]


def _compare(brief: Brief) -> list[Call]:
    shown = len(brief.ctx.shown_product_ids)
    places = [_from_end(place, shown) for place in ordinals_in(fold(brief.text))]
    if len(places) < 2 and _names_something(brief) and not places:
        return [Call("search_products", {"text": brief.text[:TEXT_CHARS_MAX], "limit": 4})]
    if len(places) == 1 and shown > 1:
        places = [places[0], 1 if places[0] != 1 else 2]
    if len(places) < 2:
        places = [1, 2] if shown > 1 else []
    return [Call("compare_products", {"ordinals": places[:4]})] if places else []


def _compatible(brief: Brief) -> list[Call]:
    """Check the two things that are named, shown at a place, or pointed at."""
    shown = len(brief.ctx.shown_product_ids)
    things = things_in(brief.text, language=brief.language)
    places = [_from_end(place, shown) for place in ordinals_in(fold(brief.text))]
    if not things and len(places) < 2 and shown > 1 and points_at_both(brief.text):
        places = [1, 2]
    arguments: dict[str, Any] = {"things": things, "ordinals": places[:4]}
    if len(things) + len(places) == 1 and (points_at_one(brief.text) or brief.ctx.watching.product_ids):
        looked_at = list(brief.ctx.watching.product_ids[:1])
        arguments["product_ids"] = list(_at_hand(brief).values()) or looked_at
    return [Call("check_compatibility", {name: list(given) for name, given in arguments.items() if given})]


def _content(brief: Brief) -> list[Call]:
    place = _place(brief)
    about: dict[str, Any] = {"question": _subject(brief.text)} if place is None else {"ordinal": place}
    return [Call("find_content", {**about, "limit": 1})]


def _subject(text: str) -> str:
    """Return what a question about videos is about, without the words that ask for a video."""
    subject = " ".join(_VIDEO_WORDS.sub(" ", fold(text)).split())
    return (subject if len(subject) > 1 else text)[:TEXT_CHARS_MAX]


def _opinion(brief: Brief) -> list[Call]:
    if (place := _place(brief)) is not None:
        return [Call("product_details", {"ordinal": place})]
    return [Call("answer_from_knowledge", {"question": brief.text[:TEXT_CHARS_MAX], "about": "opinions"})]


def _policy(brief: Brief) -> list[Call]:
    return [Call("answer_from_knowledge", {"question": brief.text[:TEXT_CHARS_MAX], "about": "policies"})]


def _cart_add(brief: Brief) -> list[Call]:
    shown = len(brief.ctx.shown_product_ids)
    if _ALL.search(fold(brief.text)) and shown > 1:
        return [Call("add_to_cart", {"ordinal": place}) for place in range(1, min(shown, ADDED_AT_ONCE_MAX) + 1)]
    place = _place(brief)
    if place is not None:
        return [Call("add_to_cart", {"ordinal": place, **_how_many(brief)})]
    if _names_something(brief):
        return [Call("search_products", {"text": brief.text[:TEXT_CHARS_MAX], "limit": 3})]
    return [Call("add_to_cart", {**_at_hand(brief), **_how_many(brief)})]


def _person(brief: Brief) -> list[Call]:
    return [Call("talk_to_person", {"reason": "asked", "summary": brief.text[:TEXT_CHARS_MAX]})]


def _affirm(brief: Brief) -> list[Call]:
    return _person(brief) if brief.last_intent in _OFFERED_PERSON else []


def _unknown(brief: Brief) -> list[Call]:
    """A message no rule knows may be the bare name of a product."""
    if brief.reading.confidence > 0.5:
        return []
    return [Call("search_products", {"text": brief.text[:TEXT_CHARS_MAX], "limit": 3})]


_PLANS: Mapping[str, Callable[[Brief], list[Call]]] = {
    "recommend": _recommend,
    "refine": _refine,
    "routine": _routine,
    "price": _one_product,
    "stock": _one_product,
    "details": _one_product,
    "ordinal": _one_product,
    "compare": _compare,
    "compatible": _compatible,
    "content": _content,
    "opinion": _opinion,
    "policy_shipping": _policy,
    "policy_returns": _policy,
    "policy_other": _policy,
    "discount": _policy,
    "cart_add": _cart_add,
    "cart_show": lambda brief: [Call("show_cart")],
    "cart_remove": lambda brief: [Call("show_cart")],
    "checkout": lambda brief: [Call("start_checkout")],
    "handoff": _person,
    "affirm": _affirm,
    "out_of_scope": _unknown,
}


def _place(brief: Brief) -> int | None:
    place = brief.reading.slots.get("ordinal")
    return None if place is None else _from_end(place, len(brief.ctx.shown_product_ids))


def _at_hand(brief: Brief) -> dict[str, Any]:
    """Return the product that "it" means: the only one of the last reply that showed any."""
    shown = next((spoken.shown for spoken in reversed(brief.history) if spoken.shown), ())
    return {"product_id": shown[0][0]} if len(shown) == 1 else {}


def _from_end(place: int, shown: int) -> int:
    return max(shown, 1) if place == -1 else place


def _names_something(brief: Brief) -> bool:
    """Whether a product is named: words are left that are no pointing and no asking."""
    text = fold(brief.text)
    if _DEICTIC.search(text) and "category" not in brief.reading.slots:
        return False
    return bool(
        query_terms(_ASKING.sub(" ", text)).words or len("".join(query_terms(_ASKING.sub(" ", text)).characters)) > 1
    )


_ASKING = re.compile(
    r"(?<![a-z])(?:how much|price|cost|costs|stock|left|available|add|cart|basket|buy|get|take|put|order|details?|about|tell|more|"
    r"compare|difference|between|differ|better|still|much|how|many|please|one|two|three|into|bag|ingredients?|use|size|does|have|there|"
    r"would|like|want|ml|what's|whats|or|vs|which|think|really|now|just|currently|then|ok|thanks)(?![a-z])"
    r"|多少钱|多少|价格|价钱|售价|怎么卖|几块|有货|现货|库存|还有吗|还有|加入|购物车|加到|放进|放到|帮我|我要|我想|买|加|来|成分|怎么用|"
    r"介绍|一下|详细|比较|差别|区别|差在哪|哪里|什么|怎么样|可以|一个|一瓶|两个|两瓶|给我|请|要|吗|呢|的|了|\d+"
)


def _how_many(brief: Brief) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if quantity := brief.reading.slots.get("quantity"):
        arguments["quantity"] = quantity
    if option := _OPTION.search(fold(brief.text)):
        arguments["option"] = option.group().strip()
    return arguments


def _found(called: Sequence[Called]) -> list[ProductCard]:
    return [card for call in called for card in products_in(call.result.cards)]


def _removals(brief: Brief, called: Sequence[Called]) -> list[Call]:
    """Return the changes that take out of the cart just shown what was meant."""
    carts = [card for card in called[-1].result.cards if isinstance(card, CartCard)]
    if called[-1].name != "show_cart" or not carts or not carts[0].lines:
        return []
    lines = carts[0].lines
    if _EMPTY_CART.search(fold(brief.text)):
        return [Call("change_cart", {"variant_id": line.variant_id, "quantity": 0}) for line in lines]
    for line in lines:
        if is_named(f"{line.title} {line.option}", brief.text):
            return [Call("change_cart", {"variant_id": line.variant_id, "quantity": 0})]
    place = brief.reading.slots.get("ordinal")
    at = _from_end(place, len(lines)) if place else (1 if len(lines) == 1 else 0)
    return [Call("change_cart", {"line": at, "quantity": 0})] if 1 <= at <= len(lines) else []
