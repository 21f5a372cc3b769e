"""Words the answer of the offline model from the tools' results; every number in it comes from there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from catalog.products.vocabulary import word
from conversations.chat.briefs import Brief
from conversations.chat.intents.folding import fold
from conversations.chat.outcomes import Called, products_in
from conversations.chat.planning import is_about_offers, is_named
from conversations.chat.wording import catch_phrase, joined, sentence
from conversations.personas.claims import claims_in, every_claim
from conversations.personas.wording import text_in
from tools.results import CartCard, CheckoutCard, ConfirmCard, ContentCard, OrderCard, ProductCard, RoutineCard

Values = dict[str, str]
_PASSAGE = re.compile(r"^(policy|content|opinion|note) “(.+?)”(?: at (\d+:\d\d))?: (.+)$", re.MULTILINE)
_FACT_LINE = re.compile(r"^facts: (.*)$", re.MULTILINE)
_ABOUT_LINE = re.compile(r"^about: (.+)$", re.MULTILINE)
_NOTE_LINE = re.compile(r"^the creator says: (.+)$", re.MULTILINE)
# Which fact a question about details asks for: words -> attribute.
_ASKED_FACTS = (
    (r"ingredient|contain|made of|成分|含", "key_ingredients"),
    (r"spf|系数", "spf"),
    (r"how heavy|weigh|多重|重量", "weight_g"),
    (r"waterproof|防水", "waterproof_mm"),
    (r"how warm|comfort|temperature|几度|舒适|保暖", "comfort_c"),
    (r"capacity|litre|liter|容量|公升", "capacity_l"),
    (r"how many people|几人", "people"),
    (r"texture|质地", "texture"),
)
_WITH_PHRASE = ("recommend", "refine", "routine", "opinion", "compare", "content")
_SAYS_SECOND_FROM = 30  # persona.length
QUOTE_CHARS_MAX = 160
POLICY_CHARS_MAX = 260


def answer(brief: Brief, called: Sequence[Called]) -> str:
    """Return the reply to this message."""
    failed = _failure(brief, called)
    if failed:
        return failed
    teller = _TELLERS.get(brief.reading.intent, _tell_plainly)
    text = teller(brief, called)
    phrase = catch_phrase(brief.persona, brief.language, brief.seed) if brief.reading.intent in _WITH_PHRASE else ""
    return joined([phrase, text], brief.language)


def say(brief: Brief, key: str, *, fallback: str = "", **values: str) -> str:
    """Return the persona's sentence for `key`, or the plain one."""
    known = {"creator": brief.creator_name, **values}
    return sentence(brief.persona, key, brief.language, brief.seed, known, fallback=fallback)


def _failure(brief: Brief, called: Sequence[Called]) -> str:
    """Return the honest sentence when nothing could be looked up."""
    useful = [call for call in called if not call.result.error]
    errors = [call.result.error for call in called]
    if not errors or useful:
        return ""
    if "search_down" in errors:
        return say(brief, "search_down")
    if "not_here" in errors:
        return say(brief, "not_here")
    if "tool_failed" in errors:
        return say(brief, "tool_failed")
    return ""


def _products(called: Sequence[Called]) -> list[ProductCard]:
    kept: dict[int, ProductCard] = {}
    for call in called:
        for card in products_in(call.result.cards):
            if card.product_id not in kept or card.reason:
                kept[card.product_id] = card
    return list(kept.values())


def _moment(called: Sequence[Called]) -> ContentCard | None:
    return next((card for call in called for card in call.result.cards if isinstance(card, ContentCard)), None)


def _values(brief: Brief, called: Sequence[Called]) -> Values:
    """Return what the sentences may name, from this turn's results."""
    products = _products(called)
    values: Values = {"need": _need(brief, called), "count": str(len(products)) if products else ""}
    if products:
        first = products[0]
        values |= {
            "product": first.title,
            "price": _price(first),
            "reason": first.reason,
            "left": str(first.left or ""),
        }
    if len(products) > 1:
        values |= {"second_product": products[1].title, "second_price": _price(products[1])}
    if moment := _moment(called):
        values |= {
            "content_title": moment.title,
            "second_text": _clock(moment.start_s),
            "quote": _quote(brief, moment.quote),
        }
    return values


def _need(brief: Brief, called: Sequence[Called]) -> str:
    heard: Mapping[str, str] = next((call.result.heard for call in called if call.result.heard), {})
    parts = [heard[name] for name in ("skin_types", "concerns", "activities") if heard.get(name)]
    return (", " if brief.language == "en" else "、").join(parts)


def _price(card: ProductCard) -> str:
    return card.price.text if card.price else ""


def _clock(second: int | None) -> str:
    return "" if second is None else f"{second // 60}:{second % 60:02d}"


def _quote(brief: Brief, text: str) -> str:
    """Return a quote short enough to say, none that says what the double must not."""
    claims = every_claim(brief.persona.forbidden_claims) if brief.persona else ()
    return "" if claims_in(text, claims) else _cut(text, QUOTE_CHARS_MAX)


def _cut(text: str, limit: int) -> str:
    """Return whole sentences of `text` up to `limit` characters; the first one always."""
    kept = ""
    for part in re.findall(r"[^.!?。！？]+(?:[.!?](?=\s|$)|[。！？]|$)|[.!?]", text):
        if kept and len(kept) + len(part) > limit:
            break
        kept += part
    return kept.strip()[: limit * 2]


def _recommend(brief: Brief, called: Sequence[Called]) -> str:
    products = _products([call for call in called if call.name != "find_content"])
    if not products:
        return say(brief, "recommend_none")
    values = _values(brief, called)
    key = "recommend" if values["price"] else "recommend_unpriced"
    parts = [say(brief, key, fallback="recommend_plain", **values)]
    if values.get("second_text") and values["content_title"] not in parts[0]:
        parts.append(say(brief, "recommend_moment", **values))
    length = brief.persona.length if brief.persona else 40
    if len(products) > 1 and length >= _SAYS_SECOND_FROM and values["second_product"] not in parts[0]:
        parts.append(say(brief, "recommend_second", **values))
    parts.append(_question(brief))
    return joined(parts, brief.language)


def _question(brief: Brief) -> str:
    """Return at most one question, once a conversation, when its answer would change what is shown."""
    if not asks_skin(brief):
        return ""
    return say(brief, "clarify_skin")


def asks_skin(brief: Brief) -> bool:
    """Whether the kind of skin is unknown where it counts, and was not asked before."""
    needs = brief.needs
    outdoors = needs.get("activities") or set(needs.get("categories", ())) & _OUTDOOR
    is_first = not any(not spoken.by_shopper for spoken in brief.history)
    watching = brief.ctx.watching.content_id is not None
    return is_first and not watching and not needs.get("skin_types") and not outdoors and _sells_skincare(brief)


_OUTDOOR = {"tent", "sleeping_bag", "backpack", "jacket", "boots", "stove", "lamp", "bottle", "mat", "poles"}
_SKINCARE = {"cleanser", "toner", "serum", "moisturiser", "sunscreen", "mask", "eye", "exfoliant", "oil"}


def _sells_skincare(brief: Brief) -> bool:
    return bool(set(brief.needs.get("categories", ())) & _SKINCARE or brief.needs.get("concerns"))


def _refine(brief: Brief, called: Sequence[Called]) -> str:
    values = _values(brief, called)
    error = called[-1].result.error
    if error == "nothing_cheaper":
        return say(brief, "nothing_cheaper", **values)
    if not values.get("product"):
        return say(brief, "recommend_none")
    key = "refine_cheaper" if brief.reading.slots.get("cheaper") else "refine"
    return say(brief, key, fallback="recommend_plain" if values["price"] else "recommend_unpriced", **values)


def _routine(brief: Brief, called: Sequence[Called]) -> str:
    card = next((card for call in called for card in call.result.cards if isinstance(card, RoutineCard)), None)
    if card is None:
        return say(brief, "recommend_none")
    values = {**_values(brief, called), "count": str(len(card.steps)), "total": card.total.text}
    return joined([say(brief, "routine", **values), card.conflict_note], brief.language)


def _one(brief: Brief, called: Sequence[Called]) -> ProductCard | None:
    """Return the product that is meant; a search must have found it by its name."""
    if called and called[-1].name == "product_details" and not called[-1].result.error:
        return next(iter(_products(called[-1:])), None)
    return next((card for card in _products(called) if is_named(card, brief.text)), None)


def _ask_which(brief: Brief, called: Sequence[Called]) -> str:
    if called and called[-1].result.error == "no_such_place":
        return say(brief, "no_such_place", shown=str(len(brief.ctx.shown_product_ids)))
    return say(brief, "which_product")


def _price_of_one(brief: Brief, called: Sequence[Called]) -> str:
    card = _one(brief, called)
    if card is None:
        return _ask_which(brief, called)
    if card.price is None or card.stock == "external":
        return say(brief, "external" if card.stock == "external" else "not_for_sale", product=card.title)
    key = "price_from" if card.price_varies else "price"
    return say(brief, key, product=card.title, price=card.price.text, reason=card.reason)


def _stock_of_one(brief: Brief, called: Sequence[Called]) -> str:
    card = _one(brief, called)
    if card is None:
        return _ask_which(brief, called)
    keys = {"in_stock": "stock", "few_left": "stock_few", "sold_out": "stock_out", "external": "external"}
    key = keys.get(card.stock, "not_for_sale")
    return say(brief, key, product=card.title, price=_price(card), left=str(card.left or ""))


def _details(brief: Brief, called: Sequence[Called]) -> str:
    card = _one(brief, called)
    if card is None:
        return _ask_which(brief, called)
    text = called[-1].result.text
    about = _ABOUT_LINE.search(text)
    fact = _asked_fact(brief, text) or (_cut(about.group(1), QUOTE_CHARS_MAX) if about else "")
    values = {"product": card.title, "price": _price(card), "fact": fact, "reason": card.reason}
    plain_look = "price" if card.price else "recommend_unpriced"
    return say(
        brief, "details", fallback=plain_look if brief.reading.intent == "ordinal" else "details_unknown", **values
    )


def _asked_fact(brief: Brief, text: str) -> str:
    """Return the one attribute a question asks for, in the reader's words."""
    line = _FACT_LINE.search(text)
    facts = dict(part.split(": ", 1) for part in line.group(1).split("; ") if ": " in part) if line else {}
    asked = fold(brief.text)
    for words, name in _ASKED_FACTS:
        if re.search(words, asked) and facts.get(name):
            values = [word(name, value.strip(), brief.language) for value in facts[name].split(",")]
            return (", " if brief.language == "en" else "、").join(values) + _UNITS.get(name, "")
    return ""


_UNITS = {"weight_g": " g", "waterproof_mm": " mm", "comfort_c": " °C", "capacity_l": " l"}


def _compare(brief: Brief, called: Sequence[Called]) -> str:
    values = _values(brief, called)
    if not called or called[-1].name != "compare_products" or called[-1].result.error:
        return say(brief, "compare_what")
    return say(brief, "compare", fallback="compare_what", **values)


def _content(brief: Brief, called: Sequence[Called]) -> str:
    moment = _moment(called)
    if moment is None:
        return say(brief, "content_none")
    return say(
        brief,
        "content" if moment.start_s is not None else "content_post",
        fallback="content_post",
        **_values(brief, called),
    )


def _opinion(brief: Brief, called: Sequence[Called]) -> str:
    if called and called[-1].name == "product_details":
        note = _NOTE_LINE.search(called[-1].result.text)
        quote = _quote(brief, note.group(1)) if note else ""
        return say(brief, "opinion", quote=quote, **_without_quote(brief, called)) if quote else _details(brief, called)
    passage = _passage(called)
    quote = _quote(brief, passage[1]) if passage else ""
    return say(brief, "opinion", **{**_values(brief, called), "quote": quote}) if quote else _unknown(brief)


def _without_quote(brief: Brief, called: Sequence[Called]) -> Values:
    return {name: value for name, value in _values(brief, called).items() if name != "quote"}


def _policy(brief: Brief, called: Sequence[Called]) -> str:
    passage = _passage(called)
    if passage is None:
        return say(brief, "discount_none") if brief.reading.intent == "discount" else _unknown(brief)
    if brief.reading.intent == "discount" and not is_about_offers(passage[1]):
        return say(brief, "discount_none")
    return say(brief, brief.reading.intent, fallback="policy", policy=_cut(passage[1], POLICY_CHARS_MAX))


def _passage(called: Sequence[Called]) -> tuple[str, str] | None:
    """Return (title, text) of the best passage a knowledge tool returned."""
    for call in called:
        if match := _PASSAGE.search(call.result.text):
            return match.group(2), match.group(4)
    return None


def _unknown(brief: Brief) -> str:
    own = text_in(brief.persona.no_answer, brief.language) if brief.persona else ""
    return own or say(brief, "no_answer")


def _cart(brief: Brief, called: Sequence[Called]) -> str:
    errors = [call.result.error for call in called]
    card = next((card for call in reversed(called) for card in call.result.cards if isinstance(card, CartCard)), None)
    for error, key in (("choose_variant", "cart_choose"), ("external", "external"), ("not_for_sale", "not_for_sale")):
        if error in errors:
            return say(brief, key, **_values(brief, called))
    if all(errors) and called[-1].name != "search_products":
        asks = {"which_product", "no_list", "no_such_place", "product_not_found", "which_line"}
        return say(brief, "which_product") if errors[-1] in asks else called[-1].result.text
    key = brief.reading.intent
    if card is None:
        key = "which_product"
    elif not card.lines:
        key = "cart_empty"
    elif key == "cart_remove" and called[-1].name == "show_cart":
        key = "cart_which"
    return say(brief, key, count=str(card.count) if card else "", total=card.total.text if card else "")


def _checkout(brief: Brief, called: Sequence[Called]) -> str:
    cards = [card for call in called for card in call.result.cards]
    if any(card.kind == "address" for card in cards):
        return say(brief, "checkout_address")
    total = next((card.total for card in cards if isinstance(card, ConfirmCard | CheckoutCard | CartCard)), None)
    if called[-1].result.error or total is None:
        return (
            say(brief, "cart_empty")
            if called[-1].result.error == "cart_empty"
            else called[-1].result.text.split("\n")[0]
        )
    return say(brief, "checkout", total=total.text)


def _order(brief: Brief, called: Sequence[Called]) -> str:
    card = next((card for call in called for card in call.result.cards if isinstance(card, OrderCard)), None)
    if card is None:
        return say(brief, "order_none")
    return say(brief, "order_status", order=card.number, status=card.state_text, total=card.total.text)


def _person(brief: Brief, called: Sequence[Called]) -> str:
    return say(brief, "handoff") if called else say(brief, "affirm")


def _by_name(brief: Brief, called: Sequence[Called]) -> str:
    """A message no rule knew: a product of that name, or an honest shrug."""
    card = _one(brief, called) if called else None
    if card is None:
        if brief.reading.confidence > 0.5:
            return say(brief, "out_of_scope")
        return say(brief, "not_understood_again" if brief.last_intent == "not_understood" else "not_understood")
    return say(brief, "recommend_plain" if card.price else "recommend_unpriced", product=card.title, price=_price(card))


def _tell_plainly(brief: Brief, called: Sequence[Called]) -> str:  # noqa: ARG001 (a teller takes both)
    return say(brief, brief.reading.intent, fallback="not_understood")


_TELLERS: Mapping[str, Callable[[Brief, Sequence[Called]], str]] = {
    "recommend": _recommend,
    "refine": _refine,
    "routine": _routine,
    "price": _price_of_one,
    "stock": _stock_of_one,
    "details": _details,
    "ordinal": _details,
    "compare": _compare,
    "content": _content,
    "opinion": _opinion,
    "policy_shipping": _policy,
    "policy_returns": _policy,
    "policy_other": _policy,
    "discount": _policy,
    "cart_add": _cart,
    "cart_show": _cart,
    "cart_remove": _cart,
    "checkout": _checkout,
    "order_status": _order,
    "handoff": _person,
    "affirm": _person,
    "out_of_scope": _by_name,
}
