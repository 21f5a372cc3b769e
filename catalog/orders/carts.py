"""The cart: add, change, remove, empty. One open cart per shopper; every change raises its version."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog.accounts.models import Creator, Merchant, Shopper
from catalog.orders.appointments.choosing import keep_slot, slot_for_cart
from catalog.orders.errors import (
    CartFull,
    CartLineNotFound,
    CartNotFound,
    NotForSale,
    QuantityInvalid,
    QuantityTooLarge,
    ShopperNotFound,
    VariantNotFound,
    VariantUnavailable,
)
from catalog.orders.models import Cart, CartLine
from catalog.outbox.services import publish
from catalog.products.models import Offer, ProductStatus, Stock, Variant


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where an addition came from."""

    creator_id: int | None
    source_ref: str
    link_id: str


def open_cart(*, merchant: Merchant, shopper_id: uuid.UUID, currency: str) -> Cart:
    """Return the shopper's open cart, made when there is none. An empty cart takes on `currency`.

    Raises: ShopperNotFound.
    """
    if not Shopper.objects.filter(pk=shopper_id).exists():
        raise ShopperNotFound
    # The unique constraint decides between two first additions at once; get_or_create then reads the winner's.
    cart, _created = Cart.objects.get_or_create(
        merchant=merchant, shopper_id=shopper_id, is_open=True, defaults={"currency": currency}
    )
    if cart.currency != currency and not cart.lines.exists():
        Cart.objects.filter(pk=cart.pk).update(currency=currency)
        cart.currency = currency
    return cart


@transaction.atomic
def add_to_cart(
    *,
    merchant: Merchant,
    shopper_id: uuid.UUID,
    variant_id: int,
    quantity: int,
    currency: str,
    creator_id: int | None,
    source_ref: str,
    link_id: str = "",
    starts_at: datetime | None = None,
) -> Cart:
    """Put `quantity` more of a variant into the shopper's cart.

    A cart that already has lines keeps its own currency. A service is put in with the time it begins: `quantity` are
    then the seats, and choosing again replaces time and seats.
    Raises: VariantNotFound, NotForSale, VariantUnavailable, QuantityInvalid, QuantityTooLarge, CartFull,
    ShopperNotFound, SlotMissing, SlotTaken, NotAService.
    """
    _check_quantity(quantity)
    if creator_id is not None and not Creator.objects.filter(pk=creator_id).exists():
        creator_id = None
    cart = open_cart(merchant=merchant, shopper_id=shopper_id, currency=currency)
    cart = _touch(cart, creator_id=creator_id, source_ref=source_ref)
    variant = _sellable(variant_id, cart.currency)
    slot = slot_for_cart(variant, starts_at=starts_at, seats=quantity)
    line = cart.lines.filter(variant=variant).first()
    total = quantity + (line.quantity if line and slot is None else 0)
    _check_available(variant, total)
    if line is None:
        if cart.lines.count() >= settings.CART_LINES_MAX:
            raise CartFull(limit=settings.CART_LINES_MAX)
        line = CartLine.objects.create(
            merchant=merchant, cart=cart, variant=variant, quantity=quantity, link_id=link_id
        )
    else:
        CartLine.objects.filter(pk=line.pk).update(quantity=total, link_id=link_id or line.link_id)
    if slot is not None:
        keep_slot(line, slot)
    _announce(cart, variant, quantity=total, delta=quantity, origin=_Origin(creator_id, source_ref, link_id))
    return cart


@transaction.atomic
def set_quantity(*, merchant: Merchant, shopper_id: uuid.UUID, variant_id: int, quantity: int) -> Cart:
    """Set how many of a variant the cart holds; 0 removes it.

    Raises: CartNotFound, CartLineNotFound, QuantityInvalid, QuantityTooLarge, VariantUnavailable, NotForSale,
    SlotTaken.
    """
    cart = Cart.objects.filter(merchant=merchant, shopper_id=shopper_id, is_open=True).first()
    if cart is None:
        raise CartNotFound
    cart = _touch(cart)
    line = cart.lines.select_related("variant__product").filter(variant_id=variant_id).first()
    if line is None:
        raise CartLineNotFound
    if quantity == 0:
        line.delete()
        return cart
    _check_quantity(quantity)
    if quantity > line.quantity:
        _check_available(_sellable(variant_id, cart.currency), quantity)
        chosen = getattr(line, "chosen_slot", None)
        if chosen is not None:
            slot_for_cart(line.variant, starts_at=chosen.starts_at, seats=quantity)
    CartLine.objects.filter(pk=line.pk).update(quantity=quantity)
    if quantity > line.quantity:
        origin = _Origin(cart.creator_id, cart.source_ref, line.link_id)
        _announce(cart, line.variant, quantity=quantity, delta=quantity - line.quantity, origin=origin)
    return cart


@transaction.atomic
def remove_line(*, merchant: Merchant, shopper_id: uuid.UUID, variant_id: int) -> Cart:
    """Take a variant out of the cart.

    Raises: CartNotFound, CartLineNotFound.
    """
    return set_quantity(merchant=merchant, shopper_id=shopper_id, variant_id=variant_id, quantity=0)


@transaction.atomic
def empty_cart(*, merchant: Merchant, shopper_id: uuid.UUID) -> None:
    """Take everything out of the shopper's cart; without a cart nothing happens."""
    cart = Cart.objects.filter(merchant=merchant, shopper_id=shopper_id, is_open=True).first()
    if cart is not None:
        _touch(cart).lines.all().delete()


def _touch(cart: Cart, *, creator_id: int | None = None, source_ref: str = "") -> Cart:
    """Raise the version and take the row, so that what follows happens to one cart by one request at a time.

    Raises: CartNotFound when the cart was checked out meanwhile.
    """
    changes: dict[str, object] = {"version": F("version") + 1, "updated_at": timezone.now()}
    if source_ref:
        changes["source_ref"] = source_ref[:120]
    if creator_id is not None:
        changes["creator_id"] = creator_id
    if not Cart.objects.filter(pk=cart.pk, is_open=True).update(**changes):
        raise CartNotFound
    cart.refresh_from_db()
    return cart


def _check_quantity(quantity: int) -> None:
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise QuantityInvalid(quantity=quantity)


def _sellable(variant_id: int, currency: str) -> Variant:
    """Return the variant if it can be bought here in `currency`.

    Raises: VariantNotFound, NotForSale.
    """
    variant = Variant.objects.select_related("product").filter(pk=variant_id).first()
    if variant is None or variant.product.status != ProductStatus.ACTIVE:
        raise VariantNotFound
    has_price = Offer.objects.filter(variant=variant, currency=currency).exists()
    if variant.product.external_url or not has_price:
        raise NotForSale(title=variant.product.title)
    return variant


def _check_available(variant: Variant, total: int) -> None:
    """Refuse more units than one order may hold or the shop has now; the promise itself is made at checkout."""
    stock = Stock.objects.filter(variant=variant).first()
    limit: int = settings.CART_QUANTITY_MAX
    if stock is not None and stock.is_tracked:
        if stock.available <= 0:
            raise VariantUnavailable(title=variant.product.title)
        limit = min(limit, stock.available)
    if total > limit:
        raise QuantityTooLarge(title=variant.product.title, limit=limit)


def _announce(cart: Cart, variant: Variant, *, quantity: int, delta: int, origin: _Origin) -> None:
    """Tell the funnel of units added."""
    publish(
        "cart.changed",
        key=f"{cart.pk}:{cart.version}",
        payload={
            "cart": str(cart.pk),
            "version": cart.version,
            "variant_id": variant.pk,
            "product_id": variant.product_id,
            "quantity": quantity,
            "delta": delta,
            "link_id": origin.link_id,
            "shopper": str(cart.shopper_id),
            "creator_id": origin.creator_id,
            "source_ref": origin.source_ref,
            "at": timezone.now().isoformat(),
        },
        merchant_id=cart.merchant_id,
    )
