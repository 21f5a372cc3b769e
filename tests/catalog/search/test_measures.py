from __future__ import annotations

import pytest

from catalog.search.analysis import fold, tokens
from catalog.search.measures import chinese_measures


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("No. 7 serum", ["=7no", "serum"]),
        ("no 7 serum", ["=7no", "serum"]),
        ("7 號精華", ["=7no", "精华"]),
        ("nc-008", ["nc-008"]),
        ("usb 3.0 no 1.5", ["usb", "3.0", "no", "1.5"]),
        ("two-person tent", ["=2person", "tent"]),
        ("帳篷4人", ["帐篷", "=4person"]),
        ("two in one", ["two", "in", "one"]),
        ("頭燈400流明", ["头灯", "=400lm"]),
        ("SPF50+ 防曬", ["spf", "=50spf", "防晒"]),
        ("ps4 pro", ["ps4", "pro"]),
        ("8 °C", ["=8deg"]),
        ("-8°C", ["=8degbelow"]),
        ("零下8度", ["=8degbelow"]),
        ("minus 8 degrees", ["=8degbelow"]),
    ],
)
def test_what_is_measured_or_numbered_has_one_spelling(text: str, pieces: list[str]) -> None:
    assert tokens(text) == pieces


def test_chinese_numbers_are_told_in_digits_too() -> None:
    assert chinese_measures(fold("三公升水袋")) == {"三公升": "3 l"}
    assert chinese_measures(fold("雙人帳")) == {"双人": "2 person"}
    assert chinese_measures(fold("三號精華")) == {"三号": "no 3"}
    assert chinese_measures(fold("精華")) == {}
