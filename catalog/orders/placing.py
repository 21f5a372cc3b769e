"""From a cart to an order: lines, address, prices, discounts and taxes are copied as they are at that moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from catalog.orders import promotions
from catalog.orders.addresses import Address
from catalog.orders.appointments.holding import write_appointments
from catalog.orders.cart_views import delivery_label
from catalog.orders.delivery_models import DeliveryKind
from catalog.orders.errors import AddressMissing, CartEmpty, NotForSale
from catalog.orders.models import Cart, CartLine, Order, OrderAddress, OrderLine, ShopperAddress
from catalog.orders.numbering import next_number
from catalog.orders.pricing import Pricing, lines_of
from catalog.orders.taxes import TaxPart
from catalog.orders.totals import Discount, LineTotals, Totals
from catalog.products.prices import PriceNow

LIVE_KEY_PREFIXES = ("sk_live_", "rk_live_")


def write_order(cart: Cart, *, language: str, at: datetime) -> Order:
    """Write the order of a cart that the caller has closed, and count its promotions; stock is not touched yet.

    Raises: CartEmpty, NotForSale, AddressMissing, NoDelivery, CodeUsedUp, CodeUsedByShopper, SlotMissing.
    """
    lines = lines_of(cart)
    pricing = Pricing(merchant=cart.merchant, currency=cart.currency, cart=cart, lines=lines)
    _check_sold(lines, pricing)
    row = ShopperAddress.objects.filter(shopper_id=cart.shopper_id).first()
    address = Address.of(row) if row else None
    totals = pricing.totals(address)
    is_picked_up = totals.delivery_method is not None and totals.delivery_method.kind == DeliveryKind.PICKUP
    if address is None and not is_picked_up and any(line.variant.requires_shipping for line in lines):
        raise AddressMissing
    order = _write_head(cart, totals, language=language, at=at)
    copies = [
        _copy_of(line, order, pricing.prices[line.variant_id], own, language)
        for line, own in zip(pricing.sold, totals.lines, strict=True)
    ]
    OrderLine.objects.bulk_create(copies)
    write_appointments(lines=pricing.sold, copies=copies)
    if address is not None and not is_picked_up:
        OrderAddress.objects.create(merchant=cart.merchant, order=order, **address.as_dict())
    promotions.use(order=order, rules=[each.rule for each in totals.discounts])
    return order


def _check_sold(lines: Sequence[CartLine], pricing: Pricing) -> None:
    if not lines:
        raise CartEmpty
    for line in lines:
        if line.variant_id not in pricing.prices:
            raise NotForSale(title=line.variant.product.title)


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
        tax_included_minor=totals.tax_included.minor if totals.tax_included else 0,
        total_minor=totals.total.minor,
        discounts=_discounts(totals.discounts, language),
        taxes=_taxes(totals.taxes, language),
        delivery_code=method.code if method else "",
        delivery_name=delivery_label(totals, language)[:120],
        placed_at=at,
        reserved_until=at + timedelta(seconds=settings.RESERVATION_S),
    )


def _copy_of(line: CartLine, order: Order, price: PriceNow, own: LineTotals, language: str) -> OrderLine:
    return OrderLine(
        merchant=order.merchant,
        order=order,
        variant=line.variant,
        product_id=line.variant.product_id,
        title=line.variant.product.title_in(language)[:300],
        sku=line.variant.sku,
        options=line.variant.options,
        quantity=line.quantity,
        unit_minor=price.price.minor,
        list_minor=price.listed.minor if price.until else None,
        discount_minor=own.discount.minor,
        discounts=_discounts(own.discounts, language),
        tax_minor=own.tax.minor,
        taxes=_taxes(own.taxes, language),
        link_id=line.link_id,
    )


def _discounts(discounts: Sequence[Discount], language: str) -> list[dict[str, Any]]:
    """Return what was taken off and why, as it is kept."""
    return [
        {
            "name": each.rule.name(language),
            "code": each.rule.code,
            "minor": each.amount.minor,
            "is_on_delivery": each.is_on_delivery,
        }
        for each in discounts
    ]


def _taxes(taxes: Sequence[TaxPart], language: str) -> list[dict[str, Any]]:
    """Return the taxes as they are kept: name, rate, whether the price includes it, amount."""
    return [
        {
            "name": part.name(language),
            "percent": f"{part.percent.normalize():f}",
            "is_included": part.is_included,
            "minor": part.minor,
        }
        for part in taxes
    ]
