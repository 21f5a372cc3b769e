"""Delivery addresses: checked by field and by country, kept for the next order."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.accounts.models import Merchant, Shopper
from catalog.orders.countries import COUNTRIES, OTHER, country_code, country_name
from catalog.orders.errors import AddressInvalid, ShopperNotFound
from catalog.orders.models import AddressFields, DeliveryMethod, ShopperAddress
from catalog.orders.regions import REGIONS, is_known

LENGTHS = {
    "recipient": 120, "phone": 40, "line1": 200, "line2": 200,
    "city": 100, "state": 100, "postal_code": 20, "country": 3,
}  # fmt: skip
_PHONE_CHARACTERS = frozenset("0123456789+-() #ext.")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes; `country` is a two-letter code."""

    recipient: str
    line1: str
    city: str
    country: str
    phone: str = ""
    line2: str = ""
    state: str = ""
    postal_code: str = ""

    @classmethod
    def of(cls, row: AddressFields) -> Address:
        """Copy the address out of a row."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})

    def as_dict(self) -> dict[str, str]:
        """Return the fields by name."""
        return asdict(self)

    @property
    def lines(self) -> tuple[str, ...]:
        """The address as it is written on a parcel, without empty lines."""
        place = " ".join(part for part in (self.city, self.state, self.postal_code) if part)
        return tuple(
            line for line in (self.recipient, self.line1, self.line2, place, country_name(self.country)) if line
        )


def check_address(given: Mapping[str, str]) -> Address:
    """Return `given` as an Address, trimmed, the country as a two-letter code.

    Raises: AddressInvalid with a sentence for every field that needs a correction.
    """
    errors: dict[str, str] = {}
    values: dict[str, str] = {}
    country = COUNTRIES.get(country_code(str(given.get("country") or "")), OTHER)
    for name, limit in LENGTHS.items():
        value = " ".join(str(given.get(name) or "").split())
        values[name] = value
        if name in country.required and name in _MISSING and not value:
            errors[name] = _MISSING[name]()
        elif len(value) > limit:
            errors[name] = _("%(field)s: use at most %(limit)s characters.") % {"field": name, "limit": limit}
    values["country"] = country_code(values["country"])
    unknown = sorted(set(given) - set(LENGTHS))
    if unknown:
        errors[unknown[0]] = _("%(field)s: this field is not part of an address.") % {"field": unknown[0]}
    if values["phone"] and not set(values["phone"]) <= _PHONE_CHARACTERS:
        errors["phone"] = _("Phone: digits, spaces, + and - only.")
    errors = {**_country_errors(values), **errors}
    if errors:
        raise AddressInvalid(errors)
    return Address(**values)


_MISSING = {
    "recipient": lambda: _("Name: say who receives the parcel."),
    "line1": lambda: _("Address: give the street and number."),
    "city": lambda: _("City: give the city or district."),
    "country": lambda: _("Country: choose a country."),
}


def _country_errors(values: Mapping[str, str]) -> dict[str, str]:
    """Return what the address's own country asks for and does not find."""
    country = COUNTRIES.get(values["country"])
    if country is None:
        return {"country": _("Country: choose one from the list, such as TW or US.")}
    errors: dict[str, str] = {}
    postal_code = values["postal_code"]
    if country.postal and not country.accepts(postal_code):
        facts = {"country": country.name, "example": country.example}
        errors["postal_code"] = (
            _("Postal code: in %(country)s it looks like %(example)s.") % facts
            if postal_code
            else _("Postal code: needed in %(country)s, such as %(example)s.") % facts
        )
    if country.needs_state and not values["state"]:
        errors["state"] = _("State: needed in %(country)s.") % {"country": country.name}
    elif values["state"] and not is_known(values["country"], values["state"]):
        facts = {"country": country.name, "example": country.state_example}
        errors["state"] = _("State: %(country)s has none of this name; write one such as %(example)s.") % facts
    return errors


@dataclass(frozen=True, slots=True)
class AddressForm:
    """How an address is asked for in one country, in the active language; other fields are not shown."""

    country: str
    labels: dict[str, str]
    required: tuple[str, ...]
    hidden: tuple[str, ...]
    regions: tuple[str, ...]  # names to choose from; empty = any text


def address_form(country: str) -> AddressForm:
    """Return the form of a country; of one that is not in the table, a form that fits most."""
    code = country_code(country)
    known = COUNTRIES.get(code, OTHER)
    return AddressForm(
        country=code,
        labels={name: known.label(name) for name in LENGTHS},
        required=known.required,
        hidden=tuple(sorted(known.hidden)),
        regions=tuple(REGIONS.get(code, {}).values()),
    )


@transaction.atomic
def save_address(*, merchant: Merchant, shopper_id: uuid.UUID, fields: Mapping[str, str]) -> ShopperAddress:
    """Check and keep a shopper's delivery address.

    Raises: AddressInvalid; ShopperNotFound.
    """
    address = check_address(fields)
    if not Shopper.objects.filter(pk=shopper_id).exists():
        raise ShopperNotFound
    row, _created = ShopperAddress.objects.update_or_create(
        merchant=merchant, shopper_id=shopper_id, defaults=address.as_dict()
    )
    return row


def deliverable_countries(*, currency: str) -> list[tuple[str, str]]:
    """Return (code, name) of the countries the shop in scope delivers to, the first method's countries first."""
    codes: dict[str, None] = {}
    for method in DeliveryMethod.objects.filter(is_active=True, currency=currency):
        codes.update(dict.fromkeys(country_code(code) for code in (method.countries or COUNTRIES)))
    return [(code, country_name(code)) for code in codes]
