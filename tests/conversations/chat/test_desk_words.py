"""What a person at the desk reads: reasons, cards and what was told, in their language."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from django.utils import translation

from conversations.chat.desk_words import REASONS, card_text, needs_in_words, reason_text
from tools import results
from tools.handoff import Reason


def test_every_reason_and_every_card_has_words() -> None:
    kinds = {
        card.model_fields["kind"].default for card in vars(results).values() if hasattr(card, "model_fields")
        if "kind" in card.model_fields
    }  # fmt: skip

    assert set(get_args(Reason)) <= set(REASONS)
    assert len(kinds) >= 10
    assert [kind for kind in sorted(kinds) if card_text(kind) == kind] == []


@pytest.mark.parametrize(
    ("language", "asked", "cart"), [("en", "Asked for a person", "Cart"), ("zh-hant", "要求找真人", "購物車")]
)
def test_reasons_and_cards_are_in_the_readers_language(language: str, asked: str, cart: str) -> None:
    with translation.override(language):
        assert (reason_text("asked"), card_text("cart")) == (asked, cart)
        assert (reason_text("unheard of"), card_text("")) == ("unheard of", "")


STORED: dict[str, Any] = {
    "skin_types": ["oily", "sensitive"],
    "categories": ["serum"],
    "avoid": ["fragrance"],
    "budget_max": {"minor": 200000, "currency": "TWD"},
    "words": {"oily": "大油田"},
}


def test_needs_are_told_in_words_the_shoppers_own_first() -> None:
    with translation.override("zh-hant"):
        told = needs_in_words(STORED, "zh-hant")

    assert told == [
        ("膚質", "大油田、敏感肌"),
        ("想找", "精華"),
        ("希望", "無香料"),
        ("最多", "NT$2,000"),
    ]


def test_needs_that_were_never_told_say_nothing() -> None:
    assert needs_in_words({}, "en") == []
    assert needs_in_words({"is_pregnant": True, "quantity": 2}, "en") == [("Pregnant", "yes"), ("Quantity", "2")]
