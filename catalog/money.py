"""Money: whole minor units and an ISO 4217 code, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, DecimalException, InvalidOperation
from functools import total_ordering

# Decimals of a currency's minor unit as Stripe charges it; everything not listed has two. Three well-known tables
# disagree on ISK, UGX and MGA, so the exceptions are spelled out (https://docs.stripe.com/currencies, special cases).
_ZERO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# Charged with two decimals, shown without: nobody writes NT$980.00.
_SHOWN_WHOLE = frozenset(["TWD", "HUF", "ISK", "UGX"])
# What Stripe takes of a currency is a multiple of so many minor units: ISK and UGX are written with two decimals that
# must be 00, three-decimal currencies end in 0 (the same page, special cases).
_CHARGED_IN_STEPS = {"ISK": 100, "UGX": 100, **dict.fromkeys(_THREE_DECIMALS, 10)}
# What we work out ourselves (a discount, a tax) comes out in what people can write: no third of a Taiwan dollar.
_WORKED_OUT_IN_STEPS = {**_CHARGED_IN_STEPS, "TWD": 100, "HUF": 100}
_SYMBOLS = {"TWD": "NT$", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "HKD": "HK$"}


def decimals_of(currency: str) -> int:
    """Return how many decimals the minor unit of `currency` stands for."""
    if currency in _ZERO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def charge_step(currency: str) -> int:
    """Return the minor units of which an amount that is charged must be a multiple; 1 for most currencies."""
    return _CHARGED_IN_STEPS.get(currency, 1)


def working_step(currency: str) -> int:
    """Return the minor units to which amounts we work out are rounded; 100 where people write whole amounts."""
    return _WORKED_OUT_IN_STEPS.get(currency, 1)


def rounded(numerator: int, denominator: int, *, step: int = 1) -> int:
    """Return numerator / denominator as the nearest multiple of `step`, halves away from zero (ROUND_HALF_UP).

    Raises: ZeroDivisionError; ValueError for a step below 1.
    """
    if step < 1:
        raise ValueError("step must be at least 1")
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    above, below = abs(numerator), abs(denominator) * step
    return sign * ((2 * above + below) // (2 * below)) * step


class NotChargeable(ValueError):
    """An amount that the payment provider refuses in this currency."""


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

        Raises: ValueError when `text` is not a finite number, or one of more digits than can be reckoned with.
        """
        try:
            amount = Decimal(text.strip().replace(",", ""))
        except InvalidOperation as error:
            raise ValueError(f"{text!r} is not a number") from error
        if not amount.is_finite():
            raise ValueError(f"{text!r} is not a finite number")
        try:
            scaled = amount.scaleb(decimals_of(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        except DecimalException as error:  # "1e30"
            raise ValueError(f"{text!r} is more than an amount of money") from error
        return cls(int(scaled), currency)

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

    @property
    def chargeable(self) -> Money:
        """The nearest amount that can be charged, halves up: ISK 1,234.50 is charged as ISK 1,235."""
        return Money(rounded(self.minor, 1, step=charge_step(self.currency)), self.currency)

    @property
    def stripe_amount(self) -> int:
        """The amount as Stripe is told it. Every number of minor units that leaves for Stripe is read here.

        Raises: NotChargeable for a negative amount, or one that Stripe would refuse in this currency.
        """
        step = charge_step(self.currency)
        if self.minor < 0 or self.minor % step:
            raise NotChargeable(f"{self.minor} minor units of {self.currency}: give zero or more, in steps of {step}")
        return self.minor

    def _same(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be combined")
        return other


def split_largest_remainder(total: int, weights: list[int], *, step: int = 1) -> list[int]:
    """Split `total` minor units by `weights` so that the parts add up exactly (largest remainder method).

    Parts are multiples of `step`; what of `total` is none comes on top of the first part that has a weight.
    """
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("weights must add up to more than zero")
    steps, odd = divmod(total, step)
    parts = [steps * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(steps * weights[i] % whole))
    for index in by_remainder[: steps - sum(parts)]:
        parts[index] += 1
    parts = [part * step for part in parts]
    parts[next(index for index, weight in enumerate(weights) if weight)] += odd
    return parts


def split_within(total: int, weights: list[int], limits: list[int], *, step: int = 1) -> list[int]:
    """Split `total` by `weights` like `split_largest_remainder`, no part above its limit; what does not fit is left.

    Parts are multiples of `step` as far as the limits allow. Their sum is min(total, sum(limits)).
    """
    parts = [0] * len(weights)
    for unit in dict.fromkeys((step, 1)):
        while True:
            left = (min(total, sum(limits)) - sum(parts)) // unit
            rooms = [(limit - part) // unit for limit, part in zip(limits, parts, strict=True)]
            # A line without weight still takes what the others cannot.
            open_weights = [weight if room else 0 for weight, room in zip(weights, rooms, strict=True)]
            if not any(open_weights):
                open_weights = rooms
            if left <= 0 or not any(open_weights):
                break
            for index, share in enumerate(split_largest_remainder(left, open_weights)):
                parts[index] += min(share, rooms[index]) * unit
    return parts
