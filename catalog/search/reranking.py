"""The order of the first hits, the same for every engine: several views of how well a product answers, weighed.

An engine finds the best hundred by one BM25 over all texts. Their terms are then looked at again; each signal is a
share of the best among them, so a weight means the same for a query of one word and of ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog.search.analysis import is_chinese
from catalog.search.reading import Reading, Slot
from catalog.search.texts import WEIGHTS
from catalog.search.vocabulary import Vocabulary

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
}
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
) -> list[Ranked]:
    """Return the candidates best first; equals stay by product id. `boosts` multiply a product's score."""
    signals = measured(reading, candidates, vocabulary)
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
    rarities = [_rarity(slot, vocabulary) for slot in reading.slots]
    counts = [[_counts(slot, candidate.texts) for slot in reading.slots] for candidate in candidates]
    lengths = [[text.count(" ") - 1 for text in candidate.texts] for candidate in candidates]
    usual = vocabulary.lengths or _usual(lengths)
    chinese = sum(is_chinese(slot.terms[0]) for slot in reading.slots) / max(1, len(reading.slots))
    return {
        "words": _of(1 - chinese, _shares(_over_all_texts(counts, lengths, rarities, usual))),
        "one_place": _of(1 - chinese, _shares(_best_text(counts, lengths, rarities, usual))),
        "next_to_each_other": _of(1 - chinese, [_neighbours(reading.slots, each.texts[0]) for each in candidates]),
        "everything": _of(1 - chinese, [_answered(found, rarities) for found in counts]),
        "engine": _of(chinese, _shares([candidate.score for candidate in candidates])),
        "popularity": [candidate.popularity for candidate in candidates],
        "in_stock": [float(candidate.in_stock) for candidate in candidates],
    }


def _rarity(slot: Slot, vocabulary: Vocabulary) -> float:
    """Return how telling a slot is: as its most common choice, for any of them will do."""
    return min(sum(map(vocabulary.rarity, choice.terms)) / len(choice.terms) for choice in slot.choices)


def _counts(slot: Slot, texts: Sequence[str]) -> list[float]:
    """Return how often each text answers a slot; of several choices the best counts."""
    if len(slot.choices) == 1 and len(slot.terms) == 1:
        term = f" {slot.terms[0]} "
        return [text.count(term) for text in texts]
    return [
        max(choice.weight * min(text.count(f" {term} ") for term in choice.terms) for choice in slot.choices)
        for text in texts
    ]


def _over_all_texts(
    counts: Sequence[Sequence[Sequence[float]]],
    lengths: Sequence[Sequence[int]],
    rarities: Sequence[float],
    usual: Sequence[float],
) -> list[float]:
    """Return BM25F: weighted counts of all texts in one saturation."""
    weights = tuple(WEIGHTS.values())
    average = sum(weight * length for weight, length in zip(weights, usual, strict=True))
    scores = []
    for found, each in zip(counts, lengths, strict=True):
        size = sum(weight * length for weight, length in zip(weights, each, strict=True))
        norm = _SATURATION * (1 - _LENGTH + _LENGTH * size / average)
        score = 0.0
        for by_text, rarity in zip(found, rarities, strict=True):
            count = sum(weight * each for weight, each in zip(weights, by_text, strict=True) if each)
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
        best = 0.0
        for text in range(len(WEIGHTS) - 1):
            norm = _SATURATION * (1 - _PLAIN_LENGTH + _PLAIN_LENGTH * each[text] / usual[text])
            score = sum(
                rarity * by_text[text] / (by_text[text] + norm)
                for by_text, rarity in zip(found, rarities, strict=True)
                if by_text[text]
            )
            best = max(best, score)
        scores.append(best)
    return scores


def _usual(lengths: Sequence[Sequence[int]]) -> list[float]:
    """Return the average lengths of these texts, of those that have any terms."""
    columns = [[length for length in column if length] for column in zip(*lengths, strict=True)]
    return [sum(column) / len(column) if column else 1.0 for column in columns] or [1.0] * len(WEIGHTS)


def _neighbours(slots: Sequence[Slot], title: str) -> float:
    """Return the share of neighbouring slots that stand side by side in the title, in that order."""
    if len(slots) < 2:
        return 0.0
    followed = [
        any(
            f" {one.terms[-1]} {other.terms[0]} " in title
            for one in slots[place].choices
            for other in slots[place + 1].choices
        )
        for place in range(len(slots) - 1)
    ]
    return sum(followed) / len(followed)


def _answered(found: Sequence[Sequence[float]], rarities: Sequence[float]) -> float:
    whole = sum(rarities) or 1.0
    return sum(rarity for by_text, rarity in zip(found, rarities, strict=True) if any(by_text)) / whole


def _of(share: float, values: Sequence[float]) -> list[float]:
    return [share * value for value in values]


def _shares(scores: Sequence[float]) -> list[float]:
    best = max(scores, default=0.0)
    return [score / best if best > 0 else 0.0 for score in scores]
