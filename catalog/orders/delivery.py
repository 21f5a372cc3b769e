"""Which delivery methods go to a place, and what they cost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog.money import Money
from catalog.orders.addresses import Address
from catalog.orders.countries import country_code, country_name
from catalog.orders.delivery_models import DeliveryKind, DeliveryMethod, FeeBasis
from catalog.orders.errors import NoDelivery
from catalog.orders.regions import region_code


@dataclass(frozen=True, slots=True)
class Place:
    """Where goods go, as tax and delivery see it: country and region as codes, the postal code bare."""

    country: str
    region: str = ""
    postal_code: str = ""

    @classmethod
    def of(cls, address: Address) -> Place:
        """Return the place of an address."""
        return cls.named(address.country, address.state, address.postal_code)

    @classmethod
    def named(cls, country: str, region: str = "", postal_code: str = "") -> Place:
        """Return a place from texts as people write them."""
        code = country_code(country)
        return cls(code, region_code(code, region), bare(postal_code))


def bare(postal_code: str) -> str:
    """Return a postal code in capitals, letters and digits only."""
    return re.sub(r"[^A-Z0-9]", "", postal_code.upper())


@dataclass(frozen=True, slots=True)
class DeliveryRule:
    """A delivery method as totals need it; amounts in minor units of `currency`, weights in grams."""

    code: str
    currency: str
    fee: int
    names: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    days: str = ""
    kind: str = DeliveryKind.SHIPPED
    free_from: int | None = None
    basis: str = FeeBasis.PRICE
    bands: tuple[tuple[int, int], ...] = ()  # (from, fee), rising
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    postal_prefixes: tuple[str, ...] = ()
    excluded_postal_prefixes: tuple[str, ...] = ()
    weight_max: int | None = None

    @classmethod
    def of(cls, row: DeliveryMethod) -> DeliveryRule:
        """Copy a row with its steps."""
        countries = frozenset(country_code(code) for code in row.countries)
        only = next(iter(countries)) if len(countries) == 1 else ""
        return cls(
            code=row.code,
            currency=row.currency,
            fee=row.fee_minor,
            names=row.names,
            notes=row.notes,
            days=row.days,
            kind=row.kind,
            free_from=row.free_from_minor,
            basis=row.basis,
            bands=tuple((band.starts_from, band.fee_minor) for band in row.bands.all()),
            countries=countries,
            regions=frozenset(region_code(only, region) for region in row.regions),
            postal_prefixes=tuple(bare(prefix) for prefix in row.postal_prefixes),
            excluded_postal_prefixes=tuple(bare(prefix) for prefix in row.excluded_postal_prefixes),
            weight_max=row.weight_max_grams,
        )

    def goes_to(self, place: Place) -> bool:
        """Return whether the method goes there: country, region and postal code all fit."""
        if self.countries and place.country not in self.countries:
            return False
        if self.regions and place.region not in self.regions:
            return False
        if self.postal_prefixes and not place.postal_code.startswith(self.postal_prefixes):
            return False
        return not (self.excluded_postal_prefixes and place.postal_code.startswith(self.excluded_postal_prefixes))

    def carries(self, weight_grams: int) -> bool:
        """Return whether it takes a parcel of this weight."""
        return self.weight_max is None or weight_grams <= self.weight_max

    def fee_for(self, *, goods: Money, weight_grams: int) -> Money:
        """Return the fee for goods worth so much after discounts: nothing from the threshold on, else the step's."""
        if self.free_from is not None and goods.minor >= self.free_from:
            return Money(0, self.currency)
        measure = weight_grams if self.basis == FeeBasis.WEIGHT else goods.minor
        fees = [fee for starts_from, fee in self.bands if measure >= starts_from]
        return Money(fees[-1] if fees else self.fee, self.currency).chargeable


@dataclass(frozen=True, slots=True)
class Parcel:
    """What has to travel, and where to; `place` None = not known yet."""

    is_shipped: bool
    weight_grams: int
    place: Place | None


def methods_for(parcel: Parcel, methods: Sequence[DeliveryRule]) -> list[DeliveryRule]:
    """Return the methods the shopper may choose from, in the merchant's order.

    What needs no parcel is sent electronically. Picking up is always possible; the rest needs to know the place.
    """
    if not parcel.is_shipped:
        return [method for method in methods if method.kind == DeliveryKind.DIGITAL]
    place = parcel.place
    return [
        method
        for method in methods
        if method.carries(parcel.weight_grams)
        and (
            method.kind == DeliveryKind.PICKUP
            or (method.kind == DeliveryKind.SHIPPED and place is not None and method.goes_to(place))
        )
    ]


def choose(parcel: Parcel, methods: Sequence[DeliveryRule], *, chosen: str = "") -> DeliveryRule | None:
    """Return the chosen method when it is possible, else the first one that is sent to the place.

    None while the place is unknown, and for electronic goods without a method.
    Raises: NoDelivery when something must travel and nothing goes there.
    """
    possible = methods_for(parcel, methods)
    for method in possible:
        if method.code == chosen:
            return method
    sends_nothing = not any(method.kind == DeliveryKind.SHIPPED for method in methods)
    first = next((method for method in possible if sends_nothing or method.kind != DeliveryKind.PICKUP), None)
    if first is None and parcel.is_shipped and parcel.place is not None:
        raise NoDelivery(country=country_name(parcel.place.country))
    return first


def delivery_methods(*, currency: str) -> list[DeliveryRule]:
    """Return the delivery methods in use for `currency`, in the merchant's order. Call inside the scope."""
    rows = DeliveryMethod.objects.filter(is_active=True, currency=currency).prefetch_related("bands")
    return [DeliveryRule.of(row) for row in rows]
