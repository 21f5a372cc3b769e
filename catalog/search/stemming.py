"""Porter's stemmer (M. F. Porter, 1980), so that every engine is given the same stems."""

from __future__ import annotations

import re
from functools import lru_cache

_SHORT = 3  # characters; shorter words are their own stems
_STEP_2 = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("logi", "log"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"),
    ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
    ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
)  # fmt: skip
_STEP_3 = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
)  # fmt: skip
_STEP_4 = (  # the longest that fits is taken
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion",
    "al", "er", "ic", "ou",
)  # fmt: skip


def stem(word: str) -> str:
    """Return the stem of a folded word; what is not plain a to z is returned as it is."""
    is_plain = len(word) >= _SHORT and word.isascii() and word.isalpha() and word.islower()
    return _stem(word) if is_plain else word


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    return _step_5(_step_4(_replaced(_replaced(_step_1(word), _STEP_2), _STEP_3)))


def _shape(word: str) -> str:
    """Return the word as c and v: a y is a vowel after a consonant."""
    shape = ""
    for letter in word:
        is_vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape


def _measure(stem_: str) -> int:
    return len(re.findall("v+c", _shape(stem_)))


def _step_1(word: str) -> str:
    word = _without_plural(word)
    if word.endswith("eed"):
        word = word[:-1] if _measure(word[:-3]) > 0 else word
    elif (word.endswith("ed") and "v" in _shape(word[:-2])) or (word.endswith("ing") and "v" in _shape(word[:-3])):
        word = _mended(word[:-2] if word.endswith("ed") else word[:-3])
    return f"{word[:-1]}i" if word.endswith("y") and "v" in _shape(word[:-1]) else word


def _without_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _mended(word: str) -> str:
    """Put back what -ed or -ing had taken away."""
    if word.endswith(("at", "bl", "iz")):
        return f"{word}e"
    if len(word) > 1 and word[-1] == word[-2] and _shape(word)[-1] == "c" and word[-1] not in "lsz":
        return word[:-1]
    return f"{word}e" if _measure(word) == 1 and _ends_short(word) else word


def _ends_short(word: str) -> bool:
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


def _replaced(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for ending, instead in endings:
        if word.endswith(ending):
            stem_ = word.removesuffix(ending)
            return stem_ + instead if _measure(stem_) > 0 else word
    return word


def _step_4(word: str) -> str:
    for ending in _STEP_4:
        if word.endswith(ending):
            stem_ = word.removesuffix(ending)
            fits = _measure(stem_) > 1 and (ending != "ion" or stem_.endswith(("s", "t")))
            return stem_ if fits else word
    return word


def _step_5(word: str) -> str:
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _ends_short(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word
