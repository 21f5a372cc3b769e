"""A guest signs in: he keeps his cart, and what was ordered with his address as a guest becomes his."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import transaction
from django.db.models import F

from catalog.accounts import sign_in
from catalog.accounts.models import Merchant, Shopper
from catalog.orders.models import Cart, CartLine, Order


def sign_in_with_code(*, merchant: Merchant, guest_id: uuid.UUID, email: str, code: str) -> Shopper:
    """Return the account the code opens, the guest's cart and orders brought along. Call outside a transaction.

    Raises: sign_in.WrongCode.
    """
    account = sign_in.confirm_code(merchant=merchant, email=email, code=code, guest_id=guest_id)
    return _bring_along(account, guest_id)


def sign_in_with_link(*, merchant: Merchant, guest_id: uuid.UUID, token: str) -> Shopper:
    """Return the account the link opens, the guest's cart and orders brought along. Call outside a transaction.

    Raises: sign_in.WrongCode.
    """
    account = sign_in.confirm_link(merchant=merchant, token=token, guest_id=guest_id)
    return _bring_along(account, guest_id)


@transaction.atomic
def _bring_along(account: Shopper, guest_id: uuid.UUID) -> Shopper:
    guests = Shopper.objects.filter(identified_at=None, external_id="")
    same_mailbox = guests.filter(email__iexact=account.email) if account.email else guests.none()
    mine = set(same_mailbox.values_list("pk", flat=True)) | set(guests.filter(pk=guest_id).values_list("pk", flat=True))
    Order.objects.filter(shopper_id__in=mine - {account.pk}).update(shopper=account, version=F("version") + 1)
    if guest_id != account.pk and guest_id in mine:
        _bring_cart(guest_id, account)
    return account


def _bring_cart(guest_id: uuid.UUID, account: Shopper) -> None:
    """Hand the guest's open cart over; into a cart of the same currency its lines are added, another one is closed."""
    cart = Cart.objects.select_for_update().filter(shopper_id=guest_id, is_open=True).first()
    if cart is None or not cart.lines.exists():
        return
    kept = Cart.objects.select_for_update().filter(shopper=account, is_open=True).first()
    if kept is not None and kept.currency == cart.currency:
        _add_lines(cart, kept)
        Cart.objects.filter(pk=cart.pk).update(is_open=False)
        return
    if kept is not None:
        Cart.objects.filter(pk=kept.pk).update(is_open=False)
    Cart.objects.filter(pk=cart.pk).update(shopper=account, version=F("version") + 1)


def _add_lines(cart: Cart, kept: Cart) -> None:
    there = {line.variant_id: line for line in kept.lines.all()}
    for line in cart.lines.all():
        known = there.get(line.variant_id)
        if known is not None:
            quantity = min(known.quantity + line.quantity, settings.CART_QUANTITY_MAX)
            CartLine.objects.filter(pk=known.pk).update(quantity=quantity)
        elif len(there) < settings.CART_LINES_MAX:
            CartLine.objects.filter(pk=line.pk).update(cart=kept)
            there[line.variant_id] = line
    Cart.objects.filter(pk=kept.pk).update(version=F("version") + 1)
