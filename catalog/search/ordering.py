"""From an engine's first hits to the page a shopper sees and the reasons a merchant reads; alike for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.search.ports import Explanation, ProductHit, ProductQuery
from catalog.search.reading import Reading
from catalog.search.reranking import WINDOW, Candidate, Ranked, rerank
from catalog.search.texts import WEIGHTS
from catalog.search.vocabulary import Vocabulary

BELOW = 1e-4  # what is below the window scores less than anything in it


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and how its text was read."""

    query: ProductQuery
    reading: Reading
    vocabulary: Vocabulary

    @property
    def is_by_relevance(self) -> bool:
        """Whether the first hits are looked at again."""
        return not self.reading.is_empty and self.query.sort == "relevance"


def without_hidden(query: ProductQuery) -> ProductQuery:
    """Return the query with the products that the merchant hides from it left out."""
    hidden = query.rules.hidden
    return replace(query, excluded_product_ids=(*query.excluded_product_ids, *hidden)) if hidden else query


def first_hits(query: ProductQuery) -> tuple[int, int]:
    """Return (offset, limit) of what the engine has to find for a page by relevance."""
    return (0, max(WINDOW, query.offset + query.limit)) if query.offset < WINDOW else (query.offset, query.limit)


def page(asked: Asked, window: Sequence[Candidate], below: Sequence[tuple[int, float]]) -> tuple[ProductHit, ...]:
    """Return the page's hits; `window` are the best WINDOW hits, `below` those after them (product id, score).

    Products that the merchant pinned come first, in the merchant's order.
    """
    ranked = order(asked, window)
    hits = [ProductHit(each.product_id, each.score) for each in ranked]
    hits += [ProductHit(product_id, score * BELOW) for product_id, score in below]
    return tuple(hits[asked.query.offset : asked.query.offset + asked.query.limit])


def order(asked: Asked, window: Sequence[Candidate]) -> list[Ranked]:
    """Return the window in the order it is shown."""
    rules = asked.query.rules
    ranked = rerank(asked.reading, window, asked.vocabulary, rules.boosts)
    if not rules.pinned:
        return ranked
    places = {product_id: place for place, product_id in enumerate(rules.pinned)}
    return sorted(ranked, key=lambda each: places.get(each.product_id, len(places)))


def explained(asked: Asked, window: Sequence[Candidate], candidate: Candidate | None) -> Explanation:
    """Return why `candidate` stands where it does; it need not be in the window. None: it does not match."""
    if candidate is None:
        return Explanation(0.0, ())
    inside = any(each.product_id == candidate.product_id for each in window)
    ranked = order(asked, window if inside else [*window, candidate])
    place, mine = next((n, each) for n, each in enumerate(ranked, 1) if each.product_id == candidate.product_id)
    parts = sorted(((name, value) for name, value in mine.parts.items() if value), key=lambda part: -abs(part[1]))
    answered, missing = _answers(asked.reading, candidate)
    return Explanation(mine.score, tuple(parts), place if inside else None, answered, missing, _rules(asked, candidate))


def _answers(reading: Reading, candidate: Candidate) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]:
    answered: list[tuple[str, tuple[str, ...]]] = []
    missing: list[str] = []
    for slot in reading.slots:
        texts = tuple(
            name
            for name, text in zip(WEIGHTS, candidate.texts, strict=True)
            if any(all(f" {term} " in text for term in choice.terms) for choice in slot.choices)
        )
        if texts:
            answered.append((" ".join(slot.terms), texts))
        else:
            missing.append(" ".join(slot.terms))
    return tuple(answered), tuple(missing)


def _rules(asked: Asked, candidate: Candidate) -> tuple[str, ...]:
    rules = asked.query.rules
    found = {
        "pinned": candidate.product_id in rules.pinned,
        "boosted": candidate.product_id in rules.boosts,
        "hidden": candidate.product_id in rules.hidden,
    }
    return tuple(name for name, holds in found.items() if holds)
