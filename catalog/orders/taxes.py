"""Tax on an amount in a place, from the merchant's own table of rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from catalog.languages import in_language
from catalog.money import rounded, split_largest_remainder, working_step
from catalog.orders.countries import country_code
from catalog.orders.delivery import Place, bare
from catalog.orders.regions import region_code
from catalog.orders.tax_models import TaxRate

_WHOLE = 1_000_000  # a percent counts 10,000: four decimals, as the table keeps


@dataclass(frozen=True, slots=True)
class TaxRule:
    """A tax rate as totals need it."""

    code: str
    percent: Decimal
    country: str
    names: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    postal_prefix: str = ""
    category_path: str = ""
    is_included: bool = True
    is_on_delivery: bool = True

    @classmethod
    def of(cls, row: TaxRate) -> TaxRule:
        """Copy a row."""
        country = country_code(row.country)
        return cls(
            code=row.code,
            percent=row.percent,
            country=country,
            names=row.names,
            region=region_code(country, row.region),
            postal_prefix=bare(row.postal_prefix),
            category_path=row.category_path.strip("/"),
            is_included=row.is_included,
            is_on_delivery=row.is_on_delivery,
        )

    def fits(self, place: Place, category_path: str) -> bool:
        """Return whether the rate holds for goods of a category in a place."""
        in_category = not self.category_path or f"{category_path}/".startswith(f"{self.category_path}/")
        return (
            in_category
            and self.country == place.country
            and self.region in ("", place.region)
            and place.postal_code.startswith(self.postal_prefix)
        )

    @property
    def closeness(self) -> tuple[int, int, bool]:
        """How closely it fits: a category before a postal code before a region."""
        return (len(self.category_path), len(self.postal_prefix), bool(self.region))

    @property
    def millionths(self) -> int:
        """The rate in millionths: 5 % is 50,000."""
        return int((self.percent * 10_000).to_integral_value())


@dataclass(frozen=True, slots=True)
class TaxPart:
    """A tax on an amount, in minor units; included ones are in the amount already."""

    code: str
    percent: Decimal
    is_included: bool
    minor: int
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, language: str) -> str:
        """Return what stands on the receipt."""
        return in_language(self.names, language) or self.code.upper()


def closest(rules: Iterable[TaxRule], place: Place, category_path: str) -> list[TaxRule]:
    """Return the rates that hold: of each code the one that fits closest."""
    best: dict[str, TaxRule] = {}
    for rule in rules:
        known = best.get(rule.code)
        if rule.fits(place, category_path) and (known is None or rule.closeness > known.closeness):
            best[rule.code] = rule
    return [best[code] for code in sorted(best)]


def taxes_on(amount: int, rules: Sequence[TaxRule], *, currency: str) -> tuple[TaxPart, ...]:
    """Return the taxes on an amount in minor units, each rounded half up.

    Included rates are taken out of the amount together; the others come on top of what is left.
    """
    step = working_step(currency)
    included = [rule for rule in rules if rule.is_included]
    inside = sum(rule.millionths for rule in included)
    contained = rounded(amount * inside, _WHOLE + inside, step=step)
    shares = (
        split_largest_remainder(contained, [rule.millionths for rule in included]) if inside else [0] * len(included)
    )
    parts = [_part(rule, share) for rule, share in zip(included, shares, strict=True)]
    bare_amount = amount - contained
    on_top = [rule for rule in rules if not rule.is_included]
    parts += [_part(rule, rounded(bare_amount * rule.millionths, _WHOLE, step=step)) for rule in on_top]
    return tuple(parts)


def _part(rule: TaxRule, minor: int) -> TaxPart:
    return TaxPart(rule.code, rule.percent, rule.is_included, minor, rule.names)


def added_up(parts: Iterable[TaxPart]) -> tuple[TaxPart, ...]:
    """Return parts of the same tax as one, in the order they first came."""
    sums: dict[tuple[str, Decimal, bool], TaxPart] = {}
    for part in parts:
        key = (part.code, part.percent, part.is_included)
        before = sums[key].minor if key in sums else 0
        sums[key] = TaxPart(part.code, part.percent, part.is_included, before + part.minor, part.names)
    return tuple(sums.values())


def tax_rules() -> list[TaxRule]:
    """Return the merchant's rates in use. Call inside the scope."""
    return [TaxRule.of(row) for row in TaxRate.objects.filter(is_active=True)]
