"""Countries an address may name: what its parts are called there, which are needed, what postal codes look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What the parts of an address are called; a country names those it calls otherwise, and leaves out what it has not.
LABELS: Mapping[str, str | Promise] = MappingProxyType(
    {
        "recipient": _("Name"),
        "phone": _("Phone"),
        "country": _("Country or region"),
        "postal_code": _("Postal code"),
        "city": _("City"),
        "state": _("County or state"),
        "line1": _("Address"),
        "line2": _("Flat, floor"),
    }
)
_PROVINCE, _STATE, _PREFECTURE = _("Province"), _("State"), _("Prefecture")
_DISTRICT, _SUBURB, _TOWN = _("District"), _("Suburb or town"), _("Town or city")


@dataclass(frozen=True, slots=True)
class Country:
    """A country's addresses; an empty `postal` pattern means that it has no postal codes, or none we check."""

    name: str | Promise
    postal: str = ""
    example: str = ""
    needs_state: bool = False
    needs_city: bool = True
    hidden: frozenset[str] = frozenset()  # fields nobody there fills in
    labels: Mapping[str, str | Promise] = field(default_factory=dict)
    state_example: str = ""

    def accepts(self, postal_code: str) -> bool:
        """Return whether `postal_code` has this country's shape."""
        return not self.postal or re.fullmatch(self.postal, postal_code, re.IGNORECASE) is not None

    def label(self, name: str) -> str:
        """Return what a field is called there, in the active language."""
        return str(self.labels.get(name) or LABELS[name])

    @property
    def required(self) -> tuple[str, ...]:
        """The fields an address there cannot do without."""
        wanted = {"postal_code": bool(self.postal), "city": self.needs_city, "state": self.needs_state}
        return ("recipient", "country", *(name for name, is_needed in wanted.items() if is_needed), "line1")


_NO_STATE = frozenset(["state"])
_NO_POSTAL = frozenset(["state", "postal_code"])
COUNTRIES: dict[str, Country] = {
    "TW": Country(_("Taiwan"), r"\d{3}(-?\d{2,3})?", "106", labels={"city": _("City or county"), "state": _DISTRICT}),
    "HK": Country(_("Hong Kong"), hidden=_NO_POSTAL, labels={"city": _DISTRICT}),
    "MO": Country(_("Macao"), needs_city=False, hidden=_NO_POSTAL, labels={"city": _DISTRICT}),
    "CN": Country(_("China"), r"\d{6}", "200000", needs_state=True, labels={"state": _PROVINCE}),
    "SG": Country(_("Singapore"), r"\d{6}", "238801", needs_city=False, hidden=_NO_STATE | {"city"}),
    "MY": Country(
        _("Malaysia"), r"\d{5}", "50000", needs_state=True,
        labels={"state": _STATE, "city": _TOWN}, state_example="Johor",
    ),
    "JP": Country(
        _("Japan"), r"\d{3}-?\d{4}", "150-0001", needs_state=True,
        labels={"state": _PREFECTURE, "city": _("City or ward")},
    ),
    "KR": Country(_("South Korea"), r"\d{5}", "04524"),
    "TH": Country(_("Thailand"), r"\d{5}", "10110", labels={"state": _PROVINCE, "city": _DISTRICT}),
    "US": Country(
        _("United States"), r"\d{5}(-\d{4})?", "94107", needs_state=True,
        labels={"state": _STATE, "postal_code": _("ZIP code")}, state_example="California",
    ),
    "CA": Country(
        _("Canada"), r"[A-Z]\d[A-Z] ?\d[A-Z]\d", "M5V 2T6", needs_state=True,
        labels={"state": _PROVINCE}, state_example="Ontario",
    ),
    "GB": Country(
        _("United Kingdom"), r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "SW1A 1AA",
        labels={"state": _("County"), "city": _TOWN, "postal_code": _("Postcode")},
    ),
    "IE": Country(
        _("Ireland"), r"[A-Z]\d[\dW] ?[A-Z\d]{4}", "D02 AF30",
        labels={"state": _("County"), "city": _TOWN, "postal_code": _("Eircode")},
    ),
    "DE": Country(_("Germany"), r"\d{5}", "10115", hidden=_NO_STATE),
    "FR": Country(_("France"), r"\d{5}", "75001", hidden=_NO_STATE),
    "IT": Country(_("Italy"), r"\d{5}", "00118", labels={"state": _PROVINCE}),
    "ES": Country(_("Spain"), r"\d{5}", "28001", labels={"state": _PROVINCE}),
    "NL": Country(_("Netherlands"), r"\d{4} ?[A-Z]{2}", "1012 AB", hidden=_NO_STATE),
    "AU": Country(
        _("Australia"), r"\d{4}", "2000", needs_state=True,
        labels={"state": _STATE, "city": _SUBURB, "postal_code": _("Postcode")}, state_example="New South Wales",
    ),
    "NZ": Country(_("New Zealand"), r"\d{4}", "6011", hidden=_NO_STATE, labels={"postal_code": _("Postcode")}),
}  # fmt: skip
OTHER = Country(_("Another country"))  # a sensible form for a country that is not in the table
_THREE_LETTERS = {
    "TWN": "TW", "HKG": "HK", "MAC": "MO", "CHN": "CN", "SGP": "SG", "MYS": "MY", "JPN": "JP", "KOR": "KR",
    "THA": "TH", "USA": "US", "CAN": "CA", "GBR": "GB", "IRL": "IE", "DEU": "DE", "FRA": "FR", "ITA": "IT",
    "ESP": "ES", "NLD": "NL", "AUS": "AU", "NZL": "NZ",
}  # fmt: skip


def country_code(text: str) -> str:
    """Return the two-letter code for a two- or three-letter one; anything else comes back in capitals."""
    code = text.strip().upper()
    return _THREE_LETTERS.get(code, code)


def country_name(code: str) -> str:
    """Return the country's name in the active language, or the code itself."""
    known = COUNTRIES.get(country_code(code))
    return str(known.name) if known else code
