"""The words that generated products are made of (words.csv): English beside Traditional Chinese, made up for this."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

Pair = tuple[str, str]  # English, Chinese


class Kind(NamedTuple):
    """One kind of product: where it stands, what it is called and made of, its sizes, its prices in dollars."""

    path: str
    category: Pair
    names: tuple[Pair, ...]
    materials: tuple[Pair, ...]
    sizes: tuple[str, ...]
    prices: tuple[int, int]


with Path(__file__).with_name("words.csv").open(encoding="utf-8") as _file:
    _ROWS = list(csv.DictReader(_file))


def _pairs(what: str, material: str = "") -> tuple[Pair, ...]:
    return tuple(
        (row["name"], row["in_chinese"]) for row in _ROWS if row["what"] == what and row["material"] == material
    )


def _kind(row: dict[str, str]) -> Kind:
    path, _, category = row["name"].partition(":")
    names = tuple((english, chinese) for english, chinese in (each.split("=") for each in row["names"].split(" | ")))
    return Kind(
        path=path,
        category=(category, row["in_chinese"]),
        names=names,
        materials=_pairs("material", row["material"]),
        sizes=tuple(row["sizes"].split(" | ")),
        prices=(int(row["lowest"]), int(row["highest"])),
    )


KINDS = tuple(_kind(row) for row in _ROWS if row["what"] == "kind")
COLOURS, QUALITIES, SENTENCES = _pairs("colour"), _pairs("quality"), _pairs("sentence")
_SYLLABLES = "ka lo mi ra ten vo shu ne bel dor fin gas hil jun kel lum mar nor pel qui rem sol tam ulv wex yor zan"
SYLLABLES = tuple(_SYLLABLES.split())
CHINESE_SYLLABLES = "山海雲林石光風月星松禾青白川原野木泉嵐晴"
