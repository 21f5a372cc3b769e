"""A text is shown in the shopper's language, script converted when only the other one was written."""

from __future__ import annotations

import pytest
from django.utils import translation

from catalog.languages import in_language, normalise_language, reader_language, to_simplified


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


@pytest.mark.parametrize(
    ("taiwan", "mainland"),
    [
        ("購物車、結帳和訂單查詢都正常。", "购物车、结账和订单查询都正常。"),
        ("郵遞區號和帳號", "邮政编码和账号"),
        ("紀錄片裡的指南針", "纪录片里的指南针"),
        ("這個要私訊我才能做。", "这个要私信我才能做。"),
    ],
)
def test_simplified_chinese_uses_the_words_of_the_mainland(taiwan: str, mainland: str) -> None:
    assert to_simplified(taiwan) == mainland


def test_a_text_that_is_simplified_already_stays_as_it_is() -> None:
    for text in ("指针和运行者", "查找订单", "保存格式"):
        assert to_simplified(text) == text


@pytest.mark.parametrize("language", ["en", "zh-hant", "zh-hans"])
def test_the_readers_language_is_the_one_the_page_is_in(language: str) -> None:
    with translation.override(language):
        assert reader_language() == language
