"""Texts of products in stretches that can be read by themselves: what was read once is remembered.

Products say much in the same words. A stretch is a word or a run between spaces (or between marks before Chinese), with
its neighbours where a number stands at the seam: "500 GB", "no. 7" and "5 x 3" are one each. Nothing that
`catalog.search.analysis` looks for reaches from one stretch into the next, so their terms are those of the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from catalog.search.analysis import (
    CJK,
    is_chinese,
    one_width,
    pairs,
    simplified,
    token_terms,
    token_words,
    tokens_of,
    typed_pieces,
    without_accents,
)
from catalog.search.measures import counts_in_words, has_number_words

_STRETCHES_MAX, _SENTENCES_MAX = 50_000, 10_000  # that are remembered,
_STRETCH_LENGTH, _SENTENCE_LENGTH = 48, 200  # of at most so many characters: a longer one hardly comes again
# Accents are taken away later: a number may stand before or under them.
_NUMBER = r"\d\u0300-\u036f"
_SEAM = rf"(?:\s|[,;:!?、。](?=[{CJK}]))"
_WORD = rf"(?:[^\s,;:!?、。]+|[,;:!?、。](?![{CJK}]))+"


def _stretch_pattern(seam: str, word: str) -> re.Pattern[str]:
    """Return the pattern of a stretch: words, as long as a number stands on either side of the seam between them."""
    return re.compile(rf"{word}(?:(?<=[{_NUMBER}])(?:{seam})+{word}|(?:{seam})+(?=[{_NUMBER}]){word})*")


_STRETCH = _stretch_pattern(_SEAM, _WORD)
_ASCII_STRETCH = _stretch_pattern(r"\s", r"\S+")
_RUN = re.compile(f"[{CJK}]+")
# A sentence or a clause ends where a letter follows its mark: what comes then is no number, and begins no measure.
_LETTER = "[A-Za-z\u3041-\u30fa\u4e00-\u9fff]"
_WIDE_MARKS = "。！？；：，"
_MARKS = rf"[.!?;:{_WIDE_MARKS}]"
_ENDS = rf"(?:\s+{_LETTER}|(?<=[{_WIDE_MARKS}]){_LETTER})"
_SENTENCE = re.compile(rf"(?:[^{_MARKS[1:]}+|{_MARKS}(?!{_ENDS}))+{_MARKS}?|{_MARKS}")


class Stretch(NamedTuple):
    """What engines store of a stretch; terms in one string each, a space between."""

    terms: str  # all of them, in order
    words: str  # of these: Latin words, numbers, measures
    pairs: str
    characters: str
    spelled: tuple[str, ...]  # what spelling is learned from
    typed: str  # what a half-typed query could ask for
    counts: bool  # whether it has a number in English words that may go with what stands beside it


class Columns(NamedTuple):
    """The same of many stretches, in their order."""

    terms: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    spelled: tuple[tuple[str, ...], ...] = ()
    typed: tuple[str, ...] = ()
    counts: tuple[bool, ...] = ()


class _Remembered(dict[str, Stretch]):
    """What was read; when it is too much all is forgotten, and what is common is soon read again."""

    def __init__(self, read: Callable[[str], Stretch], most: int, length: int) -> None:
        super().__init__()
        self._read, self._most, self._length = read, most, length

    def __missing__(self, text: str) -> Stretch:
        found = self._read(text)
        if len(text) <= self._length:
            if len(self) >= self._most:
                self.clear()
            self[text] = found
        return found


def stretches(text: str) -> Columns:
    """Return what engines store of the stretches of a text, or of its sentences when it has several."""
    sentences = _SENTENCE.findall(text)
    if len(sentences) > 1:
        found = _columns(map(_sentences.__getitem__, sentences))
        if True not in found.counts:
            return found
    return _stretches(one_width(text))


@lru_cache(maxsize=4_096)
def known_stretches(text: str) -> Columns:
    """Return the stretches of a text that many products have: a brand, a category, the names of attributes."""
    return stretches(text)


def unrepeated(text: str) -> Columns:
    """Return the same of a text that no other product has, without what spelling is learned from: its SKUs."""
    return _columns([_read(one_width(text), is_spelled=False)])


def _stretches(folded: str) -> Columns:
    written = (_ASCII_STRETCH if folded.isascii() else _STRETCH).findall(folded)
    found = _columns(map(_known.__getitem__, written))
    if True in found.counts and has_number_words(_cleaned(folded)):
        return _columns([_read(folded)])  # "two person" is "2 person", and what stands before it may be "no."
    return found


def _columns(found: Iterable[Stretch]) -> Columns:
    return Columns(*zip(*found, strict=True))


def _sentence(text: str) -> Stretch:
    """Return a sentence as one stretch."""
    folded = one_width(text)
    found = _stretches(folded)
    counts = True in found.counts and counts_in_words(_cleaned(folded))
    terms, words, both, characters, typed = (
        " ".join(filter(None, each)) for each in (found.terms, found.words, found.pairs, found.characters, found.typed)
    )
    return Stretch(terms, words, both, characters, tuple(chain.from_iterable(found.spelled)), typed, counts)


def _word_or_run(folded: str) -> Stretch:
    """Return a stretch; most are a plain word or a Chinese run, and need less."""
    counts = counts_in_words(folded)
    if not counts and folded.isascii() and folded.isalpha():
        (term,) = token_terms(folded)
        return Stretch(term, term, "", "", (folded,), folded, False)
    if _RUN.fullmatch(folded) and _RUN.fullmatch(run := _cleaned(simplified(folded))):
        characters, both = " ".join(run), " ".join(pairs(run))
        return Stretch(f"{characters} {both}" if both else characters, "", both, characters, (), characters, False)
    return _read(folded)


def _read(folded: str, *, is_spelled: bool = True) -> Stretch:
    cleaned = _cleaned(simplified(folded))
    found = tokens_of(cleaned)
    latin, runs = (found, []) if cleaned.isascii() else _by_script(found)
    words = " ".join(chain.from_iterable(map(token_terms, latin)))
    return Stretch(
        " ".join(chain.from_iterable(map(token_terms, found))) if runs else words,
        words,
        " ".join(chain.from_iterable(map(pairs, runs))),
        " ".join(chain.from_iterable(runs)),
        tuple(chain.from_iterable(map(token_words, latin))) if is_spelled else (),
        " ".join(typed_pieces(cleaned)),
        is_spelled and counts_in_words(cleaned),
    )


def _cleaned(folded: str) -> str:
    return without_accents(folded).replace("\0", " ")


def _by_script(found: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the Latin pieces and the Chinese runs."""
    latin: list[str] = []
    runs: list[str] = []
    for token in found:
        (runs if is_chinese(token) else latin).append(token)
    return latin, runs


_known = _Remembered(_word_or_run, _STRETCHES_MAX, _STRETCH_LENGTH)
_sentences = _Remembered(_sentence, _SENTENCES_MAX, _SENTENCE_LENGTH)
