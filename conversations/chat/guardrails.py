"""The last check on what the double says: amounts, links and stock only from this turn's tools; no forbidden claim.

It fails closed: a text that cannot be checked is held back.
"""
# ruff: noqa: E501 (sentences and patterns read better whole)

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from conversations.chat.intents.folding import fold
from conversations.chat.intents.numbers import CHINESE_NUMBER, number
from conversations.chat.outcomes import Called, products_in
from conversations.personas.claims import claims_in, every_claim
from conversations.personas.models import Persona

logger = logging.getLogger(__name__)

_SYMBOLS = {
    "nt$": "TWD", "ntd": "TWD", "twd": "TWD", "新台币": "TWD", "台币": "TWD", "us$": "USD", "usd": "USD", "美金": "USD", "美元": "USD",
    "€": "EUR", "eur": "EUR", "欧元": "EUR", "£": "GBP", "gbp": "GBP", "hk$": "HKD", "hkd": "HKD", "港币": "HKD", "cn¥": "CNY",
    "rmb": "CNY", "人民币": "CNY", "jpy": "JPY", "日圆": "JPY", "日元": "JPY",
}  # fmt: skip
_BARE = (
    "$",
    "¥",
    "元",
    "块钱",
    "块",
    "圆",
    "dollars",
    "dollar",
    "bucks",
    "euros",
    "pounds",
)  # any currency of the shop
_ANY = "|".join(re.escape(word) for word in sorted((*_SYMBOLS, *_BARE), key=len, reverse=True))
_FIGURE = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?\s?(?:k(?![a-z])|千|万)?|{CHINESE_NUMBER}"
_AMOUNT = re.compile(
    rf"(?P<before>{_ANY})\s?(?P<number1>{_FIGURE})|(?P<number2>{_FIGURE})\s?(?P<after>{_ANY})(?![a-z])"
)
_LINK = re.compile(
    r"https?://[^\s)」』，。]+|www\.[^\s)」』，。]+|(?<![\w@.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|shop|tw|cn|io|co|me|ly|app|store)"
    r"(?![a-z])(?:/[^\s)」』，。]*)?|(?<![\w/])/(?:l|s|pay|api)/[^\s)」』，。]+"
)
_STOCK = re.compile(
    r"(?:only |just )?(\d+) (?:left|in stock|remaining|available|units? left|pieces? left)|(?:只剩|还剩|剩下|剩|库存(?:还有|有|是|剩)?)\s?(\d+|"
    + CHINESE_NUMBER
    + r")\s?(?:件|个|瓶|支|组|盒|双|顶|份)?"
)
_PERCENT = re.compile(
    r"(\d{1,2})\s?(?:%|percent)\s?(?:off|discount)|(?:打|享|有)?\s?([\d.]{1,3}|[一二三四五六七八九]{1,2})\s?折(?!扣|疊|叠|成|起|好|射|损)"
)
_PROMISE = re.compile(
    r"\b(?:i|we)(?:'ll| will| can| am going to|'m going to) (?:then )?(?:e-?mail|text|call|notify|message|ping|remind|write to|let) you\b(?! know (?:here|what|how|which|now|if you))"
    r"|\byou(?:'ll| will) (?:get|receive) (?:an? )?(?:e-?mail|text|sms|notification|reminder)\b"
    r"|(?:我|我们|到时|之后)(?:会|可以|再|帮你)?.{0,4}(?:寄信|寄email|发邮件|寄邮件|发信|传简讯|发短信|打电话|通知|提醒)(?:给)?你|到货(?:时|后)?.{0,4}通知你"
)
# "第一" and "最" are claims; an ordinal and "most recently" are not.
_NO_CLAIMS = {
    "最": re.compile(r"最(?:近|后|终|初|多可|少要|低(?:就|是)|便宜)"),
    "第一": re.compile(r"第一(?=个|款|支|瓶|步|次|样|件|双|顶|天|项|组|名字|集|段|行|张|层)"),
    "best": re.compile(r"best (?:way|with|used|before|by)"),
}
_LIMIT_WORDS = re.compile(r"under|below|within|up to|less than|budget|以内|以下|之内|预算|不超过|内")
REASONS = ("price", "link", "stock", "claim", "promise", "other")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a text may leave; `reason` is one of REASONS, `detail` names what was wrong."""

    passed: bool
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What this turn's tools returned, as a text may repeat it."""

    amounts: frozenset[tuple[str, Decimal]] = frozenset()
    sources: str = ""  # everything the tools returned, folded
    stocks: frozenset[int] = frozenset()
    titles: tuple[str, ...] = ()
    budgets: frozenset[Decimal] = frozenset()  # the shopper's own limits: said back only as limits
    claims: tuple[str, ...] = field(default=())


def facts_of(called: Sequence[Called], *, persona: Persona | None, budgets: Iterable[Decimal] = ()) -> Facts:
    """Return what may be said after these tool calls."""
    texts = [call.result.text for call in called]
    texts += [card.model_dump_json() for call in called for card in call.result.cards]
    source = fold("\n".join(texts))
    products = [product for call in called for product in products_in(call.result.cards)]
    stocks = {product.left for product in products if product.left is not None}
    stocks |= {
        variant.available for product in products for variant in product.variants if variant.available is not None
    }
    contents = [card.title for call in called for card in call.result.cards if card.kind == "content"]
    return Facts(
        amounts=frozenset(_amounts(source)),
        sources=source,
        stocks=frozenset(stocks),
        titles=tuple([product.title for product in products] + contents),
        budgets=frozenset(budgets),
        claims=every_claim(persona.forbidden_claims) if persona else (),
    )


def check(text: str, facts: Facts) -> Verdict:
    """Return whether `text` may be shown; an error in the check itself holds it back."""
    try:
        folded = fold(text)
        for verdict in (
            _check_links(folded, facts),
            _check_prices(folded, facts),
            _check_stock(folded, facts),
            _check_claims(folded, facts),
            _check_promises(folded),
        ):
            if not verdict.passed:
                return verdict
    except Exception:  # fails closed: what cannot be checked is not said
        logger.exception("the check of a reply failed")
        return Verdict(passed=False, reason="other", detail="the check failed")
    return Verdict(passed=True)


def _check_prices(text: str, facts: Facts) -> Verdict:
    for match in _matches(text):
        currency, value = _amount(match)
        if value is None or _is_known(currency, value, facts.amounts):
            continue
        around = text[max(match.start() - 14, 0) : match.end() + 10]
        if value in facts.budgets and _LIMIT_WORDS.search(around):
            continue
        return Verdict(passed=False, reason="price", detail=match.group().strip())
    for match in _PERCENT.finditer(text):
        if match.group().strip() not in facts.sources:
            return Verdict(passed=False, reason="price", detail=match.group().strip())
    return Verdict(passed=True)


def _check_links(text: str, facts: Facts) -> Verdict:
    for match in _LINK.finditer(text):
        link = match.group().rstrip(".,!?;:、")
        # As a whole: an address that only begins like a known one leads elsewhere.
        if not re.search(rf"{re.escape(link)}(?![\w./-])", facts.sources):
            return Verdict(passed=False, reason="link", detail=link)
    return Verdict(passed=True)


def _check_stock(text: str, facts: Facts) -> Verdict:
    for match in _STOCK.finditer(text):
        count = number(next(group for group in match.groups() if group))
        if count is not None and int(count) not in facts.stocks:
            return Verdict(passed=False, reason="stock", detail=match.group().strip())
    return Verdict(passed=True)


def _check_claims(text: str, facts: Facts) -> Verdict:
    for title in facts.titles:  # a product may be called "Best Day": its name is no claim
        text = text.replace(fold(title), " ")
    for claim in facts.claims:
        allowed = _NO_CLAIMS.get(fold(claim))
        if claims_in(allowed.sub(" ", text) if allowed else text, [claim]):
            return Verdict(passed=False, reason="claim", detail=claim)
    return Verdict(passed=True)


def _check_promises(text: str) -> Verdict:
    match = _PROMISE.search(text)
    return Verdict(passed=False, reason="promise", detail=match.group()) if match else Verdict(passed=True)


def _amounts(text: str) -> Iterable[tuple[str, Decimal]]:
    for match in _matches(text):
        currency, value = _amount(match)
        if value is not None:
            yield currency, value


def _matches(text: str) -> Iterable[re.Match[str]]:
    """Yield the amounts of a text; 一块 alone means "together"."""
    return (match for match in _AMOUNT.finditer(text) if match.group() != "一块")


def _amount(match: re.Match[str]) -> tuple[str, Decimal | None]:
    """Return (currency code or an empty text, value)."""
    word = match["before"] or match["after"]
    spoken = (match["number1"] or match["number2"]).strip()
    value = number(spoken)
    if value is None:
        return "", None
    try:
        exact = Decimal(spoken.replace(",", ""))
    except InvalidOperation:
        exact = Decimal(str(value))
    return _SYMBOLS.get(word, ""), exact


def _is_known(currency: str, value: Decimal, known: frozenset[tuple[str, Decimal]]) -> bool:
    """Whether a tool returned this amount; where one side names no currency the figure decides."""
    return any(value == other and (currency == code or not currency or not code) for code, other in known)
