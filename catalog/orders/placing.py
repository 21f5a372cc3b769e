"""From a cart to an order: lines, address and totals are copied as they are at that moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from catalog.languages import in_language
from catalog.money import Money
from catalog.orders.addresses import Address
from catalog.orders.errors import AddressMissing, CartEmpty, NotForSale
from catalog.orders.models import (
    Cart,
    CartLine,
    Order,
    OrderAddress,
    OrderLine,
    ShopperAddress,
)
from catalog.orders.numbering import next_number
from catalog.orders.totals import PricedLine, Totals, delivery_methods, totals_of
from catalog.products.models import Offer, ProductStatus

LIVE_KEY_PREFIXES = ("sk_live_", "rk_live_")


def write_order(cart: Cart, *, language: str, at: datetime) -> Order:
    """Write the order of a cart that the caller has closed; stock is not touched yet.

    Raises: CartEmpty, NotForSale, AddressMissing, NoDelivery.
    """
    lines = _sellable_lines(cart)
    prices = _prices(lines, cart.currency)
    address = ShopperAddress.objects.filter(shopper_id=cart.shopper_id).first()
    if address is None and any(line.variant.requires_shipping for line in lines):
        raise AddressMissing
    totals = totals_of(
        lines=[PricedLine(prices[line.variant_id], line.quantity, line.variant.requires_shipping) for line in lines],
        currency=cart.currency,
        methods=delivery_methods(currency=cart.currency),
        country=address.country if address else None,
    )
    order = _write_head(cart, totals, language=language, at=at)
    OrderLine.objects.bulk_create(_copy_of(line, order, prices[line.variant_id], language) for line in lines)
    if address is not None:
        OrderAddress.objects.create(merchant=cart.merchant, order=order, **Address.of(address).as_dict())
    return order


def _sellable_lines(cart: Cart) -> list[CartLine]:
    lines = list(cart.lines.select_related("variant__product"))
    if not lines:
        raise CartEmpty
    for line in lines:
        product = line.variant.product
        if product.status != ProductStatus.ACTIVE or product.external_url:
            raise NotForSale(title=product.title)
    return lines


def _prices(lines: list[CartLine], currency: str) -> dict[int, Money]:
    """Return today's price of every line.

    Raises: NotForSale for a line without one.
    """
    offers = Offer.objects.filter(variant_id__in=[line.variant_id for line in lines], currency=currency)
    prices = {offer.variant_id: offer.price for offer in offers}
    for line in lines:
        if line.variant_id not in prices:
            raise NotForSale(title=line.variant.product.title)
    return prices


def _write_head(cart: Cart, totals: Totals, *, language: str, at: datetime) -> Order:
    method = totals.delivery_method
    is_live = settings.STRIPE_SECRET_KEY.startswith(LIVE_KEY_PREFIXES)
    return Order.objects.create(
        merchant=cart.merchant,
        number=next_number(cart.merchant),
        shopper_id=cart.shopper_id,
        cart=cart,
        creator_id=cart.creator_id,
        source_ref=cart.source_ref,
        is_test=not is_live or cart.merchant.is_demo,
        language=language,
        currency=cart.currency,
        subtotal_minor=totals.subtotal.minor,
        discount_minor=totals.discount.minor,
        delivery_minor=totals.delivery.minor,
        tax_minor=totals.tax.minor,
        total_minor=totals.total.minor,
        delivery_code=method.code if method else "",
        delivery_name=in_language(method.names, language)[:120] if method else "",
        placed_at=at,
        reserved_until=at + timedelta(seconds=settings.RESERVATION_S),
    )


def _copy_of(line: CartLine, order: Order, price: Money, language: str) -> OrderLine:
    return OrderLine(
        merchant=order.merchant,
        order=order,
        variant=line.variant,
        product_id=line.variant.product_id,
        title=line.variant.product.title_in(language)[:300],
        sku=line.variant.sku,
        options=line.variant.options,
        quantity=line.quantity,
        unit_minor=price.minor,
        link_id=line.link_id,
    )
