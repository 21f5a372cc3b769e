"""REST: from an empty cart to the pay page, and every refusal with its code."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.shoppers import shopper_token
from catalog.orders.digital.granting import count_download
from catalog.orders.digital_models import DownloadGrant
from catalog.orders.ledger import net_paid
from catalog.orders.models import Cart, Order, ShopperAddress
from catalog.orders.services import mark_paid
from catalog.payments.models import Payment
from tests.catalog.buying import Buying, make_buying
from tests.catalog.orders.appointments.booking import at, make_booking, the_appointment
from tests.factories import TAIPEI, make_creator, make_download, make_merchant, make_shopper

SHOP = "/api/v1/shops/meis-shelf/"


class Api:
    """A client that is one shopper."""

    def __init__(self, buying: Buying) -> None:
        self.headers = {"Authorization": f"Shopper {shopper_token(buying.shopper)}", "Accept-Language": "en"}

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return (status, JSON)."""
        send = getattr(Client(), method)
        response = send(SHOP + path, data=body, content_type="application/json", headers=self.headers)
        return response.status_code, response.json() if response.content else None


@pytest.fixture
def api(buying: Buying) -> Api:
    Merchant.objects.update(language_currencies={})
    return Api(buying)


def test_a_cart_is_filled_changed_and_emptied(api: Api, buying: Buying) -> None:
    mei = make_creator(buying.merchant)
    added = {
        "variant": buying.variant.pk,
        "quantity": 2,
        "creator": "mei",
        "link_id": "lnk1",
        "source_ref": "page:serum",
    }

    status, cart = api("post", "cart/lines/", added)

    assert (status, cart["count"], cart["is_ready"]) == (201, 2, True)
    assert cart["totals"]["total"] == {"minor": 196000, "currency": "TWD", "text": "NT$1,960"}
    assert cart["lines"][0]["unit"] == {"minor": 98000, "currency": "TWD", "text": "NT$980"}
    row = Cart.objects.get()
    assert (row.creator, row.source_ref) == (mei, "page:serum")
    assert api("get", "cart/") == (200, cart)
    assert api("patch", f"cart/lines/{buying.variant.pk}/", {"quantity": 1})[1]["count"] == 1
    assert api("delete", f"cart/lines/{buying.variant.pk}/")[1]["count"] == 0
    assert api("delete", "cart/")[0] == 200


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        ({"variant": 10**9}, 404, {"code": "variant_not_found", "detail": "This shop does not have that product."}),
        ({"quantity": 11}, 409, None),
        ({"quantity": 0}, 400, {"quantity": ["Ensure this value is greater than or equal to 1."]}),
        ({"quantity": 100}, 400, {"quantity": ["Ensure this value is less than or equal to 99."]}),
        ({"variant": "x"}, 400, {"variant": ["A valid integer is required."]}),
    ],
)
def test_a_wrong_addition_is_refused(
    api: Api, buying: Buying, body: dict[str, Any], status: int, answer: dict[str, Any] | None
) -> None:
    code, given = api("post", "cart/lines/", {"variant": buying.variant.pk, **body})

    assert code == status
    assert given == answer or (answer is None and given["code"] == "quantity_too_large")
    assert Cart.objects.count() == 0


def test_an_address_is_kept_and_its_mistakes_are_named(api: Api) -> None:
    ShopperAddress.objects.all().delete()
    assert api("get", "address/") == (204, None)

    status, refusal = api("put", "address/", {**TAIPEI, "postal_code": ""})
    assert (status, refusal["code"]) == (400, "address_invalid")
    assert refusal["fields"] == {"postal_code": "Postal code: needed in Taiwan, such as 106."}

    assert api("put", "address/", TAIPEI)[1]["city"] == "Taipei"
    assert api("get", "address/")[1]["postal_code"] == "110"


def test_checkout_places_the_order_once_and_leads_to_the_pay_page(api: Api, buying: Buying) -> None:
    cart = buying.add(1)
    body = {"cart": str(cart.pk), "version": cart.version}

    first, second = api("post", "checkout/", body), api("post", "checkout/", body)

    assert first == second
    status, answer = first
    assert (status, answer["order"]["number"], answer["order"]["is_test"]) == (201, "1001", True)
    assert answer["order"]["totals"]["total"]["text"] == "NT$1,060"
    assert answer["pay_url"] == Payment.objects.get().url
    assert Order.objects.count() == 1


def test_checkout_of_another_version_is_refused(api: Api, buying: Buying) -> None:
    cart = buying.add(1)

    status, refusal = api("post", "checkout/", {"cart": str(cart.pk), "version": cart.version + 1})

    assert (status, refusal["code"]) == (409, "cart_changed")
    assert Order.objects.count() == 0


def test_an_order_is_read_paid_later_and_cancelled(api: Api, buying: Buying) -> None:
    order = buying.order(1)

    assert [row["number"] for row in api("get", "orders/")[1]] == ["1001"]
    read = api("get", f"orders/{order.reference}/")[1]
    assert (read["state"], read["steps"][0]) == ("awaiting_payment", {"name": "Ordered", "state": "now"})
    assert api("post", f"orders/{order.reference}/pay/")[0] == 201
    status, cancelled = api("post", f"orders/{order.reference}/cancel/", {"reason": "no longer needed"})
    assert (status, cancelled["state"]) == (200, "cancelled")
    status, refusal = api("post", f"orders/{order.reference}/cancel/", {"reason": "no longer needed"})
    assert (status, refusal["code"]) == (409, "wrong_status")
    assert buying.stock() == (10, 0)


def paid_at_once(order: Order) -> Order:
    return mark_paid(order_id=order.pk, paid=order.total, reference=f"pi_{order.number}", at=timezone.now())


def refused_cancellation(api: Api, order: Order) -> tuple[int, str]:
    """Ask for the cancellation of a paid order that must stay; return status and code."""
    status, refusal = api("post", f"orders/{order.reference}/cancel/", {"reason": "no longer needed"})
    order.refresh_from_db()
    assert (order.state, net_paid(order)) == ("paid", order.total)
    return status, refusal["code"]


def test_a_disputed_order_is_left_to_the_bank_here_too(api: Api, buying: Buying) -> None:
    order = paid_at_once(buying.order(1))
    Order.objects.update(is_disputed=True)

    assert refused_cancellation(api, order) == (409, "order_disputed")
    assert buying.stock() == (10, 1)


def test_an_order_whose_file_was_fetched_is_not_paid_back(
    api: Api, buying: Buying, settings: Settings, tmp_path: object
) -> None:
    settings.PRIVATE_FILES_ROOT = tmp_path
    make_download(buying.variant)
    order = paid_at_once(buying.order(1))
    count_download(DownloadGrant.objects.get())

    assert refused_cancellation(api, order) == (409, "already_downloaded")
    assert DownloadGrant.objects.get().revoked_at is None


def test_an_appointment_past_its_limit_is_not_paid_back(buying: Buying) -> None:
    booking = make_booking(buying.merchant, change_hours=24 * 30)
    order = booking.book(at(10))
    api = Api(Buying(buying.merchant, booking.shopper, booking.variant))

    assert refused_cancellation(api, order) == (409, "too_late_to_change")
    assert the_appointment(order).state == "booked"


def test_strangers_and_other_shoppers_get_nothing(api: Api, buying: Buying) -> None:
    order, cart = buying.order(1), buying.add(1)
    stranger = Api(Buying(buying.merchant, make_shopper(buying.merchant), buying.variant))
    other = make_merchant()
    with merchant_scope(other):
        foreign = Api(make_buying(other))

    for path in ("cart/", "orders/", f"orders/{order.reference}/", "address/"):
        assert Client().get(SHOP + path).status_code in (401, 403)
        assert foreign("get", path)[0] in (401, 403)
    assert stranger("get", f"orders/{order.reference}/")[0] == 404
    assert stranger("get", f"orders/{uuid.uuid4()}/")[0] == 404
    assert stranger("post", f"orders/{order.reference}/cancel/", {"reason": "x"})[0] == 404
    assert stranger("post", f"orders/{order.reference}/pay/")[0] == 404
    assert stranger("get", "orders/") == (200, [])
    assert stranger("post", "checkout/", {"cart": str(cart.pk), "version": cart.version})[0] == 404
    order.refresh_from_db()
    assert order.state == "awaiting_payment"
