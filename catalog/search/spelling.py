"""What a misspelt word was meant to be: a word of the merchant's own catalog, never a SKU or a number."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from catalog.search.vocabulary import Vocabulary, letter_pairs

# Fixed by hand on typos made up for it (tests/harness/misspelling.py): what a slip costs, and how much a word may cost.
_SWAPPED, _DOUBLED, _VOWEL, _FIRST_LETTER, _OTHER = 0.7, 0.5, 0.8, 1.5, 1.0
_ALLOWED = ((3, 0.0), (5, 1.0), (7, 1.6), (99, 2.2))  # (up to so many letters, cost)
_COST_WEIGHT = 3.0  # against the logarithm of how many products hold a word
_LOOKED_AT = 60  # words that share the most pairs of letters
_PARTS_AT_LEAST = 3  # letters of either half when a word is taken apart
_PARTED = 0.9  # cost of a missing space
_OFTEN = 25  # times as many products: then a known but rare word was likely a slip
_RARE = 3  # products


@dataclass(frozen=True, slots=True)
class Correction:
    """What was meant: one word, or two that were written as one. `is_sure`: the catalog has no such word."""

    words: tuple[str, ...]
    is_sure: bool


def correction(word: str, vocabulary: Vocabulary) -> Correction | None:
    """Return what a folded word was meant to be, None when it is right or nothing is like it."""
    is_known = vocabulary.knows(word)
    if not word.isalpha() or (is_known and vocabulary.counts.get(word, _RARE + 1) > _RARE):
        return None
    if word not in vocabulary.corrections:
        vocabulary.corrections[word] = _best(word, vocabulary)
    found = vocabulary.corrections[word]
    if not found:
        return None
    if is_known:
        count = min(vocabulary.counts[each] for each in found)
        if len(found) > 1 or count < _OFTEN * vocabulary.counts.get(word, 1):
            return None
    return Correction(found, is_sure=not is_known)


def _best(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    allowed = next(cost for letters, cost in _ALLOWED if len(word) <= letters or letters == 99)
    scored: list[tuple[float, tuple[str, ...]]] = []
    for other in _alike(word, vocabulary) if allowed else ():
        cost = distance(word, other, allowed)
        if cost <= allowed:
            scored.append((math.log(1 + vocabulary.counts[other]) - _COST_WEIGHT * cost, (other,)))
    for first, second in _parted(word, vocabulary):
        count = min(vocabulary.counts[first], vocabulary.counts[second])
        scored.append((math.log(1 + count) - _COST_WEIGHT * _PARTED, (first, second)))
    return max(scored, default=(0.0, ()))[1]


def _alike(word: str, vocabulary: Vocabulary) -> list[str]:
    shared: Counter[str] = Counter()
    for pair in letter_pairs(word):
        shared.update(other for other in vocabulary.by_pair.get(pair, ()) if abs(len(other) - len(word)) <= 2)
    shared.pop(word, None)
    closest = sorted(shared, key=lambda other: (-2 * shared[other] / (len(other) + len(word) + 2), other))
    return closest[:_LOOKED_AT]


def _parted(word: str, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    places = range(_PARTS_AT_LEAST, len(word) - _PARTS_AT_LEAST + 1)
    halves = [(word[:place], word[place:]) for place in places]
    return [(a, b) for a, b in halves if a in vocabulary.counts and b in vocabulary.counts]


def distance(word: str, other: str, limit: float = 9.0) -> float:
    """Return what it costs to have written `word` for `other`: swapped, doubled, missing and wrong letters."""
    before: list[float] = []
    row = [_gap(other, j) for j in range(len(other) + 1)]
    for j in range(1, len(row)):
        row[j] += row[j - 1]
    for i in range(1, len(word) + 1):
        older, before = before, row
        row = [before[0] + _gap(word, i)]
        for j in range(1, len(other) + 1):
            same = word[i - 1] == other[j - 1]
            best = min(
                before[j - 1] + (0.0 if same else _wrong(word[i - 1], other[j - 1], i == j == 1)),
                before[j] + _gap(word, i),
                row[j - 1] + _gap(other, j),
            )
            if i > 1 and j > 1 and word[i - 1] == other[j - 2] and word[i - 2] == other[j - 1]:
                best = min(best, older[j - 2] + _SWAPPED)
            row.append(best)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _gap(text: str, place: int) -> float:
    """Return the cost of a letter too many or too few at a place (from 1; 0 is no letter)."""
    if place == 0:
        return 0.0
    if place > 1 and text[place - 1] == text[place - 2]:
        return _DOUBLED
    return _FIRST_LETTER if place == 1 else _OTHER


def _wrong(one: str, other: str, is_first: bool) -> float:
    if is_first:
        return _FIRST_LETTER
    return _VOWEL if one in "aeiouy" and other in "aeiouy" else _OTHER
