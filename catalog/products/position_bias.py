"""What stands first is looked at most: clicks made comparable by how likely their place was to be looked at.

The position-based model: a shopper clicks what she looks at and what suits, P(click) = p(place) x relevance. Weighing
each click by 1 / p(place) makes their average over impressions an unbiased estimate of relevance, wherever a product
stood (Joachims, Swaminathan, Schnabel: Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017, whose
experiments use the curve p = (1 / place) ** exponent). Weights are clipped, which trades a little bias for variance
(Ionides: Truncated importance sampling, JCGS 17, 2008).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Key = TypeVar("Key")
Cell = tuple[int, int]  # (times shown, times opened)
_ROUNDS = 50  # of expectation and maximisation
_PLACES = 50  # lower places hold too few clicks to learn from
_LEAST = 1e-6


@dataclass(slots=True)
class Seen:
    """How often one product was shown and opened for one query, by place."""

    places: dict[int, Cell] = field(default_factory=dict)

    def add(self, place: int, *, shown: int = 0, opened: int = 0) -> None:
        """Count."""
        before = self.places.get(place, (0, 0))
        self.places[place] = (before[0] + shown, before[1] + opened)

    @property
    def shown(self) -> int:
        """How often it was shown."""
        return sum(shown for shown, _ in self.places.values())

    @property
    def opened(self) -> int:
        """How often it was opened."""
        return sum(opened for _, opened in self.places.values())


@dataclass(frozen=True, slots=True)
class Propensities:
    """The curve p(place) = (1 / place) ** exponent; no click counts for more than `clip`."""

    exponent: float = 1.0
    clip: float = 10.0

    def at(self, place: int) -> float:
        """Return how likely a place is to be looked at, the first being 1."""
        return float(place**-self.exponent)

    def weight(self, place: int) -> float:
        """Return what a click at a place counts for."""
        return min(1 / self.at(place), self.clip)

    def opened(self, seen: Seen) -> float:
        """Return the clicks as they would be had every place been looked at."""
        return sum(opened * self.weight(place) for place, (_, opened) in seen.places.items())

    def exposure(self, seen: Seen) -> float:
        """Return how often the product was looked at, as far as the curve can tell."""
        return sum(shown * self.at(place) for place, (shown, _) in seen.places.items())


def priors_of_query(
    products: Mapping[int, Seen], curve: Propensities, *, impressions: int, exposure: float
) -> dict[int, float]:
    """Return {product id: how much more than the query's average it is chosen}, -1 to 1.

    (r - mean) / (r + mean) of the weighed clicks, drawn to 0 by e / (e + exposure), e being the looks it had. Who was
    shown less than `impressions` times is left out: nothing is known, and nothing changes.
    """
    shown = sum(seen.shown for seen in products.values())
    mean = sum(curve.opened(seen) for seen in products.values()) / shown if shown else 0.0
    if mean <= 0:
        return {}
    found = {}
    for product_id, seen in products.items():
        if seen.shown >= impressions:
            rate, looks = curve.opened(seen) / seen.shown, curve.exposure(seen)
            found[product_id] = (rate - mean) / (rate + mean) * looks / (looks + exposure)
    return found


def estimated_exponent(queries: Mapping[str, Mapping[int, Seen]]) -> float | None:
    """Return the exponent that fits the clicks best; None when no place below the first was clicked.

    Expectation maximisation of the position-based model (Chuklin, Markov, de Rijke: Click Models for Web Search, 2015,
    chapter 4), then a line through log p over log place, each place weighed by how often it was shown. It can tell
    bias from relevance only where products changed places.
    """
    cells = [
        ((query, product_id), place, shown, opened)
        for query, products in queries.items()
        for product_id, seen in products.items()
        for place, (shown, opened) in seen.places.items()
        if place <= _PLACES
    ]
    looked = {place: 1 / place for _, place, _, _ in cells}
    suits = {pair: 0.5 for pair, _, _, _ in cells}
    for _ in range(_ROUNDS):
        looked, suits = _round(cells, looked, suits)
    shown_at: dict[int, int] = {}
    for _, place, shown, _ in cells:
        shown_at[place] = shown_at.get(place, 0) + shown
    return _slope(looked, shown_at)


def _round(
    cells: list[tuple[tuple[str, int], int, int, int]],
    looked: Mapping[int, float],
    suits: Mapping[tuple[str, int], float],
) -> tuple[dict[int, float], dict[tuple[str, int], float]]:
    """Return both parameters after one round: a click was looked at and suits, no click is shared out."""
    of_place: dict[int, list[float]] = {}
    of_pair: dict[tuple[str, int], list[float]] = {}
    for pair, place, shown, opened in cells:
        look, suit = looked[place], suits[pair]
        neither = max(1 - look * suit, _LEAST)
        missed = shown - opened
        at, about = of_place.setdefault(place, [0.0, 0.0]), of_pair.setdefault(pair, [0.0, 0.0])
        at[0] += opened + missed * look * (1 - suit) / neither
        about[0] += opened + missed * suit * (1 - look) / neither
        at[1] += shown
        about[1] += shown
    return _shares(of_place), _shares(of_pair)


def _shares(sums: Mapping[Key, list[float]]) -> dict[Key, float]:
    return {key: min(max(part / whole, _LEAST), 1 - _LEAST) if whole else _LEAST for key, (part, whole) in sums.items()}


def _slope(looked: Mapping[int, float], shown_at: Mapping[int, int]) -> float | None:
    points = [
        (math.log(place), math.log(look), shown_at[place]) for place, look in looked.items() if look > 10 * _LEAST
    ]
    whole = sum(weight for _, _, weight in points)
    if len(points) < 2:
        return None
    mean_x = sum(x * weight for x, _, weight in points) / whole
    mean_y = sum(y * weight for _, y, weight in points) / whole
    spread = sum(weight * (x - mean_x) ** 2 for x, _, weight in points)
    together = sum(weight * (x - mean_x) * (y - mean_y) for x, y, weight in points)
    return max(0.0, -together / spread) if spread else None
