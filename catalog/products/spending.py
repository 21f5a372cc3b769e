"""How much a shopper wants to spend: limits, ranges and currencies in a folded text, read clause by clause.

An amount is a limit by what stands around it: a word of comparison right before ("no more than", 不超過) or after
("or less", 以內), a word of money before it in its clause ("my budget for it is"), or a currency of its own. A "no"
turns a comparison round: nothing over, wouldn't go above, not less than.
"""
# ruff: noqa: E501 (patterns read better whole)

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from catalog.products.spoken_numbers import ENGLISH_NUMBER, english_number
from catalog.search.numbers import NUMBER, number, vague_range

_CHINESE_DIGITS = "一二两三四五六七八九十百千万零〇"
_SYMBOL = r"(?<![a-z])(?:nt\$|ntd|nt|twd|us\$|usd|hk\$|hkd|rmb)|美金|美元|台币|港币|人民币|cn¥|[$€£¥]"
_CURRENCY = r"台币|新台币|美金|美元|美刀|人民币|港币|港元|欧元|英镑|日圆|日元|元|块钱|块|圆|刀|(?:usd|twd|ntd|nt|hkd|rmb|(?:us )?dollars?|bucks?|quid|euros?|pounds?)(?![a-z])|[$€£]"
# A measure after a number says it is no price: 50 ml, 3 people, 3000 mm, 5°C, 20%, 8x8.
_NOT_MEASURE = (
    rf"(?![{_CHINESE_DIGITS}\d]|\s?-?(?:ml|毫升|g\b|kg|克|公斤|公克|oz|l\b|升|公升|mm|cm|m\b|km|公里|人|people|persons?|person|度|°|%|折|倍|岁|[x*×]\s?\d|\"|'|"
    r"inch(?:es)?|in\b|ft|feet|ounces?|count|packs?|pairs?|sets?|shelves|years?|days?|nights?|hours?|mins?|minutes?|天|晚|小时|分钟|个|瓶|件|支|罐|盒|包|组|pcs?\b|pieces?|bottles?|次|周|"
    r"weeks?|months?|月|年|号|点|楼|步|steps?|products?|items?|options?|things?|stars?|[tgm]b\b|mah|watts?|w\b|hz|lbs?\b|lit(?:re|er)s?|met(?:re|er)s?|grams?|/\d))"
)
_AMOUNT = re.compile(
    rf"(?:(?P<symbol>{_SYMBOL})\s?|(?<![a-z\d.#]))(?P<number>{NUMBER}|{ENGLISH_NUMBER})\s?(?P<currency>{_CURRENCY})?{_NOT_MEASURE}"
)
_CLAUSE_END = re.compile(r"[;!?\n；！？。，]|[.](?!\d)|,(?!\d{3}(?!\d))")

_FILLER = r"(?:of|is|was|be|are|at|to|a|an|the|about|around|roughly|only|just|maybe|say|my|total|set|:|=|~|是|为|在|有|大概|大约|到|了|就|只有|只)"
_BELOW = (
    r"(?<![a-z])(?:under|below|beneath|(?:less|lower|cheaper|fewer|smaller) than|within|up to|down to|keep(?:ing)?(?: \w+)? to|at (?:the )?(?:very )?most|max(?:imum)?|ceiling|cap(?:ped)?|"
    r"limit(?:ed)?|budget(?:ed)?|spend(?:ing)?|pay(?:ing)?|afford|around|about|roughly|approximately|circa|for|until)(?![a-z])"
    r"|<=?|(?:不|别|没)(?:要|能|想|会|可)?(?:超过|超出|高于|多于|大于)|[低少小]于|最多|至多|顶多|最高|上限|预算|控制在|约|大概|大约"
)
_ABOVE = (
    r"(?<![a-z])(?:over|above|(?:more|higher|greater|pricier|dearer) than|past|beyond|exceed(?:s|ing)?|north of|upwards? of|at least|from|starting(?: at| from)?|minimum|min)(?![a-z])"
    r"|>=?|超过|超出|高于|多于|至少|最少|起码|不低于|不少于|最低"
)
_BEFORE = re.compile(rf"(?:(?P<below>{_BELOW})|(?P<above>{_ABOVE}))(?:\s*{_FILLER}(?![a-z]))*\s*$")
_AFTER = re.compile(
    r"\s*(?:(?P<below>(?:or|and) (?:less|under|below|cheaper|lower)|(?:max(?:imum)?|tops|budget|limit|ceiling|to spend)(?![a-z])|(?:at|as) (?:the |an? )?(?:very |absolute )?(?:most|max(?:imum)?|limit|ceiling)|"
    r"(?:is|as) (?:my|the|our|an?) (?:\w+ )?(?:max(?:imum)?|limit|budget|ceiling|cap)|以内|之内|以下|内(?!存)|左右|上下|预算|封顶|为限|有找)"
    r"|(?P<above>or (?:more|over|above)|and (?:up|above|over)|\+|以上|起跳|起(?![泡皮司])))"
)
# "for 8", "from 2019": no limits without a currency.
_WEAK = frozenset({"for", "from", "about", "until", "past", "beyond"})
_NO = re.compile(
    r"(?:(?<![a-z])(?:no|not|nothing|never|none|without|cannot|nor|cant|dont|wont|wouldnt|shouldnt|doesnt)(?![a-z])|n't(?![a-z]))(?:\W+[a-z']+){0,6}\W*$"
)
_NO_RIGHT_BEFORE = re.compile(r"(?<![a-z])(?:no|not|nothing|never)\s*$")
_DOWNWARDS = re.compile(r"under|below|beneath|(?:less|lower|cheaper|fewer|smaller) than")
_AT_LEAST = re.compile(r"at least|from|starting|min|至少|最少|起码|不低于|不少于|最低")
# Words of money that make a number without a currency an amount when they stand before it in the same clause.
_MONEY_NEAR = re.compile(
    r"(?<![a-z])(?:budget|spend\w*|afford|ceiling)(?:\W+[a-z']+){0,5}\W*$|(?:预算|价位|价格|花)[^\d]{0,6}$"
)
_BETWEEN = re.compile(r"\s?(?:-|~|to|and|到|至|和)\s?")
_SAYS_RANGE = re.compile(r"(?:between|介于)\s*$")
_RANGE_START = re.compile(r"(?:between|from|介于|在|从)\s*$")
_RANGE_CUE = re.compile(r"budget|spend|price|cost|cheap|pay|afford|预算|价|钱|元|块|以内|以下|以上|左右|不超过|[$€£¥]")
_OF_A_SIZE = re.compile(r"(?<![a-z])(?:sizes?|ages?|aged|model|number|spf|class)\W*$|[号码]\W*$")
# Talk before a limit that says nothing but that one follows: "and the price should be", "I wouldn't want to go".
_TALK = re.compile(
    r"(?:(?<![a-z'])(?:with|and|but|at|for|a|the|my|our|of|is|are|to|be|i|we|it|that|has|have|having|got|can|could|would|should|must|will|only|preferably|"
    r"(?:want(?:ed|ing)?|like|love|prefer|wish|hop(?:e|ing)|plan(?:ning)?|mean|intend|willing|able|happy)(?= (?:not )?to(?: not)?(?:\W*$| (?:pay|spend|go|keep|stay|exceed)))|rather(?= not (?:pay|spend|go))|"
    r"set(?= (?:ourselves|myself|us|me)(?![a-z]))|ourselves|myself|price[ds]?|pricing|cost(?:s|ing)?|budget|spend(?:ing)?|pay(?:ing)?|afford|limit|cap|ceiling|go|going|keep|stay(?:ing)?|no|not|nothing|never|up|[a-z]+n't|(?:i|we|it)'(?:s|m|d|ve|ll|re))(?![a-z'])\W*)+$"
)
_LEAST = 5  # a smaller number without a currency is no amount of money
_LEAST_SPELLED = 10  # "at most six" is rarely money
_HUNDRED = 100  # a range from here on is one of prices also without a word of money
_HEARD = 150  # characters before and after an amount that may speak of it; a message of numbers is read in no time too
_CUE_BEFORE, _CUE_AFTER = 25, 12  # characters around a range, within its clause

_CURRENCIES = {
    "TWD": ("nt$", "nt", "ntd", "twd", "台币", "新台币"),
    "USD": (
        "us$",
        "usd",
        "$",
        "dollar",
        "dollars",
        "us dollar",
        "us dollars",
        "buck",
        "bucks",
        "美金",
        "美元",
        "美刀",
        "刀",
    ),
    "EUR": ("€", "euro", "euros", "欧元"),
    "GBP": ("£", "pound", "pounds", "quid", "英镑"),
    "HKD": ("hk$", "hkd", "港币", "港元"),
    "CNY": ("cn¥", "¥", "rmb", "人民币"),
    "JPY": ("日圆", "日元"),
}
_CODES = {word: code for code, words in _CURRENCIES.items() for word in words}


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent, in major units; `currency` empty when the shopper named none."""

    minimum: float | None = None
    maximum: float | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number that may be money, and what stands around it in its clause."""

    low: float  # 两三百 is 200 to 300; of others low == high
    high: float
    currency: str  # as written: "$", "dollars", "元"
    start: int
    end: int
    before: str
    after: str
    is_spelled: bool  # in English words

    @property
    def is_money(self) -> bool:
        return bool(self.currency) or bool(_MONEY_NEAR.search(self.before))

    @property
    def is_enough(self) -> bool:
        return bool(self.currency) or self.high >= (_LEAST_SPELLED if self.is_spelled else _LEAST)


@dataclass(frozen=True, slots=True)
class _Limit:
    low: float | None
    high: float | None
    code: str
    start: int
    end: int
    is_money: bool


def budget_in(text: str) -> Budget:
    """Return the budget that a folded `text` names; of several, the one that says it is money."""
    limits = sorted(_limits(text), key=lambda each: not each.is_money)
    both = next((each for each in limits if each.low is not None and each.high is not None), None)
    if both:
        return Budget(both.low, both.high, both.code)
    low = next((each for each in limits if each.low is not None), None)
    high = next((each for each in limits if each.high is not None), None)
    code = (high.code if high else "") or (low.code if low else "")
    return Budget(low.low if low else None, high.high if high else None, code)


def without_limits(text: str) -> str:
    """Return a folded `text` without what limits the price: that describes no product and asks for no price."""
    kept: list[str] = []
    at = 0
    for limit in sorted(_limits(text), key=lambda each: each.start):
        kept.append(text[at : max(at, limit.start)])
        at = max(at, limit.end)
    return " ".join([*kept, text[at:]]) if kept else text


def _limits(text: str) -> list[_Limit]:
    """Return every limit; lone amounts with a currency ("something for $30") only where nothing else is one."""
    amounts = list(_amounts(text))
    found = list(_ranges(text, amounts))
    taken = list(found)
    for amount in amounts:
        if any(limit.start <= amount.start < limit.end for limit in taken):
            continue
        if limit := _compared(amount):
            found.append(limit)
    return found or [limit for amount in amounts if (limit := _alone(amount))]


def _amounts(text: str) -> Iterator[_Amount]:
    ends = [match.start() for match in _CLAUSE_END.finditer(text)]
    for match in _AMOUNT.finditer(text):
        said = match["number"]
        is_spelled = said[0].isalpha() and said[0].isascii()
        spread, value = vague_range(said), english_number(said) if is_spelled else number(said)
        if value is None:
            continue
        first = max((end + 1 for end in ends if end < match.start()), default=0)
        last = min((end for end in ends if end >= match.end()), default=len(text))
        first, last = max(first, match.start() - _HEARD), min(last, match.end() + _HEARD)
        low, high = spread or (value, value)
        yield _Amount(
            low=low,
            high=high,
            currency=match["symbol"] or match["currency"] or "",
            start=match.start(),
            end=match.end(),
            before=text[first : match.start()],
            after=text[match.end() : last],
            is_spelled=is_spelled,
        )


def _ranges(text: str, amounts: Sequence[_Amount]) -> Iterator[_Limit]:
    for one, other in pairwise(amounts):
        if not _BETWEEN.fullmatch(text[one.end : other.start]) or not one.low < other.high or other.high < _LEAST:
            continue
        around = one.before[-_CUE_BEFORE:] + text[one.start : other.end] + other.after[:_CUE_AFTER]
        is_money = bool(one.currency or other.currency or _RANGE_CUE.search(around))
        is_whole = bool(_SAYS_RANGE.search(one.before)) and not other.after.strip()
        if _OF_A_SIZE.search(one.before) or not (is_money or is_whole or one.low >= _HUNDRED):
            continue
        lead = _RANGE_START.search(one.before)
        start = one.start - (len(one.before) - lead.start() if lead else 0)
        end = other.end + _behind(other)
        yield _Limit(one.low, other.high, _code(one) or _code(other), start, end, is_money)


def _compared(amount: _Amount) -> _Limit | None:
    """Return the limit that words around an amount make of it."""
    before, after = _BEFORE.search(amount.before), _AFTER.match(amount.after)
    is_above = _is_above(amount, before, after)
    if is_above is None or not amount.is_enough:
        return None
    start = amount.start - len(amount.before) + _talk_from(amount.before, before)
    low, high = (amount.high if before else amount.low, None) if is_above else (None, amount.high)
    return _Limit(low, high, _code(amount), start, amount.end + _behind(amount), amount.is_money)


def _is_above(amount: _Amount, before: re.Match[str] | None, after: re.Match[str] | None) -> bool | None:
    """Whether an amount is the least (True) or the most (False) to be spent; None when it is no limit."""
    if before and not (before.group().strip().split(" ")[0] in _WEAK and not amount.currency):
        rest = amount.before[: before.start()]
        if before["below"]:
            return bool(_DOWNWARDS.search(before["below"]) and _NO_RIGHT_BEFORE.search(rest))
        return not (_NO.search(rest) and not _AT_LEAST.search(before["above"]))
    if after:
        return after["above"] is not None
    return False if not _OF_A_SIZE.search(amount.before) and _MONEY_NEAR.search(amount.before) else None


def _alone(amount: _Amount) -> _Limit | None:
    if amount.low != amount.high:
        return _Limit(amount.low, amount.high, _code(amount), amount.start, amount.end, is_money=True)
    if not amount.currency or amount.high < _LEAST:
        return None
    return _Limit(None, amount.high, _code(amount), amount.start, amount.end, is_money=True)


def _talk_from(before: str, comparison: re.Match[str] | None) -> int:
    """Return where the talk before a comparison, or before the amount, begins."""
    end = comparison.start() if comparison else len(before)
    talk = _TALK.search(before[:end])
    return talk.start() if talk else end


def _behind(amount: _Amount) -> int:
    """Return how many characters after an amount belong to the limit."""
    after = _AFTER.match(amount.after)
    return after.end() if after else 0


def _code(amount: _Amount) -> str:
    return _CODES.get(amount.currency, "")
