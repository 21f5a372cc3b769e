"""Limits of spending are read from how they are put, whatever the words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.products.spending import Budget, budget_in, without_limits
from catalog.products.spoken_numbers import english_number
from catalog.search.analysis import fold

NOTHING = Budget()


@pytest.mark.parametrize(
    ("said", "budget"),
    [
        ("nothing over $50", Budget(None, 50, "USD")),
        ("it can't cost more than 40 dollars", Budget(None, 40, "USD")),
        ("I'd never go higher than 120", Budget(None, 120)),
        ("not less than 100 dollars", Budget(100, None, "USD")),
        ("I can't find anything under 40", Budget(None, 40)),
        ("my budget for the whole kit is 300", Budget(None, 300)),
        ("fifty bucks max", Budget(None, 50, "USD")),
        ("no more than a hundred and fifty dollars", Budget(None, 150, "USD")),
        ("$1,200 is my absolute limit", Budget(None, 1200, "USD")),
        ("at least 100, at most 200", Budget(100, 200)),
        ("between 20 and 30", Budget(20, 30)),
        ("under 2 kg and under 300 dollars", Budget(None, 300, "USD")),
        ("with size: 5-6, and price lower than 50.00 dollars", Budget(None, 50, "USD")),
        ("價格別超過 200", Budget(None, 200)),
        ("我只能花 500", Budget(None, 500)),
        ("美金 50 以內", Budget(None, 50, "USD")),
        ("不低於 200", Budget(200, None)),
        ("for someone aged 20-30", NOTHING),
        ("a 12 pack, 8x8ft, spf50, up to 5 stars", NOTHING),
        ("I want 50", NOTHING),  # "nt" of want is no currency
    ],
)
def test_budgets(said: str, budget: Budget) -> None:
    assert budget_in(fold(said)) == budget


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("a red tent, and the price should be lower than 50.00 dollars", "a red tent,"),
        ("I've got 40 dollars to spend. Looking for a tent", ". Looking for a tent"),
        ("5000以下的帳篷", "的帐篷"),
        ("Do you carry lamps? I wouldn't want to pay more than $50.", "Do you carry lamps?  ."),
        ("A lamp. We set ourselves a ceiling of 400 dollars", "A lamp."),
        ("I want to pay now", "I want to pay now"),
        ("a tent for two", "a tent for two"),
    ],
)
def test_what_limits_the_price_describes_no_product(said: str, left: str) -> None:
    assert without_limits(fold(said)).strip() == fold(left)


MOST = st.sampled_from(
    ["under {}", "no more than {}", "{} at most", "won't pay over {}", "{} tops", "不超過 {}", "{} 以內"]
)
LEAST = st.sampled_from(["at least {}", "over {}", "{} or more", "no less than {}", "至少 {}", "{} 以上"])


@given(amount=st.integers(5, 99_999), most=MOST, least=LEAST, thing=st.sampled_from(["a lamp", "燈", "a 12 pack"]))
def test_the_same_amount_is_read_in_every_frame(amount: int, most: str, least: str, thing: str) -> None:
    for spelled in (str(amount), f"{amount:,}"):
        assert budget_in(fold(f"{thing}, {most.format(spelled)}")) == Budget(None, amount)
        assert budget_in(fold(f"{thing}, {least.format(spelled)}")) == Budget(amount, None)


@pytest.mark.parametrize(
    ("said", "value"),
    [("seventy-five", 75), ("two thousand", 2000), ("a hundred and five", 105), ("many", None), ("a", None)],
)
def test_numbers_in_words(said: str, value: int | None) -> None:
    assert english_number(said) == value


def test_a_message_of_numbers_is_read_in_no_time() -> None:
    started = time.process_time()

    assert budget_in("1 " * 1_000) == Budget()
    assert time.process_time() - started < 0.8  # it took two seconds when each number looked at all the others
