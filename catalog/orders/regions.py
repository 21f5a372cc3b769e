"""States and provinces, where tax, delivery or the post asks for them: codes and names."""

from __future__ import annotations

_US = """AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky
LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana
NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota
OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|PR Puerto Rico|RI Rhode Island|SC South Carolina|SD South Dakota
TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"""
_CA = """AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia
NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon"""
_AU = """ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|SA South Australia
TAS Tasmania|VIC Victoria|WA Western Australia"""
_MY = """JHR Johor|KDH Kedah|KTN Kelantan|KUL Kuala Lumpur|LBN Labuan|MLK Malacca|NSN Negeri Sembilan|PHG Pahang
PRK Perak|PLS Perlis|PNG Penang|PJY Putrajaya|SBH Sabah|SWK Sarawak|SGR Selangor|TRG Terengganu"""


def _read(table: str) -> dict[str, str]:
    rows = [row.strip().partition(" ") for row in table.replace("\n", "|").split("|")]
    return {code: name for code, _space, name in rows}


REGIONS: dict[str, dict[str, str]] = {"US": _read(_US), "CA": _read(_CA), "AU": _read(_AU), "MY": _read(_MY)}


def region_code(country: str, text: str) -> str:
    """Return the code of a region given as code or name; of countries without a table, the text in capitals.

    An unknown region of a country with a table comes back as it is, in capitals: `is_known` tells.
    """
    wanted = " ".join(text.split()).upper()
    for code, name in REGIONS.get(country, {}).items():
        if wanted in (code, name.upper()):
            return code
    return wanted


def is_known(country: str, text: str) -> bool:
    """Return whether the country has such a region; True where no table is kept."""
    return country not in REGIONS or region_code(country, text) in REGIONS[country]
