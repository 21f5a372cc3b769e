"""The double enters a code and chooses a delivery method, and says what the shop says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from catalog.orders.models import Cart, Promotion
from tests.factories import make_address, make_delivery
from tests.tools.conftest import Shop
from tests.tools.talking import Words, call
from tools.results import CartCard, ToolResult


@pytest.fixture
def shop_with_code(shop: Shop) -> Shop:
    """A cart of NT$980 and a code for ten percent."""
    Promotion.objects.create(
        merchant=shop.merchant, names={"en": "Spring"}, code="SPRING", percent=Decimal(10), min_goods_minor=90000
    )
    call(shop.ctx, "add_to_cart", product_id=shop.serum.pk)
    return shop


def say(shop: Shop, code: str, *texts: str, **given: object) -> ToolResult:
    """Call the tool after the shopper wrote `texts`."""
    return call(replace(shop.ctx, words=Words(list(texts))), "apply_code", code=code, **given)


def test_a_code_the_shopper_wrote_goes_into_the_cart_and_card_and_text_agree(shop_with_code: Shop) -> None:
    result = say(shop_with_code, "SPRING", "hi", "use code spring please")

    [card] = result.cards
    assert isinstance(card, CartCard)
    assert [(each.name, each.amount.text) for each in card.discounts] == [("Spring (SPRING)", "NT$98")]
    assert card.total.text == "NT$882"
    assert "Spring (SPRING) −NT$98" in result.text
    assert "total NT$882" in result.text


def test_a_code_he_did_not_write_is_never_entered(shop_with_code: Shop) -> None:
    result = say(shop_with_code, "SPRING", "any discounts?")

    assert result.error == "not_confirmed"
    assert Cart.objects.get().codes == []


def test_a_refused_code_gives_the_shops_own_reason(shop_with_code: Shop) -> None:
    result = say(shop_with_code, "SPRONG", "code SPRONG")

    assert (result.error, result.text) == ("code_unknown", "This code is not valid here. Check the spelling.")


def test_a_code_is_taken_out_again(shop_with_code: Shop) -> None:
    say(shop_with_code, "SPRING", "code SPRING")

    [card] = say(shop_with_code, "spring", remove=True).cards

    assert isinstance(card, CartCard)
    assert (card.discounts, card.total.text) == ((), "NT$980")


def test_a_delivery_method_is_chosen_by_its_code_and_others_are_listed(shop: Shop) -> None:
    make_address(shop.shopper)
    make_delivery(shop.merchant, code="shop", names={"en": "Pick up"}, kind="pickup", fee_minor=0, countries=[])
    call(shop.ctx, "add_to_cart", product_id=shop.serum.pk)

    wrong = call(shop.ctx, "choose_delivery", method="drone")
    assert wrong.error == "delivery_unknown"
    assert "shop = Pick up NT$0" in wrong.text
    [card] = call(shop.ctx, "choose_delivery", method="shop").cards

    assert isinstance(card, CartCard)
    assert (card.delivery_name, card.total.text) == ("Pick up", "NT$980")
    assert [(way.code, way.is_chosen) for way in card.deliveries] == [("home", False), ("shop", True)]
