"""The one function for totals: cart, checkout, order and payment all ask here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.money import Money
from catalog.orders.countries import country_code, country_name
from catalog.orders.errors import NoDelivery
from catalog.orders.models import DeliveryMethod


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A price, how many, and whether it travels."""

    unit: Money
    quantity: int
    is_shipped: bool = True


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order comes to. Prices include tax, so `tax` is 0 until rates are kept.

    `delivery_method` is None while the address is unknown, and when nothing travels.
    """

    subtotal: Money
    discount: Money
    delivery: Money
    tax: Money
    total: Money
    delivery_method: DeliveryMethod | None = None


def delivery_methods(*, currency: str) -> list[DeliveryMethod]:
    """Return the delivery methods in use for `currency`, in the merchant's order. Call inside the scope."""
    return list(DeliveryMethod.objects.filter(is_active=True, currency=currency))


def totals_of(
    *, lines: Sequence[PricedLine], currency: str, methods: Sequence[DeliveryMethod], country: str | None
) -> Totals:
    """Add up `lines` and the delivery to `country` (None = not known yet: no fee is added).

    The first of `methods` that goes there is taken.
    Raises: NoDelivery when something must travel and none does; CurrencyMismatch for a line in another currency.
    """
    nothing = Money(0, currency)
    subtotal = sum((line.unit * line.quantity for line in lines), nothing)
    method = None
    if country is not None and any(line.is_shipped for line in lines):
        method = _method_to(country, methods)
    delivery = _fee(method, subtotal) if method else nothing
    return Totals(
        subtotal=subtotal,
        discount=nothing,
        delivery=delivery,
        tax=nothing,
        total=subtotal + delivery,
        delivery_method=method,
    )


def _method_to(country: str, methods: Sequence[DeliveryMethod]) -> DeliveryMethod:
    code = country_code(country)
    for method in methods:
        if not method.countries or code in {country_code(allowed) for allowed in method.countries}:
            return method
    raise NoDelivery(country=country_name(country))


def _fee(method: DeliveryMethod, subtotal: Money) -> Money:
    is_free = method.free_from_minor is not None and subtotal.minor >= method.free_from_minor
    return Money(0 if is_free else method.fee_minor, method.currency)
