"""Numbers as people write them: 1k, 1,200, 一千, 兩三百, 三百五."""

from __future__ import annotations

import re

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
CHINESE_NUMBER = r"[一二两三四五六七八九十百千万零〇]+"
# One number of either kind: "1,200", "1.5k", "2千", "一千二".
NUMBER = rf"(?:(?:{ARABIC})\s?(?:k\b|千|万|百)?|{CHINESE_NUMBER})"
_LONGEST = 18  # characters; what is longer is a number of something else, and may be too large to be counted with
_ARABIC_SCALED = re.compile(rf"({ARABIC})\s?(k|千|万|百)?$")
_SCALES = {"k": 1000, "千": 1000, "万": 10_000, "百": 100}
_RANGE_OF_TWO = re.compile(r"([一二两三四五六七八])([二三四五六七八九])([十百千万])$")


def number(text: str) -> float | None:
    """Return the value of one number, or None when `text` is not one."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    if match := _ARABIC_SCALED.match(text):
        value = float(match[1].replace(",", ""))
        return value * _SCALES[match[2]] if match[2] else value
    return _chinese(text)


def vague_range(text: str) -> tuple[int, int] | None:
    """Return (low, high) for 兩三百 = 200 to 300, or None."""
    match = _RANGE_OF_TWO.match(text.strip())
    if not match or _DIGITS[match[2]] != _DIGITS[match[1]] + 1:
        return None
    unit = _UNITS[match[3]]
    return _DIGITS[match[1]] * unit, _DIGITS[match[2]] * unit


def _chinese(text: str) -> int | None:
    """Return the value of Chinese numerals; 三百五 and 一千二 mean 350 and 1200."""
    if not text or any(character not in _DIGITS and character not in _UNITS for character in text):
        return None
    if all(character in _DIGITS for character in text):
        return int("".join(str(_DIGITS[character]) for character in text))
    total, section, digit, last_unit = 0, 0, 0, 1
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
            continue
        unit = _UNITS[character]
        if unit == 10_000:
            total += (section + digit) * unit
            section = 0
        else:
            section += (digit or 1) * unit
        digit, last_unit = 0, unit
    shortened = digit and last_unit >= 100 and "零" not in text and "〇" not in text
    return total + section + (digit * last_unit // 10 if shortened else digit)
