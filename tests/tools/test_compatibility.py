"""Whether two things go together: what the data keep apart, the creator's own words, and never "safe"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.accounts.scoping import merchant_scope
from catalog.products.indexing import reindex
from catalog.products.models import Product
from conversations.personas.services import ingest_document
from tests.factories import make_merchant, make_product
from tests.tools.conftest import Shop
from tests.tools.talking import call
from tools.results import ProductCard, ToolResult


@pytest.fixture
def retinal(shop: Shop) -> Product:
    """A retinal serum beside No. 3, which the shop keeps apart from retinal, and a lactic acid with hyaluronic."""
    shop.serum.attributes |= {"conflicts_with": ["retinal", "retinol"]}
    shop.serum.save()
    product = make_product(
        shop.merchant,
        slug="night-shift",
        title="Night Shift Retinal 0.05%",
        titles={"en": "Night Shift Retinal 0.05%", "zh-hant": "夜班 A 醛精華 0.05%"},
        attributes={"key_ingredients": ["retinal", "squalane"], "kind": "serum", "conflicts_with": ["vitamin_c"]},
    )
    make_product(
        shop.merchant,
        slug="half-moon",
        title="Half Moon Lactic",
        attributes={"key_ingredients": ["lactic_acid", "hyaluronic_acid"], "conflicts_with": ["vitamin_c"]},
    )
    make_product(shop.merchant, slug="c", title="Seven", attributes={"key_ingredients": ["vitamin_c"], "kind": "serum"})
    reindex(merchant=shop.merchant)
    return product


def _check(shop: Shop, *things: str, **given: Any) -> ToolResult:
    return call(shop.ctx, "check_compatibility", things=list(things), **given)


def _shown(result: ToolResult) -> list[int]:
    return [card.product_id for card in result.cards if isinstance(card, ProductCard)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("No. 3", "retinal"),
        ("the retinal serum", "No. 3 serum"),
        ("3 號", "A 醛"),
        ("三號精華", "A醛精華"),
        ("烟酰胺", "A醛"),
        ("niacinamide", "Night Shift"),
    ],
)
def test_what_the_data_keep_apart_is_told_with_a_card_of_each_side(
    shop: Shop, retinal: Product, one: str, other: str
) -> None:
    shop.serum.titles = (
        {"en": "No. 3 Niacinamide Serum", "zh-hant": "三號菸鹼醯胺精華"}
        if "三" in one
        else {
            "en": "No. 3 Niacinamide Serum",
            "zh-hant": "3 號菸鹼醯胺精華",
        }
    )
    shop.serum.save()
    reindex(merchant=shop.merchant)

    result = _check(shop, one, other)

    assert "conflict: No. 3 Niacinamide Serum | not together with: retinal" in result.text
    assert set(_shown(result)) == {shop.serum.pk, retinal.pk}


def test_an_ingredient_that_no_product_holds_but_one_warns_of_is_known(shop: Shop, retinal: Product) -> None:
    result = _check(shop, "A醇", "niacinamide")

    assert "conflict: No. 3 Niacinamide Serum | not together with: retinol" in result.text


def test_without_a_conflict_only_the_silence_of_the_data_is_told(shop: Shop, retinal: Product) -> None:
    result = _check(shop, "No. 3", "vitamin C")

    assert "conflict" not in result.text
    assert "Nothing in the data speaks against it." in result.text
    assert "safe" not in result.text


def test_what_a_product_avoids_for_its_first_ingredient_is_not_said_of_its_second(shop: Shop, retinal: Product) -> None:
    result = _check(shop, "hyaluronic acid", "vitamin c")

    assert "conflict" not in result.text


def test_two_of_the_list_are_checked_by_their_places(shop: Shop, retinal: Product) -> None:
    ctx = replace(shop.ctx, shown_product_ids=(shop.cleanser.pk, shop.serum.pk, retinal.pk))

    result = call(ctx, "check_compatibility", ordinals=[2, 3])

    assert _shown(result) == [shop.serum.pk, retinal.pk]


def test_the_creators_opinion_of_both_comes_along(shop: Shop, retinal: Product) -> None:
    ingest_document(
        merchant=shop.merchant,
        creator=shop.creator,
        slug="on-both",
        kind="opinion",
        titles={"en": "No. 3 and retinal together?"},
        texts={"en": "Morning and evening, yes. In the same hour, not on my face."},
    )

    assert "opinion “No. 3 and retinal together?”: Morning and evening, yes." in _check(shop, "No. 3", "retinal").text
    assert "opinion" not in _check(shop, "No. 3", "vitamin C").text


@pytest.mark.parametrize(
    ("things", "error"),
    [(["No. 3", "unicorn dust"], "no_data"), (["retinal", "a serum"], "which_product"), (["retinal"], "which_product")],
)
def test_what_is_not_known_is_not_guessed(shop: Shop, retinal: Product, things: list[str], error: str) -> None:
    assert _check(shop, *things).error == error


def test_another_shops_products_count_as_unknown(shop: Shop, retinal: Product) -> None:
    other = make_merchant()
    with merchant_scope(other):
        foreign = make_product(other, slug="foreign", title="Foreign Glow")
        reindex(merchant=other)

    assert _check(shop, "No. 3", "Foreign Glow").error == "no_data"
    assert _check(shop, "No. 3", product_ids=[foreign.pk]).error == "product_not_found"
