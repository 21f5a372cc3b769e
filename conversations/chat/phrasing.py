"""Words the answer of the offline model from the tools' results; every number in it comes from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils import timezone

from conversations.chat.asking import question
from conversations.chat.booking_phrasing import booking_answer
from conversations.chat.briefs import Brief
from conversations.chat.evidence import (
    ABOUT_LINE,
    ADDED_LINE,
    CLASH_LINE,
    NOTE_LINE,
    QUOTE_CHARS_MAX,
    SIDES,
    UNKNOWN_LINE,
    Values,
    asked_fact,
    cut,
    moment_of,
    opinion_in,
    passage_of,
    price_text,
    product_meant,
    products_of,
    quotable,
    values_of,
)
from conversations.chat.order_phrasing import desk_answer
from conversations.chat.outcomes import Called
from conversations.chat.planning import is_about_offers
from conversations.chat.saying import say
from conversations.chat.wording import catch_phrase, joined, stock_words
from conversations.personas.wording import text_in
from tools.outages import search_down_since
from tools.recommend_products import OTHER_KINDS
from tools.results import CartCard, CheckoutCard, ConfirmCard, RoutineCard

_WITH_PHRASE = ("recommend", "refine", "routine", "opinion", "compare", "content")
_SAYS_SECOND_FROM = 30  # persona.length
POLICY_CHARS_MAX = 260


def answer(brief: Brief, called: Sequence[Called]) -> str:
    """Return the reply to this message."""
    if brief.request is not None:
        return desk_answer(brief, brief.request, called)
    failed = _failure(brief, called)
    if failed:
        return failed
    if brief.booking is not None:
        return booking_answer(brief, brief.booking, called)
    if called and called[0].name == "apply_code":
        return _code(brief, called[0])
    teller = _TELLERS.get(brief.reading.intent, _tell_plainly)
    text = teller(brief, called)
    phrase = catch_phrase(brief.persona, brief.language, brief.seed) if brief.reading.intent in _WITH_PHRASE else ""
    return joined([text, phrase], brief.language)


def _failure(brief: Brief, called: Sequence[Called]) -> str:
    """Return the honest sentence when nothing could be looked up."""
    useful = [call for call in called if not call.result.error]
    errors = [call.result.error for call in called]
    if not errors or useful:
        return ""
    if "search_down" in errors:
        since = timezone.localtime(search_down_since() or timezone.now(), brief.clock)
        return say(brief, "search_down", since=f"{since:%H:%M}")
    if "not_here" in errors:
        return say(brief, "not_here")
    if "tool_failed" in errors:
        return say(brief, "tool_failed")
    return ""


def _recommend(brief: Brief, called: Sequence[Called]) -> str:
    products = products_of([call for call in called if call.name != "find_content"])
    if not products:
        silent = called[0].result.withheld if called else 0
        return joined(
            [say(brief, "recommend_none"), say(brief, "withheld", count=str(silent)) if silent else ""], brief.language
        )
    values = values_of(brief, called)
    key = "recommend" if values["price"] else "recommend_unpriced"
    parts = [say(brief, key, fallback="recommend_plain", **values)]
    if values.get("second_text") and values["content_title"] not in parts[0]:
        parts.append(say(brief, "recommend_moment", **values))
    length = brief.persona.length if brief.persona else 40
    if len(products) > 1 and length >= _SAYS_SECOND_FROM and values["second_product"] not in parts[0]:
        parts.append(say(brief, "recommend_second", **values))
    parts.append(question(brief, called[0].result))
    if called[0].result.withheld:
        parts.append(say(brief, "withheld", count=str(called[0].result.withheld)))
    return joined(parts, brief.language)


def _refine(brief: Brief, called: Sequence[Called]) -> str:
    values = values_of(brief, called)
    error = called[-1].result.error
    if called[-1].name == "recommend_routine":
        return _routine(brief, called)
    if error == "nothing_cheaper":
        return say(brief, "refine_none", **values)
    if not values.get("product"):
        return say(brief, "recommend_none")
    if called[-1].result.text.startswith(OTHER_KINDS):
        return say(brief, "refine_wider", **values)
    if swapped := called[-1].arguments.get("swap_ordinal"):
        card = next((each for each in products_of(called) if each.ordinal == swapped), None)
        if card is not None:
            key = "recommend_plain" if card.price else "recommend_unpriced"
            return say(brief, key, product=card.title, price=price_text(card))
    key = "refine_cheaper" if brief.reading.slots.get("cheaper") else "refine"
    return say(brief, key, fallback="recommend_plain" if values["price"] else "recommend_unpriced", **values)


def _routine(brief: Brief, called: Sequence[Called]) -> str:
    card = next((card for call in called for card in call.result.cards if isinstance(card, RoutineCard)), None)
    if card is None:
        return say(brief, "recommend_none")
    values = {**values_of(brief, called), "count": str(len(card.steps)), "total": card.total.text}
    key = "routine_over_budget" if card.over_by else "routine"
    return joined([say(brief, key, **values), card.conflict_note], brief.language)


def _ask_which(brief: Brief, called: Sequence[Called]) -> str:
    if called and called[-1].result.error == "no_such_place":
        return say(brief, "no_such_place", shown=str(len(brief.ctx.shown_product_ids)))
    return say(brief, "which_product")


def _price_of_one(brief: Brief, called: Sequence[Called]) -> str:
    card = product_meant(brief, called)
    if card is None:
        return _ask_which(brief, called)
    if card.price is None or card.stock == "external":
        return say(brief, "external" if card.stock == "external" else "not_for_sale", product=card.title)
    key = "price_range" if card.price_varies else "price"
    return say(brief, key, product=card.title, price=card.price.text, reason=card.reason)


def _stock_of_one(brief: Brief, called: Sequence[Called]) -> str:
    card = product_meant(brief, called)
    if card is None:
        return _ask_which(brief, called)
    if card.stock in ("in_stock", "few_left"):
        status = stock_words(card.stock, brief.language, left=card.left or 0)
        return say(brief, "stock", product=card.title, price=price_text(card), status=status)
    key = card.stock if card.stock in ("sold_out", "external") else "not_for_sale"
    return say(brief, key, product=card.title, price=price_text(card))


def _details(brief: Brief, called: Sequence[Called]) -> str:
    card = product_meant(brief, called)
    if card is None:
        return _ask_which(brief, called)
    text = called[-1].result.text
    about = ABOUT_LINE.search(text)
    fact = asked_fact(brief, text) or (cut(about.group(1), QUOTE_CHARS_MAX) if about else "")
    values = {"product": card.title, "price": price_text(card), "fact": fact, "reason": fact.rstrip(".。")}
    plain_look = "price" if card.price else "recommend_unpriced"
    return say(
        brief, "details", fallback=plain_look if brief.reading.intent == "ordinal" else "details_unknown", **values
    )


def _compare(brief: Brief, called: Sequence[Called]) -> str:
    values = values_of(brief, called)
    if not called or called[-1].name != "compare_products" or called[-1].result.error:
        return say(brief, "compare_what")
    return say(brief, "compare", fallback="compare_what", **values)


def _compatible(brief: Brief, called: Sequence[Called]) -> str:
    """Say what the shop's data keep apart, or only that they keep nothing apart; then what the creator said."""
    result = called[-1].result if called else None
    if result is None or result.error == "which_product":
        return say(brief, "compatible_what")
    unknown, sides = UNKNOWN_LINE.search(result.text), SIDES.search(result.text)
    if unknown or not sides:
        return say(brief, "compatible_unknown", product=unknown.group(1)) if unknown else _ask_which(brief, called)
    if clash := CLASH_LINE.search(result.text):
        verdict = say(brief, "compatible_clash", product=clash.group(1), other=clash.group(2))
    else:
        verdict = say(brief, "compatible_nothing", product=sides.group(1), other=sides.group(2))
    quote = quotable(brief, opinion_in(called))
    return joined([verdict, say(brief, "compatible_said", quote=quote) if quote else ""], brief.language)


def _content(brief: Brief, called: Sequence[Called]) -> str:
    moment = moment_of(called)
    if moment is None:
        return say(brief, "content_none")
    return say(
        brief,
        "content" if moment.start_s is not None else "content_post",
        fallback="content_post",
        **values_of(brief, called),
    )


def _opinion(brief: Brief, called: Sequence[Called]) -> str:
    if called and called[-1].name == "product_details":
        note = NOTE_LINE.search(called[-1].result.text)
        quote = quotable(brief, note.group(1)) if note else ""
        return say(brief, "opinion", quote=quote, **_without_quote(brief, called)) if quote else _details(brief, called)
    passage = passage_of(called)
    quote = quotable(brief, passage[1]) if passage else ""
    return (
        say(brief, "opinion", **{**values_of(brief, called), "quote": quote})
        if quote
        else _unknown(brief, "opinion_none")
    )


def _without_quote(brief: Brief, called: Sequence[Called]) -> Values:
    return {name: value for name, value in values_of(brief, called).items() if name != "quote"}


def _policy(brief: Brief, called: Sequence[Called]) -> str:
    passage = passage_of(called)
    if passage is None:
        return say(brief, "discount") if brief.reading.intent == "discount" else _unknown(brief, "policy_none")
    if brief.reading.intent == "discount" and not is_about_offers(passage[1]):
        return say(brief, "discount")
    return say(brief, "policy", policy=cut(passage[1], POLICY_CHARS_MAX))


def _unknown(brief: Brief, key: str) -> str:
    """Return the persona's sentence for what nobody wrote down, else the plain one."""
    own = text_in(brief.persona.no_answer, brief.language) if brief.persona else ""
    return say(brief, key) or own or say(brief, "no_answer")


def _cart(brief: Brief, called: Sequence[Called]) -> str:
    errors = [call.result.error for call in called]
    card = next((card for call in reversed(called) for card in call.result.cards if isinstance(card, CartCard)), None)
    for error, key in (
        ("choose_variant", "choose_variant"),
        ("external", "external"),
        ("not_for_sale", "not_for_sale"),
    ):
        if error in errors:
            return say(brief, key, **values_of(brief, called))
    if all(errors) and called[-1].name != "search_products":
        asks = {"which_product", "no_list", "no_such_place", "product_not_found", "which_line"}
        return say(brief, "which_product") if errors[-1] in asks else called[-1].result.text
    key = "cart_added" if brief.reading.intent == "cart_add" else brief.reading.intent
    if card is None:
        key = "which_product"
    elif not card.lines:
        key = "cart_empty"
    elif key == "cart_remove" and called[-1].name == "show_cart":
        key = "cart_which"
    added = ADDED_LINE.search(called[-1].result.text)
    values = {"count": str(card.count), "total": card.total.text} if card else {}
    return say(brief, key, product=added.group(1) if added else "", **values)


def _code(brief: Brief, call: Called) -> str:
    """Tell what the cart comes to with the code, or why the code was refused: the shop's own words say what to do."""
    card = next((card for card in call.result.cards if isinstance(card, CartCard)), None)
    if call.result.error or card is None:
        return call.result.text.split("\n")[0]
    return say(brief, "cart_show", count=str(card.count), total=card.total.text)


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
    return say(brief, "checkout_ready", total=total.text)


def _person(brief: Brief, called: Sequence[Called]) -> str:
    return say(brief, "handoff") if called else say(brief, "affirm_nothing")


def _by_name(brief: Brief, called: Sequence[Called]) -> str:
    """A message no rule knew: a product of that name, or an honest shrug."""
    card = product_meant(brief, called) if called else None
    if card is None:
        if brief.reading.confidence > 0.5:
            return say(brief, "out_of_scope")
        return say(brief, "not_understood_again" if brief.last_intent == "not_understood" else "clarify")
    return say(
        brief, "recommend_plain" if card.price else "recommend_unpriced", product=card.title, price=price_text(card)
    )


def _tell_plainly(brief: Brief, called: Sequence[Called]) -> str:  # noqa: ARG001 (a teller takes both)
    return say(brief, brief.reading.intent, fallback="clarify")


_TELLERS: Mapping[str, Callable[[Brief, Sequence[Called]], str]] = {
    "recommend": _recommend,
    "refine": _refine,
    "routine": _routine,
    "price": _price_of_one,
    "stock": _stock_of_one,
    "details": _details,
    "ordinal": _details,
    "compare": _compare,
    "compatible": _compatible,
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
    "handoff": _person,
    "affirm": _person,
    "out_of_scope": _by_name,
}
