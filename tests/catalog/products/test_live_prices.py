"""Live prices: from one moment to another everywhere at once, and search hears of both moments."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.orders.models import OrderLine
from catalog.orders.selectors import cart_view
from catalog.outbox.models import OutboxMessage
from catalog.products import prices
from catalog.products.documents import documents
from catalog.products.live_price_models import LivePrice, PriceFloor
from catalog.products.live_prices import LivePriceRefused, end_live_price, set_live_price, turn_live_prices
from catalog.products.prices import prices_now
from catalog.products.selectors import ProductView, product_view
from tests.catalog.buying import Buying, make_buying

NOW = timezone.now()


@pytest.fixture
def buying(in_scope: Merchant) -> Buying:
    """A NT$980 product."""
    return make_buying(in_scope)


def live(buying: Buying, minor: int = 80000, *, start: float = -1, end: float = 1) -> LivePrice:
    """A live price from `start` to `end`, in hours from now."""
    now = timezone.now()
    return set_live_price(
        variant_id=buying.variant.pk,
        currency="TWD",
        amount_minor=minor,
        starts_at=now + timedelta(hours=start),
        ends_at=now + timedelta(hours=end),
    )


def shown(buying: Buying) -> ProductView:
    found = product_view(product_id=buying.variant.product_id, language="en", currency="TWD")
    assert found is not None
    return found


def indexed(buying: Buying) -> dict[str, int]:
    [document] = documents([buying.variant.product_id])
    return dict(document.prices)


def test_while_it_lasts_it_is_the_price_everywhere(buying: Buying) -> None:
    row = live(buying)
    buying.add(2)

    view, cart = shown(buying), cart_view(shopper_id=buying.shopper.pk, language="en")

    assert (view.price, view.was, view.live_until) == (Money(80000, "TWD"), Money(98000, "TWD"), row.ends_at)
    assert view.variants[0].live_until == row.ends_at
    [line] = cart.lines
    assert (line.unit, line.total, line.was, line.live_until) == (
        Money(80000, "TWD"),
        Money(160000, "TWD"),
        Money(196000, "TWD"),
        row.ends_at,
    )
    assert cart.totals.subtotal == Money(160000, "TWD")
    assert indexed(buying) == {"TWD": 80000}


def test_the_order_keeps_the_live_price_and_the_usual_one(buying: Buying) -> None:
    live(buying)
    order = buying.order(2)

    [line] = OrderLine.objects.filter(order=order)

    assert (line.unit_minor, line.list_minor, order.subtotal_minor) == (80000, 98000, 160000)


@pytest.mark.parametrize(
    ("moment", "minor"),
    [(-1, 98000), (0, 80000), (1, 80000), (3599, 80000), (3600, 98000), (3601, 98000)],
)
def test_it_begins_with_its_first_moment_and_ends_before_its_last(buying: Buying, moment: int, minor: int) -> None:
    start = NOW + timedelta(days=1)
    set_live_price(
        variant_id=buying.variant.pk,
        currency="TWD",
        amount_minor=80000,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )

    at = start + timedelta(seconds=moment)

    found = prices_now(variant_ids=[buying.variant.pk], currency="TWD", at=at)
    assert found[buying.variant.pk].price == Money(minor, "TWD")


def test_of_several_the_lowest_holds_and_another_currency_is_left_alone(buying: Buying) -> None:
    live(buying, 80000)
    live(buying, 70000)
    live(buying, 60000, start=1, end=2)

    assert shown(buying).price == Money(70000, "TWD")
    assert prices_now(variant_ids=[buying.variant.pk], currency="USD") == {}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time, which a test may move."""
    time = [timezone.now()]
    monkeypatch.setattr(timezone, "now", lambda: time[0])
    return time


def test_search_hears_of_the_beginning_and_the_end_once_each(buying: Buying, clock: list[datetime]) -> None:
    live(buying, start=1, end=2)
    told = OutboxMessage.objects.filter(topic="product.changed", subscriber__contains="indexing")
    before = told.count()

    def turned(hours: float) -> tuple[int, int, dict[str, int]]:
        clock[0] += timedelta(hours=hours)
        return turn_live_prices(), told.count() - before, indexed(buying)

    assert turned(0.5) == (0, 0, {"TWD": 98000})
    assert turned(0.5) == (1, 1, {"TWD": 80000})
    assert turned(0.1) == (0, 1, {"TWD": 80000})
    assert turned(0.9) == (1, 2, {"TWD": 98000})
    assert turned(0.1) == (0, 2, {"TWD": 98000})


def test_a_period_that_passed_while_nobody_looked_is_told_once(buying: Buying, clock: list[datetime]) -> None:
    live(buying, start=1, end=2)
    clock[0] += timedelta(hours=5)

    assert (turn_live_prices(), turn_live_prices()) == (1, 0)
    assert shown(buying).price == Money(98000, "TWD")


def test_ended_early_it_is_over_at_once(buying: Buying) -> None:
    row = live(buying)

    end_live_price(live_price_id=row.pk)
    end_live_price(live_price_id=row.pk)

    assert (shown(buying).price, shown(buying).was) == (Money(98000, "TWD"), None)


@pytest.mark.parametrize(
    ("minor", "start", "end", "field"),
    [
        (98000, -1, 1, "amount_minor"),
        (99000, -1, 1, "amount_minor"),
        (-1, -1, 1, "amount_minor"),
        (49900, -1, 1, "amount_minor"),
        (80000, 1, 1, "ends_at"),
        (80000, 2, 1, "ends_at"),
        (80000, -2, -1, "ends_at"),
    ],
)
def test_what_could_not_hold_is_refused_by_field(
    buying: Buying, minor: int, start: float, end: float, field: str
) -> None:
    PriceFloor.objects.create(
        merchant=buying.merchant, product=buying.variant.product, currency="TWD", amount_minor=50000
    )

    with pytest.raises(LivePriceRefused) as refused:
        live(buying, minor, start=start, end=end)

    assert refused.value.field == field
    assert LivePrice.objects.count() == 0


@pytest.mark.parametrize("minor", [50000, 97999])
def test_the_floor_itself_and_just_below_the_usual_price_are_fine(buying: Buying, minor: int) -> None:
    PriceFloor.objects.create(
        merchant=buying.merchant, product=buying.variant.product, currency="TWD", amount_minor=50000
    )

    live(buying, minor)

    assert shown(buying).price == Money(minor, "TWD")


def test_a_price_that_cannot_be_charged_is_rounded_the_same_everywhere() -> None:
    found = prices.price_now(1250, 1333, "ISK", (), at=NOW)

    assert (found.price, found.was) == (Money(1300, "ISK"), None)
    assert Decimal(found.price.stripe_amount) == 1300
