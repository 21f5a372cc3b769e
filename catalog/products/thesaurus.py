"""Other words for things that shops sell: for what a shopper calls otherwise than the merchant does.

They stand in `thesaurus.txt`. A merchant's own synonyms come first, and hold always; these only for words that no
product of the shop has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path

from catalog.search.analysis import fold, is_chinese
from catalog.search.lexicon import PHRASE_MAX, Lexicon, Phrase, phrase_of, units_of
from catalog.search.stemming import stem

_FILE = Path(__file__).with_name("thesaurus.txt")
Knows = Callable[[str], bool]


def other_words(text: str, lexicon: Lexicon, knows: Knows) -> dict[str, list[str]]:
    """Return {words of a query that no product has: other words for them that some product has}."""
    folded = fold(text)
    units = units_of(folded)
    found: dict[str, list[str]] = {}
    place = 0
    while place < len(units):
        length, others = _listed(tuple(unit.term for unit in units[place : place + PHRASE_MAX]))
        if length:
            said = folded[units[place].start : units[place + length - 1].end]
            is_said = _is_known(said, lexicon, knows) and _is_name(said, lexicon) and _stands_somewhere(said, lexicon)
            known = [] if is_said else [each for each in others if _is_known(each, lexicon, knows)]
            if known:
                found[said] = known
        place += length or 1
    return found


def listed_words() -> tuple[str, ...]:
    """Return every word of the thesaurus, folded."""
    return tuple(dict.fromkeys(other for others in _lines().values() for other in others))


def _listed(terms: Phrase) -> tuple[int, tuple[str, ...]]:
    lines = _lines()
    for length in range(len(terms), 0, -1):
        if terms[:length] in lines:
            return length, lines[terms[:length]]
    return 0, ()


def _is_known(words: str, lexicon: Lexicon, knows: Knows) -> bool:
    """Whether the catalog has every word of a phrase, and every pair of its Chinese."""
    return all(lexicon.chinese.knows(each) if is_chinese(each) else knows(each) for each in _pieces(words))


def _is_name(words: str, lexicon: Lexicon) -> bool:
    """Whether the Latin words of a phrase are said where things are named: a description may mention anything."""
    latin = [stem(each) for each in _pieces(words) if each.isascii()]
    return not lexicon.is_whole or all(word in lexicon.titled for word in latin)


def is_listed_word(word: str) -> bool:
    """Whether a word stands in the thesaurus, alone or in a phrase."""
    return stem(word) in _listed_terms()


@lru_cache(maxsize=1)
def _listed_terms() -> frozenset[str]:
    return frozenset(chain.from_iterable(_lines()))


def _stands_somewhere(words: str, lexicon: Lexicon) -> bool:
    """Whether the Latin words of a phrase stand side by side in the catalog: "walking" and "stick" alone say little."""
    latin = [stem(each) for each in _pieces(words) if each.isascii()]
    return not lexicon.is_whole or all(pair in lexicon.neighbours for pair in pairwise(latin))


def _pieces(words: str) -> list[str]:
    return words.replace("-", " ").split()


@lru_cache(maxsize=1)
def _lines() -> dict[Phrase, tuple[str, ...]]:
    """Return {phrase: the other words of its lines}; a single Chinese character is part of too much to be one."""
    found: dict[Phrase, dict[str, None]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        words = [fold(word).strip() for word in line.split("|")] if line.strip() and not line.startswith("#") else []
        for word in words:
            phrase = phrase_of(word)
            if len(phrase) > 1 or not is_chinese(phrase[0]):
                found.setdefault(phrase, {}).update(dict.fromkeys(other for other in words if other != word))
    return {phrase: tuple(others) for phrase, others in found.items()}
