"""A rush on appointments: carts of many shoppers that want the same hour, and what is true when it is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.scoping import merchant_scope
from catalog.orders.appointment_models import Appointment, AppointmentState, BookedSlot, ChosenSlot, Resource, Service
from catalog.orders.appointments.holding import STANDING
from catalog.orders.appointments.taking import cells_of
from catalog.orders.models import Cart, CartLine, OrderLine


@dataclass(frozen=True, slots=True)
class Booked:
    """What stands after a rush. `over` counts the cells of a resource that more people have than it has seats for."""

    seats: int  # of appointments that hold or have their time
    counted: int  # as the slots say
    over: int


def carts_for(service: Service, times: Sequence[datetime], *, seats: int = 1) -> list[Cart]:
    """Return a cart of a shopper of its own for each of `times`, with one of the service's resources."""
    merchant, variant = service.merchant, service.product.variants.get()
    resource = service.resources.get()
    owner = {"merchant": merchant}
    shoppers = Shopper.objects.bulk_create(Shopper(**owner) for _time in times)
    carts = Cart.objects.bulk_create(Cart(**owner, shopper=shopper, currency="TWD") for shopper in shoppers)
    lines = CartLine.objects.bulk_create(
        CartLine(**owner, cart=cart, variant=variant, quantity=seats) for cart in carts
    )
    ChosenSlot.objects.bulk_create(
        ChosenSlot(**owner, line=line, resource=resource, starts_at=at) for line, at in zip(lines, times, strict=True)
    )
    return carts


def booked(resource: Resource) -> Booked:
    """Count what stands of a resource, cell by cell, from the appointments themselves."""
    rows = list(Appointment.objects.filter(resource=resource, state__in=STANDING).select_related("service"))
    cells: Counter[datetime] = Counter()
    kinds: dict[datetime, set[datetime]] = {}
    for row in rows:
        for cell in cells_of(row.starts_at, row.ends_at):
            cells[cell] += row.seats
            kinds.setdefault(cell, set()).add(row.starts_at)
    over = sum(count > resource.seats or len(kinds[cell]) > 1 for cell, count in cells.items())
    counted = sum(BookedSlot.objects.filter(resource=resource).values_list("taken", flat=True))
    return Booked(seats=sum(row.seats for row in rows), counted=counted, over=over)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody who wants an hour, for the naive way."""

    merchant: Merchant
    line_id: int
    service_id: int
    resource_id: int
    starts_at: datetime


def book_naively(wish: Wish) -> bool:
    """What a first draft does: look whether something is in the way, then write the appointment."""
    with merchant_scope(wish.merchant), transaction.atomic():
        ends_at = wish.starts_at + timedelta(hours=1)
        in_the_way = Appointment.objects.filter(
            resource_id=wish.resource_id, state__in=STANDING, starts_at__lt=ends_at, ends_at__gt=wish.starts_at
        )
        if in_the_way.exists():
            return False
        order_id = _order_of(wish.line_id)
        slot = BookedSlot.objects.create(
            merchant=wish.merchant,
            resource_id=wish.resource_id,
            service_id=wish.service_id,
            # A slot of its own for each, so that nothing but the look above stands in the way.
            starts_at=wish.starts_at - timedelta(days=3650, minutes=wish.line_id),
            ends_at=ends_at,
            busy_until=ends_at,
            seats=1,
            taken=1,
        )
        Appointment.objects.create(
            merchant=wish.merchant,
            line_id=wish.line_id,
            order_id=order_id,
            service_id=wish.service_id,
            resource_id=wish.resource_id,
            slot=slot,
            starts_at=wish.starts_at,
            ends_at=ends_at,
            state=AppointmentState.HELD,
        )
    return True


def _order_of(line_id: int) -> int:
    return int(OrderLine.objects.values_list("order_id", flat=True).get(pk=line_id))
