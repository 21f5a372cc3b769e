"""The words for attribute values that shops use: what search finds them by and what reasons say, English and Chinese.

They stand in `attribute_words.csv`: attribute, value, English, Traditional Chinese, other words that mean it. A value
that is not listed is spoken as it is written, `_` as a space. docs/attributes.md lists the attribute names.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from catalog.languages import ENGLISH, SIMPLIFIED, to_simplified
from catalog.search.analysis import fold

_FILE = Path(__file__).with_name("attribute_words.csv")


@dataclass(frozen=True, slots=True)
class Words:
    """A value in English and Traditional Chinese, and other words that mean it."""

    en: str
    zh: str
    also: tuple[str, ...]


@lru_cache(maxsize=1)
def _words() -> dict[tuple[str, str], Words]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {
            (row["attribute"], row["value"]): Words(
                row["en"], row["zh-hant"], tuple(filter(None, row["also"].split("|")))
            )
            for row in csv.DictReader(file)
        }


def word(attribute: str, value: str, language: str) -> str:
    """Return how `language` says an attribute's value."""
    known = _words().get((attribute, value))
    if known is None:
        return value.replace("_", " ")
    if language == ENGLISH:
        return known.en
    return to_simplified(known.zh) if language == SIMPLIFIED else known.zh


def names(attribute: str, value: str) -> tuple[str, ...]:
    """Return every word that means the value, in all languages; the value itself first."""
    known = _words().get((attribute, value))
    plain = value.replace("_", " ")
    return tuple(dict.fromkeys((plain, known.en, known.zh, *known.also))) if known else (plain,)


def meanings(attribute: str) -> list[tuple[str, ...]]:
    """Return, for every listed value of an attribute, all words that mean it."""
    return [names(attribute, value) for name, value in _words() if name == attribute]


def all_names() -> tuple[str, ...]:
    """Return every word for every listed value."""
    return tuple(dict.fromkeys(name for attribute, value in _words() for name in names(attribute, value)))


def value_named(attribute: str, spoken: str) -> str | None:
    """Return the value that a word means, in any language and script, or None: "Sleeping-bags" and "睡袋" are one."""
    return _values_by_name().get((attribute, name_key(spoken)))


def name_key(spoken: str) -> str:
    """Return a name without case, script, separators and plural, for comparing names."""
    return fold(spoken).replace("-", "").replace("_", "").replace(" ", "").removesuffix("s")


@lru_cache(maxsize=1)
def _values_by_name() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    listed = [(attribute, value, names(attribute, value)) for attribute, value in _words()]
    # A value's own name wins over another value's "also".
    for attribute, value, spoken in [*((a, v, n[:1]) for a, v, n in listed), *listed]:
        for name in spoken:
            found.setdefault((attribute, name_key(name)), value)
    return found


def is_listed(attribute: str, value: str) -> bool:
    """Whether the value has words of its own."""
    return (attribute, value) in _words()


def is_stated_when_free(ingredient: str) -> bool:
    """Whether a product either states that it is free of `ingredient` or may hold it: silence is no promise."""
    return is_listed("free_from", ingredient)
