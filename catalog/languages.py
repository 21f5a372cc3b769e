"""Text in the shopper's language: which of a row's texts to show, and Chinese script conversion."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import opencc
from django.utils.translation import get_language

ENGLISH, TRADITIONAL, SIMPLIFIED = "en", "zh-hant", "zh-hans"
LANGUAGES = (ENGLISH, TRADITIONAL, SIMPLIFIED)


@lru_cache(maxsize=4)
def _converter(config: str) -> opencc.OpenCC:
    return opencc.OpenCC(config)


def to_simplified(text: str) -> str:
    """Convert Traditional Chinese (Taiwan words included) to Simplified."""
    return str(_converter("tw2sp").convert(text))


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
