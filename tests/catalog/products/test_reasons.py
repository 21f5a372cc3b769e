from __future__ import annotations

from typing import Any

import pytest

from catalog.money import Money
from catalog.products.needs import Needs
from catalog.products.reasons import listed, reason
from catalog.products.selectors import ProductView
from catalog.products.vocabulary import name_key, names, value_named, word


def product(price: int = 980_00, **attributes: Any) -> ProductView:
    return ProductView(
        product_id=1,
        slug="no-3",
        title="No. 3",
        description="",
        brand="",
        category="",
        category_path="",
        external_url="",
        image_url="",
        attributes=attributes,
        variants=(),
        price=Money(price, "TWD"),
        was=None,
        price_varies=False,
        stock="in_stock",
        left=None,
    )


SERUM = product(
    skin_types=["oily", "sensitive"],
    concerns=["redness", "shine"],
    key_ingredients=["niacinamide"],
    free_from=["fragrance", "alcohol"],
    texture="gel",
    size_ml=30,
)
TENT = product(activity=["camping", "hiking"], waterproof_mm=3000, people=2)


@pytest.mark.parametrize(
    ("needs", "en", "zh"),
    [
        (Needs(skin_types=("oily",), avoid=("fragrance",)), "Suits oily skin, no fragrance", "適合油肌、無香料"),
        (
            Needs(skin_types=("oily", "sensitive"), concerns=("redness",)),
            "Suits oily and sensitive skin, helps with redness",
            "適合油肌、敏感肌，改善泛紅",
        ),
        (Needs(concerns=("shine",)), "Helps with shine, no fragrance, no alcohol", "改善出油、無香料、無酒精"),
        (
            Needs(text="niacinamide 菸鹼醯胺"),
            "With niacinamide, no fragrance, no alcohol",
            "含菸鹼醯胺、無香料、無酒精",
        ),
        (
            Needs(),
            "Helps with redness and shine, no fragrance, no alcohol",
            "改善泛紅、出油，無香料，無酒精",
        ),
        (
            Needs(skin_types=("oily",), concerns=("redness",), budget_max=Money(1000_00, "TWD")),
            "Suits oily skin, helps with redness, within NT$1,000",
            "適合油肌、改善泛紅、在 NT$1,000 以內",
        ),
        (
            Needs(skin_types=("oily",), concerns=("redness",), words={"oily": "大油田", "redness": "臉很容易紅"}),
            "Suits 大油田, helps with 臉很容易紅",
            "適合大油田、改善臉很容易紅",
        ),
    ],
)
def test_a_reason_names_what_was_asked_and_cites_the_product(needs: Needs, en: str, zh: str) -> None:
    assert reason(product=SERUM, needs=needs, language="en") == en
    assert reason(product=SERUM, needs=needs, language="zh-hant") == zh


def test_simplified_is_converted() -> None:
    needs = Needs(skin_types=("oily",), avoid=("fragrance",))

    assert reason(product=SERUM, needs=needs, language="zh-hans") == "适合油肌、无香料"


def test_outdoor_reasons_cite_the_activity_and_the_figures() -> None:
    needs = Needs(activities=("camping",))

    assert reason(product=TENT, needs=needs, language="en") == "Made for camping, waterproof to 3000 mm, sleeps 2"
    assert reason(product=TENT, needs=needs, language="zh-hant") == "適合露營、防水 3000 mm、2 人用"


def test_nothing_is_claimed_that_the_product_does_not_say() -> None:
    needs = Needs(skin_types=("dry",), concerns=("acne",), avoid=("silicone",), activities=("running",))

    assert reason(product=product(), needs=needs, language="en") == ""
    assert "dry" not in reason(product=SERUM, needs=needs, language="en")


def test_all_skin_types_answer_a_skin_type() -> None:
    found = reason(product=product(skin_types=["all"]), needs=Needs(skin_types=("oily",)), language="en")

    assert found == "Suits all skin types"


def test_a_reason_fits_on_two_lines() -> None:
    long = Needs(concerns=("redness",), words={"redness": "my whole face turning red as soon as I enter any warm room"})

    assert reason(product=SERUM, needs=long, language="en") == (
        "Helps with my whole face turning red as soon as I enter any warm room"
    )


@pytest.mark.parametrize(
    ("words", "en", "zh"),
    [([], "", ""), (["a"], "a", "a"), (["a", "b"], "a and b", "a、b"), (["a", "b", "c"], "a, b and c", "a、b、c")],
)
def test_listed(words: list[str], en: str, zh: str) -> None:
    assert (listed(words, "en"), listed(words, "zh-hant")) == (en, zh)


def test_words_of_the_vocabulary() -> None:
    assert [word("skin_types", "oily", language) for language in ("en", "zh-hant", "zh-hans")] == [
        "oily skin",
        "油肌",
        "油肌",
    ]
    assert word("free_from", "fragrance", "zh-hans") == "无香料"
    assert word("colour", "dark_blue", "zh-hant") == "dark blue"
    assert "油性" in names("skin_types", "oily")
    assert names("colour", "dark_blue") == ("dark blue",)
    assert value_named("kind", "Sleeping-Bags") == value_named("kind", "睡袋") == "sleeping_bag"
    assert value_named("kind", "spaceship") is None
    assert name_key("Sleeping_Bags") == "sleepingbag"
