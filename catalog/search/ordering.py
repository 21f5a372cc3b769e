"""From an engine's first hits to the page a shopper sees and the reasons a merchant reads; alike for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.search.cursors import Cursor, after_shown
from catalog.search.ports import Explanation, Match, ProductHit, ProductQuery
from catalog.search.reading import Reading, read
from catalog.search.reranking import WINDOW, Candidate, Ranked, rerank
from catalog.search.texts import WEIGHTS
from catalog.search.vocabulary import Vocabulary

Closing = tuple[tuple[ProductHit, ...], Cursor | None]
_NOTHING_LEARNED = Vocabulary({}, 0)
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
        return not self.reading.is_empty and is_by_relevance(self.query)


def asked_of(query: ProductQuery, vocabulary: Vocabulary) -> Asked:
    """Return the query with its words read; as they were read for the first page, where a cursor tells."""
    if query.after and query.after.reading:
        return Asked(query, query.after.reading, vocabulary)
    known = vocabulary if query.corrects else _NOTHING_LEARNED
    return Asked(query, read(query.text, known, query.rules.synonyms), vocabulary)


def without_hidden(query: ProductQuery) -> ProductQuery:
    """Return the query with the products that the merchant hides from it left out."""
    hidden = query.rules.hidden
    return replace(query, excluded_product_ids=(*query.excluded_product_ids, *hidden)) if hidden else query


def is_by_relevance(query: ProductQuery) -> bool:
    """Whether the order is by relevance, and not yet past what a cursor remembers of it."""
    return query.sort == "relevance" and not is_below(query)


def is_below(query: ProductQuery) -> bool:
    """Whether the page follows those by relevance: what else matches, by product id."""
    return query.after is not None and bool(query.after.seen and query.after.key)


def closed(asked: Asked, hits: Sequence[ProductHit], values: Sequence[int | str], match: Match) -> Closing:
    """Return the hits of the page, without the one more that was asked for, and where the next page begins.

    `values` are what each hit is sorted by; empty by relevance.
    """
    query = asked.query
    shown = tuple(hits[: query.limit])
    if len(hits) <= query.limit or query.offset:
        return shown, None
    cursor = after_shown(query.after, [hit.product_id for hit in shown])
    if values:
        cursor = Cursor(
            seen=query.after.seen if query.after else (), key=(values[len(shown) - 1], shown[-1].product_id)
        )
    reading = asked.reading if query.text.strip() else None
    return shown, replace(cursor, match=match, reading=reading, conditions=replace(query.conditions, measures=()))


def first_hits(query: ProductQuery) -> tuple[int, int]:
    """Return (offset, limit) of what the engine has to find for a page by relevance."""
    wanted = query.offset + limit_of(query)
    return (0, max(WINDOW, wanted)) if query.offset < WINDOW else (query.offset, query.limit)


def limit_of(query: ProductQuery) -> int:
    """Return how many hits to find: one more than is shown tells whether there is a next page."""
    return query.limit if query.offset else query.limit + 1


def page(asked: Asked, window: Sequence[Candidate], below: Sequence[tuple[int, float]]) -> tuple[ProductHit, ...]:
    """Return the page's hits, one more on a first page; `window` are the best WINDOW hits, `below` those after them
    as (product id, score).

    Products that the merchant pinned come first, in the merchant's order.
    """
    ranked = order(asked, window)
    hits = [ProductHit(each.product_id, each.score) for each in ranked]
    hits += [ProductHit(product_id, score * BELOW) for product_id, score in below]
    return tuple(hits[asked.query.offset : asked.query.offset + limit_of(asked.query)])


def order(asked: Asked, window: Sequence[Candidate]) -> list[Ranked]:
    """Return the window in the order it is shown."""
    rules = asked.query.rules
    ranked = rerank(
        asked.reading,
        window,
        asked.vocabulary,
        rules.boosts,
        chosen=rules.chosen,
        agreeing=asked.query.conditions.agreeing,
    )
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
