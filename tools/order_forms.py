"""The forms of the order desk: where it shall go, which pieces are meant, who asks. They propose and change nothing."""

from __future__ import annotations

from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from pydantic import Field

from catalog.accounts.identity import is_known
from catalog.accounts.models import Merchant
from catalog.money import Money
from catalog.orders.addresses import Address, deliverable_countries
from catalog.orders.desk.finding import own_order, shown_number
from catalog.orders.desk.units import Unit, units_of
from catalog.orders.line_views import pictures_of
from catalog.orders.models import Order
from catalog.products.models import Offer, ProductStatus, Variant
from tools.cards import price_of
from tools.context import ToolContext
from tools.order_reads import WhichOrder
from tools.record import note
from tools.results import AddressCard, ItemsCard, NewVariant, OrderUnit, SignInCard, ToolResult
from tools.shop import in_shop
from tools.tool import Arguments, tool

UNITS_SHOWN_MAX = 20
CHOICES_MAX = 30
ItemsAct = Literal["return", "change", "exchange"]
_TITLES: dict[ItemsAct, Promise] = {
    "return": gettext_lazy("Which items of order %(number)s go back?"),
    "change": gettext_lazy("What shall change in order %(number)s?"),
    "exchange": gettext_lazy("Which items of order %(number)s shall be exchanged?"),
}
_SAYS: dict[ItemsAct, Promise] = {
    "return": gettext_lazy("Return from order %(number)s:"),
    "change": gettext_lazy("Change in order %(number)s:"),
    "exchange": gettext_lazy("Exchange from order %(number)s:"),
}
_SUBMIT = gettext_lazy("Go on with these")


class ChooseItems(WhichOrder):
    """Which order, and what shall happen to its pieces."""

    act: ItemsAct = Field(description="return, change (not sent yet) or exchange (delivered).")


class OfferSignIn(Arguments):
    """What the shopper wanted to know before he had to sign in."""

    again: str = Field(default="", max_length=200, description="His question in his words: it is asked again after it.")


@tool(WhichOrder, is_private=True)
async def ask_address(ctx: ToolContext, given: WhichOrder) -> ToolResult:
    """Show the address form for an order that was not sent yet, when the shopper wants it sent elsewhere.

    The form itself asks him to confirm the change afterwards: do not ask for the address in words.
    """
    return await in_shop(ctx, _address, given)


@tool(ChooseItems, is_private=True)
async def choose_items(ctx: ToolContext, given: ChooseItems) -> ToolResult:
    """Show the items of an order to tick, for a return, a change or an exchange, when it is unclear which are meant."""
    return await in_shop(ctx, _items, given)


@tool(OfferSignIn, is_private=True)
async def offer_sign_in(ctx: ToolContext, given: OfferSignIn) -> ToolResult:
    """Offer the shopper to sign in by a code sent to the e-mail address he ordered with.

    Use it after not_authenticated. Never ask for the address or the code in words: the card does.
    """
    return await in_shop(ctx, _sign_in, given)


def _address(_merchant: Merchant, ctx: ToolContext, given: WhichOrder) -> ToolResult:
    order = own_order(shopper_id=ctx.shopper_id, number=given.order_number)
    note(subject=shown_number(order), shown=[shown_number(order)])
    card = order_address_card(order, language=ctx.language)
    text = f"The card asks for the new address of order {shown_number(order)}. Nothing is changed yet."
    return ToolResult(text=text, cards=(card,))


def order_address_card(order: Order, *, language: str, values: dict[str, str] | None = None) -> AddressCard:
    """Return the form that asks where a placed order shall go, filled with where it goes now."""
    address = getattr(order, "address", None)
    known = Address.of(address).as_dict() if address else {}
    with override(language):
        countries = tuple(deliverable_countries(currency=order.currency))
    return AddressCard(countries=countries, values=values or known, order_number=shown_number(order))


def _items(_merchant: Merchant, ctx: ToolContext, given: ChooseItems) -> ToolResult:
    order = own_order(shopper_id=ctx.shopper_id, number=given.order_number)
    units = units_of(order)[:UNITS_SHOWN_MAX]
    shown = _units(order, units, with_choices=given.act != "return")
    skus = [sku for unit in shown for sku in (unit.sku, *(choice.sku for choice in unit.choices))]
    note(subject=shown_number(order), shown=[shown_number(order), *skus])
    number = {"number": shown_number(order)}
    with override(ctx.language):
        card = ItemsCard(
            order_number=shown_number(order),
            act=given.act,
            title=str(_TITLES[given.act]) % number,
            says=str(_SAYS[given.act]) % number,
            submit_label=str(_SUBMIT),
            units=shown,
        )
    return ToolResult(text="The card asks which items he means. Nothing is changed yet.", cards=(card,))


def _units(order: Order, units: list[Unit], *, with_choices: bool) -> tuple[OrderUnit, ...]:
    products = {unit.line.product_id for unit in units if unit.line.product_id is not None}
    pictures = pictures_of(list(products))
    choices = _choices(products, order.currency) if with_choices else {}
    return tuple(
        OrderUnit(
            sku=unit.line.sku,
            title=unit.line.title,
            option=" · ".join(str(value) for value in unit.line.options.values()),
            image_url=pictures.get(unit.line.product_id or 0, ""),
            paid=price_of(Money(unit.paid_minor, order.currency)),
            choices=tuple(
                choice for choice in choices.get(unit.line.product_id or 0, ()) if choice.sku != unit.line.sku
            ),
        )
        for unit in units
    )


def _choices(product_ids: set[int], currency: str) -> dict[int, list[NewVariant]]:
    """Return what may be chosen of each product, by its id."""
    variants = Variant.objects.select_related("stock").filter(
        product_id__in=product_ids, product__status=ProductStatus.ACTIVE
    )
    prices = {offer.variant_id: offer.price for offer in Offer.objects.filter(variant__in=variants, currency=currency)}
    found: dict[int, list[NewVariant]] = {}
    for variant in variants:
        kept = found.setdefault(variant.product_id, [])
        if variant.pk not in prices or len(kept) >= CHOICES_MAX:
            continue
        stock = getattr(variant, "stock", None)
        is_there = stock is None or not stock.is_tracked or stock.available > 0
        label = variant.option_text or variant.sku
        kept.append(NewVariant(sku=variant.sku, label=label, price=price_of(prices[variant.pk]), in_stock=is_there))
    return found


def _sign_in(_merchant: Merchant, ctx: ToolContext, given: OfferSignIn) -> ToolResult:
    if is_known(ctx.shopper_id):
        return ToolResult(text="The shopper is signed in already.", error="signed_in")
    text = _("Sign in with the e-mail address you ordered with; a one-time code is sent to it.")
    return ToolResult(text=text, cards=(SignInCard(again=given.again),))
