"""Texts that are read in stretches give the terms of the whole text, in the same order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.search import texts
from catalog.search.analysis import fold, index_terms, is_chinese, prefix_terms, words
from catalog.search.ports import ProductDocument
from catalog.search.stretches import stretches
from catalog.search.texts import analysed
from tests.benchmarks.generated import products

# What reaches over a space, and what looks as if it did.
_PIECES = (
    "500", "5", "GB", "gb", "ml", "TN-2110", '"', "''", "No.", "no", "#", "#7", "第", "7", "號", "三公升", "毫升",
    "−8 °C", "-8", "-", "minus", "deg", "°c", "零下", "度", "負", "spf", "upf", "50+", "é", "\u0301", "5\u0301", "ß",
    "İ", "乾坤", "乾", "醯胺", "two", "Two", "one", "twó", "ten", "person", "inch", "in", "2-in-1", "1,000", ",",
    ",000", "1/2", "3.5", "x", "×", "\0", "\ud800", "ー", "ｶﾞ", "々", "①", "½", "℃", "′", "--", "_", "𠀀", "🙂", "=",
    "=500gb", "，", "。", "、", "：", "！", "（", "+", "２", "码", "\u3000", "\xa0", "٥",
)  # fmt: skip
_SPACES = ("", "", " ", " ", "\n", "  ")
_TEXTS = st.lists(st.tuples(st.sampled_from(_PIECES), st.sampled_from(_SPACES)), max_size=14).map(
    lambda found: "".join(map("".join, found))
)


def _same(text: str) -> None:
    found = stretches(text)

    assert " ".join(found.terms).split() == list(index_terms(text))
    assert [word for each in found.spelled for word in each] == list(words(text))
    for kind, length in (("characters", 1), ("pairs", 2)):
        held = " ".join(getattr(found, kind)).split()
        assert held == [term for term in index_terms(text) if is_chinese(term) and len(term) == length]
    assert " ".join(found.words).split() == [t for t in index_terms(text) if not is_chinese(t)]


@given(text=_TEXTS)
@settings(max_examples=300)
def test_a_text_in_stretches_has_the_terms_of_the_whole(text: str) -> None:
    _same(text)


@pytest.mark.parametrize(
    "text",
    [
        "no. two person tent",
        "no. two\0person",
        "for two\nperson tents",
        "2 in 1 hair dryer, 5 x 3 cm",
        "保濕，-8 度；零下 8 度。第 7 號，號碼 7 號",
        "spf 50+ 防曬、不黏",
        "5\u0301 gb",
        "word " * 60,
    ],
)
def test_what_reaches_over_a_space_is_read_as_one(text: str) -> None:
    _same(text)


def test_a_text_that_is_cut_keeps_its_first_terms_of_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "TERMS_MAX", 4)

    found = analysed(ProductDocument(1, 1, title="serum 保濕精華")).terms["title"]

    assert found == ("serum 保 湿 精", "serum", "", "保 湿 精")


def test_products_are_read_as_their_texts_are() -> None:
    for product in products(20, merchant_id=1):
        read = analysed(product)

        maker = " ".join((product.brand, product.model, *product.skus))
        assert read.terms["title"].every.split() == list(index_terms(product.title))
        assert read.terms["description"].every.split() == list(index_terms(product.description))
        assert read.terms["brand"].every.split() == list(index_terms(maker))
        asked = [prefix_terms(text) for text in (product.title, product.category, maker)]
        assert read.typed.split() == [piece for each in asked for piece in each]


def test_half_typed_words_are_those_of_the_whole_text() -> None:
    assert " ".join(stretches("Étui SO-9470, 寬版 15 ml").typed).split() == [
        "etui",
        "so",
        "9470",
        "宽",
        "版",
        "15",
        "ml",
    ]
    assert fold("寬版") == "宽版"
