"""The waitlist: one place a shopper, one message, in the order of asking, as many as there are units."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts.models import Shopper
from catalog.accounts.shoppers import shopper_token
from catalog.orders import services as orders
from catalog.orders import waitlist
from catalog.orders.errors import StillInStock, VariantNotFound, WaitlistFull
from catalog.orders.models import WaitlistEntry
from catalog.orders.tasks import tell_waitlist
from catalog.outbox.worker import drain
from catalog.products.services import set_price, set_status, set_stock
from tests.catalog.buying import Buying
from tests.catalog.hearing import EVERYTHING, heard
from tests.factories import make_shopper, make_variant


@pytest.fixture(autouse=True)
def _listening(settings: Settings) -> None:
    cache.clear()  # the throttle counts there
    settings.OUTBOX_SUBSCRIBERS = {
        **EVERYTHING,
        "stock.rose": ["catalog.orders.tasks.on_stock_rose"],
        "waitlist.back": ["tests.catalog.hearing.hear"],
    }


@pytest.fixture
def sold_out(buying: Buying) -> Buying:
    """The serum is gone."""
    set_stock(variant_id=buying.variant.pk, on_hand=0)
    drain()
    return buying


def join(buying: Buying, shopper: Shopper | None = None, **fields: Any) -> WaitlistEntry:
    shopper = shopper or buying.shopper
    wish = {"variant_id": buying.variant.pk, "language": "en", **fields}
    return waitlist.join(merchant=buying.merchant, shopper_id=shopper.pk, **wish)


def line(buying: Buying) -> list[str]:
    return list(WaitlistEntry.objects.order_by("id").values_list("state", flat=True))


def test_a_wish_keeps_the_words_it_was_given_for(sold_out: Buying) -> None:
    entry, again = join(sold_out, email="fan@example.com"), join(sold_out)

    assert entry.pk == again.pk
    assert (entry.email, entry.state) == ("fan@example.com", "waiting")
    assert entry.wording == "One message when it is back, here and by e-mail. Nothing else."
    sold_out.shopper.refresh_from_db()
    assert sold_out.shopper.email == "fan@example.com"


def test_who_can_buy_does_not_wait(buying: Buying) -> None:
    with pytest.raises(StillInStock):
        join(buying)
    uncounted = make_variant(buying.merchant, stock=None)
    with pytest.raises(StillInStock):
        join(buying, variant_id=uncounted.pk)
    with pytest.raises(VariantNotFound):
        join(buying, variant_id=10**9)
    assert WaitlistEntry.objects.count() == 0


def test_one_shopper_waits_for_so_many_products_only(sold_out: Buying, settings: Settings) -> None:
    settings.WAITLIST_PER_SHOPPER_MAX = 1
    join(sold_out)

    with pytest.raises(WaitlistFull):
        join(sold_out, variant_id=make_variant(sold_out.merchant, stock=0).pk)


def test_the_first_in_line_are_told_as_many_as_there_are_units(sold_out: Buying) -> None:
    for _number in range(4):
        join(sold_out, make_shopper(sold_out.merchant))

    set_stock(variant_id=sold_out.variant.pk, on_hand=2)
    drain()
    drain()

    assert line(sold_out) == ["told", "told", "waiting", "waiting"]
    assert [told["entry_id"] for told in heard("waitlist.back")] == list(
        WaitlistEntry.objects.order_by("id").values_list("pk", flat=True)[:2]
    )


def test_the_next_hear_after_the_head_start_while_units_are_left(sold_out: Buying) -> None:
    for _number in range(3):
        join(sold_out, make_shopper(sold_out.merchant))
    set_stock(variant_id=sold_out.variant.pk, on_hand=1)
    drain()
    assert tell_waitlist() == 0

    WaitlistEntry.objects.filter(state="told").update(told_at=timezone.now() - timedelta(hours=5))
    assert tell_waitlist() == 1
    assert line(sold_out) == ["told", "told", "waiting"]


def test_units_an_order_gives_back_are_told_of(buying: Buying) -> None:
    order = buying.order(10)
    drain()
    join(buying)

    orders.expire(order_id=order.pk)
    drain()

    assert line(buying) == ["told"]


def test_nobody_is_told_twice_or_after_leaving(sold_out: Buying) -> None:
    other = make_shopper(sold_out.merchant)
    join(sold_out)
    join(sold_out, other)
    assert waitlist.leave(shopper_id=sold_out.shopper.pk, variant_id=sold_out.variant.pk)
    assert not waitlist.leave(shopper_id=sold_out.shopper.pk, variant_id=sold_out.variant.pk)

    for on_hand in (5, 0, 5):
        set_stock(variant_id=sold_out.variant.pk, on_hand=on_hand)
        drain()

    assert line(sold_out) == ["left", "told"]
    assert len(heard("waitlist.back")) == 1


def test_a_product_that_left_the_shop_takes_no_wishes(sold_out: Buying) -> None:
    set_status(product_id=sold_out.variant.product_id, status="archived")

    with pytest.raises(VariantNotFound):
        join(sold_out)


class Api:
    """One shopper at the REST interface."""

    def __init__(self, shopper: Shopper) -> None:
        self.headers = {"Authorization": f"Shopper {shopper_token(shopper)}", "Accept-Language": "en"}

    def __call__(self, method: str, path: str = "", body: Any = None) -> tuple[int, Any]:
        """Return (status, JSON)."""
        send = getattr(Client(), method)
        url = f"/api/v1/shops/meis-shelf/waitlist/{path}"
        response = send(url, data=body, content_type="application/json", headers=self.headers)
        return response.status_code, response.json()


def test_the_button_joins_and_takes_back(sold_out: Buying) -> None:
    api, variant = Api(sold_out.shopper), sold_out.variant.pk

    assert api("post", body={"variant": variant, "consent": True}) == (
        201,
        {"variants": [variant], "text": "One message here when it is back. Nothing else."},
    )
    assert api("get")[1]["variants"] == [variant]
    assert api("delete", f"{variant}/")[1]["variants"] == []
    assert api("delete", f"{variant}/")[0] == 404


def test_without_a_yes_nobody_is_put_on_the_list(sold_out: Buying) -> None:
    api, variant = Api(sold_out.shopper), sold_out.variant.pk

    assert api("post", body={"variant": variant, "consent": False})[0] == 400
    assert api("post", body={"variant": variant})[0] == 400
    assert api("post", body={"variant": variant, "consent": True, "email": "nobody"})[0] == 400
    assert WaitlistEntry.objects.count() == 0


def test_wishes_from_one_address_are_limited(sold_out: Buying, settings: Settings) -> None:
    settings.WAITLIST_PER_MINUTE = 2
    api, body = Api(sold_out.shopper), {"variant": sold_out.variant.pk, "consent": True}

    assert [api("post", body=body)[0] for _time in range(3)] == [201, 201, 429]


def test_the_link_of_the_mail_ends_it_by_a_press_and_not_by_a_visit(sold_out: Buying) -> None:
    url = f"/s/meis-shelf/waitlist/{waitlist.entry_token(join(sold_out))}/"
    reader = Client()

    assert "Be told of nothing more?" in reader.get(url, headers={"Accept-Language": "en"}).content.decode()
    assert line(sold_out) == ["waiting"]
    assert reader.post(url).status_code == 200
    assert line(sold_out) == ["left"]
    assert reader.get("/s/meis-shelf/waitlist/forged/").status_code == 404


def test_changes_that_bring_no_units_wake_nobody(sold_out: Buying) -> None:
    join(sold_out)
    variant = sold_out.variant
    set_price(variant_id=variant.pk, currency="TWD", amount_minor=900_00)
    set_status(product_id=variant.product_id, status="active")
    set_stock(variant_id=variant.pk, on_hand=0)
    assert heard("stock.rose") == []
    drain()

    set_stock(variant_id=variant.pk, on_hand=2)

    assert heard("stock.rose") == [{"product_ids": [variant.product_id]}]
    drain()
    assert line(sold_out) == ["told"]


def test_wishes_are_counted_by_the_address_that_nobody_can_make_up(sold_out: Buying, settings: Settings) -> None:
    settings.WAITLIST_PER_MINUTE = 2
    client = Client()
    answers = [
        client.post(
            "/api/v1/shops/meis-shelf/waitlist/",
            {"variant": sold_out.variant.pk, "consent": True},
            content_type="application/json",
            headers={
                "Authorization": f"Shopper {shopper_token(make_shopper(sold_out.merchant))}",
                "X-Forwarded-For": f"203.0.113.{number}",
            },
        ).status_code
        for number in range(4)
    ]

    assert answers == [201, 201, 429, 429]
