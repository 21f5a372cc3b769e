"""The cart as it is shown: today's prices, and what keeps it from being bought."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import override

from catalog.accounts.models import Shopper
from catalog.languages import in_language
from catalog.money import Money
from catalog.orders.addresses import Address
from catalog.orders.errors import NoDelivery, NotForSale, QuantityTooLarge, ShopperNotFound, VariantUnavailable
from catalog.orders.line_views import LineView, pictures_of
from catalog.orders.models import Cart, CartLine, ShopperAddress
from catalog.orders.totals import PricedLine, Totals, delivery_methods, totals_of
from catalog.products.models import Offer, ProductStatus, Stock


@dataclass(frozen=True, slots=True)
class CartView:
    """The cart as it is now, with what keeps it from being bought. `cart_id` is None when there is none yet."""

    cart_id: uuid.UUID | None
    version: int
    currency: str
    lines: tuple[LineView, ...]
    count: int
    totals: Totals
    address: Address | None
    delivery_name: str
    needs_address: bool
    problems: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Whether checkout can begin."""
        return bool(self.lines) and not self.problems and not self.needs_address


def cart_view(*, shopper_id: uuid.UUID, language: str, currency: str = "") -> CartView:
    """Return the shopper's open cart with today's prices, in `language`.

    `currency` is what an absent cart is shown in; without it, what the merchant quotes readers of `language`.
    Raises: ShopperNotFound.
    """
    cart = Cart.objects.filter(shopper_id=shopper_id, is_open=True).select_related("merchant").first()
    shown_in = cart.currency if cart else currency or _quoted_in(shopper_id, language)
    with override(language):
        lines = _cart_lines(cart, language) if cart else ()
        row = ShopperAddress.objects.filter(shopper_id=shopper_id).first()
        address = Address.of(row) if row else None
        problems = [line.problem for line in lines if line.problem]
        totals = _cart_totals(lines, shown_in, address, problems)
    method = totals.delivery_method
    return CartView(
        cart_id=cart.pk if cart else None,
        version=cart.version if cart else 0,
        currency=shown_in,
        lines=lines,
        count=sum(line.quantity for line in lines),
        totals=totals,
        address=address,
        delivery_name=in_language(method.names, language) if method else "",
        needs_address=address is None and any(line.is_shipped for line in lines),
        problems=tuple(problems),
    )


def _quoted_in(shopper_id: uuid.UUID, language: str) -> str:
    shopper = Shopper.objects.select_related("merchant").filter(pk=shopper_id).first()
    if shopper is None:
        raise ShopperNotFound
    return shopper.merchant.currency_for(language)


def _cart_totals(lines: Sequence[LineView], currency: str, address: Address | None, problems: list[str]) -> Totals:
    """Return the totals; a country nobody delivers to becomes a problem instead of an error."""
    priced = [PricedLine(line.unit, line.quantity, line.is_shipped) for line in lines if line.unit is not None]
    methods = delivery_methods(currency=currency)
    try:
        return totals_of(lines=priced, currency=currency, methods=methods, country=address.country if address else None)
    except NoDelivery as error:
        problems.append(error.message)
        return totals_of(lines=priced, currency=currency, methods=methods, country=None)


def _cart_lines(cart: Cart, language: str) -> tuple[LineView, ...]:
    lines = list(cart.lines.select_related("variant__product"))
    variant_ids = [line.variant_id for line in lines]
    offers = Offer.objects.filter(variant_id__in=variant_ids, currency=cart.currency)
    prices = {offer.variant_id: offer.price for offer in offers}
    stocks = {stock.variant_id: stock for stock in Stock.objects.filter(variant_id__in=variant_ids)}
    pictures = pictures_of([line.variant.product_id for line in lines])
    return tuple(
        _cart_line(line, prices.get(line.variant_id), stocks.get(line.variant_id), pictures, language) for line in lines
    )


def _cart_line(
    line: CartLine, price: Money | None, stock: Stock | None, pictures: dict[int, str], language: str
) -> LineView:
    product = line.variant.product
    title = product.title_in(language)
    available = stock.available if stock and stock.is_tracked else None
    is_sold = product.status == ProductStatus.ACTIVE and not product.external_url and price is not None
    return LineView(
        variant_id=line.variant_id,
        product_id=product.pk,
        slug=product.slug,
        title=title,
        option=line.variant.option_text,
        image_url=pictures.get(product.pk, ""),
        quantity=line.quantity,
        unit=price if is_sold else None,
        total=price * line.quantity if is_sold and price is not None else None,
        available=available,
        in_stock=available is None or available >= line.quantity,
        is_shipped=line.variant.requires_shipping,
        link_id=line.link_id,
        problem=_problem(title, line.quantity, available, is_sold=is_sold),
    )


def _problem(title: str, quantity: int, available: int | None, *, is_sold: bool) -> str:
    if not is_sold:
        return NotForSale(title=title).message
    if available is None or available >= quantity:
        return ""
    if available <= 0:
        return VariantUnavailable(title=title).message
    return QuantityTooLarge(title=title, limit=available).message
