"""Addresses: each mistake is named by field, with the remedy."""

from __future__ import annotations

import uuid

import pytest
from django.utils.translation import override

from catalog.accounts.scoping import merchant_scope
from catalog.orders.addresses import Address, address_form, check_address, deliverable_countries, save_address
from catalog.orders.errors import AddressInvalid, ShopperNotFound
from catalog.orders.models import ShopperAddress
from tests.catalog.buying import Buying
from tests.factories import TAIPEI, make_delivery, make_merchant, make_shopper


def mistakes(**changes: str) -> dict[str, str]:
    with pytest.raises(AddressInvalid) as refused, override("en"):
        check_address({**TAIPEI, **changes})
    return refused.value.errors


def test_an_address_is_trimmed_and_its_country_becomes_a_code() -> None:
    address = check_address({**TAIPEI, "city": "  New   Taipei ", "country": "twn"})

    assert (address.city, address.country, address.line2) == ("New Taipei", "TW", "")


def test_every_missing_field_is_named() -> None:
    with pytest.raises(AddressInvalid) as refused, override("en"):
        check_address({})

    assert refused.value.errors == {
        "recipient": "Name: say who receives the parcel.",
        "line1": "Address: give the street and number.",
        "city": "City: give the city or district.",
        "country": "Country: choose a country.",
    }


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"postal_code": ""}, {"postal_code": "Postal code: needed in Taiwan, such as 106."}),
        ({"postal_code": "9O210"}, {"postal_code": "Postal code: in Taiwan it looks like 106."}),
        (
            {"country": "US"},
            {
                "postal_code": "Postal code: in United States it looks like 94107.",
                "state": "State: needed in United States.",
            },
        ),
        ({"country": "XX"}, {"country": "Country: choose one from the list, such as TW or US."}),
        ({"phone": "call me"}, {"phone": "Phone: digits, spaces, + and - only."}),
        ({"recipient": "x" * 121}, {"recipient": "recipient: use at most 120 characters."}),
        ({"planet": "Mars"}, {"planet": "planet: this field is not part of an address."}),
    ],
)
def test_a_wrong_field_is_named_with_the_remedy(changes: dict[str, str], errors: dict[str, str]) -> None:
    assert mistakes(**changes) == errors


@pytest.mark.parametrize(
    ("country", "postal_code"),
    [("TW", "110"), ("TW", "11049"), ("TW", "110-049"), ("JP", "150-0001"), ("GB", "sw1a 1aa"), ("HK", "")],
)
def test_postal_codes_of_the_country_are_accepted(country: str, postal_code: str) -> None:
    given = {**TAIPEI, "country": country, "postal_code": postal_code, "state": "Tokyo" if country == "JP" else ""}

    assert check_address(given).postal_code == postal_code


def test_the_address_given_last_is_kept(buying: Buying) -> None:
    save_address(merchant=buying.merchant, shopper_id=buying.shopper.pk, fields={**TAIPEI, "city": "Tainan"})

    assert Address.of(ShopperAddress.objects.get()).city == "Tainan"


def test_a_refused_address_changes_nothing(buying: Buying) -> None:
    with pytest.raises(AddressInvalid):
        save_address(merchant=buying.merchant, shopper_id=buying.shopper.pk, fields={})

    assert ShopperAddress.objects.get().city == "Taipei"


def test_a_stranger_has_no_address_here(buying: Buying) -> None:
    other = make_merchant()
    with merchant_scope(other):
        stranger = make_shopper(other)

    for shopper_id in (stranger.pk, uuid.uuid4()):
        with pytest.raises(ShopperNotFound):
            save_address(merchant=buying.merchant, shopper_id=shopper_id, fields=TAIPEI)
    assert ShopperAddress.objects.count() == 1


def test_countries_are_those_of_the_methods_in_use(buying: Buying) -> None:
    make_delivery(buying.merchant, code="hk", countries=["HK"])
    make_delivery(buying.merchant, code="old", countries=["FR"], is_active=False)

    with override("en"):
        assert deliverable_countries(currency="TWD") == [("TW", "Taiwan"), ("HK", "Hong Kong")]
        assert deliverable_countries(currency="USD") == []


@pytest.mark.parametrize(
    ("country", "postal_label", "state_label", "needs", "hides"),
    [
        ("TW", "Postal code", "District", {"postal_code", "city"}, set()),
        ("HK", "Postal code", "County or state", {"city"}, {"state", "postal_code"}),
        ("CN", "Postal code", "Province", {"postal_code", "city", "state"}, set()),
        ("US", "ZIP code", "State", {"postal_code", "city", "state"}, set()),
        ("GB", "Postcode", "County", {"postal_code", "city"}, set()),
        ("CA", "Postal code", "Province", {"postal_code", "city", "state"}, set()),
        ("AU", "Postcode", "State", {"postal_code", "city", "state"}, set()),
        ("SG", "Postal code", "County or state", {"postal_code"}, {"state", "city"}),
        ("MY", "Postal code", "State", {"postal_code", "city", "state"}, set()),
        ("JP", "Postal code", "Prefecture", {"postal_code", "city", "state"}, set()),
        ("DE", "Postal code", "County or state", {"postal_code", "city"}, {"state"}),
        ("FR", "Postal code", "County or state", {"postal_code", "city"}, {"state"}),
        ("BR", "Postal code", "County or state", {"city"}, set()),
    ],
)
def test_each_country_asks_for_its_own_fields(
    country: str, postal_label: str, state_label: str, needs: set[str], hides: set[str]
) -> None:
    with override("en"):
        form = address_form(country)

    assert (form.labels["postal_code"], form.labels["state"]) == (postal_label, state_label)
    assert set(form.required) == {"recipient", "country", "line1"} | needs
    assert set(form.hidden) == hides
    assert not set(form.required) & set(form.hidden)


@pytest.mark.parametrize(
    ("country", "state", "postal_code", "is_right"),
    [
        ("US", "CA", "94107", True), ("US", "california", "94107-1234", True), ("US", "Bavaria", "94107", False),
        ("CA", "Ontario", "M5V 2T6", True), ("CA", "ON", "M5V-2T6", False), ("AU", "nsw", "2000", True),
        ("MY", "Johor", "80000", True), ("GB", "", "SW1A 1AA", True), ("GB", "", "12345", False),
        ("DE", "", "10115", True), ("FR", "", "7500", False), ("SG", "", "238801", True), ("HK", "", "", True),
        ("CN", "Guangdong", "510000", True), ("CN", "", "510000", False),
    ],
)  # fmt: skip
def test_states_and_postal_codes_are_checked_by_country(
    country: str, state: str, postal_code: str, is_right: bool
) -> None:
    given = {**TAIPEI, "country": country, "state": state, "postal_code": postal_code}

    if is_right:
        assert check_address(given).country == country
    else:
        with pytest.raises(AddressInvalid):
            check_address(given)
