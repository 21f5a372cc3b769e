"""The cart: nothing is added that was not named, and nothing of another shop."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync

from catalog.accounts.models import Consent, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.orders.models import CartLine
from catalog.products.services import set_stock
from tests.catalog.hearing import heard
from tests.factories import make_merchant, make_product
from tests.tools.conftest import Shop
from tests.tools.talking import call
from tools.dispatch import ButtonResult, act


def press(shop: Shop, name: str, **fields: object) -> ButtonResult:
    """Press a card's button."""
    return async_to_sync(act)(ctx=shop.ctx, act=name, **fields)


def lines() -> list[tuple[int, int, str]]:
    """Return what lies in carts: variant, quantity, link."""
    return list(CartLine.objects.values_list("variant_id", "quantity", "link_id"))


def test_a_product_with_one_variant_goes_into_the_cart_with_its_link(shop: Shop) -> None:
    result = call(shop.ctx, "add_to_cart", product_id=shop.serum.pk, quantity=2)

    variant = shop.variant(shop.serum)
    assert lines() == [(variant.pk, 2, f"link-{shop.serum.pk}")]
    (card,) = result.cards
    assert (card.kind, card.count, card.total.text, card.delivery, card.is_test) == ("cart", 2, "NT$1,960", None, True)
    assert result.text == (
        "Added 2 × “No. 3 Niacinamide Serum 30 ml”. The cart now:\n<data>\n"
        f"1. variant_id={variant.pk} | No. 3 Niacinamide Serum 30 ml | 2 × NT$980\n</data>\n"
        "2 pieces, delivery is added when the address is known, total NT$1,960."
    )
    (said,) = heard("cart.changed")
    assert (said["delta"], said["source_ref"], said["creator_id"]) == (2, shop.ctx.session, shop.creator.pk)


def test_several_variants_and_none_named_asks_which_one(shop: Shop) -> None:
    result = call(shop.ctx, "add_to_cart", product_id=shop.cream.pk)

    assert result.error == "choose_variant"
    assert result.text.startswith("Ask which one: 30 ml, 130 ml. Nothing was added yet.")
    (card,) = result.cards
    assert [choice.label for choice in card.variants] == ["30 ml", "130 ml"]
    assert lines() == []


@pytest.mark.parametrize("option", ["30 ml", "30ML", "30"])
def test_an_option_said_in_words_names_the_variant(option: str, shop: Shop) -> None:
    call(shop.ctx, "add_to_cart", product_id=shop.cream.pk, option=option)

    assert [variant for variant, _quantity, _link in lines()] == [shop.variant(shop.cream).pk]


def test_an_option_that_fits_none_or_several_asks_again(shop: Shop) -> None:
    for option in ("50 ml", "ml"):
        assert call(shop.ctx, "add_to_cart", product_id=shop.cream.pk, option=option).error == "choose_variant"
    assert lines() == []


def test_a_variant_id_alone_is_enough_and_must_belong_to_the_product(shop: Shop) -> None:
    variant = shop.variant(shop.cream)

    alone = call(shop.ctx, "add_to_cart", variant_id=variant.pk)
    mixed = call(shop.ctx, "add_to_cart", variant_id=variant.pk, product_id=shop.serum.pk)

    assert alone.error == ""
    assert mixed.error == "choose_variant"
    assert lines() == [(variant.pk, 1, f"link-{shop.cream.pk}")]


def test_another_shops_variant_and_product_are_not_there(shop: Shop) -> None:
    other = make_merchant()
    with merchant_scope(other):
        tent = make_product(other, slug="tent", title="Tent")
        variant_id = tent.variants.get().pk

    assert call(shop.ctx, "add_to_cart", product_id=tent.pk).error == "product_not_found"
    assert call(shop.ctx, "add_to_cart", variant_id=variant_id).error == "variant_not_found"
    assert press(shop, "cart_add", variant_id=variant_id).error == "variant_not_found"
    assert lines() == []


def test_sold_elsewhere_gives_the_link_instead(shop: Shop) -> None:
    result = call(shop.ctx, "add_to_cart", product_id=shop.sunscreen.pk)

    assert (result.error, result.cards[0].url) == ("external", f"/l/link-{shop.sunscreen.pk}/")
    assert lines() == []


def test_more_than_is_left_is_refused_with_the_number(shop: Shop) -> None:
    result = call(shop.ctx, "add_to_cart", product_id=shop.cleanser.pk, quantity=4)
    absurd = call(shop.ctx, "add_to_cart", product_id=shop.cleanser.pk, quantity=100)

    assert result.error == "quantity_too_large"
    assert result.text == "You can buy up to 3 of Riceleaf Gel Cleanser. Choose a smaller quantity."
    assert (absurd.error, "quantity:" in absurd.text) == ("bad_argument", True)
    assert lines() == []


def test_a_line_is_changed_by_its_number_and_removed_with_0(shop: Shop) -> None:
    call(shop.ctx, "add_to_cart", product_id=shop.serum.pk)
    call(shop.ctx, "add_to_cart", product_id=shop.cleanser.pk)

    changed = call(shop.ctx, "change_cart", line=2, quantity=3)
    removed = call(shop.ctx, "change_cart", line=1, quantity=0)
    beyond = call(shop.ctx, "change_cart", line=2, quantity=1)

    assert (changed.cards[0].count, removed.cards[0].count) == (4, 3)
    assert (beyond.error, beyond.text) == ("which_line", "The cart has 1 lines. Name a line from 1 to 1.")
    assert [quantity for _variant, quantity, _link in lines()] == [3]


def test_the_cart_is_shown_empty_too(shop: Shop) -> None:
    result = call(shop.ctx, "show_cart")

    assert result.text == "The cart is empty."
    assert (result.cards[0].count, result.cards[0].total.text) == (0, "NT$0")


def test_no_cart_where_nobody_may_write(shop: Shop) -> None:
    ctx = replace(shop.ctx, may_write=False)

    for name, given in (
        ("add_to_cart", {"product_id": shop.serum.pk}),
        ("change_cart", {"line": 1, "quantity": 0}),
        ("start_checkout", {}),
    ):
        assert call(ctx, name, **given).error == "not_here"
    assert async_to_sync(act)(ctx=ctx, act="cart_add", variant_id=shop.variant(shop.serum).pk).error == "not_here"
    assert lines() == []


def test_a_button_adds_with_the_link_of_its_card(shop: Shop) -> None:
    result = press(shop, "cart_add", variant_id=shop.variant(shop.serum).pk, link_id="card-link")

    assert (result.text, result.error, result.cards[0].count) == ("Added to the cart.", "", 1)
    assert lines() == [(shop.variant(shop.serum).pk, 1, "card-link")]


def test_add_all_adds_every_product_with_its_own_link_or_none(shop: Shop) -> None:
    serum, cleanser = shop.variant(shop.serum), shop.variant(shop.cleanser)
    sold_out = shop.variant(shop.cream, 1)

    refused = press(shop, "cart_add", variant_ids=(serum.pk, sold_out.pk), link_id="card-link")
    assert (refused.error, refused.text) == ("variant_unavailable", "Barrier Cloud Cream is sold out.")
    assert lines() == []

    press(shop, "cart_add", variant_ids=(serum.pk, cleanser.pk), link_id="card-link")
    assert lines() == [(serum.pk, 1, f"link-{shop.serum.pk}"), (cleanser.pk, 1, f"link-{shop.cleanser.pk}")]


def test_the_stepper_sets_and_removes(shop: Shop) -> None:
    variant = shop.variant(shop.serum)
    press(shop, "cart_add", variant_id=variant.pk)

    assert press(shop, "cart_set", variant_id=variant.pk, quantity=5).cards[0].count == 5
    assert press(shop, "cart_set", variant_id=variant.pk, quantity=0).text == "Removed from the cart."
    assert press(shop, "cart_set", variant_id=variant.pk, quantity=1).error == "line_not_in_cart"
    assert press(shop, "cart_show").cards[0].count == 0
    assert press(shop, "cart_add").field == "variant_id"
    assert lines() == []


def test_a_button_asks_for_a_person(shop: Shop) -> None:
    result = press(shop, "handoff")

    assert result.text == "A person has been asked. You can keep writing here."
    assert shop.ctx.handoff.asked == [("asked", "")]


def test_a_button_that_is_refused_shows_the_product_as_it_is_now(shop: Shop) -> None:
    variant = shop.variant(shop.cleanser)
    set_stock(variant_id=variant.pk, on_hand=0)

    refused = press(shop, "cart_add", variant_id=variant.pk, link_id="card-link")

    assert [card.kind for card in refused.cards] == ["product", "cart"]
    assert (refused.cards[0].stock, refused.cards[0].link_id) == ("sold_out", "card-link")


def test_words_that_are_refused_show_the_product_as_it_is_now(shop: Shop) -> None:
    set_stock(variant_id=shop.variant(shop.cleanser).pk, on_hand=0)

    refused = call(shop.ctx, "add_to_cart", product_id=shop.cleanser.pk)

    assert (refused.error, [card.stock for card in refused.cards]) == ("variant_unavailable", ["sold_out"])


def test_the_button_for_reminders_is_a_yes_that_is_kept_and_taken_back(shop: Shop) -> None:
    press(shop, "cart_add", variant_id=shop.variant(shop.serum).pk)
    Shopper.objects.filter(pk=shop.ctx.shopper_id).update(email="lin@example.com")
    card = press(shop, "cart_show").cards[0]
    assert ("at most 2 times a cart" in card.reminder, card.is_reminded) == (True, False)

    on = press(shop, "remind", quantity=1)
    consent = Consent.objects.get()
    off = press(shop, "remind", quantity=0)

    assert (on.text, on.cards[0].is_reminded) == (consent.wording, True)
    assert (consent.source, consent.kind) == ("chat", "cart_reminders")
    assert (off.text, off.cards[0].is_reminded) == ("No reminders are sent.", False)


def test_who_cannot_be_written_to_is_not_asked(shop: Shop) -> None:
    press(shop, "cart_add", variant_id=shop.variant(shop.serum).pk)

    assert press(shop, "cart_show").cards[0].reminder == ""
