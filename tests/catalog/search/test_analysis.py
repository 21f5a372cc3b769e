from __future__ import annotations

import pytest

from catalog.search.analysis import TERMS_MAX, fold, index_terms, index_text, prefix_terms, query_terms, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("SPF 50", "spf 50"),
        ("ＳＰＦ５０", "spf50"),
        ("Crème", "crème"),  # a name keeps its accent; terms lose it
        ("菸鹼醯胺", "烟碱酰胺"),
        ("烟碱酰胺", "烟碱酰胺"),
        ("ﬁne", "fine"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_word_folds_alike_whatever_stands_beside_it() -> None:
    assert fold("防曬乳液精華") == fold("防曬") + fold("乳液") + fold("精華")


def test_chinese_is_indexed_as_characters_and_pairs() -> None:
    assert index_text("3 號精華 SPF").split() == ["3", "号", "精", "华", "号精", "精华", "spf"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("500GB drive", "500 500gb drive"),
        ("500 GB drives", "500 500gb drive"),
        ("4 in. x 8 ft.", "4 4in x 8 8ft"),
        ('13.3" 22-inch', "13.3 13.3in 22 22in"),
        ("1/2-in pipe", "1/2 1/2in pipe"),
        ("50毫升 精华", "50 50ml 精 华 精华"),
        ("1,000 pieces", "1000 1000pc"),
        ("2-in-1 tablet, 2 in 1", "2 in 1 2in1 tablet 2 in 1"),
        ("TN-2110", "tn 2110 tn2110"),
        ("wi-fi", "wi fi wifi"),
        ("Crème brûlée", "creme brule"),
        ("1920x1080", "1920 x 1080"),
    ],
)
def test_measures_compounds_and_forms_become_the_same_terms(text: str, terms: str) -> None:
    assert " ".join(index_terms(text)) == terms


def test_words_are_as_written_without_skus_and_chinese() -> None:
    assert list(words("Wireless Earbuds WF-1000XM4, 10 m 無線")) == ["wireless", "earbuds", "wf", "10", "10m"]


def test_query_terms_hold_words_pairs_and_characters_once() -> None:
    terms = query_terms("精華 Gel gel 精華")

    assert (terms.words, terms.pairs, terms.characters) == (("gel",), ("精华",), ("精", "华"))


def test_function_words_are_dropped_unless_they_are_all_there_is() -> None:
    assert query_terms("something for the redness").words == ("redness",)
    assert query_terms("the").words == ("the",)
    assert query_terms("有沒有精華嗎").characters == ("精", "华")
    assert query_terms("有沒有").characters == ("有", "没")


def test_a_lone_letter_counts_beside_chinese_only() -> None:
    assert query_terms("A 醇").words == ("a",)
    assert query_terms("a serum").words == ("serum",)


def test_a_long_query_is_cut() -> None:
    assert len(query_terms(" ".join(f"w{n}" for n in range(300))).words) == TERMS_MAX


@pytest.mark.parametrize("text", ["", "  ", "...", "🧴", "\ud800", "_"])
def test_text_without_words_has_no_terms(text: str) -> None:
    assert list(index_terms(text)) == []
    assert query_terms(text).is_empty
    assert prefix_terms(text) == ()


def test_prefix_terms_keep_the_order() -> None:
    assert prefix_terms("Rice 化妝") == ("rice", "化", "妆")
