from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.analysis import fold
from catalog.search.limits import Limit, limits_in, measured_in, within

MEASURED = {
    ("weight_g", "640"): (640.0, "g"),
    ("weight_g", "2000"): (2000.0, "g"),
    ("weight_g", "2860"): (2860.0, "g"),
    ("size_ml", "30"): (30.0, "ml"),
    ("waterproof_mm", "3000"): (3000.0, "mm"),
    ("waterproof_mm", "10000"): (10000.0, "mm"),
    ("capacity", "1.5 l"): (1.5, "l"),
}


@pytest.mark.parametrize(
    ("text", "unit", "minimum", "maximum"),
    [
        ("tent under 2 kg", "kg", None, 2),
        ("tent, 2kg or less", "kg", None, 2),
        ("not over 1.5 litres", "l", None, 1.5),
        ("at least 300 lumens", "lm", 300, None),
        ("bottle 750 ml or more", "ml", 750, None),
        ("between 30 and 50 ml", "ml", 30, 50),
        ("30 到 50 ml 精華", "ml", 30, 50),
        ("兩公斤以下的帳篷", "kg", None, 2),
        ("不超過 500 公克", "g", None, 500),
        ("超過三公升", "l", 3, None),
        ("至少 4 人帳篷", "person", 4, None),
        ("4人以上", "person", 4, None),
        ("低於 -5 度", "deg", None, -5),
    ],
)
def test_a_limit_is_read_with_its_unit(text: str, unit: str, minimum: float | None, maximum: float | None) -> None:
    (found,) = limits_in(fold(text))

    assert (found.unit, found.minimum, found.maximum) == (unit, minimum, maximum)


@pytest.mark.parametrize(
    "text", ["50 ml serum", "tent under 200", "under 300 pounds", "18-55mm lens", "jacket under 40 men's", "以下", "kg"]
)
def test_a_measure_alone_money_and_a_model_are_no_limit(text: str) -> None:
    assert limits_in(fold(text)) == []


def kept(limit: Limit, text: str = "tent") -> dict[str, tuple[str, ...]] | None:
    found = within(limit, "", text, MEASURED)
    return dict(found.values) if found else None


def test_the_values_that_keep_a_limit_are_found_in_any_unit_both_ends_inclusive() -> None:
    assert kept(Limit(0, 0, "kg", maximum=2)) == {"weight_g": ("2000", "640")}
    assert kept(Limit(0, 0, "lb", minimum=5)) == {"weight_g": ("2860",)}
    assert kept(Limit(0, 0, "ml", minimum=1000)) == {"capacity": ("1.5 l",), "size_ml": ()}
    assert kept(Limit(0, 0, "kg", maximum=0.1)) == {"weight_g": ()}


def test_a_unit_that_nothing_is_measured_in_limits_nothing() -> None:
    assert kept(Limit(0, 0, "gb", minimum=500)) is None


def test_a_length_is_of_what_the_words_name_or_in_the_unit_that_is_stated() -> None:
    assert kept(Limit(0, 0, "m", maximum=2)) is None
    assert kept(Limit(0, 0, "m", minimum=5), "waterproof to 5 m") == {"waterproof_mm": ("10000",)}
    assert kept(Limit(0, 0, "mm", minimum=5000)) == {"waterproof_mm": ("10000",)}


def test_what_the_words_name_is_looked_at_alone() -> None:
    assert kept(Limit(0, 0, "l", maximum=1), "capacity up to 1 l") == {"capacity": ()}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("weight_g", "1690", (1690.0, "g")),
        ("people", "2", (2.0, "person")),
        ("comfort_c", "-8", (-8.0, "deg")),
        ("weight", "1.2 kg", (1.2, "kg")),
        ("spf", "50", None),
        ("weight_g", "light", None),
        ("strength", "3%", None),
    ],
)
def test_a_value_measures_what_its_attribute_or_its_own_unit_says(
    name: str, value: str, told: tuple[float, str] | None
) -> None:
    assert measured_in(name, value) == told


@given(st.text(alphabet="0123456789. kgml以下超过不under over至少到~-人", max_size=40))
def test_limits_never_overlap_and_stand_in_the_text(text: str) -> None:
    found = limits_in(fold(text))

    assert all(0 <= each.start < each.end <= len(fold(text)) for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
