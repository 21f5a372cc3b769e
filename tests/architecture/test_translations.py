"""Every text of the sources stands in both Chinese catalogues, whole; what Django reads is what was written."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import polib
import pytest
from django.test import Client
from django.utils import formats, translation

from shop_assistant import translations

LOCALES = (translations.WRITTEN, translations.MADE)
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd%]|%[sd]")
HAN = "\u3400-\u9fff"


@pytest.fixture(scope="module")
def sources() -> polib.POFile:
    """What the sources mark, read out by gettext."""
    if not translations.can_gather():
        reason = "gettext is not installed (Debian: apt-get install gettext)"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return translations.gathered()


def test_the_catalogue_holds_every_text_of_the_sources_and_no_other(sources: polib.POFile) -> None:
    kept = {_key(entry) for entry in translations.catalogue(translations.WRITTEN)}

    marked = {_key(entry) for entry in sources}

    assert len(marked) > 1_000
    assert marked - kept == set(), "run scripts/docs, then translate what it names"
    assert kept - marked == set(), "run scripts/docs"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_translated_and_none_is_a_guess(locale: str) -> None:
    catalogue = translations.catalogue(locale)

    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []
    assert [entry.msgid for entry in catalogue if entry.msgid_plural and not entry.msgstr_plural.get(0)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_has_the_placeholders_of_its_text(locale: str) -> None:
    wrong = [entry.msgid for entry in translations.catalogue(locale) if not _has_same_placeholders(entry)]

    assert wrong == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_compiled_catalogue_is_the_written_one(locale: str) -> None:
    folder = translations.LOCALE / locale / "LC_MESSAGES"
    compiled = polib.mofile(str(folder / "django.mo"))

    assert _texts(compiled) == _texts(translations.catalogue(locale))


def test_simplified_chinese_is_made_from_traditional() -> None:
    written, kept = (translations.catalogue(locale) for locale in LOCALES)

    assert _texts(translations.made(written)) == _texts(kept)


def test_chinese_is_set_as_the_design_says() -> None:
    """Full-width punctuation, a space between Chinese and Latin or figures, 你."""
    half_width = re.compile(rf"[{HAN}][,;:?!]|[,;:?!][{HAN}]")
    touching = re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9][{HAN}]")
    plain = [
        (entry.msgid, re.sub(r"%\(\w+\)[sd]", "…", text))
        for entry in translations.catalogue(translations.WRITTEN)
        for text in _translations(entry)
    ]

    assert [text for _msgid, text in plain if half_width.search(text)] == []
    assert [text for _msgid, text in plain if touching.search(text)] == []
    assert [text for _msgid, text in plain if "您" in text] == []


@pytest.mark.parametrize(
    ("taiwan", "mainland"),
    [
        ("請加到檔案的第一列。", "请加到文件的第一行。"),  # a row: 列 would be a column there
        ("列出下列訊息", "列出下列消息"),
        ("「結帳」要填郵遞區號", "“结账”要填邮政编码"),
        ("%(n)s 則訊息", "%(n)s 条消息"),
        ("線上不販售", "线上不售"),
    ],
)
def test_simplified_chinese_uses_the_mainlands_words(taiwan: str, mainland: str) -> None:
    assert translations.simplified(taiwan) == mainland


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "Mei's double"), ("zh-hant", "小梅的分身"), ("zh-hans", "小梅的分身")]
)
def test_django_reads_the_catalogue(language: str, expected: str) -> None:
    name = "Mei" if language == "en" else "小梅"

    with translation.override(language):
        assert translation.gettext("%(name)s's double") % {"name": name} == expected


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("zh-hant", "2026 年 7 月 5 日", "2026 年 7 月 5 日 18:03"),
        ("zh-hans", "2026 年 7 月 5 日", "2026 年 7 月 5 日 18:03"),
    ],
)
def test_dates_have_a_space_between_figures_and_chinese(language: str, day: str, moment: str) -> None:
    at = datetime(2026, 7, 5, 18, 3, tzinfo=UTC)

    with translation.override(language):
        assert formats.date_format(at, "DATE_FORMAT") == day
        assert formats.date_format(at, "DATETIME_FORMAT") == moment


@pytest.mark.parametrize(("accepts", "title"), [("zh-TW", "商店"), ("zh-CN", "商店"), ("en", "Shops"), ("fr", "Shops")])
def test_a_page_comes_in_the_browsers_language(db: None, accepts: str, title: str) -> None:
    page = Client().get("/", headers={"accept-language": accepts}).content.decode()

    assert f"<title>{title}</title>" in page


def _key(entry: polib.POEntry) -> tuple[str | None, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural or ""


def _translations(entry: polib.POEntry) -> Iterator[str]:
    yield from entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]


def _texts(catalogue: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str, str], list[str]]:
    return {_key(entry): list(_translations(entry)) for entry in catalogue}


def _has_same_placeholders(entry: polib.POEntry) -> bool:
    # A plural's form for one may leave its number out.
    wanted = Counter(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
    return all(Counter(PLACEHOLDER.findall(text)) == wanted for text in _translations(entry))
