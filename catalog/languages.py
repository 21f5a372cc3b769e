"""Text in the shopper's language: which of a row's texts to show, and Chinese script conversion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import opencc
from django.utils.translation import get_language

ENGLISH, TRADITIONAL, SIMPLIFIED = "en", "zh-hant", "zh-hans"
LANGUAGES = (ENGLISH, TRADITIONAL, SIMPLIFIED)
# What OpenCC leaves in Taiwan's wording, or turns into a word that means something else. Traditional on the left:
# a text that is Simplified already stays as it is.
_MAINLAND = {
    "儲存格": "单元格",
    "大頭照": "头像",
    "小數位": "小数位",
    "帳務": "账务",
    "帳號": "账号",
    "幣別": "币种",
    "執行者": "执行者",
    "全螢幕": "全屏",
    "指標": "指标",
    "查詢": "查询",
    "私訊": "私信",
    "線上不販售": "线上不售",
    "販售": "销售",
    "結帳": "结账",
    "郵遞區號": "邮政编码",
    "金流服務": "支付服务",
}
_MAINLAND_WORD = re.compile("|".join(_MAINLAND))


@lru_cache(maxsize=4)
def _converter(config: str) -> opencc.OpenCC:
    return opencc.OpenCC(config)


def to_simplified(text: str) -> str:
    """Convert Traditional Chinese (Taiwan words included) to Simplified."""
    worded = _MAINLAND_WORD.sub(lambda found: _MAINLAND[found.group()], text)
    return str(_converter("tw2sp").convert(worded))


def to_traditional(text: str) -> str:
    """Convert Simplified Chinese to Traditional with Taiwan words."""
    return str(_converter("s2twp").convert(text))


def normalise_language(tag: str | None) -> str:
    """Map any BCP 47 tag to one of LANGUAGES; unknown tags read English.

    `zh` alone, `zh-CN`, `zh-SG` are Simplified; `zh-TW`, `zh-HK`, `zh-MO` are Traditional.
    """
    lowered = (tag or "").lower().replace("_", "-")
    if not lowered.startswith("zh"):
        return ENGLISH
    if "hant" in lowered or lowered.endswith(("-tw", "-hk", "-mo")):
        return TRADITIONAL
    return SIMPLIFIED


def reader_language() -> str:
    """Return the language that texts for the reader of this page are in, as one of LANGUAGES."""
    return normalise_language(get_language())


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text for `language` from {language: text}.

    A missing Chinese script is converted from the other; a missing language falls back to English, then to any text.
    """
    if texts.get(language):
        return texts[language]
    if language == SIMPLIFIED and texts.get(TRADITIONAL):
        return to_simplified(texts[TRADITIONAL])
    if language == TRADITIONAL and texts.get(SIMPLIFIED):
        return to_traditional(texts[SIMPLIFIED])
    return texts.get(ENGLISH) or next((text for text in texts.values() if text), "")
