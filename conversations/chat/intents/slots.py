"""The slots of a message: what kind of skin, which category, how much money, which one of the list."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from typing import Any

from catalog.products.spending import budget_in
from conversations.chat.intents.folding import CHINESE
from conversations.chat.intents.numbers import number
from conversations.chat.intents.vocabulary import (
    ACTIVITIES,
    CATEGORIES,
    CONCERNS,
    INGREDIENTS,
    SKIN_TYPES,
    WEAK_CATEGORIES,
    compiled,
    values_in,
)

_LISTS = {
    "skin_type": compiled(SKIN_TYPES),
    "concern": compiled(CONCERNS),
    "category": compiled(CATEGORIES),
    "activity": compiled(ACTIVITIES),
}
_WEAK_CATEGORIES = compiled(WEAK_CATEGORIES)
_INGREDIENTS = compiled(INGREDIENTS)
_AVOID_BEFORE = re.compile(
    r"(?:without|free of|free from|no |not? contain(?:ing)?|avoid(?:ing)?|allergic to|hate|can't (?:use|stand)|doesn't have|"
    r"不含|不要(?:有|含)?|没有|无(?!论)|不能(?:有|含|用)|避开|避免|别有|去掉|对|讨厌|不加|不添加|零|怕)"
    r"(?P<what>[^,.;，。；!?！？]{1,40})"
)
# "Retinol stings", "vitamin C breaks me out", A 醇會刺痛: what hurt once is left out.
HURTS = re.compile(
    r"(?P<what>[a-z][a-z -]{0,30}?) (?:(?:always|really|just|also|usually|tends? to|makes? (?:me|my \w+)) )*(?:sting|burn|irritate|hurt|itch|red|break(?:s|ing)? (?:me )?out|dr(?:y|ies) (?:me )?out|doesn't agree with|(?:is|are) too (?:harsh|strong))(?:s|es|ing|y)?(?![a-z])(?: me| my (?:skin|face|eyes?|cheeks))?(?: out)?(?: a lot| badly| a bit)?"
    r"|(?:(?:can't|cannot|don't|doesn't) (?:tolerate|handle|take well to)|(?:sensitive|intolerant|react(?:s|ing)?(?: badly)?|broke out) (?:to|from)) (?P<what2>[a-z][a-z -]{1,30})"
    r"|(?P<what3>(?:[a-z] )?[a-z\u4e00-\u9fff][^,，。;；!！?？\s]{0,7}?)(?:用了|擦了|抹了)?(?:都?会|总是|都|让我|使我|很|太)?(?:刺痛|刺激|发红|泛红|脱皮|起疹|不耐受|受不了)(?:我)?"
)
_FREE_AFTER = re.compile(r"(?P<what>[a-z]+(?: [a-z]+)?)[- ]free(?! (?:shipping|delivery|sample|gift))")
_ORDINAL_WORDS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "last": -1,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
    "5th": 5,
}
_ORDINAL_EN = re.compile(
    r"(?<![a-z])(?:the |your |my )(first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|4th|5th)"
    r"(?! (?:time|order|month|week|year|day|night|video|minute|half|step|name|thing|place|of all))(?![a-z])"
    r"|(?<![a-z])(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th) (?:one|option|product|item|choice|pick|serum|tent|link|card)"
    r"|^(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)(?: please| one)?[.!?]?$"
)
_ORDINAL_NUMBER = re.compile(r"(?<![a-z])(?:number|option|item|product|choice|#)\s?(\d|one|two|three|four|five)(?!\d)")
_NUMBER_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "a couple of": 2, "a pair of": 2}
_ORDINAL_ZH = re.compile(
    r"第\s?([一二两三四五六七八九十\d]{1,2})\s?(?!次|步|天|章|集|季|代)(?:个|款|支|瓶|件|样|项|罐|双|顶|组|盒|条|把|盏|只)?"
)
_MIDDLE_ZH = re.compile(r"中间(?:那|的)?(?:一)?(?:个|款|支|瓶|件|样|项|双|顶|组|只)")
_LAST_ZH = re.compile(r"最后(?:一|那)?(?:个|款|支|瓶|件|样|项|双|顶|组|只)|倒数第一")
_ORDER = re.compile(
    r"(?:order(?: (?:number|no\.?|id))?|订单(?:编号|号码|号)?|单号|编号)\s?(?:is|was|of|:|是|为)?\s?#?\s?(?P<number>[a-z]{0,4}-?\d{3,12})(?!\d)"
    r"|#\s?(?P<hash>[a-z]{0,4}-?\d{3,12})(?!\d)"
    r"|(?P<behind>\d{3,12})\s?(?:号|这(?:笔|张))?\s?(?:订单|单子)"
)
_COUNT = r"(\d{1,2}|[一二两三四五六七八九十]|a couple of|a pair of|one|two|three|four|five|six)"
_QUANTITY = re.compile(
    rf"(?<![第\d.])(?<!spf)(?<!spf ){_COUNT}\s?(?:x\b|×|of (?:them|those|these|the|it|each)|bottles?|pieces?|pcs|units?|tubes?|jars?|packs?(?! size)|pairs?|more|"
    r"瓶|件|支|罐|盒|包(?!邮)|条|双|顶|份|组|套|只|片|个(?!月|人|小时|步骤|字|价))"
    rf"|(?:x|×|quantity|qty|数量|买|来|要|拿|加)\s?:?\s?(\d{{1,2}})(?!\d|\s?(?:元|块|ml|号))"
    rf"|(?:add|take|want|buy|order|get(?: me)?|need|remove) {_COUNT}(?! (?:of my|that|which|for))(?![a-z\d])"
)
_NAMES_EN = re.compile(
    r"pimples|zits|break ?outs|blemishes|black ?heads|pores|red cheeks|rosy cheeks|(?:dark|sun|age) ?spots|freckles|melasma|"
    r"(?:acne )?(?:marks|scars)|wrinkles|fine lines|crow's feet|dark circles|under-?eye shadows|eye bags|puffy eyes"
)
_NAMES_ZH = re.compile(r"^..+(?:[肌皮肤田鼻纹线印疤斑圈袋]|血丝|黑色素)$")
_CHEAPER = re.compile(
    r"cheap(?:er|est)|less expensive|more affordable|(?:lower|smaller) (?:price|budget)|too (?:expensive|pricey|much money)|budget[- ]friendly|"
    r"(?:save|cost)s? less|bit much|out of my budget|"
    r"便宜(?!卖)|平价|太贵|有点贵|好贵|更低价|低价|实惠|划算|没那么贵|不要(?:那么|这么|太)贵|省钱|cp值"
)


def slots_in(text: str) -> dict[str, Any]:
    """Return the slots of a folded `text`; names that are absent were not said."""
    slots: dict[str, Any] = {}
    avoided, rest = _avoided(text)
    for name, patterns in _LISTS.items():
        if values := values_in(rest, patterns):
            slots[name] = values
    if avoided:
        slots["avoid"] = avoided
    _untangle(slots)
    _add_budget(slots, text)
    if (ordinal := ordinal_in(text)) is not None:
        slots["ordinal"] = ordinal
    if match := _ORDER.search(text):
        slots["order_number"] = (match["number"] or match["hash"] or match["behind"]).upper()
    if _CHEAPER.search(text):
        slots["cheaper"] = True
    return slots


def quantity_in(text: str) -> int | None:
    """Return how many of something, for messages that move things in or out of a cart."""
    match = _QUANTITY.search(text)
    if not match:
        return None
    spoken = next(group for group in match.groups() if group)
    value = _NUMBER_WORDS.get(spoken) or number(spoken)
    return int(value) if value and 1 <= value <= 99 else None


def ordinal_in(text: str) -> int | None:
    """Return the place in the list last shown, from 1; -1 is the last."""
    if match := _ORDINAL_EN.search(text):
        return _ORDINAL_WORDS[next(group for group in match.groups() if group)]
    if match := _ORDINAL_NUMBER.search(text):
        return _NUMBER_WORDS.get(match[1]) or int(match[1])
    if _LAST_ZH.search(text):
        return -1
    if _MIDDLE_ZH.search(text):
        return 2  # of the three that are usually shown
    if match := _ORDINAL_ZH.search(text):
        value = number(match[1])
        return int(value) if value else None
    return None


def _avoided(text: str) -> tuple[list[str], str]:
    """Return what must not be in it, and the text without those words (no alcohol is not a wish for alcohol)."""
    avoided: list[str] = []
    rest = text
    for pattern in (_AVOID_BEFORE, _FREE_AFTER, HURTS):
        for match in pattern.finditer(text):
            said = " ".join(filter(None, match.groups()))
            found = values_in(said, _INGREDIENTS) or values_in(said.replace(" ", ""), _INGREDIENTS)
            avoided += [value for value in found if value not in avoided]
            rest = rest.replace(said, _without(said, found)) if found else rest
    if "essential_oil" in avoided or "mineral_oil" in avoided:
        avoided = [value for value in avoided if value != "oil"]
    return avoided, rest


def without_hurts(text: str) -> str:
    """Return a folded `text` without what says which ingredients hurt: they are left out, nobody asks for a doctor."""
    return HURTS.sub(lambda hurt: " " if _names_ingredient(hurt.group()) else hurt.group(), text)


def _names_ingredient(said: str) -> bool:
    return bool(values_in(said, _INGREDIENTS) or values_in(said.replace(" ", ""), _INGREDIENTS))


def _without(text: str, values: list[str]) -> str:
    """Return `text` without the words of these ingredients."""
    for value, pattern in _INGREDIENTS:
        text = pattern.sub(" ", text) if value in values else text
    return text


def wished_category(text: str) -> str:
    """Return the category that a loose word of a wish means ("a cream for dry skin"), or nothing."""
    return next(iter(values_in(text, _WEAK_CATEGORIES)), "")


def _untangle(slots: dict[str, Any]) -> None:
    """Drop a value that only echoes another: dry skin is not the concern dryness, an eye cream no moisturiser."""
    categories = slots.get("category", [])
    if len(categories) > 1:
        narrow = {"eye", "lip", "body", "hair", "makeup_remover", "sleeping_bag", "exfoliant", "sunscreen"}
        echoes = {"moisturiser", "oil", "mask", "serum", "cleanser", "stove", "mat"}
        if narrow.intersection(categories):
            kept = [value for value in categories if value not in echoes or _stands_alone(value, categories)]
            slots["category"] = kept or categories


def _stands_alone(value: str, categories: list[str]) -> bool:
    """Whether `value` was meant beside the narrow one: cleanser and sunscreen, not eye and cream."""
    pairs = {("mat", "sleeping_bag"), ("cleanser", "sunscreen"), ("serum", "sunscreen"), ("moisturiser", "sunscreen")}
    others = [other for other in categories if other != value]
    return all((value, other) in pairs for other in others)


_NO_BUDGET = 10**12  # so long a row of digits is no amount of money


def _add_budget(slots: dict[str, Any], text: str) -> None:
    budget = budget_in(text)
    if max(budget.maximum or 0, budget.minimum or 0) >= _NO_BUDGET:
        return
    if budget.maximum is not None:
        slots["budget_max"] = _plain(budget.maximum)
    if budget.minimum is not None:
        slots["budget_min"] = _plain(budget.minimum)
    if budget.currency and (budget.maximum is not None or budget.minimum is not None):
        slots["currency"] = budget.currency


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def said_words(text: str) -> dict[str, str]:
    """Return {value: the shopper's own words} of a folded `text`, where they say more than the plain value does.

    大油田 is worth saying back; 油性 and "oily" are what the shop says anyway.
    """
    return {
        value: match.group()
        for name in ("skin_type", "concern")
        for value, pattern in _LISTS[name]
        if (match := pattern.search(text)) and _is_a_name(match.group())
    }


def _is_a_name(said: str) -> bool:
    """Whether words can stand where the plain value would: "pimples" and 草莓鼻 can, "reddens" and 很油 cannot."""
    return bool(_NAMES_ZH.search(said)) if CHINESE.search(said) else bool(_NAMES_EN.fullmatch(said))


def ordinals_in(text: str) -> list[int]:
    """Return every place a folded `text` names, in its order: the first and the third."""
    found: list[tuple[int, int]] = []
    for match in _ORDINAL_EN.finditer(text):
        found.append((match.start(), _ORDINAL_WORDS[next(group for group in match.groups() if group)]))
    for match in _ORDINAL_NUMBER.finditer(text):
        found.append((match.start(), _NUMBER_WORDS.get(match[1]) or int(match[1])))
    for match in _ORDINAL_ZH.finditer(text):
        if value := number(match[1]):
            found.append((match.start(), int(value)))
    found += [(match.start(), -1) for match in _LAST_ZH.finditer(text)]
    return list(dict.fromkeys(place for _, place in sorted(found)))
