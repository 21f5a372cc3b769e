"""What shoppers chose before orders every engine's hits alike, gently."""

from __future__ import annotations

import pytest

from catalog.search.ports import ProductQuery, SearchBackend, SearchRules
from tests.contracts.test_search import SHOP, document, engine, fill, found

__all__ = ["engine"]  # a fixture


def test_what_is_chosen_more_than_usual_rises_among_equals_and_what_is_chosen_less_sinks(engine: SearchBackend) -> None:
    fill(engine, *(document(number, "Serum") for number in range(1, 5)))

    rules = SearchRules(chosen={3: 0.5, 1: -0.5, 99: 1.0})

    assert found(engine, "serum", rules=rules) == [3, 2, 4, 1]


@pytest.mark.parametrize(("written", "points"), [(1e9, 0.1), (1.0, 0.1), (-1e9, -0.1)])
def test_the_prior_is_bounded_whatever_was_written_down(engine: SearchBackend, written: float, points: float) -> None:
    fill(engine, document(1, "Serum"), document(2, "Serum"))
    query = ProductQuery(merchant_id=SHOP, text="serum", rules=SearchRules(chosen={2: written}))

    assert dict(engine.explain(query, 2).parts)["chosen"] == pytest.approx(points)


def test_the_prior_is_a_part_of_the_explanation(engine: SearchBackend) -> None:
    fill(engine, document(1, "Serum"), document(2, "Serum"))
    query = ProductQuery(merchant_id=SHOP, text="serum", rules=SearchRules(chosen={2: 0.5}))

    told = engine.explain(query, 2)

    assert told.place == 1
    assert dict(told.parts)["chosen"] == pytest.approx(0.05)
    assert sum(points for _, points in told.parts) == pytest.approx(told.score)
