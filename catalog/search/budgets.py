"""How much a shopper wants to spend: limits, ranges and currencies in a folded text; for search and for the chat."""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from dataclasses import dataclass, field

from catalog.search.measures import is_measure
from catalog.search.numbers import NUMBER, number, vague_range

_SYMBOL = r"nt\$|nt|ntd|twd|us\$|usd|hk\$|hkd|cn¥|rmb|[$€£¥]"
_WORD = r"台币|新台币|美金|美元|人民币|港币|欧元|英镑|日圆|日元|元|块钱|块|圆|usd|twd|ntd|nt|dollars?|bucks|euros?|pounds?|rmb"
# A measure after a number says it is no price: 50 ml, 3 people, 3000 mm, 5°C, 20%.
_NOT_MEASURE = (
    r"(?!\s?(?:ml|毫升|g\b|kg|克|公斤|公克|oz|l\b|升|公升|mm|cm|m\b|km|公里|人|people|persons?|person|度|°|%|折|倍|岁|"
    r"inch(?:es)?|in\b|ft|feet|ounces?|count|packs?|shelves|years?|days?|nights?|hours?|mins?|minutes?|天|晚|小时|分钟|个|瓶|件|支|罐|盒|包|组|pcs?|pieces?|bottles?|次|周|"
    r"weeks?|months?|月|年|号|点|楼|步|steps?|products?|items?|\d))"
)


def _amount(side: int) -> str:
    """Return the pattern of one amount; a pattern may hold two, told apart by `side`."""
    return rf"(?P<symbol{side}>{_SYMBOL})?\s?(?P<number{side}>{NUMBER})\s?(?P<word{side}>{_WORD})?" + _NOT_MEASURE


_MAX_BEFORE = (
    r"(?:under|below|less than|lower than|no more than|not more than|(?:nothing|not|never|isn't|don't go|without going) (?:over|above|beyond|exceeding)|"
    r"(?:not|doesn't|can't) exceed|no (?:higher|pricier) than|cheaper than|capped at|limit(?: is| of|:)?|can spend|within|up to|max(?:imum)?(?: of)?|at most|budget(?: is| of|:)?(?: around| about)?|"
    r"stay(?:ing)? under|around|about|roughly|spend(?:ing)?|for|<=?|不超过|不要超过|不高于|低于|少于|小于|最多|顶多|上限|"
    r"不到|预算(?:大概|大约|是|在|有|只有|:)?|约|大概|大约|控制在)\s?"
)
_MAX_AFTER = r"\s?(?:or (?:less|under|below|cheaper)|at (?:the )?most|max(?:imum)?|tops|and under|budget|不到|以内|之内|以下|内|左右|上下|预算|封顶|有找)"
_NOT_A_MINIMUM = r"(?<!nothing )(?<!not )(?<!never )(?<!isn't )(?<!don't go )(?<!without going )"
_MIN_BEFORE = (
    _NOT_A_MINIMUM
    + r"(?:over|above|(?<!no )(?<!not )more than|at least|from|starting at|minimum(?: of)?|min|>=?|(?<!不)(?<!不要)(?<!别)超过|(?<!不)高于|至少|最少|起码|不低于)\s?"
)
_MIN_AFTER = r"\s?(?:or more|and (?:up|above)|\+|以上|起跳|起)"
_BETWEEN = r"\s?(?:-|~|to|and|到|至|和)\s?"

_RANGE = re.compile(rf"(?:between |from |介于|在)?{_amount(1)}{_BETWEEN}{_amount(2)}")
_MAX = re.compile(rf"(?:(?P<before>{_MAX_BEFORE}){_amount(1)})|(?:{_amount(2)}{_MAX_AFTER})")
_MIN = re.compile(rf"(?:(?P<before>{_MIN_BEFORE}){_amount(1)})|(?:{_amount(2)}{_MIN_AFTER})")
_BARE = re.compile(
    rf"(?:(?P<symbol1>{_SYMBOL})\s?(?P<number1>{NUMBER})|(?P<number2>{NUMBER})\s?(?P<word2>{_WORD}))" + _NOT_MEASURE
)
_MONEY_CUE = re.compile(r"budget|spend|price|cost|cheap|预算|价|钱|元|块|以内|以下|以上|左右|不超过|[$€£¥]")
_CUE_WITHIN = 12  # characters: "size 9.5-10, price under 50" speaks of a size first
_NEGATED_MIN = re.compile(r"(?:no|not|don't|isn't|不|别)\s?(?:要)?$")

_VAGUE = re.compile(r"[一二两三四五六七八][二三四五六七八九][百千万](?!米|公尺|公里|毫|克|人)")

_CURRENCIES = {
    "TWD": ("nt$", "nt", "ntd", "twd", "台币", "新台币"),
    "USD": ("us$", "usd", "$", "dollar", "dollars", "bucks", "美金", "美元"),
    "EUR": ("€", "euro", "euros", "欧元"),
    "GBP": ("£", "pound", "pounds", "英镑"),
    "HKD": ("hk$", "hkd", "港币"),
    "CNY": ("cn¥", "¥", "rmb", "人民币"),
    "JPY": ("日圆", "日元"),
}
_CODES = {word: code for code, words in _CURRENCIES.items() for word in words}


# What speaks of money only beside a currency: "12 pro max 256", "SPF 50+", "from 2019", "tent for 5".
_WEAK = re.compile(r"(?:for|from|about|around|roughly|within|limit\S*|min|\+|(?<![以之])内|起|起跳|约|大概|大约)$")
_LABELLED = re.compile(r"(?:\b(?:pro|air|spf|upf|pa|iso|size|no|model|type|series|gen)[\s.:]{1,2}|[a-z\d]-?)$")


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent, in major units; `currency` empty when the shopper named none.

    `named` is the currency as it was written ("$", "元"); `spans` are the places in the text that said it.
    """

    minimum: float | None = None
    maximum: float | None = None
    currency: str = ""
    named: str = field(default="", compare=False)
    spans: tuple[tuple[int, int], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class _Limit:
    value: float | None = None
    currency: str = ""
    named: str = ""
    spans: tuple[tuple[int, int], ...] = ()


def budget_in(text: str, *, is_search: bool = False) -> Budget:
    """Return the budget that a folded `text` names.

    In a search every number may as well be a model, a size or a measure: there only what surely speaks of money counts.
    """
    if match := _range(text, is_search=is_search):
        return match
    low, high = (_limit(pattern, text, is_search=is_search) for pattern in (_MIN, _MAX))
    if low.value is None and high.value is None:
        return _bare(text, is_search=is_search)
    if low.value is not None and low.value == high.value:
        high = _Limit()
    currency, named = (high.currency or low.currency), (high.named or low.named)
    return Budget(low.value, high.value, currency, named, (*low.spans, *high.spans))


def _range(text: str, *, is_search: bool) -> Budget | None:
    for match in _RANGE.finditer(text):
        low, high = number(match["number1"]), number(match["number2"])
        around = text[max(0, match.start() - _CUE_WITHIN) : match.end() + _CUE_WITHIN]
        named = _currency(match, 1) or _currency(match, 2)
        has_cue = named or _MONEY_CUE.search(around) or (low and low >= 100)
        if is_search and not (named or match.group().startswith(("between", "介于")) or _is_spoken(match)):
            continue
        if is_search and (_is_labelled(text, match, 1) or _is_measured(text, match, 2)):
            continue
        if low is not None and high is not None and low < high and high >= 5 and has_cue:
            return Budget(low, high, _code(match, 1) or _code(match, 2), named, (match.span(),))
    return None


def _is_spoken(match: re.Match[str]) -> bool:
    """Whether a range without a currency is told by a word, and large enough for a price: "500 到 800", not "7055-60"."""
    return bool(re.search(r"[到至~]| to ", match.group())) and (number(match["number1"]) or 0) >= 100


def _limit(pattern: re.Pattern[str], text: str, *, is_search: bool) -> _Limit:
    for match in pattern.finditer(text):
        side = 1 if match["number1"] else 2
        spoken, named = match[f"number{side}"], _currency(match, side)
        value: float | None = number(spoken)
        if spread := vague_range(spoken):
            value = spread[1]
        if value is None or (side == 1 and match["before"].strip() in ("for", "from", "about") and not named):
            continue
        if is_search and not named and _is_no_price(text, match, side):
            continue
        if value < 5 and not named:
            continue
        return _Limit(value, _code(match, side), named, (match.span(),))
    return _Limit()


def _is_no_price(text: str, match: re.Match[str], side: int) -> bool:
    cue = match["before"] if side == 1 else match.group()[match.end(f"number{side}") - match.start() :]
    return bool(_WEAK.search(cue.strip())) or _is_labelled(text, match, side) or _is_measured(text, match, side)


def _is_labelled(text: str, match: re.Match[str], side: int) -> bool:
    return bool(_LABELLED.search(text[: match.start() if side == 1 else match.start("number2")]))


def _is_measured(text: str, match: re.Match[str], side: int) -> bool:
    start = match.start(f"number{side}")
    rest = text[start + len(match[f"number{side}"].rstrip()) :]
    if _currency(match, side) or re.match(rf"\s?(?:{_WORD})(?![a-z])|{_MAX_AFTER}|{_MIN_AFTER}", rest):
        return False
    return bool(re.match(r"[a-z]", rest)) or is_measure(text, start)


def _bare(text: str, *, is_search: bool) -> Budget:
    """A lone amount with its currency is a limit: 'something for $30', '兩三百元的'."""
    if spoken_range := _VAGUE.search(text):
        spread = vague_range(spoken_range[0])
        if spread:
            return Budget(spread[0], spread[1], spans=(spoken_range.span(),))
    for match in _BARE.finditer(text):
        side = 1 if match["number1"] else 2
        spoken, named = match[f"number{side}"], _currency(match, side)
        if is_search and _is_labelled(text, match, side):
            continue
        if spread := vague_range(spoken):
            return Budget(spread[0], spread[1], _code(match, side), named, (match.span(),))
        value = number(spoken)
        if value is not None and value >= 5:
            return Budget(None, value, _code(match, side), named, (match.span(),))
    return Budget()


def _currency(match: re.Match[str], side: int) -> str:
    names = match.groupdict()
    return names.get(f"symbol{side}") or names.get(f"word{side}") or ""


def _code(match: re.Match[str], side: int) -> str:
    return _CODES.get(_currency(match, side), "")
