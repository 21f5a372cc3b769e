"""The scripts' words: the same in three languages, none missing, Chinese set as the design says."""

from __future__ import annotations

import json
import re

import pytest

from shop_assistant import translations

Words = dict[str, str | list[str]]
ENTRY = re.compile(r'\s*(\w+):\s*("(?:[^"\\]|\\.)*"|\[\s*"(?:[^"\\]|\\.)*"\s*,\s*"(?:[^"\\]|\\.)*"\s*\])\s*,')
UNNAMED = {"person_took_over": {"name"}}  # the design's Chinese says AI 分身 instead of the name
HAN = "\u3400-\u9fff"
USED = re.compile(r'\bt\(\s*"(\w+)"')


def words(language: str) -> Words:
    """Read a module that holds nothing but an object of texts and pairs of texts."""
    text = (translations.SCRIPTS / f"words_{language}.js").read_text(encoding="utf-8")
    body = re.sub(r"(?m)^\s*//.*$", "", text).strip().removeprefix("export default {").removesuffix("};")
    found: Words = {}
    while body.strip():
        entry = ENTRY.match(body)
        assert entry, f"words_{language}.js: cannot read {body[:60]!r}"
        assert entry[1] not in found, f"words_{language}.js has {entry[1]} twice"
        found[entry[1]] = json.loads(entry[2])
        body = body[entry.end() :]
    return found


def placeholders(entry: str | list[str]) -> set[str]:
    """The names a text fills in; of a pair, those of its form for many."""
    return set(re.findall(r"\{(\w+)\}", entry if isinstance(entry, str) else entry[1]))


@pytest.mark.parametrize("language", ["zh_hant", "zh_hans"])
def test_every_word_stands_in_every_language(language: str) -> None:
    assert words(language).keys() == words("en").keys()


@pytest.mark.parametrize("language", ["zh_hant", "zh_hans"])
def test_a_word_fills_in_the_same_values_and_is_counted_the_same_way(language: str) -> None:
    english = words("en")
    wrong = [
        key
        for key, entry in words(language).items()
        if placeholders(entry) != placeholders(english[key]) - UNNAMED.get(key, set())
        or isinstance(entry, str) != isinstance(english[key], str)
    ]

    assert wrong == []


def test_the_scripts_use_no_word_that_is_not_there() -> None:
    scripts = [path for path in translations.SCRIPTS.rglob("*.js") if not path.name.startswith("words_")]
    used = {key for path in scripts for key in USED.findall(path.read_text(encoding="utf-8"))}

    assert len(used) > 50
    assert used - words("en").keys() == set()


def test_simplified_words_are_made_from_traditional_ones() -> None:
    kept = (translations.SCRIPTS / "words_zh_hans.js").read_text(encoding="utf-8")

    assert kept == translations.script_words(), "run scripts/docs"


def test_chinese_words_are_set_as_the_design_says() -> None:
    texts = [
        re.sub(r"\{\w+\}", "…", text)
        for entry in words("zh_hant").values()
        for text in ([entry] if isinstance(entry, str) else entry)
    ]

    assert [text for text in texts if re.search(rf"[{HAN}][,;:?!]|[,;:?!][{HAN}]", text)] == []
    assert [text for text in texts if re.search(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9][{HAN}]", text)] == []
    assert [text for text in texts if "您" in text] == []


@pytest.mark.parametrize(
    ("key", "english", "chinese"),
    [
        ("talk_to_person", "Talk to a person", "找真人"),
        ("state_new", "New", "待回答"),
        ("state_answering", "Answering", "回答中"),
        ("state_answered", "Answered", "已回答"),
        ("state_saved", "Saved for {name}", "留給{name}"),
        ("works_once", "Works once only. Expires in {time}.", "僅能使用一次，{time}後失效"),
        ("live_note", "Typed answers come from {name}’s AI double. It can be wrong.",
         "文字回覆由{name}的 AI 分身提供，內容可能有誤"),
        ("search_down_since", "Product search is down since {clock}. Cart, checkout and orders work.",
         "{clock} 起無法搜尋商品。購物車、結帳和訂單查詢都正常。"),
    ],
)  # fmt: skip
def test_a_word_is_the_designs_own(key: str, english: str, chinese: str) -> None:
    assert words("en")[key] == english
    assert words("zh_hant")[key] == chinese
