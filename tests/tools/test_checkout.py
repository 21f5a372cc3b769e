"""From the cart to the pay page: proposed by the double, executed by the shopper's own yes, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts.scoping import merchant_scope
from catalog.confirmations.models import PendingAction
from catalog.orders.models import Order, ShopperAddress
from catalog.payments.models import Payment
from catalog.products.services import set_price, set_stock
from tests.catalog.hearing import heard
from tests.factories import TAIPEI, make_address, make_creator, make_merchant, make_shopper
from tests.tools.conftest import Shop
from tests.tools.talking import call, make_ctx
from tools.context import ToolContext
from tools.dispatch import ButtonResult, Executed, act, execute, save_address
from tools.results import ConfirmCard


def propose(shop: Shop) -> ConfirmCard:
    """Put the serum into the cart, give an address, and ask for the checkout."""
    make_address(shop.shopper)
    call(shop.ctx, "add_to_cart", product_id=shop.serum.pk)
    (card,) = call(shop.ctx, "start_checkout").cards
    assert isinstance(card, ConfirmCard)
    return card


def answer(ctx: ToolContext, card: ConfirmCard, *, accept: bool = True) -> Executed:
    """Answer a confirm card."""
    return async_to_sync(execute)(ctx=ctx, action_id=card.action_id, accept=accept)


def send_address(ctx: ToolContext, **fields: str) -> ButtonResult:
    """Send the address form."""
    return async_to_sync(save_address)(ctx=ctx, fields={**TAIPEI, **fields})


def test_an_empty_cart_cannot_be_checked_out(shop: Shop) -> None:
    result = call(shop.ctx, "start_checkout")

    assert (result.error, result.cards) == ("cart_empty", ())
    assert not PendingAction.objects.exists()


def test_without_an_address_the_card_asks_for_it(shop: Shop) -> None:
    call(shop.ctx, "add_to_cart", product_id=shop.serum.pk)

    result = call(shop.ctx, "start_checkout")

    assert result.error == "address_missing"
    assert (result.cards[0].kind, result.cards[0].countries) == ("address", (("TW", "Taiwan"),))
    assert not PendingAction.objects.exists()


def test_the_question_is_drawn_from_the_database(shop: Shop) -> None:
    card = propose(shop)

    assert card.title == "Place this order?"
    assert (card.confirm_label, card.decline_label) == ("Place order", "Keep shopping")
    assert [(line.title, line.option, line.quantity, line.total.text) for line in card.lines] == [
        ("No. 3 Niacinamide Serum", "30 ml", 1, "NT$980")
    ]
    assert card.total.text == "NT$1,060"
    assert card.facts == (
        "Delivered to Lin Yi-ting, No. 7, Sec. 5, Xinyi Rd., Taipei 110, Taiwan",
        "Home delivery: NT$80",
        "You pay on the next page. Nothing is charged before.",
    )
    assert (card.operation, card.is_destructive, card.is_test) == ("order.place", False, True)
    assert not Order.objects.exists()


def test_a_yes_places_the_order_and_opens_the_pay_page(shop: Shop) -> None:
    done = answer(shop.ctx, propose(shop))

    order = Order.objects.get()
    assert (done.outcome, done.error) == ("executed", "")
    assert done.text == f"Order #{order.number} is placed. Pay to send it on its way."
    (card,) = done.cards
    assert (card.kind, card.order_number, card.total.text, card.is_test) == ("checkout", order.number, "NT$1,060", True)
    assert card.pay_url == Payment.objects.get().url
    assert (order.shopper_id, order.source_ref, order.total_minor) == (shop.shopper.pk, shop.ctx.session, 106_000)
    (said,) = heard("checkout.started")
    assert said["link_ids"] == [f"link-{shop.serum.pk}"]


def test_a_second_yes_does_nothing_and_shows_the_same_pay_page(shop: Shop) -> None:
    card = propose(shop)
    first = answer(shop.ctx, card)

    second = answer(shop.ctx, card)

    assert (second.outcome, second.text) == ("used", "This was already answered. Nothing more was done.")
    assert [each.kind for each in second.cards] == ["order", "checkout"]
    assert second.cards[1] == first.cards[0]
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)


def test_a_no_keeps_the_cart_and_cannot_become_a_yes(shop: Shop) -> None:
    card = propose(shop)

    declined = answer(shop.ctx, card, accept=False)
    then = answer(shop.ctx, card)

    assert (declined.outcome, declined.text) == ("declined", "Nothing was ordered. Your cart is kept.")
    assert (then.outcome, then.cards) == ("used", ())
    assert not Order.objects.exists()
    assert call(shop.ctx, "show_cart").cards[0].count == 1


def test_a_late_yes_has_expired(shop: Shop) -> None:
    card = propose(shop)
    PendingAction.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    done = answer(shop.ctx, card)

    assert (done.outcome, done.text) == ("expired", "This has expired. Ask again.")
    assert not Order.objects.exists()


def test_a_changed_cart_is_shown_again(shop: Shop) -> None:
    card = propose(shop)
    call(shop.ctx, "add_to_cart", product_id=shop.cleanser.pk)

    done = answer(shop.ctx, card)

    assert (done.outcome, done.text) == ("changed", "This has changed since you were asked. Look at it again.")
    assert done.cards[0].count == 2
    assert not Order.objects.exists()


def test_nobody_pays_another_price_than_he_was_shown(shop: Shop) -> None:
    card = propose(shop)
    set_price(variant_id=shop.variant(shop.serum).pk, currency="TWD", amount_minor=1_080_00)

    done = answer(shop.ctx, card)

    assert done.outcome == "changed"
    assert done.cards[0].total.text == "NT$1,160"
    assert not Order.objects.exists()


def test_another_address_needs_another_yes(shop: Shop) -> None:
    card = propose(shop)
    ShopperAddress.objects.update(line1="No. 8, Sec. 5, Xinyi Rd.")

    assert answer(shop.ctx, card).outcome == "changed"
    assert not Order.objects.exists()


def test_what_was_sold_meanwhile_fails_and_the_yes_is_given_back(shop: Shop) -> None:
    card = propose(shop)
    set_stock(variant_id=shop.variant(shop.serum).pk, on_hand=0)

    failed = answer(shop.ctx, card)
    assert (failed.outcome, failed.error) == ("failed", "variant_unavailable")
    assert not Order.objects.exists()
    assert PendingAction.objects.get().claimed_at is None

    set_stock(variant_id=shop.variant(shop.serum).pk, on_hand=1)
    assert answer(shop.ctx, card).outcome == "executed"


def test_a_foreign_shopper_session_or_shop_finds_nothing(shop: Shop) -> None:
    card = propose(shop)
    stranger = make_ctx(shop.merchant, shop.creator, make_shopper(shop.merchant))
    other_window = replace(shop.ctx, session=f"conversation:{UUID(int=8)}")
    other = make_merchant()
    with merchant_scope(other):
        foreign = make_ctx(other, make_creator(other), make_shopper(other))

    for ctx in (stranger, other_window, foreign):
        for accept in (True, False):
            done = answer(ctx, card, accept=accept)
            assert (done.outcome, done.error, done.cards) == ("failed", "not_found", ())
    malformed = async_to_sync(execute)(ctx=shop.ctx, action_id="not-an-id", accept=True)
    assert malformed.error == "not_found"
    assert not Order.objects.exists()
    assert answer(shop.ctx, card).outcome == "executed"


def test_when_the_pay_page_does_not_open_the_order_is_kept_and_can_be_paid_later(
    shop: Shop, settings: Settings
) -> None:
    card = propose(shop)
    settings.BOUND_TO_LOOPBACK = True
    settings.STRIPE_SECRET_KEY = "sk_live_never_used"
    shop.merchant.is_demo = True
    shop.merchant.save()

    done = answer(shop.ctx, card)

    order = Order.objects.get()
    assert (done.outcome, done.error) == ("executed", "live_key_refused")
    assert done.text.startswith(f"Order #{order.number} is placed. ")
    assert [each.kind for each in done.cards] == ["order"]

    settings.STRIPE_SECRET_KEY = ""
    again = async_to_sync(act)(ctx=shop.ctx, act="checkout")
    assert again.text == f"Order #{order.number} waits for payment."
    assert again.cards[0].kind == "checkout"


def test_the_address_form_goes_on_to_the_question(shop: Shop) -> None:
    call(shop.ctx, "add_to_cart", product_id=shop.serum.pk)
    asked = async_to_sync(act)(ctx=shop.ctx, act="checkout")

    result = send_address(shop.ctx, email="yi@example.com")

    assert (asked.text, asked.error, asked.cards[0].kind) == ("Where should it go?", "", "address")
    assert (result.error, result.cards[0].kind) == ("", "confirm")
    shop.shopper.refresh_from_db()
    assert shop.shopper.email == "yi@example.com"


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"city": ""}, "address_invalid", "city"),
        ({"country": "XX"}, "address_invalid", "country"),
        ({"email": "nobody"}, "email_invalid", "email"),
    ],
)
def test_a_wrong_address_names_the_field_and_is_not_kept(
    fields: dict[str, str], error: str, field: str, shop: Shop
) -> None:
    result = send_address(shop.ctx, **fields)

    assert (result.error, result.field) == (error, field)
    assert result.cards[0].values["recipient"] == "Lin Yi-ting"
    assert not ShopperAddress.objects.exists()


def test_an_address_without_a_cart_is_just_kept(shop: Shop) -> None:
    assert send_address(shop.ctx).text == "The address is kept."
    assert ShopperAddress.objects.count() == 1
