"""What a question asks about: its telling words, with the words that mean the same in a shop."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.products.vocabulary import meanings
from catalog.search.analysis import fold

TOPIC_SHARE = 3.0  # a topic of shops says more about a question than the words around it
WORD_SHARE = 2.0  # so does a word of the shop's own vocabulary
# One row, one meaning; a question with any word of a row finds texts with any other, across languages.
_TOPICS = (
    "shipping|ship|delivery|deliver|postage|運費|配送|寄送|出貨|運送|物流|宅配|到貨",
    "return|refund|exchange|send back|退貨|退款|換貨|退換貨|退換|退費",
    "payment|pay|credit card|付款|支付|刷卡|信用卡|結帳",
    "customs|import tax|duty|duties|關稅|進口稅",
    "warranty|guarantee|repair|保固|保修|維修",
    "invoice|receipt|發票|收據",
    "pregnant|pregnancy|breastfeeding|懷孕|孕婦|孕期|哺乳",
    "sponsored|sponsor|sponsorship|advertising|業配|廣告|贊助",
    "privacy|personal data|my data|chat history|個資|隱私|對話紀錄|聊天紀錄",
)
_ABROAD = "abroad|overseas|international|internationally|other countries|國外|海外|國際|境外"
# Countries parcels are asked about. A text that names none of them but speaks of abroad still answers.
_COUNTRIES = (
    "united states|usa|america|美國",
    "united kingdom|uk|britain|england|英國",
    "japan|日本",
    "hong kong|香港",
    "macau|macao|澳門",
    "singapore|新加坡",
    "malaysia|馬來西亞",
    "canada|加拿大",
    "australia|澳洲|澳大利亞",
    "new zealand|紐西蘭|新西蘭",
    "korea|韓國",
    "thailand|泰國",
    "vietnam|越南",
    "philippines|菲律賓",
    "indonesia|印尼|印度尼西亞",
    "europe|eu|歐洲|歐盟",
    "germany|德國",
    "france|法國",
    "spain|西班牙",
    "italy|義大利|意大利",
    "netherlands|荷蘭",
)
_UNITED_STATES = re.compile(r"\b(?:US|U\.S\.(?:A\.)?)(?![\w$])")  # "us" is a word of its own
_WORDS = (
    _ABROAD,
    "cream|moisturiser|moisturizer|面霜|乳霜",
    "vegan|cruelty free|純素|零殘忍|動物實驗",
    "waterproof|防水",
    "reapply|top up|補擦|補防曬",
)
_VOCABULARY = ("kind", "skin_types", "concerns", "key_ingredients", "activity", "step")
_STOP_ENGLISH = (
    "a about again all also am an and any anything are as at be been best better but buy by can could did do does doing"
    " done don dont for from get getting give go going good got great had has have hello help hey hi how i if in into"
    " is isn it its just kind know let like long look looking lot made make makes many may maybe me mean might more"
    " most much my need no not now of off ok on one only or other our out people please question really recommend s say"
    " says see sell she should so some something sort still suggest sure t take tell than thank thanks that the their"
    " them then there they thing things think this those to too try up us use used uses using ve very want was way we"
    " u ur r pls plz thx rn lol im ive id ill whats wheres hows whos youre policy policies show find add"
    " video videos clip post put part moment during"
    " well were what when where which while who whom why will with would yes yet you your yours"
    " opinion opinions view views thought thoughts"
)
# What stands between these are the words that tell something.
_STOP_CHINESE = (
    "請問 想問 可以 可不可以 能不能 能 有沒有 沒有 是不是 會不會 要不要 什麼 甚麼 怎麼 怎樣 怎麼樣"
    " 如何 為什麼 哪個 哪些 哪一 哪裡 多少 多久 幾天 幾 不 影片 視頻 貼文"
    " 一段 段 講 說 自己 博主 哪款 款 擦 值得 你們 我們 他們 她們 大家 你 妳 我 他 她 它 您"
    " 這個 那個 這些 那些 這 那 一下 一個 一點 的 了 嗎 呢 吧 啊 呀 喔 哦 耶 是 在 有 沒 會 要 想 用"
    " 跟 和 與 及 或 還是 還 也 都 就 很 最 更 比較 覺得 知道 告訴 推薦 適合 喜歡 需要 應該 謝謝"
    " 看法 想法 意見 觀點 評價 態度 認為 哈囉 你好 嗨 給 讓 把 被 對 對於 關於 請 買 賣"
)
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A thing a question asks about: phrases any of which a text may hold, and how much it weighs."""

    phrases: tuple[str, ...]
    share: float = 1.0
    wider: tuple[str, ...] = ()  # what answers nearly as well: "abroad" for a country

    @property
    def is_topic(self) -> bool:
        """Whether it is one of the topics that every shop is asked about."""
        return self.share == TOPIC_SHARE


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    ordered = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in ordered))


@lru_cache(maxsize=1)
def _groups() -> dict[str, Asked]:
    """Return {word: what it asks about}; a topic wins over a word of the vocabulary."""
    spoken = ["|".join(words) for attribute in _VOCABULARY for words in meanings(attribute)]
    shares = dict.fromkeys((*spoken, *_WORDS), WORD_SHARE) | dict.fromkeys(_TOPICS, TOPIC_SHARE)
    found: dict[str, Asked] = {}
    for row in _COUNTRIES:
        names = tuple(fold(row).split("|"))
        found |= dict.fromkeys(names, Asked(phrases=names, share=WORD_SHARE, wider=tuple(fold(_ABROAD).split("|"))))
    for row, share in shares.items():
        phrases = tuple(fold(row).split("|"))
        found |= dict.fromkeys(phrases, Asked(phrases=phrases, share=share))
    return found


@lru_cache(maxsize=1)
def _known() -> re.Pattern[str]:
    return _any_of(list(_groups()))


_STOPS = _any_of(fold(_STOP_CHINESE).split())
_STOP_WORDS = frozenset(_STOP_ENGLISH.split())


def asked_about(question: str, *, ignored: Sequence[str] = ()) -> list[Asked]:
    """Return what `question` asks about; empty when it holds function words only.

    Args: `ignored` are names that say nothing here, such as the creator's own.
    """
    folded = fold(_UNITED_STATES.sub("USA", question)).replace("’", "'")
    if ignored:
        folded = _any_of([fold(name) for name in ignored]).sub(" ", folded)
    asked = list(dict.fromkeys(_groups()[found] for found in _known().findall(folded)))
    rest = _STOPS.sub(" ", _known().sub(" ", folded))
    for token in dict.fromkeys(_TOKEN.findall(rest)):
        if re.match(f"[{_CJK}]", token):
            asked += _characters(token) if len(token) > 1 else ()
        elif token not in _STOP_WORDS:
            asked.append(Asked(phrases=(token,)))
    return asked


def _characters(run: str) -> Iterator[Asked]:
    """Yield each character of a Chinese run as half a word, found by the pairs it stands in.

    A run is not cut into words here, so a pair across two words is never found; a character counts as found by
    either of its pairs.
    """
    pairs = [run[i : i + 2] for i in range(len(run) - 1)]
    for i in range(len(run)):
        yield Asked(phrases=tuple(pairs[max(0, i - 1) : i + 1]), share=0.5)
