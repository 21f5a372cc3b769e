"""From rows to what totals need: prices, floors, the shop's rules. Carts and orders both come through here."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.utils.functional import cached_property

from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.orders.addresses import Address
from catalog.orders.delivery import Place, delivery_methods
from catalog.orders.discounts import Discountable
from catalog.orders.errors import CodeFitsNothing, CodeNeedsMore, CodeNotCombined, CodeRefused
from catalog.orders.models import Cart, CartLine
from catalog.orders.promotions import Offered, offered
from catalog.orders.taxes import tax_rules
from catalog.orders.totals import PricedLine, Rules, Totals, totals_of
from catalog.products.live_price_models import PriceFloor
from catalog.products.models import ProductStatus
from catalog.products.prices import PriceNow, prices_now


def is_sold(line: CartLine, price: PriceNow | None) -> bool:
    """Return whether the shop sells this now."""
    product = line.variant.product
    return product.status == ProductStatus.ACTIVE and not product.external_url and price is not None


class Pricing:
    """A cart's lines with today's prices and the rules that hold for them. Call inside the merchant's scope.

    `lines` come with their variant, product and category. A line that is not sold now has no price and is left out of
    the totals.
    """

    def __init__(self, *, merchant: Merchant, currency: str, cart: Cart | None, lines: Sequence[CartLine]) -> None:
        self.merchant = merchant
        self.currency = currency
        self.cart = cart
        self.lines = lines
        found = prices_now(variant_ids=[line.variant_id for line in lines], currency=currency)
        self.prices: Mapping[int, PriceNow] = {
            line.variant_id: found[line.variant_id] for line in lines if is_sold(line, found.get(line.variant_id))
        }

    @property
    def sold(self) -> list[CartLine]:
        """The lines that have a price; their totals come in this order."""
        return [line for line in self.lines if line.variant_id in self.prices]

    @cached_property
    def offered(self) -> Offered:
        """The promotions the cart may count on, and why its codes may not be used."""
        shopper_id: uuid.UUID | None = self.cart.shopper_id if self.cart else None
        codes: Sequence[str] = self.cart.codes if self.cart else ()
        return offered(merchant=self.merchant, shopper_id=shopper_id, codes=codes, currency=self.currency)

    @cached_property
    def rules(self) -> Rules:
        """The shop's rules as they stand now; with Stripe Tax the shop's own rates rest."""
        return Rules(
            methods=delivery_methods(currency=self.currency),
            promotions=self.offered.rules,
            taxes=() if settings.STRIPE_TAX else tax_rules(),
            home=Place.named(self.merchant.country),
        )

    @cached_property
    def priced(self) -> list[PricedLine]:
        """The sold lines as totals need them."""
        lines = self.sold
        floors = _floors({line.variant.product_id for line in lines}, self.currency)
        return [_priced(line, self.prices[line.variant_id], floors) for line in lines]

    def totals(self, address: Address | None) -> Totals:
        """Return what it comes to, delivered to `address` (None = not known yet).

        Raises: NoDelivery.
        """
        return totals_of(
            lines=self.priced,
            currency=self.currency,
            rules=self.rules,
            place=Place.of(address) if address else None,
            chosen=self.cart.delivery_code if self.cart else "",
        )

    def refusal_of(self, code: str, totals: Totals) -> CodeRefused | None:
        """Return why an entered code takes nothing off, or None when it does."""
        if self.offered.refused and code in self.offered.refused:
            return self.offered.refused[code]
        if any(each.rule.code == code for each in totals.discounts):
            return None
        rule = next((each for each in self.offered.rules if each.code == code), None)
        if rule is None:
            return CodeRefused()
        goods = [
            Discountable((line.unit * line.quantity).minor, 0, line.product_id, line.category_path)
            for line in self.priced
        ]
        missing = rule.missing(goods)
        if missing is None:
            return CodeFitsNothing()
        if missing:
            least = Money(rule.min_goods or 0, self.currency)
            return CodeNeedsMore(least=least, missing=Money(missing, self.currency))
        return CodeNotCombined() if totals.discounts else CodeFitsNothing()


def lines_of(cart: Cart) -> list[CartLine]:
    """Return a cart's lines with what pricing reads of them."""
    return list(
        cart.lines.select_related("variant__product__category", "variant__product__service", "chosen_slot__resource")
    )


def _floors(product_ids: Iterable[int], currency: str) -> dict[int, Money]:
    rows = PriceFloor.objects.filter(product_id__in=list(product_ids), currency=currency)
    return {row.product_id: Money(row.amount_minor, currency).chargeable for row in rows}


def _priced(line: CartLine, price: PriceNow, floors: Mapping[int, Money]) -> PricedLine:
    product = line.variant.product
    return PricedLine(
        unit=price.price,
        quantity=line.quantity,
        is_shipped=line.variant.requires_shipping,
        product_id=product.pk,
        category_path=product.category.path if product.category else "",
        weight_grams=line.variant.weight_grams or 0,
        floor=floors.get(product.pk),
    )
