"""What is asked: the same question typed differently, what is no question, and which one wants an answer most."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache

from catalog.languages import to_simplified

NEAR_COPY = 0.8  # character trigrams in common; below this, different questions begin to merge
SAME_WORD = 0.9  # likeness of two words: "moisturizer" is "moisturiser", "retinol" is not "retinal"
_GREETINGS = re.compile(r"^(?:(?:hi|hello|hey|please|pls|um|so|ok|okay)\s+)+|^(?:请问一?下?|想问一?下?|我想问|你好)\s*")
# Said to the host, asking nothing (folded).
_CHEERS = frozenset(
    """hi hello hey hiya lol haha wow nice cool yay omg thanks beautiful first bye goodbye goodnight
    哈喽 嗨 你好 大家好 安安 晚安 早安 加油 推 推推 好美 好漂亮 漂亮 谢谢 感谢 爱你 爱了 哈哈 哈哈哈 呵呵
    签到 第一 来了 我来了 拜拜 棒 太棒了 赞""".split()  # noqa: SIM905 (a list of words reads better as words)
) | {"thank you", "love it", "love you", "love this", "so pretty", "good morning", "good evening", "good night"}
# With one of these more or less it is the opposite question.
_NEGATIONS = re.compile(r"\b(?:not|no|without|free|never|non|isn ?t|don ?t|doesn ?t|can ?t|won ?t)\b|[不没无免别未]")
_POINTING = re.compile(r"\b(?:this|that|these|those|it|its|one)\b|[这那它]")
# More or less of these changes nothing.
_FILLERS = frozenset("please pls the a an so really just thanks 的 了 吗 嘛 呢 啊 吧 呀 喔 哦 耶 请 谢".split())  # noqa: SIM905
_NUMBERS = re.compile(r"\d+")
_NOT_WORDS = re.compile(r"[^\w]+|_")
_TOKENS = re.compile(r"[^\W一-鿿㐀-䶿]+|[一-鿿㐀-䶿]")  # a word, or one Chinese character
_FADES_S = 60.0  # seconds in which the wish for an answer falls to 1/e


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return `text` without case, width, script (Traditional reads as Simplified), punctuation and greeting."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = " ".join(_NOT_WORDS.sub(" ", to_simplified(plain)).split())
    return _GREETINGS.sub("", words) or words


def question_key(text: str, *, pinned_product_id: int | None) -> str:
    """Return what equal questions share. "How much is it?" asks about what is on the table, so that belongs to it."""
    key = folded(text)
    if pinned_product_id is not None and _POINTING.search(key):
        key = f"{pinned_product_id}|{key}"
    return key[:500]


def is_question(text: str) -> bool:
    """Return False for what asks nothing: signs without words, greetings and cheers. In doubt it is a question."""
    key = folded(text)
    return any(character.isalnum() for character in key) and key not in _CHEERS


def is_near_copy(key: str, other: str) -> bool:
    """Return whether two keys are one question, typed differently.

    Numbers, negations and the product on the table must be the same, at least NEAR_COPY of the character trigrams in
    common (Jaccard), and the words that differ mere fillers or spellings. This catches typing, not meaning: a looser
    bound, tried on labelled questions, merges different ones.
    """
    if key == other:
        return True
    if _distinguishing(key) != _distinguishing(other):
        return False
    mine, theirs = _telling_words(key), _telling_words(other)
    if "".join(mine) == "".join(theirs):  # "make up", "makeup"
        return True
    grams, others = _trigrams(mine), _trigrams(theirs)
    return len(grams & others) >= NEAR_COPY * len(grams | others) and _differ_in_spelling(mine, theirs)


def near_copy_among(key: str, candidates: Iterable[tuple[int, str]]) -> int | None:
    """Return the id of the first (id, key) that is a near copy, or None."""
    return next((found for found, other in candidates if is_near_copy(key, other)), None)


def score(*, askers: int, asked_at: datetime, now: datetime) -> float:
    """Return how much a question wants an answer: log2(1 + askers), fading with age."""
    age_s = max((now - asked_at).total_seconds(), 0.0)
    return math.log2(1 + askers) * math.exp(-age_s / _FADES_S)


def _distinguishing(key: str) -> tuple[str, list[str], list[str]]:
    table, _, words = key.rpartition("|")
    return table, sorted(_NUMBERS.findall(words)), sorted(_NEGATIONS.findall(words))


@lru_cache(maxsize=4096)
def _telling_words(key: str) -> tuple[str, ...]:
    return tuple(token for token in _TOKENS.findall(key) if token not in _FILLERS)


@lru_cache(maxsize=4096)
def _trigrams(words: tuple[str, ...]) -> frozenset[str]:
    padded = f"  {' '.join(words)} "
    return frozenset(padded[place : place + 3] for place in range(len(padded) - 2))


def _differ_in_spelling(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    missing = "".join(Counter(mine) - Counter(theirs))
    added = "".join(Counter(theirs) - Counter(mine))
    # One Chinese character is a word: 油 and 乾 are no spellings of each other, whatever surrounds them.
    return missing.isascii() and added.isascii() and SequenceMatcher(None, missing, added).ratio() >= SAME_WORD
