"""Customers for the sign-in step and for staff: no model calls these, and every one asks whose record it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from catalog.accounts.identity import Caller, own_record, own_record_to_change
from catalog.accounts.models import Shopper
from catalog.orders.addresses import Address, check_address
from catalog.orders.desk.errors import CustomerNotFound
from catalog.orders.desk.finding import own_methods, shown_number
from catalog.orders.models import Order, PaymentMethod, ShopperAddress


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """What a customer may see of himself."""

    shopper_id: uuid.UUID
    name: str
    email: str
    address: Address | None
    methods: tuple[PaymentMethod, ...]
    order_numbers: tuple[str, ...]


def find_by_email(*, email: str) -> uuid.UUID:
    """Return the customer with this address: for the sign-in step, which tells nobody whether it found one.

    Raises: CustomerNotFound.
    """
    wanted = email.strip()
    found = Shopper.objects.filter(email__iexact=wanted).exclude(external_id="", identified_at=None).order_by("pk")
    shopper = found.first() if wanted else None
    if shopper is None:
        raise CustomerNotFound
    return shopper.pk


def find_by_name_and_postal_code(*, first_name: str, last_name: str, postal_code: str) -> uuid.UUID:
    """Return the one customer with this name and postal code: for staff, who then send him a code.

    Raises: CustomerNotFound, also when several fit.
    """
    name = f"{first_name.strip()} {last_name.strip()}".strip()
    rows = ShopperAddress.objects.filter(
        shopper__display_name__iexact=name, postal_code=postal_code.strip()
    ).values_list("shopper_id", flat=True)
    found = list(rows[:2])
    if len(found) != 1 or not name:
        raise CustomerNotFound
    return uuid.UUID(str(found[0]))


def customer_record(*, caller: Caller, customer_id: uuid.UUID) -> CustomerRecord:
    """Return the caller's own record.

    Raises: identity.Unknown, identity.NotYours.
    """
    shopper = own_record(caller, customer_id=customer_id)
    address = ShopperAddress.objects.filter(shopper=shopper).first()
    orders = Order.objects.filter(shopper=shopper)
    return CustomerRecord(
        shopper_id=shopper.pk,
        name=shopper.display_name,
        email=shopper.email,
        address=Address.of(address) if address else None,
        methods=tuple(own_methods(shopper.pk)),
        order_numbers=tuple(shown_number(order) for order in orders),
    )


@transaction.atomic
def set_customer_address(*, caller: Caller, customer_id: uuid.UUID, fields: Mapping[str, str]) -> ShopperAddress:
    """Keep the caller's own address; what `fields` does not name of recipient and phone stays.

    Raises: identity.Unknown, identity.NotYours, identity.Unconfirmed, AddressInvalid.
    """
    shopper = own_record_to_change(caller, customer_id=customer_id)
    kept = ShopperAddress.objects.filter(shopper=shopper).first()
    recipient = kept.recipient if kept else shopper.display_name
    address = check_address({"recipient": recipient, "phone": kept.phone if kept else "", **fields})
    row, _created = ShopperAddress.objects.update_or_create(
        merchant=shopper.merchant, shopper=shopper, defaults=address.as_dict()
    )
    return row
