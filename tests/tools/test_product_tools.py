"""One product, several side by side, and what the creator and the shop say: always this merchant's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.accounts.scoping import merchant_scope
from catalog.products.services import retire
from conversations.personas.services import ingest_content, ingest_document
from tests.factories import make_content, make_merchant, make_product
from tests.tools.conftest import Shop
from tests.tools.talking import Desk, call, make_ctx
from tools.context import Watching


def test_details_tell_price_variants_facts_note_and_moment(shop: Shop) -> None:
    item = make_content(
        shop.creator, lines=[(97, 106, {"en": "Two drops, that is all."})], shows=[(shop.cream, 97, 106)]
    )

    result = call(shop.ctx, "product_details", product_id=shop.cream.pk)

    small, large = shop.variant(shop.cream), shop.variant(shop.cream, 1)
    assert result.text == (
        "<data>\n"
        f"id={shop.cream.pk} | Barrier Cloud Cream | from NT$680 | in stock\n"
        f"variant_id={small.pk} | 30 ml | NT$680 | in stock\n"
        f"variant_id={large.pk} | 130 ml | NT$1,680 | sold out\n"
        "facts: Suits: dry skin, sensitive skin; Step: moisturise\n"
        "about: \n"
        "shown in: video “Four-step night” at 1:37: Two drops, that is all.\n"
        "</data>"
    )
    product, moment = result.cards
    assert product.product_id == shop.cream.pk
    assert (moment.content_id, moment.url) == (item.pk, "/s/meis-shelf/v/four-step-night/?t=97")


def test_the_creators_own_note_is_told(shop: Shop) -> None:
    result = call(shop.ctx, "product_details", product_id=shop.serum.pk)

    assert "about: Two drops is plenty.\nthe creator says: My every second night." in result.text


def test_an_ordinal_names_the_product_last_shown(shop: Shop) -> None:
    ctx = replace(shop.ctx, shown_product_ids=(shop.serum.pk, shop.cleanser.pk))

    result = call(ctx, "product_details", ordinal=2)

    assert (result.cards[0].product_id, result.cards[0].ordinal) == (shop.cleanser.pk, 2)


def test_nothing_named_means_the_only_one_shown_or_the_one_on_screen(shop: Shop) -> None:
    only = call(replace(shop.ctx, shown_product_ids=(shop.cream.pk,)), "product_details")
    on_screen = call(replace(shop.ctx, watching=Watching(product_ids=(shop.serum.pk,))), "product_details")
    unclear = call(shop.ctx, "product_details")

    assert only.cards[0].product_id == shop.cream.pk
    assert on_screen.cards[0].product_id == shop.serum.pk
    assert unclear.error == "which_product"


@pytest.mark.parametrize("wrapped", ["[{}]", "#{}", "id={}", " {} "])
def test_an_id_wrapped_by_the_model_is_understood(wrapped: str, shop: Shop) -> None:
    result = call(shop.ctx, "product_details", product_id=wrapped.format(shop.serum.pk))

    assert result.cards[0].product_id == shop.serum.pk


def test_unknown_retired_and_foreign_ids_answer_alike(shop: Shop) -> None:
    other = make_merchant()
    with merchant_scope(other):
        foreign = make_product(other, slug="tent", title="Ridge Tent")
    retire(product_id=shop.cleanser.pk)

    for product_id in (foreign.pk, shop.cleanser.pk, 999_999):
        result = call(shop.ctx, "product_details", product_id=product_id)
        assert (result.error, result.cards) == ("product_not_found", ())
        assert result.text.startswith(f"product_id {product_id} is not a product of this shop.")


def test_products_stand_side_by_side_in_the_shoppers_words(shop: Shop) -> None:
    result = call(shop.ctx, "compare_products", product_ids=[shop.serum.pk, shop.cleanser.pk])

    (card,) = result.cards
    assert [product.product_id for product in card.products] == [shop.serum.pk, shop.cleanser.pk]
    assert card.rows == (
        ("Price", ("NT$980", "NT$480")),
        ("Stock", ("In stock", "Only 3 left")),
        ("Suits", ("oily skin, sensitive skin", "oily skin")),
        ("Step", ("treat", "cleanse")),
    )


def test_a_comparison_needs_two_products_of_this_shop(shop: Shop) -> None:
    one = call(replace(shop.ctx, shown_product_ids=(shop.serum.pk,)), "compare_products")
    foreign = call(shop.ctx, "compare_products", product_ids=[shop.serum.pk, 999_999])
    shown = call(replace(shop.ctx, shown_product_ids=(shop.serum.pk, shop.cream.pk)), "compare_products")

    assert one.error == "which_product"
    assert (foreign.error, foreign.text) == (
        "product_not_found",
        "product_ids: 999999 is not a product of this shop.",
    )
    assert [product.product_id for product in shown.cards[0].products] == [shop.serum.pk, shop.cream.pk]


def test_a_moment_is_found_by_question_and_by_product(shop: Shop) -> None:
    lines = [(90, 97, {"en": "Now my favourite retinal trick."}), (97, 106, {"en": "Two drops, that is all."})]
    item = make_content(shop.creator, lines=lines, shows=[(shop.serum, 97, 106)])
    ingest_content(content_id=item.pk)

    asked = call(shop.ctx, "find_content", question="retinal trick")
    by_product = call(shop.ctx, "find_content", product_id=shop.serum.pk)
    nothing = call(shop.ctx, "find_content", question="mountain boots")

    assert [(card.start_s, card.slug) for card in asked.cards] == [(90, "four-step-night")]
    assert by_product.cards[0].url == "/s/meis-shelf/v/four-step-night/?t=97"
    assert (nothing.error, nothing.cards) == ("no_content", ())


def test_policies_are_answered_from_the_shops_own_text(shop: Shop) -> None:
    ingest_document(
        merchant=shop.merchant,
        slug="returns",
        kind="policy",
        titles={"en": "Returns"},
        texts={"en": "Unopened products can be sent back within 14 days."},
    )

    result = call(shop.ctx, "answer_from_knowledge", question="Can I get a refund?", about="policies")
    opinions = call(shop.ctx, "answer_from_knowledge", question="Can I get a refund?", about="opinions")
    unknown = call(shop.ctx, "answer_from_knowledge", question="Who won the election?")

    assert result.text == "<data>\npolicy “Returns”: Unopened products can be sent back within 14 days.\n</data>"
    assert (opinions.error, unknown.error) == ("no_answer", "no_answer")


def test_a_person_is_asked_once_and_writes_are_refused_where_nobody_may_write(shop: Shop) -> None:
    desk = Desk()
    ctx = make_ctx(shop.merchant, shop.creator, shop.shopper, handoff=desk)

    result = call(ctx, "talk_to_person", reason="health", summary="Rash after the serum.")
    refused = call(replace(ctx, may_write=False), "talk_to_person")

    assert desk.asked == [("health", "Rash after the serum.")]
    assert [(card.state, card.summary) for card in result.cards] == [("open", "Rash after the serum.")]
    assert refused.error == "not_here"
