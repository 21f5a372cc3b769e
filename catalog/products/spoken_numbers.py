"""Numbers said in English words: fifty, twenty-five, a hundred and fifty, two thousand."""

from __future__ import annotations

import re

_ONES = re.findall(
    r"\w+",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen",
)
_TENS = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_VALUES = {word: value for value, word in enumerate(_ONES, 1)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_THOUSANDS = ("thousand", "grand")
_WORD = "|".join(sorted(_VALUES, key=len, reverse=True))
_MORE = rf"(?:{_WORD}|hundred|thousand)"
# On folded text.
ENGLISH_NUMBER = (
    rf"(?<![a-z])(?:(?:an?|{_WORD})(?:[ -](?:{_WORD}))* (?:hundred|thousand|grand)"
    rf"(?:(?: and)? {_MORE}(?:[ -]{_MORE})*)?|(?:{_WORD})(?:[ -](?:{_WORD}))*)(?![a-z])"
)


def english_number(text: str) -> int | None:
    """Return the value of English number words, or None when a word of `text` is no number."""
    total, section = 0, 0
    for word in text.replace("-", " ").split():
        if word in _VALUES:
            section += _VALUES[word]
        elif word == "hundred":
            section = (section or 1) * 100
        elif word in _THOUSANDS:
            total, section = total + (section or 1) * 1000, 0
        elif word not in ("a", "an", "and"):
            return None
    return total + section or None
