"""One spelling for matching: width, case and Chinese script folded; and which language a text is in."""

from __future__ import annotations

import re
from functools import lru_cache

from catalog.languages import ENGLISH, SIMPLIFIED, TRADITIONAL, to_simplified, to_traditional
from catalog.search.analysis import fold as fold_script

CHINESE = re.compile(r"[\u3400-\u9fff]")
_WIDE_COMMA = re.compile(r"(?<=\d)，(?=\d)")  # ends a clause; folded it would join two numbers to one
_SPACES = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "～": "~", "〜": "~"})
# Words that the script conversion leaves in two spellings.
_VARIANTS = {"结帐": "结账", "帐单": "账单", "祛": "去", "什麽": "什么", "甚么": "什么", "妳": "你", "您": "你"}
# Characters of everyday Traditional text that are also the Simplified form of another one.
_IN_BOTH = frozenset("台里面后只干松云了几系才出谷丑吃着布范占余划家伙价借采别准沈致制")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return `text` in half width, lower case, Simplified script, single spaces."""
    plain = fold_script(_WIDE_COMMA.sub(", ", text.translate(_QUOTES)))
    for given, kept in _VARIANTS.items():
        plain = plain.replace(given, kept)
    return _SPACES.sub(" ", plain).strip()


def language_of(text: str, *, fallback: str = ENGLISH) -> str:
    """Return the language of `text`; a text that both scripts share keeps a Chinese `fallback`, else Traditional.

    A few Latin letters alone (a brand, "ok") say nothing about the language: the fallback stays.
    """
    if CHINESE.search(text):
        if _script_changes(text, to="simplified"):
            return TRADITIONAL
        if _script_changes(text, to="traditional"):
            return SIMPLIFIED
        return fallback if fallback in (TRADITIONAL, SIMPLIFIED) else TRADITIONAL
    words = re.findall(r"[A-Za-z]{2,}", text)
    return ENGLISH if len(words) >= 3 else fallback


def _script_changes(text: str, *, to: str) -> bool:
    """Whether converting the characters one by one changes the text (whole words would mislead: 軟體, 软件)."""
    return any(_changes(character, to=to) for character in set(CHINESE.findall(text)))


@lru_cache(maxsize=8192)
def _changes(character: str, *, to: str) -> bool:
    """Whether `character` belongs to the other script alone; one that changes both ways (么) says nothing."""
    simplified, traditional = to_simplified(character) != character, to_traditional(character) != character
    if simplified and traditional:
        return False
    return simplified if to == "simplified" else traditional and character not in _IN_BOTH
