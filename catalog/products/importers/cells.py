"""Reading one cell: numbers, prices, yes and no, addresses, typed facts."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import slugify

from catalog.languages import ENGLISH, SIMPLIFIED, TRADITIONAL, to_simplified, to_traditional
from catalog.money import Money, decimals_of
from catalog.products.importers.incoming import AttributeValue
from catalog.products.importers.issues import BadCell

# Presentment currencies of Stripe (https://docs.stripe.com/currencies), which is what can be paid with here.
_CODES = """
USD AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY
COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD
JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO
NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TND
TOP TRY TTD TWD TZS UAH UGX UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""
CURRENCIES = frozenset(_CODES.split())
_PLAIN = re.compile(r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?")
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_YES, _NO = frozenset({"true", "yes", "1", "y"}), frozenset({"false", "no", "0", "n"})
STOCK_MAX = 2_000_000_000


def decimal_of(value: Any) -> Decimal:
    """Read `1299.90`, `1,299.90` or a JSON number.

    Raises: BadCell(bad_number); `1,5` too, because in half of the world that is one and a half.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadCell("bad_number")
    text = value.strip() if isinstance(value, str) else repr(value)
    if isinstance(value, str) and (not _PLAIN.fullmatch(text) or not text.strip("+-")):
        raise BadCell("bad_number")
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise BadCell("bad_number") from None
    if not number.is_finite():
        raise BadCell("bad_number")
    return number


def price_of(value: Any, currency: str) -> tuple[int, bool]:
    """Return a price in minor units, and whether it had to be rounded.

    Raises: BadCell(bad_number, negative_price, absurd_price).
    """
    number = decimal_of(value)
    if number < 0:
        raise BadCell("negative_price")
    limit = Money(settings.IMPORT_PRICE_MAX_MINOR, currency)
    if number > limit.decimal:
        raise BadCell("absurd_price", limit=str(limit))
    exponent = number.normalize().as_tuple().exponent
    return (
        Money.parse(format(number, "f"), currency).minor,
        isinstance(exponent, int) and -exponent > decimals_of(currency),
    )


def whole_of(value: Any) -> int:
    """Read a count. Raises: BadCell(bad_number) for anything but a whole number of reasonable size."""
    number = decimal_of(value)
    if number != number.to_integral_value() or abs(number) > STOCK_MAX:
        raise BadCell("bad_number")
    return int(number)


def yes_or_no(value: str) -> bool:
    """Read TRUE and FALSE as spreadsheets write them. Raises: BadCell(bad_value)."""
    lowered = value.strip().lower()
    if lowered not in _YES | _NO:
        raise BadCell("bad_value", expected="TRUE, FALSE")
    return lowered in _YES


def currency_of(value: Any) -> str:
    """Return a currency that can be charged. Raises: BadCell(currency_unknown)."""
    if not isinstance(value, str) or value.strip().upper() not in CURRENCIES:
        raise BadCell("currency_unknown")
    return value.strip().upper()


def text_of(value: str, limit: int) -> str:
    """Return the text without outer spaces. Raises: BadCell(too_long)."""
    text = value.strip()
    if len(text) > limit:
        raise BadCell("too_long", limit=limit)
    return text


def address_of(value: str, *, local: bool = False, limit: int = 1000) -> str:
    """Return a web address; with `local` also a path of this site. Raises: BadCell(bad_url, too_long)."""
    url = text_of(value, limit)
    if local and re.fullmatch(r"/[^/\s\\][^\s\\]*", url):
        return url
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise BadCell("bad_url") from None
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\"'<>\\]", url):
        raise BadCell("bad_url")
    return url


def is_writable(text: str) -> bool:
    """Whether a database can hold `text`: no NUL and no half characters (bytes that were not UTF-8)."""
    return not _UNWRITABLE.search(text)


def language_of(text: str) -> str:
    """Guess the language a text is in, by its script."""
    if not _CJK.search(text):
        return ENGLISH
    sample = text[:500]
    return SIMPLIFIED if to_simplified(sample) == sample != to_traditional(sample) else TRADITIONAL


def handle_of(text: str) -> str:
    """Return `text` as the last part of an address; letters of every script stay."""
    return slugify(text, allow_unicode=True)[:200]


def fact_of(text: str) -> AttributeValue | None:
    """Read a metafield by its value: yes/no, number, list (`["a", "b"]` or `a; b`), else text.

    Numbers with a leading zero or more than 15 digits are names of things and stay text.
    """
    value = text.strip()
    if not value:
        return None
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    if _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    if value[0] in "[{":
        return _structured(value)
    if "; " in value or value.endswith(";"):
        return [part for part in (piece.strip() for piece in value.split(";")) if part]
    return value


def _structured(value: str) -> AttributeValue | None:
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return value
    if isinstance(data, list):
        return [str(item).strip() for item in data if item not in (None, "")]
    if isinstance(data, dict) and "value" in data:  # Shopify's measurements and ratings
        return " ".join(str(data[key]) for key in ("value", "unit") if data.get(key) not in (None, ""))
    return value
