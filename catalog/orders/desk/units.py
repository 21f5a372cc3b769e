"""The single units of an order: what each cost, and which of them a list of SKUs means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.money import Money, charge_step, rounded, split_largest_remainder
from catalog.orders.appointment_models import AppointmentState
from catalog.orders.desk.errors import (
    EmptySelection,
    LengthMismatch,
    LineNotInOrder,
    SameVariant,
    WrongProduct,
)
from catalog.orders.errors import NotForSale, VariantNotFound, VariantUnavailable
from catalog.orders.models import Order, OrderLine
from catalog.products.models import Offer, ProductStatus, Variant


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of a line. `discount_minor` and `tax_minor` are its shares, so that all units add up to the line."""

    line: OrderLine
    unit_minor: int
    discount_minor: int
    tax_minor: int

    @property
    def paid_minor(self) -> int:
        """What the shopper paid for it."""
        return self.unit_minor - self.discount_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Swap:
    """A unit and what it becomes; the discount stays, the tax follows the price."""

    unit: Unit
    variant: Variant
    unit_minor: int

    @property
    def discount_minor(self) -> int:
        """The old discount, as far as the new price goes."""
        return min(self.unit.discount_minor, self.unit_minor)

    @property
    def tax_minor(self) -> int:
        """Tax on top at the rate that the old unit bore, rounded half up to what can be charged."""
        return self.scaled(self.unit.tax_minor, step=charge_step(self.unit.line.order.currency))

    @property
    def difference_minor(self) -> int:
        """What it costs more than the old unit; below zero when less."""
        return self.unit_minor - self.discount_minor + self.tax_minor - self.unit.paid_minor

    def scaled(self, minor: int, *, step: int = 1) -> int:
        """Return a tax amount of the old unit as it is at the new price, rounded half up to a multiple of `step`."""
        old = self.unit.unit_minor - self.unit.discount_minor
        if not old:
            return 0
        new = self.unit_minor - self.discount_minor
        return rounded(minor * new, old, step=step)


def units_of(order: Order) -> list[Unit]:
    """Return every unit of the order, line by line; a cancelled appointment is none any more.

    Shares of a unit are amounts that can be paid back: of 1 króna of tax on three units one bears it.
    """
    units: list[Unit] = []
    step = charge_step(order.currency)
    for line in order.lines.select_related("variant", "order").exclude(appointment__state=AppointmentState.CANCELLED):
        even = [1] * line.quantity
        discounts = split_largest_remainder(line.discount_minor, even, step=step)
        taxes = split_largest_remainder(line.tax_minor, even, step=step)
        units += [Unit(line, line.unit_minor, *shares) for shares in zip(discounts, taxes, strict=True)]
    return units


def chosen(units: Sequence[Unit], skus: Sequence[str]) -> list[Unit]:
    """Return the units that `skus` name, each unit once, in the order named.

    Raises: EmptySelection, LineNotInOrder.
    """
    if not skus:
        raise EmptySelection
    left = list(units)
    found: list[Unit] = []
    for sku in skus:
        unit = next((unit for unit in left if unit.line.sku == sku), None)
        if unit is None:
            raise LineNotInOrder(sku=sku)
        left.remove(unit)
        found.append(unit)
    return found


def swaps_of(order: Order, units: Sequence[Unit], *, skus: Sequence[str], new_skus: Sequence[str]) -> list[Swap]:
    """Return what becomes of the chosen units; each is looked for among `units`, which are the order's.

    Raises: LengthMismatch, EmptySelection, LineNotInOrder, VariantNotFound, WrongProduct, SameVariant,
    VariantUnavailable, NotForSale.
    """
    if len(skus) != len(new_skus):
        raise LengthMismatch
    taken = chosen(units, skus)
    variants = {
        variant.sku: variant for variant in Variant.objects.filter(sku__in=new_skus).select_related("product", "stock")
    }
    swaps = [_swap(order, unit, variants.get(sku)) for unit, sku in zip(taken, new_skus, strict=True)]
    _check_stock(swaps)
    return swaps


def _swap(order: Order, unit: Unit, variant: Variant | None) -> Swap:
    if variant is None:
        raise VariantNotFound
    if variant.product_id != unit.line.product_id:
        raise WrongProduct(title=unit.line.title)
    if variant.pk == unit.line.variant_id or variant.sku == unit.line.sku:
        raise SameVariant(title=unit.line.title)
    offer = Offer.objects.filter(variant=variant, currency=order.currency).first()
    product = variant.product
    if offer is None or product.status != ProductStatus.ACTIVE or product.external_url:
        raise NotForSale(title=unit.line.title)
    if variant.digital_files.filter(is_active=True).exists():  # files are granted with an order's payment only
        raise NotForSale(title=unit.line.title)
    return Swap(unit, variant, Money(offer.amount_minor, order.currency).chargeable.minor)  # as a cart says it


def _check_stock(swaps: Sequence[Swap]) -> None:
    """Refuse what is sold out now; the reservation itself decides at the end of the transaction."""
    wanted: dict[int, int] = {}
    for swap in swaps:
        wanted[swap.variant.pk] = wanted.get(swap.variant.pk, 0) + 1
        stock = getattr(swap.variant, "stock", None)
        if stock is not None and stock.is_tracked and stock.available < wanted[swap.variant.pk]:
            raise VariantUnavailable(title=f"{swap.unit.line.title} {swap.variant.option_text}".strip())
