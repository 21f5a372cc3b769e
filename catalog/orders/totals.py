"""The one function for totals: cart, card, checkout, order, pay page and ledger all ask here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.money import Money
from catalog.orders.delivery import DeliveryRule, Parcel, Place, choose, methods_for
from catalog.orders.delivery_models import DeliveryKind
from catalog.orders.discounts import Discountable, PromotionRule, Taken, combinations, off_delivery, off_goods
from catalog.orders.taxes import TaxPart, TaxRule, added_up, closest, taxes_on


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A price, how many, and what tax, discounts and delivery need to know. `floor` is the lowest price of a piece."""

    unit: Money
    quantity: int
    is_shipped: bool = True
    product_id: int = 0
    category_path: str = ""
    weight_grams: int = 0
    floor: Money | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The shop's rules as they stand now. `home` is where the shop is: goods picked up are taxed there."""

    methods: Sequence[DeliveryRule] = ()
    promotions: Sequence[PromotionRule] = ()
    taxes: Sequence[TaxRule] = ()
    home: Place | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """What one promotion took off, from the goods or from delivery."""

    rule: PromotionRule
    amount: Money
    is_on_delivery: bool = False


@dataclass(frozen=True, slots=True)
class LineTotals:
    """A line's own totals: they add up to those of the order."""

    goods: Money
    discount: Money
    tax: Money  # on top
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[TaxPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order comes to: total = subtotal − discount + delivery + tax.

    `tax` comes on top; `tax_included` is in the prices already. `delivery` is what is left of the fee after free
    delivery. `delivery_method` is None while the address is unknown, and when nothing travels.
    """

    subtotal: Money
    discount: Money
    delivery: Money
    tax: Money
    total: Money
    delivery_method: DeliveryRule | None = None
    tax_included: Money | None = None
    lines: tuple[LineTotals, ...] = ()
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[TaxPart, ...] = ()
    options: tuple[tuple[DeliveryRule, Money], ...] = field(default=())  # what may be chosen, with its fee


def totals_of(
    *, lines: Sequence[PricedLine], currency: str, rules: Rules, place: Place | None, chosen: str = ""
) -> Totals:
    """Add up `lines` under the shop's rules, delivered to `place` (None = not known yet: no fee and no tax on top).

    Args: `chosen` is the code of the delivery method the shopper chose; without it the first that goes there is taken.
    Raises: NoDelivery when something must travel and nothing goes there; CurrencyMismatch for a line in another
    currency.
    """
    goods = [_same(line.unit, currency) * line.quantity for line in lines]
    parcel = Parcel(
        is_shipped=any(line.is_shipped for line in lines),
        weight_grams=sum(line.weight_grams * line.quantity for line in lines if line.is_shipped),
        place=place,
    )
    method = choose(parcel, rules.methods, chosen=chosen)
    kept = _best_discounts(lines=lines, goods=goods, method=method, parcel=parcel, rules=rules, currency=currency)
    by_line = [sum(taken.by_line[index] for taken in kept if taken.by_line) for index in range(len(lines))]
    net = [amount.minor - off for amount, off in zip(goods, by_line, strict=True)]
    fee = _fee(method, sum(net), parcel, currency)
    delivery = fee - Money(sum(taken.from_delivery for taken in kept), currency)
    rates = _rates(method, place, rules)
    taxes = [
        taxes_on(amount, rates.on(line.category_path), currency=currency)
        for line, amount in zip(lines, net, strict=True)
    ]
    on_delivery = taxes_on(delivery.minor, rates.on_delivery, currency=currency) if delivery.minor else ()
    every_part = [part for parts in (*taxes, on_delivery) for part in parts]
    subtotal = sum(goods, Money(0, currency))
    discount = Money(sum(by_line), currency)
    tax = _sum(every_part, currency, is_included=False)
    return Totals(
        subtotal=subtotal,
        discount=discount,
        delivery=delivery,
        tax=tax,
        total=subtotal - discount + delivery + tax,
        delivery_method=method,
        tax_included=_sum(every_part, currency, is_included=True),
        lines=tuple(_line(index, goods[index], kept, taxes[index], currency) for index in range(len(lines))),
        discounts=tuple(_told(taken, currency) for taken in kept),
        taxes=added_up(every_part),
        options=tuple((each, _fee(each, sum(net), parcel, currency)) for each in methods_for(parcel, rules.methods)),
    )


def _same(money: Money, currency: str) -> Money:
    """Return `money`. Raises: CurrencyMismatch when it is in another currency."""
    return Money(0, currency) + money


def _best_discounts(
    *,
    lines: Sequence[PricedLine],
    goods: Sequence[Money],
    method: DeliveryRule | None,
    parcel: Parcel,
    rules: Rules,
    currency: str,
) -> list[Taken]:
    """Return the promotions that are used: of the sets that may meet, the one that saves the shopper most."""
    discountable = [
        Discountable(
            goods=amount.minor,
            lowest=min(line.floor.minor * line.quantity, amount.minor) if line.floor else 0,
            product_id=line.product_id,
            category_path=line.category_path,
        )
        for line, amount in zip(lines, goods, strict=True)
    ]
    subtotal = sum(amount.minor for amount in goods)
    best: list[Taken] = []
    least: int | None = None
    for combination in combinations(rules.promotions):
        taken = off_goods(combination, discountable, currency=currency)
        net = subtotal - sum(each.goods for each in taken)
        fee = _fee(method, net, parcel, currency).minor
        freed = off_delivery(combination, discountable, fee=fee, currency=currency)
        pays = net + fee - (freed.from_delivery if freed else 0)
        if least is None or pays < least:
            best, least = [*taken, *([freed] if freed else [])], pays
    return best


def _fee(method: DeliveryRule | None, net: int, parcel: Parcel, currency: str) -> Money:
    if method is None:
        return Money(0, currency)
    return method.fee_for(goods=Money(net, currency), weight_grams=parcel.weight_grams)


@dataclass(frozen=True, slots=True)
class _Rates:
    """The rates of one place; while that is a guess only what the prices include holds."""

    place: Place | None
    is_certain: bool
    rules: Sequence[TaxRule]

    def on(self, category_path: str) -> list[TaxRule]:
        if self.place is None:
            return []
        found = closest(self.rules, self.place, category_path)
        return [rule for rule in found if self.is_certain or rule.is_included]

    @property
    def on_delivery(self) -> list[TaxRule]:
        general = [rule for rule in self.rules if rule.is_on_delivery and not rule.category_path]
        return _Rates(self.place, self.is_certain, general).on("")


def _rates(method: DeliveryRule | None, place: Place | None, rules: Rules) -> _Rates:
    """Return the rates where the sale is taxed: where goods go, the shop itself for pick-up and as a first guess."""
    if method is not None and method.kind == DeliveryKind.PICKUP:
        return _Rates(rules.home, True, rules.taxes)
    return _Rates(place or rules.home, place is not None, rules.taxes)


def _sum(parts: Sequence[TaxPart], currency: str, *, is_included: bool) -> Money:
    return Money(sum(part.minor for part in parts if part.is_included == is_included), currency)


def _line(index: int, goods: Money, kept: Sequence[Taken], taxes: tuple[TaxPart, ...], currency: str) -> LineTotals:
    discounts = tuple(
        Discount(taken.rule, Money(taken.by_line[index], currency)) for taken in kept if taken.by_line[index]
    )
    return LineTotals(
        goods=goods,
        discount=sum((each.amount for each in discounts), Money(0, currency)),
        tax=_sum(taxes, currency, is_included=False),
        discounts=discounts,
        taxes=taxes,
    )


def _told(taken: Taken, currency: str) -> Discount:
    if taken.from_delivery:
        return Discount(taken.rule, Money(taken.from_delivery, currency), is_on_delivery=True)
    return Discount(taken.rule, Money(taken.goods, currency))
