"""Keeps the catalogues: gathers new words, makes Simplified Chinese from Traditional, compiles what Django reads."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import django
import polib
from django.core.management import call_command
from django.test.utils import override_settings

from catalog.languages import to_simplified
from shop_assistant.settings import BASE_DIR

LOCALE = BASE_DIR / "frontend" / "locale"
SCRIPTS = BASE_DIR / "frontend" / "static" / "frontend"
WRITTEN, MADE = "zh_Hant", "zh_Hans"  # one is translated by hand, the other is made from it
_IGNORED = ["tests", "locale", "staticfiles", "node_modules"]  # makemessages leaves out what begins with a dot itself
_WRAP = 110
_HEADERS = {
    WRITTEN: "Translated by hand. scripts/docs gathers new texts; write their translation here, then run it again.",
    MADE: "Made from zh_Hant by scripts/docs. Do not edit.",
}

# Words of the interface that OpenCC turns into others than an interface on the mainland has.
_WORDS = (
    ("审核纪录", "审计日志"),
    ("数据内容", "数据"),
    ("电子邮件", "邮箱"),
    ("纪录", "记录"),
    ("范式文字", "规范化文字"),
    ("讯框", "数据帧"),
    ("试跑", "试运行"),
    ("调度", "计划任务"),
    ("送出订单", "提交订单"),
    ("送出这笔订单", "提交这笔订单"),
    ("送出", "发送"),
    ("选物架", "选品架"),
)
_QUOTES = str.maketrans("「」『』", "“”‘’")
# A row of a table is 列 in Taiwan and 行 on the mainland, where 列 is a column.
_ROW = re.compile(r"(?<![系队下排])列(?![表出])")
_PIECE = re.compile(r"则(?=消息|提问|新提问|内容|对话|视频|更新|$)")


def simplified(text: str) -> str:
    """Return a text of the interface for readers of Simplified Chinese."""
    converted = to_simplified(text).translate(_QUOTES)
    for there, here in _WORDS:
        converted = converted.replace(there, here)
    return _PIECE.sub("条", _ROW.sub("行", converted))


def can_gather() -> bool:
    """Return whether gettext's programs are here, which read the words out of the sources."""
    return all(shutil.which(name) for name in ("xgettext", "msguniq", "msgattrib"))


def gathered() -> polib.POFile:
    """Return every text that the sources mark, untranslated; needs `can_gather`."""
    with tempfile.TemporaryDirectory() as folder, override_settings(LOCALE_PATHS=[folder]), chdir(BASE_DIR):
        call_command(
            "makemessages",
            locale=[WRITTEN],
            ignore_patterns=_IGNORED,
            add_location="file",
            no_obsolete=True,
            verbosity=0,
        )
        return polib.pofile(str(Path(folder) / WRITTEN / "LC_MESSAGES" / "django.po"), wrapwidth=_WRAP)


def catalogue(locale: str) -> polib.POFile:
    """Return the catalogue of a locale as it is kept."""
    return polib.pofile(str(_path(locale)), wrapwidth=_WRAP)


def merged(kept: polib.POFile, found: polib.POFile) -> polib.POFile:
    """Return the texts of the sources, in their order, with the translations kept so far; nothing is guessed."""
    known = {(entry.msgctxt, entry.msgid): entry for entry in kept}
    result = _empty(WRITTEN)
    for entry in found:
        old = known.get((entry.msgctxt, entry.msgid))
        if entry.msgid_plural:
            entry.msgstr_plural = {0: old.msgstr_plural.get(0, "") if old else ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        result.append(entry)
    return result


def made(written: polib.POFile) -> polib.POFile:
    """Return the catalogue in Simplified Chinese that `written` leads to."""
    result = _empty(MADE)
    for entry in written:
        result.append(
            polib.POEntry(
                msgctxt=entry.msgctxt,
                msgid=entry.msgid,
                msgid_plural=entry.msgid_plural,
                msgstr=simplified(entry.msgstr),
                msgstr_plural={number: simplified(text) for number, text in entry.msgstr_plural.items()},
                flags=list(entry.flags),
            )
        )
    return result


def script_words() -> str:
    """Return the scripts' words in Simplified Chinese: made from the file in Traditional Chinese."""
    text = (SCRIPTS / "words_zh_hant.js").read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    return "// 简体中文。由 words_zh_hant.js 生成：scripts/docs\n" + "".join(simplified(line) for line in lines[1:])


def update() -> Iterator[str]:
    """Bring every generated file up to date; yield what is left for a person to do."""
    written = catalogue(WRITTEN)
    if can_gather():
        written = merged(written, gathered())
    else:
        yield "gettext is not installed, so new texts were not gathered (Debian: apt-get install gettext)"
    for locale, entries in ((WRITTEN, written), (MADE, made(written))):
        _path(locale).parent.mkdir(parents=True, exist_ok=True)
        entries.save(str(_path(locale)))
        entries.save_as_mofile(str(_path(locale).with_suffix(".mo")))
    (SCRIPTS / "words_zh_hans.js").write_text(script_words(), encoding="utf-8")
    yield from (f"to translate: {entry.msgid!r}" for entry in written.untranslated_entries())


def main() -> None:
    """Update the catalogues and say what is left to translate."""
    django.setup()
    for line in update():
        print(line)


def _path(locale: str) -> Path:
    return LOCALE / locale / "LC_MESSAGES" / "django.po"


def _empty(locale: str) -> polib.POFile:
    result = polib.POFile(wrapwidth=_WRAP)
    result.header = _HEADERS[locale]
    result.metadata = {
        "Project-Id-Version": "shop-assistant",
        "Language": locale,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return result


if __name__ == "__main__":
    main()
