"""Chinese as it sounds: a wrong character of the same sound (頭登 for 頭燈), and pinyin typed for words ("mianmo")."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain, product

from catalog.search.analysis import pairs as character_pairs

WORD_MAX = 4  # characters of a word that pinyin may stand for
_READINGS = 2  # of a character, the most usual ones
_TONES = re.compile("[\u0300\u0301\u0304\u030c]")
_PINYIN = re.compile(r"[a-z]+")
_NUMERALS = frozenset("零一二两三四五六七八九十百千万")
_PINYIN_AT_LEAST = 4  # letters: "mian" may be meant, "an" is an article
# Sounds that many speakers do not tell apart.
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


@dataclass(frozen=True)
class ChineseWords:
    """Chinese of one catalog: `known` pairs stand anywhere in it, `pairs` in names (how often), `by_sound` by sound.

    `by_pinyin` are words by their pinyin without tones or spaces, the most frequent.
    """

    known: frozenset[str] = frozenset()
    pairs: Mapping[str, int] = field(default_factory=dict)
    by_sound: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_pinyin: Mapping[str, str] = field(default_factory=dict)
    well_written: frozenset[str] = frozenset()  # pairs of other shops' words: they are not taken for mistakes

    def has(self, pair: str) -> bool:
        """Whether two characters stand side by side anywhere in the catalog."""
        return pair in self.known or pair in self.pairs

    def words_in(self, run: str) -> list[str]:
        """Return a run cut where two characters stand side by side nowhere in the catalog: no product can match them.

        No piece of more than two characters is a single one.
        """
        if len(run) == 2 and not (self.has(run) or run in self.well_written) and self._characters.issuperset(run):
            return list(run)
        pieces, start = [], 0
        for place in range(2, len(run) - 1):
            is_joint = not self.has(run[place - 1 : place + 1]) and self.has(run[place : place + 2])
            if place - start > 1 and is_joint and run[place - 1] not in _NUMERALS:
                pieces.append(run[start:place])
                start = place
        return [*pieces, run[start:]]

    def knows(self, run: str) -> bool:
        """Whether a run is made of words of two characters and more that the catalog has."""
        return all(self.has(word[i : i + 2]) for word in self.words_in(run) for i in range(len(word) - 1))

    def corrected(self, run: str) -> str:
        """Return a Chinese run with the characters that stand in no known pair replaced by ones that sound alike."""
        if len(run) < 2 or not self.pairs:
            return run
        for place in range(len(run)):
            if self._is_strange(run, place):
                run = self._with_one(run, place)
        for place in range(len(run) - 1):
            if self._is_strange(run, place) and self._is_strange(run, place + 1):
                run = self._with_two(run, place)
        return run

    def meant_by_pinyin(self, typed: str) -> str:
        """Return the Chinese that Latin letters spell, word by word of the catalog; "" when they spell none."""
        letters = typed.replace(" ", "").replace("'", "")
        if len(letters) < _PINYIN_AT_LEAST or not _PINYIN.fullmatch(letters):
            return ""
        return _taken_apart(letters, self.by_pinyin)

    @cached_property
    def _characters(self) -> frozenset[str]:
        return frozenset(chain.from_iterable((*self.known, *self.pairs)))

    def _is_strange(self, run: str, place: int) -> bool:
        around = (run[start : start + 2] for start in (place - 1, place) if 0 <= start < len(run) - 1)
        return not any(self.has(pair) or pair in self.well_written or _NUMERALS.issuperset(pair) for pair in around)

    def _with_one(self, run: str, place: int) -> str:
        """Return the run with one character replaced, where a pair with its neighbour sounds like a known one."""
        best, most = run, (0, 0)
        for start in (place - 1, place):
            pair = run[start : start + 2] if 0 <= start < len(run) - 1 else ""
            for other in self._sounding(pair):
                kept = place - start
                if other[1 - kept] != pair[1 - kept]:
                    continue
                tried = f"{run[:place]}{other[kept]}{run[place + 1 :]}"
                fits = sum(tried[i : i + 2] in self.pairs for i in (place - 1, place) if i >= 0)
                most_so_far = (fits, self.pairs[other])
                if most_so_far > most:
                    best, most = tried, most_so_far
        return best

    def _with_two(self, run: str, place: int) -> str:
        others = self._sounding(run[place : place + 2])
        return f"{run[:place]}{max(others, key=lambda each: self.pairs[each])}{run[place + 2 :]}" if others else run

    def _sounding(self, pair: str) -> list[str]:
        found = [self.by_sound.get(sound, ()) for sound in sounds_of(pair)] if len(pair) == 2 else []
        return [other for each in found for other in each if other != pair]


def learned(names: Iterable[str], texts: Iterable[str], others: Iterable[str] = ()) -> ChineseWords:
    """Return what runs of `names` (titles, categories, values) and `texts` (folded, all Chinese) teach.

    `others` are words that are written right, whether the catalog has them or not.
    """
    pairs: defaultdict[str, int] = defaultdict(int)
    words: defaultdict[str, int] = defaultdict(int)
    for run in names:
        for length in range(2, WORD_MAX + 1):
            for start in range(len(run) - length + 1):
                words[run[start : start + length]] += 1
                if length == 2:
                    pairs[run[start : start + 2]] += 1
    by_sound: defaultdict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        for sound in sounds_of(pair):
            by_sound[sound].append(pair)
    return ChineseWords(
        known=frozenset(chain.from_iterable(map(character_pairs, texts))),
        pairs=dict(pairs),
        by_sound={sound: tuple(each) for sound, each in by_sound.items()},
        by_pinyin=_by_pinyin(words),
        well_written=frozenset(chain.from_iterable(map(character_pairs, others))),
    )


def sounds_of(word: str) -> list[str]:
    """Return how a Chinese word may sound, without tones; sounds that are often taken for each other are one."""
    return [" ".join(map(_plain, each)) for each in product(*map(readings, word))]


@lru_cache(maxsize=20_000)
def readings(character: str) -> tuple[str, ...]:
    """Return the most usual pinyin of a character without tones; empty for what is not Chinese."""
    written = _dictionary().get(ord(character), "") if len(character) == 1 else ""
    found = (_TONES.sub("", unicodedata.normalize("NFD", each)) for each in written.split(","))
    plain = (unicodedata.normalize("NFC", each).replace("ü", "v") for each in found)
    return tuple(dict.fromkeys(filter(None, plain)))[:_READINGS]


@lru_cache(maxsize=1)
def _dictionary() -> Mapping[int, str]:
    # Its dictionary of phrases takes 45 MB and is not needed: words of a catalog are compared by all their readings.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.constants import PINYIN_DICT  # slow to load, and most searches do not need it

    return dict(PINYIN_DICT)


def _plain(sound: str) -> str:
    for one, other in _ALIKE:
        sound = sound.replace(one, other)
    return sound


def _by_pinyin(words: Mapping[str, int]) -> dict[str, str]:
    best: dict[str, tuple[int, str]] = {}
    for word, count in words.items():
        for each in product(*map(readings, word)):
            letters = "".join(each)
            if len(letters) >= _PINYIN_AT_LEAST and (count, word) > best.get(letters, (0, "")):
                best[letters] = (count, word)
    return {letters: word for letters, (_, word) in best.items()}


def _taken_apart(letters: str, words: Mapping[str, str]) -> str:
    """Return the fewest words that spell all the letters, "" when there are none."""
    best: list[tuple[int, str] | None] = [(0, "")] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 24), end):
            before, word = best[start], words.get(letters[start:end])
            if before is not None and word and (best[end] is None or before[0] + 1 < best[end][0]):  # type: ignore[index]
                best[end] = (before[0] + 1, f"{before[1]}{word}")
    found = best[-1]
    return found[1] if found else ""
