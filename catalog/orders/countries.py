"""Countries an address may name: their names and what their postal codes look like."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Country:
    """A country; an empty `postal` pattern means that it has no postal codes, or none we check."""

    name: str | Promise
    postal: str = ""
    example: str = ""
    needs_state: bool = False

    def accepts(self, postal_code: str) -> bool:
        """Return whether `postal_code` has this country's shape."""
        return not self.postal or re.fullmatch(self.postal, postal_code, re.IGNORECASE) is not None


COUNTRIES: dict[str, Country] = {
    "TW": Country(_("Taiwan"), r"\d{3}(-?\d{2,3})?", "106"),
    "HK": Country(_("Hong Kong")),
    "MO": Country(_("Macao")),
    "CN": Country(_("China"), r"\d{6}", "200000", needs_state=True),
    "SG": Country(_("Singapore"), r"\d{6}", "238801"),
    "MY": Country(_("Malaysia"), r"\d{5}", "50000"),
    "JP": Country(_("Japan"), r"\d{3}-?\d{4}", "150-0001"),
    "KR": Country(_("South Korea"), r"\d{5}", "04524"),
    "TH": Country(_("Thailand"), r"\d{5}", "10110"),
    "US": Country(_("United States"), r"\d{5}(-\d{4})?", "94107", needs_state=True),
    "CA": Country(_("Canada"), r"[A-Z]\d[A-Z] ?\d[A-Z]\d", "M5V 2T6", needs_state=True),
    "GB": Country(_("United Kingdom"), r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "SW1A 1AA"),
    "IE": Country(_("Ireland"), r"[A-Z]\d[\dW] ?[A-Z\d]{4}", "D02 AF30"),
    "DE": Country(_("Germany"), r"\d{5}", "10115"),
    "FR": Country(_("France"), r"\d{5}", "75001"),
    "IT": Country(_("Italy"), r"\d{5}", "00118"),
    "ES": Country(_("Spain"), r"\d{5}", "28001"),
    "NL": Country(_("Netherlands"), r"\d{4} ?[A-Z]{2}", "1012 AB"),
    "AU": Country(_("Australia"), r"\d{4}", "2000", needs_state=True),
    "NZ": Country(_("New Zealand"), r"\d{4}", "6011"),
}
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
