from __future__ import annotations

import pytest

from tests.benchmarks.relevance import score
from tests.harness.console import percentile


def test_scores_by_hand() -> None:
    judged = {"q": {"a": 3, "b": 2, "c": 0, "d": 1}, "none": {"a": 0}, "missing": {"a": 1}}

    # DCG = 3/log2(3) + 1/log2(5) = 2.323466; ideal = 3 + 2/log2(3) + 1/2 = 4.761860; halved by the missing query.
    assert score(judged, {"q": ["c", "a", "x", "d"]}) == {
        "queries": 2,
        "ndcg_at_10": 0.244,
        "mrr_at_10": 0.25,
        "recall_at_100": 0.3333,
    }


@pytest.mark.parametrize(("share", "value"), [(0.5, 5.0), (0.95, 10.0), (0.01, 1.0), (1.0, 10.0)])
def test_percentile_is_the_nearest_rank(share: float, value: float) -> None:
    assert percentile([float(n) for n in range(10, 0, -1)], share) == value
