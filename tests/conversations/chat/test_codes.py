"""A promotion code in a message is seen; talk about codes is not a code."""

from __future__ import annotations

import pytest

from conversations.chat.codes import entered_code, takes_code_out


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("use code SPRING10", "SPRING10"),
        ("My promo code is spring10, please", "spring10"),
        ("discount code: LATE-NIGHT", "LATE-NIGHT"),
        ("優惠碼 SPRING10", "SPRING10"),
        ("我的折扣碼是spring10", "spring10"),
        ("优惠码：SPRING", "SPRING"),
        ("is there a discount code for shipping?", ""),
        ("what code can I use", ""),
        ("do you have any codes", ""),
        ("有優惠碼嗎", ""),
        ("", ""),
    ],
)
def test_a_code_is_what_looks_like_one(text: str, code: str) -> None:
    assert entered_code(text) == code


@pytest.mark.parametrize(
    ("text", "is_out"), [("remove code SPRING10", True), ("移除優惠碼 A1B", True), ("code A1B", False)]
)
def test_it_can_be_taken_out_again(text: str, is_out: bool) -> None:
    assert takes_code_out(text) is is_out
