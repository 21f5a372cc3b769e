"""Money: whole minor units and an ISO 4217 code, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import total_ordering

# Decimals of a currency's minor unit as Stripe charges it; everything not listed has two. Three well-known tables
# disagree on ISK, UGX and MGA, so the exceptions are spelled out (https://docs.stripe.com/currencies, special cases).
_ZERO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# Charged with two decimals, shown without: nobody writes NT$980.00.
_SHOWN_WHOLE = frozenset(["TWD", "HUF", "ISK", "UGX"])
_SYMBOLS = {"TWD": "NT$", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "HKD": "HK$"}


def decimals_of(currency: str) -> int:
    """Return how many decimals the minor unit of `currency` stands for."""
    if currency in _ZERO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


class CurrencyMismatch(ValueError):
    """Two amounts in different currencies met."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of one currency."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a plain decimal such as `1299.90`, rounding half up.

        Raises: ValueError when `text` is not a finite number.
        """
        try:
            amount = Decimal(text.strip().replace(",", ""))
        except InvalidOperation as error:
            raise ValueError(f"{text!r} is not a number") from error
        if not amount.is_finite():
            raise ValueError(f"{text!r} is not a finite number")
        scaled = amount.scaleb(decimals_of(currency))
        return cls(int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.minor * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __str__(self) -> str:
        """Return the amount as people read it: `NT$1,080`, `$31.00`."""
        return f"{_SYMBOLS.get(self.currency, self.currency + ' ')}{self.amount_text}"

    @property
    def decimal(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-decimals_of(self.currency))

    @property
    def amount_text(self) -> str:
        """The amount with thousands separators and without symbol; whole where people write it whole."""
        places = decimals_of(self.currency)
        if self.currency in _SHOWN_WHOLE and self.minor % 10**places == 0:
            places = 0
        return f"{self.decimal:,.{places}f}"

    def _same(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be combined")
        return other


def split_largest_remainder(total: int, weights: list[int]) -> list[int]:
    """Split `total` minor units by `weights` so that the parts add up exactly (largest remainder method)."""
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("weights must add up to more than zero")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
