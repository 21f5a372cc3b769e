"""Queries as hurried people type them: seeded slips of the hand, for judging spelling without a set of real ones."""

from __future__ import annotations

import random

_NEAR = {
    "a": "qsz", "b": "vgn", "c": "xdv", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kop", "m": "njk", "n": "bmh", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "yij", "v": "cbf", "w": "qes", "x": "zcs", "y": "tuh", "z": "xas",
}  # fmt: skip
_LONG_ENOUGH = 5  # letters


def misspelt(query: str, *, seed: int) -> str:
    """Return the query with one slip in its longest word; one without a word of five letters comes back as it was."""
    words = query.split()
    longest = max(words, key=len, default="")
    if len(longest) < _LONG_ENOUGH or not longest.isalpha():
        return query
    chance = random.Random(f"{query} {seed}")
    words[words.index(longest)] = _slip(longest, chance)
    return " ".join(words)


def _slip(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(word) - 1)
    kind = chance.choice(["missing", "twice", "swapped", "near", "space"])
    if kind == "missing":
        return word[:place] + word[place + 1 :]
    if kind == "twice":
        return word[:place] + word[place] + word[place:]
    if kind == "swapped":
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == "near":
        return word[:place] + chance.choice(_NEAR.get(word[place], "e")) + word[place + 1 :]
    return f"{word[:place]} {word[place:]}" if len(word) > 7 else word[:place] + word[place + 1 :]
