"""Customers' records: found for the sign-in step and for staff, shown and changed by their owner alone."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from catalog.accounts.identity import Caller, NotYours, Unconfirmed, Unknown
from catalog.accounts.models import Merchant, Shopper
from catalog.orders.desk import customers
from catalog.orders.desk.errors import CustomerNotFound
from catalog.orders.errors import AddressInvalid
from catalog.orders.models import ShopperAddress
from tests.catalog.orders.desk_orders import Desk, make_desk
from tests.factories import TAIPEI, make_address, make_shopper

KAOHSIUNG = {"line1": "No. 1, Zhongshan Rd.", "city": "Kaohsiung", "postal_code": "800", "country": "TW"}


@pytest.fixture
def desk(in_scope: Merchant) -> Desk:
    """A signed-in shopper with methods and an address."""
    made = make_desk(in_scope)
    made.shopper.email = "Lin@Example.com"
    made.shopper.save()
    make_address(made.shopper)
    return made


def owner(desk: Desk, *, confirmed: bool = True) -> Caller:
    return Caller(desk.shopper.pk, is_confirmed=confirmed)


def test_a_customer_is_found_by_address_however_it_is_written(desk: Desk) -> None:
    assert customers.find_by_email(email=" lin@example.COM ") == desk.shopper.pk


@pytest.mark.parametrize("email", ["", "   ", "nobody@example.com"])
def test_an_unknown_address_finds_nobody(desk: Desk, email: str) -> None:
    make_shopper(desk.merchant)  # a guest without an address is nobody's

    with pytest.raises(CustomerNotFound):
        customers.find_by_email(email=email)


def test_a_guest_who_only_typed_an_address_is_no_customer(desk: Desk) -> None:
    make_shopper(desk.merchant, email="guest@example.com")

    with pytest.raises(CustomerNotFound):
        customers.find_by_email(email="guest@example.com")


def test_a_customer_is_found_by_name_and_postal_code(desk: Desk) -> None:
    found = customers.find_by_name_and_postal_code(first_name="lin", last_name=" Yi-ting ", postal_code=" 110 ")

    assert found == desk.shopper.pk


@pytest.mark.parametrize(
    ("first", "last", "postal"), [("Lin", "Yi-ting", "111"), ("Lin", "", "110"), ("", "", "110"), ("", "", "")]
)
def test_half_a_name_or_another_code_finds_nobody(desk: Desk, first: str, last: str, postal: str) -> None:
    with pytest.raises(CustomerNotFound):
        customers.find_by_name_and_postal_code(first_name=first, last_name=last, postal_code=postal)


def test_two_people_of_one_name_are_nobody(desk: Desk) -> None:
    make_address(make_shopper(desk.merchant, display_name="Lin Yi-ting", identified_at=timezone.now()))

    with pytest.raises(CustomerNotFound):
        customers.find_by_name_and_postal_code(first_name="Lin", last_name="Yi-ting", postal_code="110")


def test_the_owner_sees_his_record(desk: Desk) -> None:
    order = desk.order("C-30")

    record = customers.customer_record(caller=owner(desk), customer_id=desk.shopper.pk)

    assert (record.name, record.email, record.order_numbers) == (
        "Lin Yi-ting",
        "Lin@Example.com",
        (f"#{order.number}",),
    )
    assert record.methods == (desk.card, desk.gift_card)
    assert record.address is not None
    assert record.address.city == TAIPEI["city"]


def test_nobody_else_does_and_a_foreign_record_reads_like_none(desk: Desk) -> None:
    other = make_shopper(desk.merchant, identified_at=timezone.now())
    messages = []
    for customer_id in (desk.shopper.pk, uuid.uuid4()):
        with pytest.raises(NotYours) as refused:
            customers.customer_record(caller=Caller(other.pk), customer_id=customer_id)
        messages.append(refused.value.message)
    with pytest.raises(Unknown):
        customers.customer_record(caller=Caller(None), customer_id=desk.shopper.pk)

    assert messages[0] == messages[1]


def test_the_owner_changes_his_address_and_keeps_name_and_phone(desk: Desk) -> None:
    row = customers.set_customer_address(caller=owner(desk), customer_id=desk.shopper.pk, fields=KAOHSIUNG)

    assert (row.recipient, row.phone, row.city) == (TAIPEI["recipient"], TAIPEI["phone"], "Kaohsiung")
    assert ShopperAddress.objects.count() == 1


def test_a_first_address_is_addressed_to_the_customer(desk: Desk) -> None:
    ShopperAddress.objects.all().delete()

    row = customers.set_customer_address(caller=owner(desk), customer_id=desk.shopper.pk, fields=KAOHSIUNG)

    assert (row.recipient, row.phone) == ("Lin Yi-ting", "")


def refused_caller(desk: Desk, kind: str) -> Caller:
    if kind == "stranger":
        return Caller(make_shopper(desk.merchant, identified_at=timezone.now()).pk, is_confirmed=True)
    return owner(desk, confirmed=False) if kind == "unconfirmed" else Caller(None, is_confirmed=True)


@pytest.mark.parametrize(("kind", "error"), [("stranger", NotYours), ("unconfirmed", Unconfirmed), ("nobody", Unknown)])
def test_nobody_else_changes_it(desk: Desk, kind: str, error: type[Exception]) -> None:
    caller = refused_caller(desk, kind)

    with pytest.raises(error):
        customers.set_customer_address(caller=caller, customer_id=desk.shopper.pk, fields=KAOHSIUNG)

    assert ShopperAddress.objects.get().city == TAIPEI["city"]


def test_a_broken_address_changes_nothing(desk: Desk) -> None:
    with pytest.raises(AddressInvalid):
        customers.set_customer_address(
            caller=owner(desk), customer_id=desk.shopper.pk, fields={**KAOHSIUNG, "line1": "", "city": ""}
        )

    assert ShopperAddress.objects.get().city == TAIPEI["city"]
    assert Shopper.objects.get(pk=desk.shopper.pk).display_name == "Lin Yi-ting"
