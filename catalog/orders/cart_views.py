"""The cart as it is shown: today's prices, what was chosen, and what keeps it from being bought."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.translation import override

from catalog.accounts.models import Merchant, Shopper
from catalog.languages import in_language
from catalog.money import Money
from catalog.orders import reminders
from catalog.orders.addresses import Address
from catalog.orders.appointment_models import Service
from catalog.orders.appointments.choosing import problem_of
from catalog.orders.appointments.views import chosen_view
from catalog.orders.delivery_models import DeliveryKind
from catalog.orders.errors import NoDelivery, NotForSale, QuantityTooLarge, ShopperNotFound, VariantUnavailable
from catalog.orders.line_views import LineView, pictures_of
from catalog.orders.models import Cart, CartLine, ShopperAddress
from catalog.orders.pricing import Pricing, lines_of
from catalog.orders.totals import Totals
from catalog.products.models import Stock
from catalog.products.prices import PriceNow


class _Reminding(TypedDict):
    reminder: str
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class CodeView:
    """A promotion code in the cart; `refusal` says why it takes nothing off, and what to do."""

    code: str
    refusal: str


@dataclass(frozen=True, slots=True)
class DeliveryChoice:
    """A delivery method the shopper may choose."""

    code: str
    name: str
    note: str
    days: str
    fee: Money
    is_chosen: bool


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
    codes: tuple[CodeView, ...] = ()
    deliveries: tuple[DeliveryChoice, ...] = ()
    discounts: tuple[tuple[str, Money], ...] = ()  # what each promotion takes off, by name
    taxes: tuple[tuple[str, Money, bool], ...] = ()  # name with rate, amount, whether the prices include it
    reminder: str = ""  # what is agreed to by asking for reminders; empty where nobody could be written to
    is_reminded: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether checkout can begin."""
        return bool(self.lines) and not self.problems and not self.needs_address


def cart_view(*, shopper_id: uuid.UUID, language: str, currency: str = "") -> CartView:
    """Return the shopper's open cart with today's prices, in `language`.

    `currency` is what an absent cart is shown in; without it, what the merchant quotes readers of `language`.
    Raises: ShopperNotFound.
    """
    cart = Cart.objects.filter(shopper_id=shopper_id, is_open=True).select_related("merchant", "shopper").first()
    merchant = cart.merchant if cart else _merchant_of(shopper_id)
    shown_in = cart.currency if cart else currency or merchant.currency_for(language)
    pricing = Pricing(merchant=merchant, currency=shown_in, cart=cart, lines=lines_of(cart) if cart else ())
    row = ShopperAddress.objects.filter(shopper_id=shopper_id).first()
    address = Address.of(row) if row else None
    with override(language):
        lines = _cart_lines(pricing, language)
        problems = [line.problem for line in lines if line.problem]
        totals = _cart_totals(pricing, address, problems)
        codes = _codes(pricing, totals)
    method = totals.delivery_method
    is_picked_up = method is not None and method.kind == DeliveryKind.PICKUP
    return CartView(
        cart_id=cart.pk if cart else None,
        version=cart.version if cart else 0,
        currency=shown_in,
        lines=lines,
        count=sum(line.quantity for line in lines),
        totals=totals,
        address=address,
        delivery_name=delivery_label(totals, language),
        needs_address=address is None and any(line.is_shipped for line in lines) and not is_picked_up,
        problems=tuple(problems),
        codes=codes,
        deliveries=_deliveries(totals, language),
        discounts=discount_names(totals, language),
        taxes=tax_names(totals, language),
        **_reminding(cart, language),
    )


def _reminding(cart: Cart | None, language: str) -> _Reminding:
    """Return whether the cart's shopper is, or may ask to be, reminded of it."""
    if cart is None or not cart.shopper.email or not reminders.are_offered():
        return {"reminder": "", "is_reminded": False}
    return {
        "reminder": reminders.consent_wording(language=language, shop=cart.merchant.name),
        "is_reminded": reminders.agreed(shopper_id=cart.shopper_id),
    }


def units_in_cart(*, shopper_id: uuid.UUID) -> int:
    """Return how many units lie in the shopper's open cart; one query, for the head of every page."""
    lines = CartLine.objects.filter(cart__shopper_id=shopper_id, cart__is_open=True)
    return int(lines.aggregate(units=Sum("quantity", default=0))["units"])


def delivery_label(totals: Totals, language: str) -> str:
    """Return the delivery method's name, with the promotion that made it cheaper; empty when nothing travels."""
    if totals.delivery_method is None:
        return ""
    freed = [each.rule.name(language) for each in totals.discounts if each.is_on_delivery]
    return " · ".join([in_language(totals.delivery_method.names, language) or totals.delivery_method.code, *freed])


def discount_names(totals: Totals, language: str) -> tuple[tuple[str, Money], ...]:
    """Return what each promotion takes off the goods, by its name and code; together they are `totals.discount`."""
    named = [
        (each.rule.name(language), each.rule.code, each.amount) for each in totals.discounts if not each.is_on_delivery
    ]
    return tuple((f"{name} ({code})" if code and code != name else name, amount) for name, code, amount in named)


def tax_names(totals: Totals, language: str) -> tuple[tuple[str, Money, bool], ...]:
    """Return each tax that is not nothing: its name with the rate, the amount, whether the prices include it."""
    return tuple(
        (
            f"{part.name(language)} {part.percent.normalize():f} %",
            Money(part.minor, totals.total.currency),
            part.is_included,
        )
        for part in totals.taxes
        if part.minor
    )


def _merchant_of(shopper_id: uuid.UUID) -> Merchant:
    shopper = Shopper.objects.select_related("merchant").filter(pk=shopper_id).first()
    if shopper is None:
        raise ShopperNotFound
    return shopper.merchant


def _cart_totals(pricing: Pricing, address: Address | None, problems: list[str]) -> Totals:
    """Return the totals; a country nobody delivers to becomes a problem instead of an error."""
    try:
        return pricing.totals(address)
    except NoDelivery as error:
        problems.append(error.message)
        return pricing.totals(None)


def _codes(pricing: Pricing, totals: Totals) -> tuple[CodeView, ...]:
    entered: Sequence[str] = pricing.cart.codes if pricing.cart else ()
    refusals = [(code, pricing.refusal_of(code, totals)) for code in entered]
    return tuple(CodeView(code, refusal.message if refusal else "") for code, refusal in refusals)


def _deliveries(totals: Totals, language: str) -> tuple[DeliveryChoice, ...]:
    return tuple(
        DeliveryChoice(
            code=method.code,
            name=in_language(method.names, language) or method.code,
            note=in_language(method.notes, language),
            days=method.days,
            fee=fee,
            is_chosen=method == totals.delivery_method,
        )
        for method, fee in totals.options
    )


def _cart_lines(pricing: Pricing, language: str) -> tuple[LineView, ...]:
    variant_ids = [line.variant_id for line in pricing.lines]
    stocks = {stock.variant_id: stock for stock in Stock.objects.filter(variant_id__in=variant_ids)}
    pictures = pictures_of([line.variant.product_id for line in pricing.lines])
    views = [
        _cart_line(line, pricing.prices.get(line.variant_id), stocks.get(line.variant_id), pictures, language)
        for line in pricing.lines
    ]
    return tuple(_with_times(pricing, views, language))


def _with_times(pricing: Pricing, views: Sequence[LineView], language: str) -> list[LineView]:
    """Return the lines, those of services with their time and what is wrong with it."""
    zone = ZoneInfo(pricing.merchant.timezone)
    return [
        view if service is None else _with_time(view, line, service, zone, language)
        for view, line in zip(views, pricing.lines, strict=True)
        for service in [getattr(line.variant.product, "service", None)]
    ]


def _with_time(view: LineView, line: CartLine, service: Service, zone: ZoneInfo, language: str) -> LineView:
    chosen = getattr(line, "chosen_slot", None)
    slot = chosen_view(chosen, service, zone=zone, language=language) if chosen else None
    return replace(view, slot=slot, problem=view.problem or problem_of(line, service))


def _cart_line(
    line: CartLine, price: PriceNow | None, stock: Stock | None, pictures: dict[int, str], language: str
) -> LineView:
    product = line.variant.product
    title = product.title_in(language)
    available = stock.available if stock and stock.is_tracked else None
    return LineView(
        variant_id=line.variant_id,
        product_id=product.pk,
        slug=product.slug,
        title=title,
        option=line.variant.option_text,
        image_url=pictures.get(product.pk, ""),
        quantity=line.quantity,
        unit=price.price if price else None,
        total=price.price * line.quantity if price else None,
        available=available,
        in_stock=available is None or available >= line.quantity,
        is_shipped=line.variant.requires_shipping,
        link_id=line.link_id,
        problem=_problem(title, line.quantity, available, is_sold=price is not None),
        was=price.was * line.quantity if price and price.was else None,
        live_until=price.until if price else None,
    )


def _problem(title: str, quantity: int, available: int | None, *, is_sold: bool) -> str:
    if not is_sold:
        return NotForSale(title=title).message
    if available is None or available >= quantity:
        return ""
    if available <= 0:
        return VariantUnavailable(title=title).message
    return QuantityTooLarge(title=title, limit=available).message
