from __future__ import annotations

import random

import pytest

from catalog.products.position_bias import Propensities, Seen, estimated_exponent, priors_of_query

# Ten products in the order the shop shows them: the fourth to the sixth suit best, what stands first suits worst.
SUITS = [0.1, 0.15, 0.2, 0.9, 0.6, 0.4, 0.12, 0.1, 0.08, 0.05]
SEARCHES = 4_000


def simulated(suits: list[float], *, exponent: float, shuffled: bool = False, seed: int = 7) -> dict[int, Seen]:
    """What shoppers of the position-based model open: place k is looked at with (1 / k) ** exponent."""
    chance = random.Random(seed)
    seen = {product: Seen() for product in range(len(suits))}
    order = list(seen)
    for _ in range(SEARCHES):
        if shuffled:
            chance.shuffle(order)
        for place, product in enumerate(order, start=1):
            opened = chance.random() < place**-exponent * suits[product]
            seen[product].add(place, shown=1, opened=int(opened))
    return seen


def best_first(values: dict[int, float]) -> list[int]:
    return sorted(values, key=lambda product: -values[product])


def test_clicks_weighed_by_place_rank_by_relevance_where_counting_them_does_not() -> None:
    seen = simulated(SUITS, exponent=1.0)
    counted = {product: each.opened / each.shown for product, each in seen.items()}

    priors = priors_of_query(seen, Propensities(1.0, clip=10), impressions=20, exposure=10)

    assert best_first(priors)[:4] == [3, 4, 5, 2]
    # The naive control: what stands first suits hardly anybody, and counting puts it before what suits 40 in 100.
    assert best_first(counted)[:3] == [3, 4, 0]


def test_what_is_known_too_little_keeps_its_place() -> None:
    seen = {1: Seen({1: (100, 30)}), 2: Seen({2: (100, 5)}), 3: Seen({3: (19, 19)})}

    priors = priors_of_query(seen, Propensities(1.0, clip=10), impressions=20, exposure=10)

    assert set(priors) == {1, 2}


def test_a_prior_is_the_weighed_rate_against_the_mean_drawn_to_zero() -> None:
    seen = {1: Seen({1: (100, 30)}), 2: Seen({2: (100, 5)})}

    priors = priors_of_query(seen, Propensities(1.0, clip=10), impressions=20, exposure=10)

    # Weighed rates 30/100 and 5 x 2/100, mean 40/200; looks 100 and 50.
    assert priors[1] == pytest.approx((0.3 - 0.2) / 0.5 * 100 / 110)
    assert priors[2] == pytest.approx((0.1 - 0.2) / 0.3 * 50 / 60)


def test_no_click_teaches_nothing() -> None:
    assert priors_of_query({1: Seen({1: (100, 0)})}, Propensities(), impressions=1, exposure=1) == {}
    assert priors_of_query({}, Propensities(), impressions=1, exposure=1) == {}


@pytest.mark.parametrize(("place", "exponent", "weight"), [(1, 1, 1), (4, 1, 4), (4, 0.5, 2), (50, 1, 10), (9, 0, 1)])
def test_a_click_counts_for_the_looks_its_place_did_not_get_and_no_more_than_the_clip(
    place: int, exponent: float, weight: float
) -> None:
    assert Propensities(exponent, clip=10).weight(place) == pytest.approx(weight)


def test_priors_are_bounded_whatever_was_clicked() -> None:
    chance = random.Random(1)
    for _ in range(200):
        seen = {
            product: Seen({place: (shown := chance.randint(0, 50), chance.randint(0, shown)) for place in range(1, 6)})
            for product in range(5)
        }
        priors = priors_of_query(seen, Propensities(chance.uniform(0, 3), clip=10), impressions=1, exposure=0.1)
        assert all(-1 <= value <= 1 for value in priors.values())


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.6])
def test_the_exponent_is_learned_where_products_change_places(exponent: float) -> None:
    queries = {str(seed): simulated(SUITS, exponent=exponent, shuffled=True, seed=seed) for seed in range(3)}

    found = estimated_exponent(queries)

    assert found == pytest.approx(exponent, abs=0.1)


def test_nothing_is_learned_from_first_places_alone() -> None:
    assert estimated_exponent({"serum": {1: Seen({1: (100, 30)})}}) is None
