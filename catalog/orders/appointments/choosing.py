"""A time goes into the cart: the line of a service has one time, and its quantity are the seats."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime

from catalog.orders.appointment_models import ChosenSlot, Service
from catalog.orders.appointments.errors import NotAService, SlotMissing, SlotTaken, SlotUnreadable
from catalog.orders.appointments.slots import FreeSlot, service_of, slot_at
from catalog.orders.errors import QuantityTooLarge
from catalog.orders.models import CartLine
from catalog.products.models import Variant


def moment_of(text: str) -> datetime:
    """Return the time that a page, a card or the double sends back, as it was listed.

    Raises: SlotUnreadable.
    """
    try:
        found = parse_datetime(text.strip().replace(" ", "T"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise SlotUnreadable
    try:
        return found.astimezone(UTC)
    except OverflowError:  # the edge of the calendar
        raise SlotUnreadable from None


def slot_for_cart(variant: Variant, *, starts_at: datetime | None, seats: int) -> FreeSlot | None:
    """Return the time that a variant needs in a cart, checked; None for what is not a service.

    Raises: SlotMissing, SlotTaken, QuantityTooLarge for more seats than are left, NotAService when a time is given for
    anything else.
    """
    service = service_of(variant.product_id)
    title = variant.product.title
    if service is None:
        if starts_at is not None:
            raise NotAService(title=title)
        return None
    if starts_at is None:
        raise SlotMissing(title=title)
    slot = slot_at(service=service, starts_at=starts_at)
    if slot is None:
        raise SlotTaken(title=title)
    if slot.left < seats:
        raise QuantityTooLarge(title=title, limit=slot.left)
    return replace(slot, free=tuple(each for each in slot.free if each.left >= seats))


def keep_slot(line: CartLine, slot: FreeSlot) -> None:
    """Write the time of a cart line, with the first who is free."""
    ChosenSlot.objects.update_or_create(
        line=line,
        defaults={
            "merchant_id": line.merchant_id,
            "resource_id": slot.free[0].resource_id,
            "starts_at": slot.starts_at,
        },
    )


def problem_of(line: CartLine, service: Service) -> str:
    """Return why the line of a service cannot be bought as it is, in the active language; empty when it can."""
    chosen = getattr(line, "chosen_slot", None)
    title = line.variant.product.title
    if chosen is None:
        return SlotMissing(title=title).message
    slot = slot_at(service=service, starts_at=chosen.starts_at)
    if slot is None:
        return SlotTaken(title=title).message
    return "" if slot.left >= line.quantity else QuantityTooLarge(title=title, limit=slot.left).message
