"""The order of the first hits, the same for every engine: several views of how well a product answers, weighed.

An engine finds the best hundred by one BM25 over all texts. Their terms are then looked at again; each signal is a
share of the best among them, so a weight means the same for a query of one word and of ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from operator import mul

from catalog.search.analysis import is_chinese
from catalog.search.reading import Reading, Slot
from catalog.search.texts import WEIGHTS
from catalog.search.understood import Agreement
from catalog.search.vocabulary import Vocabulary

Way = tuple[float, tuple[str, ...]]  # weight, terms with a space around each
WINDOW = 100  # hits that are looked at again

# What each signal counts. Found by `python -m tests.harness.search_ablation`, docs/search.md.
SIGNALS: Mapping[str, float] = {
    "words": 1.0,  # BM25 over all texts, long texts forgiven
    "one_place": 0.1,  # the text that answers best by itself
    "next_to_each_other": 0.1,  # the query's words stand side by side in the title
    "everything": 0.02,  # share of the query that is answered at all
    "engine": 1.0,  # the engine's own score, for the Chinese share of a query: how rare pairs are only it knows
    "popularity": 0.05,
    "in_stock": 0.02,
    "agreement": 0.4,  # it is of the kind or the maker that the query names: of a shop's searches only
    "stated": 0.6,  # share of the attribute values and measures in the query that it is stated to have
    "named": 0.2,  # its title holds every character of a Chinese query: names are shortened to some of theirs
    "chosen": 0.1,  # shoppers open it more (or less) than usual for this query, places made even: never learned here
}
_OF_WORDS = ("words", "one_place", "next_to_each_other", "everything")
_NOWHERE: tuple[float, ...] = (0.0,) * len(WEIGHTS)  # in no text
_SATURATION, _LENGTH = 1.2, 0.4  # BM25's k1 and b
_PLAIN_LENGTH = 0.75  # b within one text


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit of the engine: its score, the terms of its texts (in the order of WEIGHTS, a space around each), priors."""

    product_id: int
    score: float
    texts: tuple[str, ...]
    in_stock: bool = True
    popularity: float = 0.0  # 0 to 1


@dataclass(frozen=True, slots=True)
class Ranked:
    """A product with its score and what each signal gave, weight included."""

    product_id: int
    score: float
    parts: Mapping[str, float] = field(default_factory=dict)


def padded(terms: str) -> str:
    """Return the terms of a text as Candidate wants them."""
    return f" {terms} "


def rerank(
    reading: Reading,
    candidates: Sequence[Candidate],
    vocabulary: Vocabulary,
    boosts: Mapping[int, float] | None = None,
    weights: Mapping[str, float] = SIGNALS,
    *,
    chosen: Mapping[int, float] | None = None,
    agreeing: Sequence[Agreement] = (),
) -> list[Ranked]:
    """Return the candidates best first; equals stay by product id.

    `boosts` multiply a product's score; `chosen` are the priors of this query, -1 to 1, a product without one is 0.
    """
    signals = measured(reading, candidates, vocabulary)
    if chosen:
        signals["chosen"] = [max(-1.0, min(chosen.get(each.product_id, 0.0), 1.0)) for each in candidates]
    for name in dict.fromkeys(each.signal for each in agreeing):
        told = [each for each in agreeing if each.signal == name]
        signals[name] = [_agrees(told, each) for each in candidates]
    ranked = []
    for place, candidate in enumerate(candidates):
        parts = {name: weights[name] * values[place] for name, values in signals.items()}
        factor = boosts.get(candidate.product_id, 1.0) if boosts else 1.0
        if factor != 1.0:
            parts["boost"] = sum(parts.values()) * (factor - 1)
        ranked.append(Ranked(candidate.product_id, sum(parts.values()), parts))
    return sorted(ranked, key=lambda each: (-each.score, each.product_id))


def measured(reading: Reading, candidates: Sequence[Candidate], vocabulary: Vocabulary) -> dict[str, list[float]]:
    """Return {signal: its value for each candidate, 0 to 1}."""
    chinese = sum(is_chinese(slot.terms[0]) for slot in reading.slots) / max(1, len(reading.slots))
    by_words = _by_words(reading.slots, candidates, vocabulary) if chinese < 1 else {}
    nothing = [0.0] * len(candidates)
    return {
        **{name: _of(1 - chinese, by_words.get(name, nothing)) for name in _OF_WORDS},
        "engine": _of(chinese, _shares([candidate.score for candidate in candidates])),
        "popularity": [candidate.popularity for candidate in candidates],
        "in_stock": [float(candidate.in_stock) for candidate in candidates],
    }


def _by_words(slots: Sequence[Slot], candidates: Sequence[Candidate], vocabulary: Vocabulary) -> dict[str, list[float]]:
    """Return the signals that the words of a query give."""
    rarities = [_rarity(slot, vocabulary) for slot in slots]
    ways = [_ways(slot) for slot in slots]
    counts = [_counts(ways, candidate.texts) for candidate in candidates]
    lengths = [[text.count(" ") - 1 for text in candidate.texts] for candidate in candidates]
    usual = vocabulary.lengths or _usual(lengths)
    beside = _beside(slots)
    return {
        "words": _shares(_over_all_texts(counts, lengths, rarities, usual)),
        "one_place": _shares(_best_text(counts, lengths, rarities, usual)),
        "next_to_each_other": [_neighbours(beside, each.texts[0]) for each in candidates],
        "everything": [_answered(found, rarities) for found in counts],
    }


def _agrees(agreeing: Sequence[Agreement], candidate: Candidate) -> float:
    """Return how much of what the query names a product is said to be, 0 to 1."""
    texts = dict(zip(WEIGHTS, candidate.texts, strict=True))
    held = (each.weight for each in agreeing if any(_says(texts[each.text], terms) for terms in each.ways))
    return sum(held) / len(agreeing)


def _says(text: str, terms: Sequence[str]) -> bool:
    return all(f" {term} " in text for term in terms)


def _rarity(slot: Slot, vocabulary: Vocabulary) -> float:
    """Return how telling a slot is: as its most common choice, for any of them will do."""
    return min(sum(map(vocabulary.rarity, choice.terms)) / len(choice.terms) for choice in slot.choices)


def _ways(slot: Slot) -> list[Way]:
    """Return the ways to say a slot, ready to be counted in texts."""
    return [(choice.weight, tuple(map(padded, choice.terms))) for choice in slot.choices]


def _counts(asked: Sequence[Sequence[Way]], texts: Sequence[str]) -> list[Sequence[float]]:
    """Return for each slot how often each text answers it; of several ways the best counts."""
    whole = "".join(texts)  # most of a product's texts hold most words of a query nowhere
    counts: list[Sequence[float]] = []
    for ways in asked:
        (_, terms), *others = ways
        if not (terms[0] in whole or any(each[0] in whole for _, each in others)):
            counts.append(_NOWHERE)
        elif not others and len(terms) == 1:
            counts.append(list(map(str.count, texts, repeat(terms[0]))))
        else:
            counts.append([max(weight * min(map(text.count, terms)) for weight, terms in ways) for text in texts])
    return counts


def _over_all_texts(
    counts: Sequence[Sequence[Sequence[float]]],
    lengths: Sequence[Sequence[int]],
    rarities: Sequence[float],
    usual: Sequence[float],
) -> list[float]:
    """Return BM25F: weighted counts of all texts in one saturation."""
    weights = tuple(WEIGHTS.values())
    average = sum(map(mul, weights, usual))
    scores = []
    for found, each in zip(counts, lengths, strict=True):
        size = sum(map(mul, weights, each))
        norm = _SATURATION * (1 - _LENGTH + _LENGTH * size / average)
        score = 0.0
        for by_text, rarity in zip(found, rarities, strict=True):
            if by_text is not _NOWHERE:
                count = sum(map(mul, weights, by_text))
                score += rarity * count / (count + norm)
        scores.append(score)
    return scores


def _best_text(
    counts: Sequence[Sequence[Sequence[float]]],
    lengths: Sequence[Sequence[int]],
    rarities: Sequence[float],
    usual: Sequence[float],
) -> list[float]:
    """Return the highest BM25 of a single text; names of attributes are not read for it."""
    scores = []
    for found, each in zip(counts, lengths, strict=True):
        held = [(by_text, rarity) for by_text, rarity in zip(found, rarities, strict=True) if by_text is not _NOWHERE]
        best = 0.0
        for text in range(len(WEIGHTS) - 1):
            norm = _SATURATION * (1 - _PLAIN_LENGTH + _PLAIN_LENGTH * each[text] / usual[text])
            score = 0.0
            for by_text, rarity in held:
                if count := by_text[text]:
                    score += rarity * count / (count + norm)
            best = max(best, score)
        scores.append(best)
    return scores


def _usual(lengths: Sequence[Sequence[int]]) -> list[float]:
    """Return the average lengths of these texts, of those that have any terms."""
    columns = [[length for length in column if length] for column in zip(*lengths, strict=True)]
    return [sum(column) / len(column) if column else 1.0 for column in columns] or [1.0] * len(WEIGHTS)


def _beside(slots: Sequence[Slot]) -> list[list[str]]:
    """Return for each two neighbouring slots how a text says them side by side, in that order."""
    return [
        [f" {one.terms[-1]} {other.terms[0]} " for one in first.choices for other in second.choices]
        for first, second in pairwise(slots)
    ]


def _neighbours(beside: Sequence[Sequence[str]], title: str) -> float:
    """Return the share of neighbouring slots that stand side by side in the title."""
    return sum(any(said in title for said in each) for each in beside) / len(beside) if beside else 0.0


def _answered(found: Sequence[Sequence[float]], rarities: Sequence[float]) -> float:
    whole = sum(rarities) or 1.0
    return sum(rarity for by_text, rarity in zip(found, rarities, strict=True) if any(by_text)) / whole


def _of(share: float, values: Sequence[float]) -> list[float]:
    return [share * value for value in values]


def _shares(scores: Sequence[float]) -> list[float]:
    best = max(scores, default=0.0)
    return [score / best if best > 0 else 0.0 for score in scores]
