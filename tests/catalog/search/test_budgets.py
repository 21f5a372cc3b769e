from __future__ import annotations

import pytest

from catalog.search.analysis import fold
from catalog.search.budgets import Budget, budget_in


@pytest.mark.parametrize(
    ("query", "budget"),
    [
        ("sunscreen under 300", Budget(None, 300)),
        ("moisturiser, 300 at most", Budget(None, 300)),
        ("300以內的面霜", Budget(None, 300)),
        ("不超過五百的精華", Budget(None, 500)),
        ("精華液不到500", Budget(None, 500)),
        ("NT$500以下", Budget(None, 500, "TWD")),
        ("jacket under 100 usd", Budget(None, 100, "USD")),
        ("between 200 and 500 serum", Budget(200, 500)),
        ("500-800元 面霜", Budget(500, 800)),
        ("精華 500 到 800", Budget(500, 800)),
        ("tents over 5000", Budget(5000, None)),
        ("至少1000元", Budget(1000, None)),
        ("兩三百的面膜", Budget(200, 300)),
        ("45l under 3000", Budget(None, 3000)),
        ("sunscreen spf50 under 500", Budget(None, 500)),
    ],
)
def test_a_search_reads_what_may_be_spent(query: str, budget: Budget) -> None:
    assert budget_in(fold(query), is_search=True) == budget


@pytest.mark.parametrize(
    "query",
    [
        "iphone 12 pro max 256",
        "air max 90",
        "SPF 50+ sunscreen",
        "SPF50以上",
        "tent for 4",
        "hp 3520-4520",
        "2-in-1",
        "power bank under 5000mah",
        "sleeping bag under 1kg",
        "less than 300ml",
        "10000mm以上",
        "size 42-44 shoes",
        "3人以下帳篷",
        "400流明以上",
        "no 7 serum",
    ],
)
def test_a_measure_a_model_or_a_size_is_no_price(query: str) -> None:
    assert budget_in(fold(query), is_search=True) == Budget()


def test_where_it_was_said_is_told() -> None:
    text = fold("sunscreen under $20 spf50")

    found = budget_in(text, is_search=True)

    assert [text[start:end] for start, end in found.spans] == ["under $20 "]
    assert found.named == "$"
