"""A text is shown in the shopper's language, script converted when only the other one was written."""

from __future__ import annotations

import pytest

from catalog.languages import in_language, normalise_language


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en-GB", "en"), ("zh-TW", "zh-hant"), ("zh-Hant-HK", "zh-hant"), ("zh_HK", "zh-hant"), ("zh", "zh-hans"),
        ("zh-CN", "zh-hans"), ("zh-Hans-SG", "zh-hans"), ("fr", "en"), ("", "en"), (None, "en"),
    ],
)  # fmt: skip
def test_any_tag_becomes_one_of_the_three_languages(tag: str | None, language: str) -> None:
    assert normalise_language(tag) == language


def test_the_other_chinese_script_is_converted_before_english_is_shown() -> None:
    texts = {"en": "Sunscreen in the cart", "zh-hant": "購物車裡的防曬乳"}

    assert in_language(texts, "zh-hans") == "购物车里的防晒乳"
    assert in_language({"en": "Hi", "zh-hans": "软件"}, "zh-hant") == "軟體"


def test_a_missing_language_falls_back_to_english_then_to_anything() -> None:
    assert in_language({"en": "Hi"}, "zh-hant") == "Hi"
    assert in_language({"zh-hant": "嗨"}, "en") == "嗨"
    assert in_language({"zh-hant": "", "en": ""}, "en") == ""
