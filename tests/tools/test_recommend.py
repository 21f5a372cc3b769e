"""Advice: needs become products with reasons, refinements narrow what was shown, a routine adds up."""

from __future__ import annotations

from dataclasses import replace

from catalog.products.indexing import reindex
from tests.factories import make_product
from tests.tools.conftest import Shop
from tests.tools.talking import call
from tools.context import Watching
from tools.recommend_products import OTHER_KINDS

OILY = {"skin_types": ["oily"]}


def test_needs_become_products_that_fit_with_a_reason_and_its_weights(shop: Shop) -> None:
    result = call(shop.ctx, "recommend_products", skin_types=["oily", "Sensitive"], concerns=["redness"])

    first = result.cards[0]
    assert (first.product_id, first.ordinal) == (shop.serum.pk, 1)
    assert first.reason == "Suits oily and sensitive skin, helps with redness"
    assert result.heard == {"skin_types": "oily skin, sensitive skin", "concerns": "redness"}
    assert result.why[shop.serum.pk][0][0] == "skin_type"
    assert result.text.startswith(
        "These fit; the first fits best:\n<data>\n"
        f"1. id={shop.serum.pk} | No. 3 Niacinamide Serum | NT$980 | in stock | Suits oily"
    )


def test_needs_are_understood_in_any_spelling_and_language(shop: Shop) -> None:
    result = call(shop.ctx, "recommend_products", skin_types=["油肌", "Sensitive skin"], concerns=["泛紅"])

    assert result.heard == {"skin_types": "oily skin, sensitive skin", "concerns": "redness"}
    assert result.cards[0].product_id == shop.serum.pk


def test_needs_said_before_count_and_can_be_taken_back(shop: Shop) -> None:
    ctx = replace(shop.ctx, needs={"budget_max": {"minor": 500_00, "currency": "TWD"}, "skin_types": ["oily"]})

    kept = call(ctx, "recommend_products")
    freed = call(ctx, "recommend_products", forget=["budget_max"])

    assert [card.product_id for card in kept.cards] == [shop.cleanser.pk]
    assert kept.heard == {"skin_types": "oily skin", "budget_max": "NT$500"}
    assert shop.serum.pk in [card.product_id for card in freed.cards]


def test_cheaper_means_cheaper_than_all_shown(shop: Shop) -> None:
    ctx = replace(shop.ctx, shown_product_ids=(shop.serum.pk,), needs=OILY)

    result = call(ctx, "recommend_products", cheaper=True)

    assert [card.price.text for card in result.cards] == ["NT$480"]


def test_cheaper_than_the_cheapest_names_the_cheapest_shown(shop: Shop) -> None:
    ctx = replace(shop.ctx, shown_product_ids=(shop.serum.pk, shop.cleanser.pk), needs=OILY)

    result = call(ctx, "recommend_products", cheaper=True)

    assert result.error == "nothing_cheaper"
    assert [card.product_id for card in result.cards] == [shop.cleanser.pk]


def test_cheaper_than_one_of_the_list(shop: Shop) -> None:
    ctx = replace(shop.ctx, shown_product_ids=(shop.cleanser.pk, shop.serum.pk))

    result = call(ctx, "recommend_products", cheaper=True, than_ordinal=2)
    beyond = call(ctx, "recommend_products", cheaper=True, than_ordinal=3)

    assert [card.product_id for card in result.cards] == [shop.cream.pk]
    assert (beyond.error, beyond.cards) == ("no_such_place", ())
    assert beyond.text == "Only 2 products were shown. Use an ordinal from 1 to 2."


def test_others_leaves_out_what_was_shown(shop: Shop) -> None:
    ctx = replace(shop.ctx, shown_product_ids=(shop.serum.pk,), needs=OILY)

    result = call(ctx, "recommend_products", others=True)

    assert shop.serum.pk not in [card.product_id for card in result.cards]


def test_what_is_on_screen_comes_first(shop: Shop) -> None:
    ctx = replace(shop.ctx, watching=Watching(product_ids=(shop.cleanser.pk,)))

    result = call(ctx, "recommend_products", skin_types=["oily"])

    assert result.cards[0].product_id == shop.cleanser.pk


def test_nothing_fits_is_told_with_the_limit(shop: Shop) -> None:
    result = call(shop.ctx, "recommend_products", skin_types=["oily"], budget_max=10)

    assert result.error == "no_match"
    assert (
        result.text == "No product of this shop fits these needs within NT$10. Say so, and ask which need may give way."
    )


def test_a_routine_has_numbered_steps_and_the_total_of_its_prices(shop: Shop) -> None:
    result = call(shop.ctx, "recommend_routine", steps=["cleanse", "treat"], skin_types=["oily"], budget_max=2000)

    (card,) = result.cards
    assert card.kind == "routine"
    assert [(step.name, step.product.product_id, step.product.ordinal) for step in card.steps] == [
        ("Cleanse", shop.cleanser.pk, 1),
        ("Treat", shop.serum.pk, 2),
    ]
    assert (card.total.text, card.budget.text, card.over_by) == ("NT$1,460", "NT$2,000", None)
    assert card.need == "Oily skin"
    assert result.text.endswith("Total NT$1,460.")


def test_a_routine_over_the_budget_says_by_how_much(shop: Shop) -> None:
    result = call(shop.ctx, "recommend_routine", steps=["cleanse", "treat"], budget_max=1000)

    (card,) = result.cards
    assert card.over_by is not None
    assert card.over_by.text == "NT$460"
    assert "NT$460 over the budget" in result.text


def test_cheaper_keeps_to_the_kinds_shown_and_says_when_it_cannot(shop: Shop) -> None:
    other = make_product(
        shop.merchant, slug="tea", title="Tea Serum", category_path="skincare/serum", prices={"TWD": 560_00}
    )
    reindex(merchant=shop.merchant)

    same = call(replace(shop.ctx, shown_product_ids=(shop.serum.pk,)), "recommend_products", cheaper=True)
    wider = call(replace(shop.ctx, shown_product_ids=(other.pk,)), "recommend_products", cheaper=True)

    assert [card.product_id for card in same.cards] == [other.pk]
    assert [card.product_id for card in wider.cards] == [shop.cleanser.pk]
    assert wider.text.startswith(OTHER_KINDS)


def test_one_place_of_the_list_is_swapped_and_the_rest_stays(shop: Shop) -> None:
    shown = call(shop.ctx, "recommend_products", skin_types=["oily"], limit=2)
    ids = tuple(card.product_id for card in shown.cards)
    ctx = replace(shop.ctx, shown_product_ids=ids, needs=OILY)

    swapped = call(ctx, "recommend_products", swap_ordinal=2)

    assert swapped.cards[0].product_id == ids[0]
    assert swapped.cards[1].product_id not in ids
    assert swapped.cards[1].reason


def test_a_place_that_was_not_shown_cannot_be_swapped(shop: Shop) -> None:
    assert call(shop.ctx, "recommend_products", swap_ordinal=2).error == "no_list"
