"""Promotions as rows: which may be used, what the shopper is told, each use counted once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from pytest_django import Settings

from catalog.money import Money
from catalog.orders import cart_choices
from catalog.orders.desk import planning
from catalog.orders.desk.carrying_out import carry_out
from catalog.orders.errors import (
    CartEmpty,
    CodeExpired,
    CodeFitsNothing,
    CodeNeedsMore,
    CodeRefused,
    CodesFull,
    CodeUsedByShopper,
    CodeUsedUp,
    DeliveryUnknown,
    PriceChanged,
    TooManyCodes,
)
from catalog.orders.models import Cart, Order, OrderLine
from catalog.orders.promotion_models import CodeMiss, Promotion, PromotionProduct, PromotionTally, PromotionUse
from catalog.orders.selectors import cart_view, order_view
from catalog.orders.services import cancel, expire, mark_paid, place_order, settle_late_payment
from catalog.products.live_price_models import PriceFloor
from tests.catalog.buying import Buying
from tests.factories import make_address, make_delivery, make_shopper, make_variant


def promotion(buying: Buying, **fields: Any) -> Promotion:
    """Ten percent off by code SPRING."""
    defaults = {"names": {"en": "Spring", "zh-hant": "春季"}, "code": "SPRING", "percent": Decimal(10)}
    return Promotion.objects.create(merchant=buying.merchant, **{**defaults, **fields})


def enter(buying: Buying, code: str = "spring", **fields: str) -> Cart:
    return cart_choices.apply_code(merchant=buying.merchant, shopper_id=buying.shopper.pk, code=code, **fields)


def message(buying: Buying, code: str = "SPRING") -> str:
    with pytest.raises(CodeRefused) as refused, override("en"):
        enter(buying, code)
    with override("en"):
        return refused.value.message


def view(buying: Buying) -> Any:
    return cart_view(shopper_id=buying.shopper.pk, language="en")


def test_a_code_is_entered_in_any_case_and_shows_in_cart_and_order(buying: Buying) -> None:
    promotion(buying)
    before = buying.add()
    cart = enter(buying, " sPring ")

    assert (cart.codes, cart.version) == (["SPRING"], before.version + 1)
    shown = view(buying)
    assert shown.discounts == (("Spring (SPRING)", Money(9800, "TWD")),)
    assert shown.totals.total == Money(98000 - 9800 + 8000, "TWD")
    order = buying.place(cart)
    assert (order.discount_minor, order.total_minor) == (9800, 96200)
    assert order.discounts == [{"name": "Spring", "code": "SPRING", "minor": 9800, "is_on_delivery": False}]
    [line] = OrderLine.objects.all()
    assert (line.discount_minor, line.total_minor, line.discounts[0]["code"]) == (9800, 88200, "SPRING")
    kept = order_view(shopper_id=buying.shopper.pk, reference=str(order.reference), language="en")
    assert kept.discounts == shown.discounts


def test_an_automatic_promotion_needs_no_code(buying: Buying) -> None:
    promotion(buying, code="", names={"en": "Summer"})
    buying.add()

    assert view(buying).discounts == (("Summer", Money(9800, "TWD")),)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"is_active": False}, "This code is not valid here. Check the spelling."),
        ({"starts_at": timezone.now() + timedelta(days=1)}, "This code is not valid here. Check the spelling."),
        (
            {"ends_at": timezone.now().replace(year=2025, month=3, day=1, hour=20)},
            "This code ended on 2025-03-02. Remove it to go on.",  # the shop's own day
        ),
        ({"total_limit": 0}, "This code has been used up. Remove it to go on."),
        ({"shopper_limit": 0}, "You have used this code already. Remove it to go on."),
        ({"min_goods_minor": 98001}, "This code needs goods worth NT$980.01: add NT$0.01 more."),
        ({"category_path": "tents"}, "Nothing in the cart takes part in this code. Add a product it is for."),
        ({"currency": "USD"}, "This code is not valid here. Check the spelling."),
        ({"percent": Decimal(0)}, "Nothing in the cart takes part in this code. Add a product it is for."),
    ],
)
def test_a_refused_code_says_what_to_do_and_changes_nothing(buying: Buying, fields: dict[str, Any], text: str) -> None:
    promotion(buying, **fields)
    before = buying.add()

    assert message(buying) == text
    after = Cart.objects.get()
    assert (after.codes, after.version) == ([], before.version)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"min_goods_minor": 98000}, None), ({"min_goods_minor": 0}, None), ({"min_goods_minor": None}, None),
        ({"min_goods_minor": 98001}, CodeNeedsMore), ({"total_limit": 1}, None), ({"total_limit": None}, None),
        ({"total_limit": 1, "used_count": 1}, CodeUsedUp), ({"cap_minor": 0}, CodeFitsNothing),
        ({"cap_minor": None}, None), ({"starts_at": timezone.now() - timedelta(days=9)}, None),
        ({"ends_at": timezone.now() - timedelta(seconds=1)}, CodeExpired),
        ({"ends_at": timezone.now() + timedelta(hours=1)}, None),
    ],
)  # fmt: skip
def test_zero_none_and_the_boundary(buying: Buying, fields: dict[str, Any], refusal: type[CodeRefused] | None) -> None:
    promotion(buying, **fields)
    buying.add()

    if refusal is None:
        assert enter(buying).codes == ["SPRING"]
    else:
        with pytest.raises(refusal):
            enter(buying)


def test_a_code_needs_something_in_the_cart(buying: Buying) -> None:
    promotion(buying)

    with pytest.raises(CartEmpty):
        enter(buying)


def test_a_code_is_for_its_products_only(buying: Buying) -> None:
    row = promotion(buying)
    other = make_variant(buying.merchant, price=50000)
    PromotionProduct.objects.create(merchant=buying.merchant, promotion=row, product=other.product)
    buying.add()
    buying.add(variant=other)

    enter(buying)

    assert [line.discount.minor for line in view(buying).totals.lines] == [0, 5000]


def test_a_floor_holds_against_every_discount(buying: Buying) -> None:
    promotion(buying, percent=Decimal(50))
    PriceFloor.objects.create(
        merchant=buying.merchant, product=buying.variant.product, currency="TWD", amount_minor=90000
    )
    buying.add(2)

    enter(buying)

    assert view(buying).totals.discount == Money(16000, "TWD")


def test_a_code_that_no_longer_holds_stays_visible_with_its_reason(buying: Buying) -> None:
    row = promotion(buying, min_goods_minor=150000)
    buying.add(2)
    cart = enter(buying)
    Promotion.objects.filter(pk=row.pk).update(ends_at=timezone.now() - timedelta(minutes=1))

    [code] = view(buying).codes

    assert code.refusal.startswith("This code ended on")
    assert view(buying).totals.discount.minor == 0
    assert (
        cart_choices.remove_code(merchant=buying.merchant, shopper_id=buying.shopper.pk, code="spring").version
        == cart.version + 1
    )


def test_a_cart_takes_so_many_codes(buying: Buying, settings: Settings) -> None:
    settings.CART_CODES_MAX = 1
    promotion(buying)
    promotion(buying, code="SUMMER")
    buying.add()
    enter(buying)

    with pytest.raises(CodesFull):
        enter(buying, "SUMMER")
    assert enter(buying, "spring").codes == ["SPRING"]


def test_codes_cannot_be_guessed_by_one_shopper_or_from_one_address(buying: Buying, settings: Settings) -> None:
    settings.CODE_MISSES_MAX = 3
    promotion(buying)
    buying.add()
    for number in range(3):
        with pytest.raises(CodeRefused):
            enter(buying, f"GUESS{number}", client="203.0.113.9")

    with pytest.raises(TooManyCodes):
        enter(buying)  # not even a code that exists
    stranger = Buying(buying.merchant, make_shopper(buying.merchant), buying.variant)
    stranger.add()
    with pytest.raises(TooManyCodes):
        enter(stranger, client="203.0.113.9")
    assert enter(stranger, client="203.0.113.10").codes == ["SPRING"]

    CodeMiss.objects.update(at=timezone.now() - timedelta(seconds=settings.CODE_MISSES_S + 1))
    assert enter(buying).codes == ["SPRING"]


def test_known_codes_that_are_refused_are_no_misses(buying: Buying) -> None:
    promotion(buying, total_limit=0)
    buying.add()

    message(buying)

    assert CodeMiss.objects.count() == 0


def test_a_use_is_counted_and_given_back_when_the_order_ends(buying: Buying) -> None:
    row = promotion(buying, total_limit=1, shopper_limit=1)
    buying.add()
    order = buying.place(enter(buying))

    def counts() -> tuple[int, int]:
        return Promotion.objects.get().used_count, PromotionTally.objects.get().used_count

    assert counts() == (1, 1)
    expire(order_id=order.pk)
    expire(order_id=order.pk)
    assert counts() == (0, 0)

    settle_late_payment(order_id=order.pk, paid=order.total, reference="pi_1", at=timezone.now())
    assert counts() == (1, 1)
    cancel(order_id=order.pk, reason="changed my mind")
    assert counts() == (0, 0)
    assert PromotionUse.objects.get().promotion_id == row.pk


@pytest.mark.parametrize("act", ["place", "expire", "cancel", "desk", "late"])
def test_promotions_are_always_counted_before_units_so_that_two_orders_never_wait_for_each_other(
    buying: Buying, act: str
) -> None:
    promotion(buying)
    buying.add(2)
    cart = enter(buying)
    order = None if act == "place" else buying.place(cart)
    if order is not None and act == "late":
        expire(order_id=order.pk)

    with CaptureQueriesContext(connection) as asked:
        if order is None:
            buying.place(cart)
        elif act == "expire":
            expire(order_id=order.pk)
        elif act == "cancel":
            cancel(order_id=order.pk, reason="no longer needed")
        elif act == "desk":
            carry_out(planning.plan(order, operation=planning.CANCEL, arguments={"reason": "no longer needed"}))
        else:
            settle_late_payment(order_id=order.pk, paid=order.total, reference="late", at=timezone.now())

    written = [query["sql"].split('"')[1] for query in asked if query["sql"].startswith("UPDATE")]
    assert written.index("orders_promotion") < written.index("products_stock")


def test_a_paid_order_keeps_its_use(buying: Buying) -> None:
    promotion(buying)
    buying.add()
    order = buying.place(enter(buying))

    mark_paid(order_id=order.pk, paid=order.total, reference="pi_1", at=timezone.now())

    assert Promotion.objects.get().used_count == 1


def test_an_order_that_cannot_be_placed_uses_nothing(buying: Buying) -> None:
    promotion(buying)
    buying.add()
    cart = enter(buying)

    with pytest.raises(PriceChanged) as refused:
        place_order(
            merchant=buying.merchant,
            shopper_id=buying.shopper.pk,
            cart_id=cart.pk,
            cart_version=cart.version,
            language="en",
            shown_minor=1,
        )

    assert refused.value.message == "Prices have changed: it comes to NT$962 now. Look at the cart again, then pay."
    assert (Order.objects.count(), Promotion.objects.get().used_count, buying.stock()) == (0, 0, (10, 0))


def test_somebody_is_known_by_his_email_too(buying: Buying) -> None:
    promotion(buying, shopper_limit=1)
    buying.shopper.email = "Lin@example.com"
    buying.shopper.save()
    buying.add()
    buying.place(enter(buying))
    again = Buying(buying.merchant, make_shopper(buying.merchant, email="lin@example.com"), buying.variant)
    make_address(again.shopper)
    again.add()

    with pytest.raises(CodeUsedByShopper):
        enter(again)


def test_the_delivery_method_is_chosen_from_those_offered(buying: Buying) -> None:
    make_delivery(buying.merchant, code="shop", kind="pickup", fee_minor=0, countries=[], position=5)
    before = buying.add()

    cart = cart_choices.choose_delivery(merchant=buying.merchant, shopper_id=buying.shopper.pk, code="shop")

    assert cart.version == before.version + 1
    assert [(way.code, way.is_chosen) for way in view(buying).deliveries] == [("home", False), ("shop", True)]
    order = buying.place(cart)
    assert (order.delivery_minor, order.delivery_code, hasattr(order, "address")) == (0, "shop", False)


def test_a_method_that_is_not_offered_is_refused(buying: Buying) -> None:
    make_delivery(buying.merchant, code="us", countries=["US"])
    buying.add()

    with pytest.raises(DeliveryUnknown):
        cart_choices.choose_delivery(merchant=buying.merchant, shopper_id=buying.shopper.pk, code="us")
