"""The words of one merchant's catalog and how many products hold each: what spelling and rarity are learned from."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from django.conf import settings

from catalog.search.ports import SearchUnavailable
from catalog.search.stemming import stem

log = logging.getLogger(__name__)
_UNKNOWN_SHARE = 0.001  # of all products: how common a term is taken to be that is not counted (Chinese, a SKU)


class Vocabulary:
    """`counts`: word or number as written, folded -> products that hold it; `products`: how many there are in all.

    `lengths` are how many terms the texts of a product have on average, in the order of catalog.search.texts.WEIGHTS;
    empty when that is not known.
    """

    def __init__(self, counts: Mapping[str, int], products: int, lengths: Sequence[float] = ()) -> None:
        self.counts = counts
        self.products = products
        self.lengths = tuple(lengths)
        self.corrections: dict[str, tuple[str, ...]] = {}  # filled by catalog.search.spelling

    @cached_property
    def stems(self) -> Mapping[str, int]:
        """Return {stem: products}; a product with two forms of a word counts once where that is known."""
        found: defaultdict[str, int] = defaultdict(int)
        for word, count in self.counts.items():
            found[stem(word)] = max(found[stem(word)], count)
        return found

    @cached_property
    def by_pair(self) -> Mapping[str, list[str]]:
        """Return {two letters: words that hold them}; a word begins and ends with a space."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for word in filter(str.isalpha, self.counts):
            for pair in letter_pairs(word):
                found[pair].append(word)
        return found

    def knows(self, word: str) -> bool:
        """Whether the catalog has the word, in any form."""
        return word in self.counts or stem(word) in self.stems

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of a term as BM25 reckons it."""
        known = self.stems.get(term)
        count = _UNKNOWN_SHARE * self.products if known is None else min(known, self.products)
        return math.log(1 + (self.products - count + 0.5) / (count + 0.5))


def average_lengths(texts: Iterable[Sequence[str]]) -> tuple[float, ...]:
    """Return how many terms each text has on average, of those that have any; `texts` are a sample of products."""
    counted = [[len(text.split()) for text in each] for each in texts]
    filled = [[length for length in column if length] for column in zip(*counted, strict=True)]
    return tuple(sum(column) / len(column) if column else 1.0 for column in filled)


def letter_pairs(word: str) -> set[str]:
    """Return the pairs of neighbouring letters, the beginning and the end counted as a space."""
    padded = f" {word} "
    return {padded[i : i + 2] for i in range(len(padded) - 1)}


SAMPLE = 500  # products whose texts are measured


class VocabularyCache:
    """Vocabularies by merchant; what is older than SEARCH_VOCABULARY_AGE_S is learned again beside the searches.

    `load` takes (merchant id, whether there is time). An engine that has no time for it now is searched without
    spelling, and asked again in the background.
    """

    def __init__(self, load: Callable[[int, bool], Vocabulary]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._held: dict[int, tuple[Vocabulary, float]] = {}
        self._stale: set[int] = set()
        self._loading: set[int] = set()

    def of(self, merchant_id: int) -> Vocabulary:
        """Return a merchant's vocabulary; only the first search of a process waits for it."""
        held = self._held.get(merchant_id)
        if held is None:
            return self._learn_now(merchant_id)
        if merchant_id in self._stale and 0 < held[0].products <= settings.SEARCH_VOCABULARY_SMALL:
            return self._learn(merchant_id, has_time=False)
        if merchant_id in self._stale or time.monotonic() - held[1] > settings.SEARCH_VOCABULARY_AGE_S:
            self._learn_beside(merchant_id, held[1])
        return held[0]

    def forget(self, merchant_id: int | None = None) -> None:
        """Note that a merchant's products changed, or everybody's."""
        changed = list(self._held) if merchant_id is None else [merchant_id]
        self._stale.update(changed)
        for each in changed:
            held = self._held.get(each)
            if held and not held[0].products and each not in self._loading:
                del self._held[each]  # it was empty: the next search finds the first products

    def _learn_now(self, merchant_id: int) -> Vocabulary:
        try:
            return self._learn(merchant_id, has_time=False)
        except SearchUnavailable:
            nothing = Vocabulary({}, 0)
            self._held[merchant_id] = (nothing, time.monotonic())
            self._stale.add(merchant_id)
            return nothing

    def _learn(self, merchant_id: int, *, has_time: bool) -> Vocabulary:
        self._stale.discard(merchant_id)
        learned = self._load(merchant_id, has_time)
        self._held[merchant_id] = (learned, time.monotonic())
        return learned

    def _learn_beside(self, merchant_id: int, learned_at: float) -> None:
        with self._lock:
            too_soon = time.monotonic() - learned_at < settings.SEARCH_VOCABULARY_PAUSE_S
            if too_soon or merchant_id in self._loading:
                return
            self._loading.add(merchant_id)
        threading.Thread(target=self._learn_quietly, args=[merchant_id], daemon=True).start()

    def _learn_quietly(self, merchant_id: int) -> None:
        try:
            self._learn(merchant_id, has_time=True)
        except SearchUnavailable as error:  # the old one serves on; a later search tries again
            log.warning("the words of merchant %s could not be learned: %s", merchant_id, error)
            self._stale.add(merchant_id)
        finally:
            self._loading.discard(merchant_id)
