"""What tests of appointments share: a day to come, and a shopper in front of a service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from catalog.accounts.models import Merchant, Shopper
from catalog.orders import carts
from catalog.orders.appointment_models import Appointment, Service
from catalog.orders.appointments.slots import service_of
from catalog.orders.models import Cart, Order
from catalog.orders.services import mark_paid, place_order
from catalog.products.models import Variant
from tests.factories import make_service, make_shopper, make_variant

TAIPEI = ZoneInfo("Asia/Taipei")


def weekday_to_come(weekday: int = 0) -> date:
    """Return that day of the week (Monday = 0), a week from now at the earliest."""
    day = timezone.now().astimezone(TAIPEI).date() + timedelta(days=7)
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def at(hour: int, minute: int = 0, *, day: date | None = None, zone: ZoneInfo = TAIPEI) -> datetime:
    """Return that time of the merchant's clock, on the Monday to come, in UTC."""
    return datetime.combine(day or weekday_to_come(), time(hour, minute), tzinfo=zone).astimezone(UTC)


@dataclass
class Booking:
    """A shopper in front of a service at NT$980."""

    merchant: Merchant
    shopper: Shopper
    variant: Variant

    @property
    def service(self) -> Service:
        """The service as it is now."""
        service = service_of(self.variant.product_id)
        assert service is not None
        return service

    def choose(self, starts_at: datetime, *, seats: int = 1, shopper: Shopper | None = None) -> Cart:
        """Put the service into the cart, at that time."""
        return carts.add_to_cart(
            merchant=self.merchant,
            shopper_id=(shopper or self.shopper).pk,
            variant_id=self.variant.pk,
            quantity=seats,
            currency="TWD",
            creator_id=None,
            source_ref="conversation:7f",
            starts_at=starts_at,
        )

    def place(self, cart: Cart) -> Order:
        """Place the order of `cart`."""
        return place_order(
            merchant=self.merchant,
            shopper_id=cart.shopper_id,
            cart_id=cart.pk,
            cart_version=cart.version,
            language="en",
        )

    def book(self, starts_at: datetime, *, seats: int = 1, shopper: Shopper | None = None) -> Order:
        """Choose, place and pay."""
        return pay(self.place(self.choose(starts_at, seats=seats, shopper=shopper)))

    def another(self) -> Shopper:
        """Another shopper of the shop."""
        return make_shopper(self.merchant)


def pay(order: Order) -> Order:
    """Pay an order in full."""
    return mark_paid(order_id=order.pk, paid=order.total, reference=f"pi_{order.number}", at=timezone.now())


def the_appointment(order: Order) -> Appointment:
    """Return the one appointment of an order as it is now."""
    return Appointment.objects.select_related("service__merchant", "resource", "line", "order").get(order=order)


def make_booking(merchant: Merchant, **fields: Any) -> Booking:
    """An hour's service of one person, Monday to Friday 10:00 to 13:00 in Taipei, at NT$980."""
    variant = make_variant(merchant, stock=None, requires_shipping=False, product={"title": "Skin consultation"})
    make_service(variant, **fields)
    return Booking(merchant, make_shopper(merchant), variant)
