"""How well products' words agree with what a shopper said: BM25 over the candidates, with the options they have.

Rarity is counted among the candidates themselves, so it is the shop's own: where everything is a phone, "phone" says
nothing. Formula: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), section 3.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from catalog.products.option_choice import Choice, Said, choose
from catalog.products.reasons import values
from catalog.products.selectors import ProductView
from catalog.products.vocabulary import names
from catalog.products.wishes import Wish, terms_of

K1, B = 1.2, 0.75  # the formula's usual values
TITLE = 2  # a word of the title or the brand counts as two of the description
KIND = 2  # a word of the category, which says what kind of thing it is
OPTION = 2.0  # what a point of option choice weighs against a rare word
AGAINST = 1.0  # what was turned down weighs this much of its rarity, once
_UNSAID = frozenset({"conflicts_with", "avoid_in_pregnancy"})


def agreements(views: Sequence[ProductView], wish: Wish, said: Said) -> list[tuple[float, Choice]]:
    """Return for every product its score, 0 and more, and the variant the words choose."""
    choices = [choose(view, said) for view in views] if said.pieces else [Choice()] * len(views)
    if not wish.terms:
        return [(OPTION * choice.points, choice) for choice in choices]
    counts = [_counts(view) for view in views]
    lengths = [sum(each.values()) for each in counts]
    usual = (sum(lengths) / len(lengths) if lengths else 0) or 1
    rarity = _rarity((*wish.terms, *wish.against), counts)
    return [
        (_score(count, length / usual, wish, rarity) + OPTION * choice.points, choice)
        for count, length, choice in zip(counts, lengths, choices, strict=True)
    ]


def _score(counts: Mapping[str, int], length: float, wish: Wish, rarity: Mapping[str, float]) -> float:
    norm = K1 * (1 - B + B * length)
    held = ((term, weight, counts[term]) for term, weight in wish.terms.items() if term in counts)
    score = sum(weight * rarity[term] * count * (K1 + 1) / (count + norm) for term, weight, count in held)
    return max(0.0, score - AGAINST * sum(rarity[term] for term in wish.against if counts.get(term, 0) >= TITLE))


def _rarity(terms: Sequence[str], counts: Sequence[Mapping[str, int]]) -> dict[str, float]:
    total = len(counts)
    found = {term: sum(term in each for each in counts) for term in terms}
    return {term: math.log(1 + (total - held + 0.5) / (held + 0.5)) for term, held in found.items()}


def _counts(view: ProductView) -> Mapping[str, int]:
    said = [view.title, view.brand]
    spoken = [
        name
        for attribute in view.attributes
        if attribute not in _UNSAID
        for value in values(view, attribute)
        for name in names(attribute, value)
    ]
    options = dict.fromkeys(str(value) for variant in view.variants for value in variant.options.values())
    return _counted("\n".join(said), view.category, "\n".join((*spoken, *options)), view.description)


@lru_cache(maxsize=4_000)
def _counted(titles: str, kind: str, attributes: str, description: str) -> Mapping[str, int]:
    counts: Counter[str] = Counter(terms_of(description))
    for term in terms_of(titles):
        counts[term] += TITLE
    for term in terms_of(kind):
        counts[term] += KIND
    for term in set(terms_of(attributes)):
        counts[term] += TITLE
    return counts
