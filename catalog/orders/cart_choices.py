"""What a shopper chooses for the cart beside its lines: promotion codes and the delivery method."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog.accounts.models import Merchant
from catalog.orders.addresses import Address
from catalog.orders.errors import (
    CartEmpty,
    CartNotFound,
    CodeNotCombined,
    CodeRefused,
    CodesFull,
    DeliveryUnknown,
    NoDelivery,
    TooManyCodes,
)
from catalog.orders.models import Cart, ShopperAddress
from catalog.orders.pricing import Pricing, lines_of
from catalog.orders.promotion_models import CodeMiss
from catalog.orders.promotions import folded
from catalog.orders.totals import Totals


def apply_code(*, merchant: Merchant, shopper_id: uuid.UUID, code: str, client: str = "") -> Cart:
    """Enter a promotion code; one that is in the cart already stays there.

    Args: `client` is the address it came from, when known: unknown codes are counted by shopper and by address. Call it
    outside a transaction, or a miss would not be counted.
    Raises: CartEmpty; TooManyCodes; CodeRefused and its kinds, saying what to do; nothing is changed then.
    """
    cart = _open(shopper_id)
    if cart is None or not cart.lines.exists():
        raise CartEmpty
    _check_misses(merchant, shopper_id, client)
    wanted = folded(code)[: settings.CODE_CHARS_MAX + 1]
    if wanted in cart.codes:
        return cart
    if len(cart.codes) >= settings.CART_CODES_MAX:
        raise CodesFull(limit=settings.CART_CODES_MAX)
    refusal = _refusal(merchant, cart, wanted)
    if refusal is not None and type(refusal) is CodeRefused:
        CodeMiss.objects.create(merchant=merchant, shopper_id=shopper_id, client=client[:64])
    # A code that another promotion outdoes is kept: it may be the better one once the cart changes.
    if refusal is not None and not isinstance(refusal, CodeNotCombined):
        raise refusal
    return _change(cart, codes=[*cart.codes, wanted])


def remove_code(*, merchant: Merchant, shopper_id: uuid.UUID, code: str) -> Cart:
    """Take a code out; one that is not there changes nothing.

    Raises: CartNotFound.
    """
    cart = _open(shopper_id)
    if cart is None or cart.merchant_id != merchant.pk:
        raise CartNotFound
    kept = [each for each in cart.codes if each != folded(code)]
    return cart if kept == cart.codes else _change(cart, codes=kept)


def choose_delivery(*, merchant: Merchant, shopper_id: uuid.UUID, code: str) -> Cart:
    """Choose the delivery method by its code.

    Raises: CartNotFound; DeliveryUnknown when it is not offered for these goods and this address.
    """
    cart = _open(shopper_id)
    if cart is None:
        raise CartNotFound
    totals = _totals(merchant, cart)
    if code not in {method.code for method, _fee in totals.options}:
        raise DeliveryUnknown
    return cart if cart.delivery_code == code else _change(cart, delivery_code=code)


def _open(shopper_id: uuid.UUID) -> Cart | None:
    return Cart.objects.select_related("merchant").filter(shopper_id=shopper_id, is_open=True).first()


@transaction.atomic
def _change(cart: Cart, **changes: object) -> Cart:
    """Write a choice and raise the version, as long as the cart is what it was.

    Raises: CartNotFound when it was changed or checked out meanwhile.
    """
    changed = Cart.objects.filter(pk=cart.pk, is_open=True, version=cart.version).update(
        version=F("version") + 1, updated_at=timezone.now(), **changes
    )
    if not changed:
        raise CartNotFound
    cart.refresh_from_db()
    return cart


def _refusal(merchant: Merchant, cart: Cart, code: str) -> CodeRefused | None:
    """Return why a code would take nothing off this cart."""
    tried = Cart(merchant=merchant, shopper_id=cart.shopper_id, codes=[*cart.codes, code])
    tried.delivery_code = cart.delivery_code
    pricing = Pricing(merchant=merchant, currency=cart.currency, cart=tried, lines=lines_of(cart))
    try:
        totals = pricing.totals(_address(cart))
    except NoDelivery:
        totals = pricing.totals(None)
    return pricing.refusal_of(code, totals)


def _totals(merchant: Merchant, cart: Cart) -> Totals:
    pricing = Pricing(merchant=merchant, currency=cart.currency, cart=cart, lines=lines_of(cart))
    try:
        return pricing.totals(_address(cart))
    except NoDelivery:
        return pricing.totals(None)


def _address(cart: Cart) -> Address | None:
    row = ShopperAddress.objects.filter(shopper_id=cart.shopper_id).first()
    return Address.of(row) if row else None


def _check_misses(merchant: Merchant, shopper_id: uuid.UUID, client: str) -> None:
    """Refuse who entered too many unknown codes lately.

    Raises: TooManyCodes.
    """
    window = timedelta(seconds=settings.CODE_MISSES_S)
    who = Q(shopper_id=shopper_id)
    if client:
        who |= Q(client=client[:64])
    misses = CodeMiss.objects.filter(who, merchant=merchant, at__gt=timezone.now() - window).count()
    if misses >= settings.CODE_MISSES_MAX:
        raise TooManyCodes(minutes=-(-settings.CODE_MISSES_S // 60))
