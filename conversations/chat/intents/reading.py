"""Reads one message: the first intent of the order whose rules match, and the slots."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.languages import ENGLISH
from catalog.products.safety import allergens_in
from catalog.products.spending import without_limits
from conversations.chat.intents.folding import fold, language_of
from conversations.chat.intents.rules_en import ENGLISH_RULES
from conversations.chat.intents.rules_orders import DESK_INTENTS, DESK_RULES, is_last, order_slots
from conversations.chat.intents.rules_zh import CHINESE_RULES
from conversations.chat.intents.slots import (
    ordinal_in,
    quantity_in,
    slots_in,
    wished_category,
    without_hurts,
)
from conversations.chat.intents.wishing import asks_for_thing, describes, has_frame, is_for_sale

# The order matters: what is dangerous or particular is looked for before what is common.
ORDER = (
    "injection",
    "affirm",
    "deny",
    "greet",
    "health",
    "handoff",
    "is_bot",
    *DESK_INTENTS,
    "order_status",
    "policy_returns",
    "policy_other",
    "policy_shipping",
    "compatible",
    "discount",
    "cart_remove",
    "cart_show",
    "cart_add",
    "checkout",
    "out_of_scope",
    "bye",
    "thanks",
    "compare",
    "routine",
    "content",
    "stock",
    "opinion",
    "price",
    "small_talk",
    "refine",
    "details",
    "recommend",
)
INTENTS = (*ORDER, "ordinal")


def _rules_of(intent: str) -> tuple[str, ...]:
    return DESK_RULES[intent] if intent in DESK_RULES else (*ENGLISH_RULES[intent], *CHINESE_RULES[intent])


_STARTS = r"(?<![a-z])"  # no rule begins in the middle of a word: workmanship is no shipping
_RULES: Mapping[str, re.Pattern[str]] = {
    intent: re.compile("|".join(f"{_STARTS}(?:{rule})" for rule in _rules_of(intent))) for intent in ORDER
}
_CART = ("cart_add", "cart_remove", "discount")
_WISH = ("skin_type", "concern", "category", "activity")
_WISHES = ("recommend", "refine", "routine", "cart_add", "cart_remove")
# What a wish may be taken for when it holds a word of theirs: its frame and its many telling words say better.
_MAY_BE_A_WISH = (
    "price",
    "details",
    "small_talk",
    "is_bot",
    "bye",
    "thanks",
    "greet",
    "opinion",
    "compatible",
    "checkout",
    "refine",
)
# "Another sleeping bag, for five below" wishes; only these words buy.
_SAYS_BUY = re.compile(
    r"(?<![a-z])(?:add|put|throw|pop|toss|drop|stick|cart|basket|buy|order|purchase|grab|take|sold|checkout)(?![a-z])|购物|加|买|来|放|订|拿|带走|下单|结账|这|那|它"
)
_LIMITS = ("budget_max", "budget_min", "avoid", "cheaper")
# "Hi, …" and "好的，…" before the real question.
_LEAD = re.compile(
    r"^(?:hi+|hello|hey|hiya|ok(?:ay)?|thanks?(?: you)?|great|good (?:morning|evening|afternoon)|嗨|哈喽|哈啰|你好|早安|晚安|午安|好的?|谢谢|请问(?:一下)?|想问(?:一下)?|不好意思)"
    r"(?: (?:there|mei|kai))?[,，!！.。~ ]+(?=\S{2})"
)
_DEICTIC = re.compile(
    r"^(?:the )?(?:this|that)(?: one)?[?.! ]*$|^(?:就)?(?:这|那)(?:个|款|瓶|支)(?:吧|啊)?[?？。!！ ]*$"
)
_ONLY_ORDINAL = re.compile(
    r"^(?:(?:the|um+|hmm|uh|i think|maybe|let's see|what about|how about|and|then|please|show me|i like|i meant|i mean|tell me about|go with|one|option|number|item|product|the|look at|see) )*"
    r"(?:first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th|#?\d|(?:option|number|no\.?) ?\w+)(?: (?:one|please|option|product|item|pick|thanks|then))*[.!? ]*$"
    r"|^(?:那|就|嗯|我说|我指|我是说|看|看看|选|想看|喜欢)?(?:的是)?(?:第[一二两三四五六七八\d]+|最后一|中间那)(?:个|款|瓶|支|件|样|双|顶|组)?(?:好了|好|吧|呢|啊|那个|谢谢|的)?[.。!！?？ ]*$"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message asks. `confidence` 0.9 by rule, 0.6 from slots alone, 0.2 when nothing was understood."""

    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    language: str = ENGLISH
    confidence: float = 0.9


def read(text: str, *, language: str | None = None, sells: Callable[[str], bool] | None = None) -> Reading:
    """Return the intent, slots and language of `text`; `language` is that of the conversation so far.

    `sells` tells whether the shop has what a folded text speaks of: what is foreign to one shop is for sale in another.
    """
    folded = fold(text)
    spoken = language_of(text, fallback=language or ENGLISH)
    slots = slots_in(folded)
    intent, confidence = _as_wish(folded, slots, *_intent(folded, slots), sells)
    if intent in _WISHES and "category" not in slots and (category := wished_category(folded)):
        slots["category"] = [category]
    if intent in _CART and (quantity := quantity_in(folded)) is not None:
        slots["quantity"] = quantity
    if intent in DESK_RULES or (intent == "order_status" and is_last(folded)):
        slots = order_slots(folded, slots)
    if intent in ("order_status", "policy_shipping", "injection", "policy_other"):
        slots = {name: value for name, value in slots.items() if not name.startswith("budget")}
        slots.pop("currency", None)
    return Reading(intent=intent, slots=slots, language=spoken, confidence=confidence)


def _intent(folded: str, slots: Mapping[str, Any]) -> tuple[str, float]:
    if (_ONLY_ORDINAL.match(folded) and ordinal_in(folded) is not None) or _DEICTIC.match(folded):
        return "ordinal", 0.9
    candidates = [intent for intent in ORDER if _RULES[intent].search(folded)]
    rest = _LEAD.sub("", folded)
    if rest != folded:
        behind = [intent for intent in ORDER if _RULES[intent].search(rest)]
        candidates = behind or candidates
    chosen = _chosen(candidates, slots)
    if chosen:
        return chosen, 0.9
    if any(name in slots for name in _WISH):
        return "recommend", 0.6
    if any(name in slots for name in _LIMITS):
        return "refine", 0.6
    if "ordinal" in slots:
        return "ordinal", 0.6
    return "out_of_scope", 0.2


def _as_wish(
    folded: str, slots: Mapping[str, Any], intent: str, confidence: float, sells: Callable[[str], bool] | None
) -> tuple[str, float]:
    """Return "recommend" for a message that wishes for something although words in it are another rule's."""
    if intent == "out_of_scope":
        return _in_scope(folded, confidence, sells)
    if intent == "health":
        meant = _without_hurts(folded, slots)
        return (meant, 0.6) if meant else (intent, confidence)
    if intent == "cart_add":
        is_wish = "category" in slots and "ordinal" not in slots and not _SAYS_BUY.search(folded)
        return ("recommend", 0.6) if is_wish else (intent, confidence)
    return _wish_with_a_limit(folded, slots, intent, confidence) if intent in _MAY_BE_A_WISH else (intent, confidence)


def _in_scope(folded: str, confidence: float, sells: Callable[[str], bool] | None) -> tuple[str, float]:
    """Return whether what no rule knows is something of this shop."""
    if allergens_in(folded):
        return "health", 0.6
    if is_for_sale(folded, sells):
        return "recommend", 0.6
    if sells is None and confidence < 0.5 and describes(folded) and has_frame(folded):
        return "recommend", 0.6
    # Asked for outright, and nothing here bears that name: surely not this shop's.
    return "out_of_scope", 0.9 if sells is not None and asks_for_thing(folded) else confidence


def _wish_with_a_limit(folded: str, slots: Mapping[str, Any], intent: str, confidence: float) -> tuple[str, float]:
    plain = without_limits(folded)
    if describes(plain) and has_frame(plain):
        return "recommend", 0.6
    if plain == folded or confidence < 0.9 or _RULES[intent].search(plain):
        return intent, confidence
    # Only the limit spoke of money: the price was not asked for, and "I wouldn't want to pay more" pays nothing.
    meant, sure = _intent(plain, slots)
    is_wish = describes(plain) or (intent != "price" and has_frame(plain))
    return ("recommend", 0.6) if is_wish and sure <= 0.6 else (meant, sure)


def _without_hurts(folded: str, slots: Mapping[str, Any]) -> str:
    """Return what is asked for beside the ingredients that hurt; nothing when that alone was said, or more of health."""
    rest = without_hurts(folded)
    meant = _intent(rest, slots)[0] if rest != folded else ""
    return meant if meant in ("recommend", "refine", "routine") else ""


def _chosen(candidates: list[str], slots: Mapping[str, Any]) -> str:
    """Return the first candidate, unless the slots say that a later one was meant."""
    if not candidates:
        return ""
    first = candidates[0]
    wishes = any(name in slots for name in ("skin_type", "concern", "activity"))
    says_what = (
        (first == "opinion" and "activity" not in slots)
        or first == "details"
        or (first == "refine" and "category" in slots)
    )
    if says_what and "recommend" in candidates and wishes:
        return "recommend"
    if first == "refine" and "recommend" in candidates and "category" in slots and "cheaper" not in slots:
        return "recommend"
    return first
