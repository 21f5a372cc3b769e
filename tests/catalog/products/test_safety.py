from __future__ import annotations

from typing import Any

import pytest

from catalog.products.attribute_graph import Graph, shipped_edges
from catalog.products.needs import Needs
from catalog.products.safety import allergens_in, pregnancy_in, verdict
from catalog.products.selectors import ProductView

GRAPH = Graph.of(shipped_edges())


def product(**attributes: Any) -> ProductView:
    return ProductView(
        1, "p", "P", "", "", "", "", "", "", attributes, (), None, None, price_varies=False, stock="in_stock", left=None
    )


@pytest.mark.parametrize(
    ("said", "allergens"),
    [
        ("I'm allergic to fragrance and nuts", ("fragrance", "nut")),
        ("I have a peanut allergy", ("peanut",)),
        ("我對香精過敏", ("fragrance",)),
        ("我对花生、牛奶过敏", ("花生", "牛奶")),
        ("I am not allergic to nuts", ()),
        ("without fragrance please", ()),
    ],
)
def test_what_someone_is_allergic_to_is_heard_even_when_no_list_knows_it(said: str, allergens: tuple[str, ...]) -> None:
    assert allergens_in(said) == allergens


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ({}, "unknown"),
        ({"key_ingredients": ["oats"]}, "unknown"),
        ({"free_from": ["peanuts"]}, "fits"),
        ({"free_from": ["gluten"]}, "unknown"),
        ({"ingredients": ["oats", "sugar"]}, "fits"),
        ({"ingredients": ["oats", "roasted peanuts"]}, "breaks"),
        ({"allergens": ["milk"]}, "fits"),
        ({"free_from": ["peanuts"], "allergens": ["peanut"]}, "breaks"),
        ({"kind": "tent"}, "fits"),
    ],
)
def test_an_allergy_takes_nothing_for_safe_that_the_data_do_not_say(attributes: dict[str, Any], found: str) -> None:
    assert verdict(product(**attributes), Needs(allergies=("peanut",)), GRAPH) == found


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ({}, "unknown"),
        ({"avoid_in_pregnancy": True, "key_ingredients": ["niacinamide"]}, "breaks"),
        ({"avoid_in_pregnancy": False}, "fits"),
        ({"key_ingredients": ["retinal"]}, "breaks"),
        ({"key_ingredients": ["niacinamide"]}, "fits"),
        ({"kind": "tent"}, "fits"),
    ],
)
def test_pregnancy_fails_closed(attributes: dict[str, Any], found: str) -> None:
    assert verdict(product(**attributes), Needs(is_pregnant=True), GRAPH) == found


def test_without_either_nothing_is_left_out() -> None:
    assert verdict(product(), Needs(avoid=("fragrance",)), GRAPH) == "fits"


@pytest.mark.parametrize(
    ("said", "is_pregnant"),
    [
        ("I'm pregnant", True), ("I'm not pregnant", False), ("not pregnant any more, but breastfeeding", True),
        ("not pregnant or nursing", False), ("我懷孕了", True), ("我沒有懷孕", False), ("我沒有懷孕，但在哺乳", True),
        ("沒有懷孕在哺乳", True), ("沒有懷孕或哺乳", False), ("沒有懷孕也沒有哺乳", False), ("a serum", None),
    ],
)  # fmt: skip
def test_only_what_is_denied_is_denied(said: str, is_pregnant: bool | None) -> None:
    assert pregnancy_in(said) is is_pregnant
