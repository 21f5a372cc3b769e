"""Which questions are one, which are none, and which comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.live.questions import (
    folded,
    is_near_copy,
    is_question,
    near_copy_among,
    question_key,
    score,
)

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Does the No. 3 suit oily skin?", "does the no 3 suit OILY skin", True),
        ("Does the No. 3 suit oily skin?", "Hi! Does the No. 3 suit oily skin??", True),
        ("Does the No. 3 suit oily skin?", "Does the No. 5 suit oily skin?", False),
        ("Which sunscreen goes under makeup?", "which sunscreen goes under make up pls", True),
        ("Which moisturizer is best at night?", "which moisturiser is best at night", True),
        ("Is the retinol serum good in winter for combination skin?", "Is the retinal serum good in winter for combination skin?", False),  # noqa: E501
        ("Can I use the serum in winter on combination skin?", "Can I use the serum in summer on combination skin?", False),  # noqa: E501
        ("Is it with fragrance?", "Is it without fragrance?", False),
        ("Is the toner fragrance-free?", "Is the toner fragrance?", False),
        ("這個適合油肌嗎", "请问这个适合油肌吗？", True),
        ("這款精華可以跟 A 醇一起用嗎油肌適合嗎", "這款精華可以跟 A 醇一起用嗎乾肌適合嗎", False),
        ("防曬可以當妝前乳嗎", "防曬可以當妝前乳嗎呢", True),
        ("可以跟維他命C一起用嗎", "不可以跟維他命C一起用嗎", False),
    ],
)  # fmt: skip
def test_a_question_typed_differently_is_the_same_one(one: str, other: str, same: bool) -> None:
    keys = [question_key(text, pinned_product_id=None) for text in (one, other)]
    assert is_near_copy(*keys) is same
    assert is_near_copy(*reversed(keys)) is same


def test_what_points_at_the_table_belongs_to_the_product_there() -> None:
    assert question_key("How much is it?", pinned_product_id=3) != question_key("How much is it?", pinned_product_id=4)
    assert not is_near_copy(
        question_key("how much is this one right now", pinned_product_id=3),
        question_key("how much is this one right now", pinned_product_id=4),
    )
    assert question_key("這個多少錢", pinned_product_id=3).startswith("3|")
    assert question_key("Is the No. 3 gentle?", pinned_product_id=3) == question_key(
        "Is the No. 3 gentle?", pinned_product_id=4
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hi", False),
        ("Hello!!", False),
        ("❤️❤️❤️", False),
        ("？？", False),
        ("love you", False),
        ("好美!!", False),
        ("推", False),
        ("price?", True),
        ("oily skin", True),
        ("多少錢", True),
        ("Hi, does it sting?", True),
    ],
)
def test_greetings_and_cheers_ask_nothing(text: str, expected: bool) -> None:
    assert is_question(text) is expected


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_more_than_once(text: str) -> None:
    key = question_key(text, pinned_product_id=None)
    assert is_near_copy(key, key)
    assert folded(text) == folded(text.upper()) or not text.isascii()


def test_the_first_near_copy_is_found() -> None:
    assert near_copy_among("is it gentle", [(1, "how much"), (2, "is it gentle"), (3, "is it gentle")]) == 2
    assert near_copy_among("is it gentle", [(1, "how much")]) is None


def test_more_askers_come_first_and_old_questions_fade() -> None:
    fresh = score(askers=1, asked_at=NOW, now=NOW)
    assert fresh == 1
    assert score(askers=7, asked_at=NOW, now=NOW) == 3
    assert score(askers=1, asked_at=NOW - timedelta(minutes=1), now=NOW) < fresh
    assert score(askers=1, asked_at=NOW + timedelta(minutes=1), now=NOW) == fresh
