from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from conversations.chat.guardrails import Facts, Verdict, check, facts_of
from conversations.chat.outcomes import Called
from conversations.chat.sentences import SentenceGate
from tools.results import Price, ProductCard, ToolResult

CARD = ProductCard(
    product_id=12,
    title="Best Day Serum",
    url="/l/abc123/",
    link_id="abc123",
    price=Price(minor=98_000, currency="TWD", text="NT$980"),
    stock="few_left",
    left=3,
)
CALLED = Called(
    name="search_products",
    arguments={},
    result=ToolResult(
        text="1. id=12 | Best Day Serum | NT$980 | 3 left\nDelivery NT$80, 10% off over NT$1,500", cards=(CARD,)
    ),
)
FACTS = replace(facts_of([CALLED], persona=None), claims=("best", "safe", "cures", "最", "第一", "根治"))


@pytest.mark.parametrize(
    "text",
    [
        "It is NT$980.",
        "現在 NT$980，只剩 3 件。",
        "980 元，運費 80 塊。",
        "It costs $980, delivery is NT$80.",
        "九百八十元。",
        "滿 1,500 元免運。",
        "10% off over NT$1,500.",
        "Best Day Serum has 5% niacinamide and SPF 50, 30 ml.",
        "You can open /l/abc123/ to see it.",
        "Your skin may feel unsafe? No: it says safety first.",
        "我最近很喜歡，第一個步驟先用。",
        "只要三滴，早晚各一次。",
        "Only 3 left.",
        "I will let you know what I think below." if False else "I can tell you more here.",
        "Use it twice, then wait 10 minutes.",
        "這三樣可以一塊用。",
    ],
)
def test_what_the_tools_returned_may_be_said(text: str) -> None:
    assert check(text, FACTS) == Verdict(passed=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("It is NT$890.", "price"),
        ("It is US$980.", "price"),
        ("只要九百元。", "price"),
        ("差不多一千塊錢。", "price"),
        ("About 1k NTD.", "price"),
        ("20% off today.", "price"),
        ("今天打八折。", "price"),
        ("ＮＴ＄８９０", "price"),
        ("See https://evil.example/abc123", "link"),
        ("see evil-shop.com", "link"),
        ("Open /l/other999/", "link"),
        ("Open /l/abc123/../../admin", "link"),
        ("Only 2 left.", "stock"),
        ("庫存還有 12 件。", "stock"),
        ("剩兩瓶。", "stock"),
        ("It is the best serum.", "claim"),
        ("It's safe for everyone.", "claim"),
        ("這是最好的精華。", "claim"),
        ("全台第一的精华", "claim"),
        ("可以根治痘痘", "claim"),
        ("I'll notify you when it's back.", "promise"),
        ("You will receive an email.", "promise"),
        ("到貨後我會通知你。", "promise"),
        ("我再傳簡訊給你。", "promise"),
    ],
)
def test_what_no_tool_returned_is_held_back(text: str, reason: str) -> None:
    verdict = check(text, FACTS)

    assert (verdict.passed, verdict.reason) == (False, reason)


def test_the_shoppers_own_budget_may_be_said_back_as_a_limit_only() -> None:
    facts = replace(FACTS, budgets=frozenset([Decimal(40)]))

    assert check("Under $40 I would take it.", facts).passed
    assert not check("It is $40.", facts).passed


def test_without_tools_no_price_may_be_said() -> None:
    assert not check("It is NT$980.", facts_of([], persona=None)).passed


def test_a_check_that_breaks_holds_the_text_back() -> None:
    assert check("Hello.", None) == Verdict(passed=False, reason="other", detail="the check failed")


def test_a_sentence_leaves_only_when_it_is_whole_and_passed() -> None:
    gate = SentenceGate(lambda text: check(text, FACTS))

    assert [gate.feed(piece) for piece in ("Take No. 3", " now. It is NT$9", "80.", " Only 2 left. Bye.")] == [
        "",
        "Take No. 3 now.",
        "",
        "",
    ]
    assert (gate.finish(), gate.released, gate.verdict.reason) == ("", "Take No. 3 now.", "stock")


def test_what_passed_before_the_broken_sentence_stays_a_prefix() -> None:
    gate = SentenceGate(lambda text: check(text, FACTS))

    out = "".join(gate.feed(piece) for piece in ("好。", "只要 NT$980。", "再送 NT$5。"))

    assert out == "好。只要 NT$980。"
    assert not gate.verdict.passed


def test_facts_are_empty_without_calls() -> None:
    assert facts_of([], persona=None) == Facts()
