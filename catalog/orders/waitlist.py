"""The waitlist: who wants to be told that a sold-out product is back, in the order they asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts.models import Merchant, Shopper
from catalog.accounts.shoppers import remember_email
from catalog.orders.errors import StillInStock, VariantNotFound, WaitlistFull
from catalog.orders.waitlist_models import WaitlistEntry, WaitlistState
from catalog.outbox.services import publish
from catalog.products.models import ProductStatus, Stock, Variant

_signer = signing.Signer(salt="waitlist", sep="~")


class BadWaitlistToken(Exception):
    """The link is not one of ours."""


def consent_wording(*, language: str, by_mail: bool) -> str:
    """Return what a shopper agrees to by pressing the button; kept with the entry."""
    with override(language):
        if by_mail:
            return _("One message when it is back, here and by e-mail. Nothing else.")
        return _("One message here when it is back. Nothing else.")


@transaction.atomic
def join(
    *, merchant: Merchant, shopper_id: uuid.UUID, variant_id: int, language: str, email: str = "", source_ref: str = ""
) -> WaitlistEntry:
    """Put a shopper on the list of a sold-out variant; one who is on it keeps the place.

    Args: `email` is where to write; empty takes the shopper's own, and without one the conversation alone is told.
    Raises: VariantNotFound, StillInStock, WaitlistFull, BadEmail.
    """
    variant = Variant.objects.select_related("product").filter(pk=variant_id).first()
    if variant is None or variant.product.status != ProductStatus.ACTIVE:
        raise VariantNotFound
    known = WaitlistEntry.objects.filter(shopper_id=shopper_id, variant=variant, state=WaitlistState.WAITING).first()
    if known is not None:
        return known
    if _available(variant_id) != 0:
        raise StillInStock(title=variant.product.title_in(language))
    waiting = WaitlistEntry.objects.filter(shopper_id=shopper_id, state=WaitlistState.WAITING).count()
    if waiting >= settings.WAITLIST_PER_SHOPPER_MAX:
        raise WaitlistFull(limit=settings.WAITLIST_PER_SHOPPER_MAX)
    if email.strip():
        remember_email(shopper_id=shopper_id, email=email)
    address = email.strip() or Shopper.objects.values_list("email", flat=True).get(pk=shopper_id)
    try:
        with transaction.atomic():
            return WaitlistEntry.objects.create(
                merchant=merchant,
                shopper_id=shopper_id,
                variant=variant,
                email=address,
                language=language,
                source_ref=source_ref[:120],
                wording=consent_wording(language=language, by_mail=bool(address)),
            )
    except IntegrityError:  # a double click: the other request was faster
        return WaitlistEntry.objects.get(shopper_id=shopper_id, variant=variant, state=WaitlistState.WAITING)


def leave(*, shopper_id: uuid.UUID, variant_id: int) -> bool:
    """Take a shopper off a list; False when he was not on it."""
    mine = WaitlistEntry.objects.filter(shopper_id=shopper_id, variant_id=variant_id, state=WaitlistState.WAITING)
    return bool(mine.update(state=WaitlistState.LEFT))


def waits_for(*, shopper_id: uuid.UUID) -> list[int]:
    """Return the variants a shopper waits for, the longest first."""
    mine = WaitlistEntry.objects.filter(shopper_id=shopper_id, state=WaitlistState.WAITING)
    return list(mine.order_by("id").values_list("variant_id", flat=True))


def entry_token(entry: WaitlistEntry) -> str:
    """Return the signed name of an entry, for the link that takes its shopper off the list."""
    return _signer.sign_object(entry.pk)


def entry_of_token(token: str) -> WaitlistEntry:
    """Return the entry that a link names. Call inside the merchant's scope.

    Raises: BadWaitlistToken.
    """
    try:
        entry_id = _signer.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadWaitlistToken("the link is broken") from error
    entry = WaitlistEntry.objects.select_related("variant__product").filter(pk=entry_id).first()
    if entry is None:
        raise BadWaitlistToken("the link is of another shop, or its entry is gone")
    return entry


def leave_by_link(entry: WaitlistEntry) -> None:
    """Take everybody's wish with this address off: this one and, for one shopper, all that still wait."""
    waiting = WaitlistEntry.objects.filter(shopper_id=entry.shopper_id, state=WaitlistState.WAITING)
    waiting.update(state=WaitlistState.LEFT)


def tell_waiting(*, product_ids: Iterable[int] = ()) -> int:
    """Tell those who wait longest about what is back, as many as there are units; return how many were told.

    Who was told has WAITLIST_HEAD_START_S before the next in line hears of units that are still there: nobody is
    called for a product that is gone again, and nobody behind is called first. `product_ids` limits it; none = all.
    """
    waiting = WaitlistEntry.objects.filter(state=WaitlistState.WAITING)
    if product_ids:
        waiting = waiting.filter(variant__product_id__in=list(product_ids))
    variants = waiting.order_by("variant_id").values_list("variant_id", flat=True).distinct()
    return sum(_tell_line(variant_id) for variant_id in variants)


@transaction.atomic
def _tell_line(variant_id: int) -> int:
    # The row of the stock is the lock: two at once do not call twice as many as there are units.
    list(Stock.objects.select_for_update().filter(variant_id=variant_id))
    available = _available(variant_id)
    if available == 0:
        return 0
    line = WaitlistEntry.objects.filter(variant_id=variant_id, state=WaitlistState.WAITING).order_by("id")
    if available is not None:
        since = timezone.now() - timedelta(seconds=settings.WAITLIST_HEAD_START_S)
        called = WaitlistEntry.objects.filter(variant_id=variant_id, state=WaitlistState.TOLD, told_at__gte=since)
        line = line[: max(available - called.count(), 0)]
    return sum(_tell(entry) for entry in line)


def _tell(entry: WaitlistEntry) -> bool:
    mine = WaitlistEntry.objects.filter(pk=entry.pk, state=WaitlistState.WAITING)
    if not mine.update(state=WaitlistState.TOLD, told_at=timezone.now()):
        return False
    publish(
        "waitlist.back", key=str(entry.pk), payload={"entry_id": entry.pk}, merchant_id=entry.merchant_id, once=True
    )
    return True


def claim_mail(entry: WaitlistEntry) -> bool:
    """Take the right to send an entry's one mail; False when it was sent, or there is no address."""
    mine = WaitlistEntry.objects.filter(pk=entry.pk, mailed_at=None).exclude(email="")
    return bool(mine.update(mailed_at=timezone.now()))


def return_mail(entry: WaitlistEntry) -> None:
    """Give that right back: the mail was not taken."""
    WaitlistEntry.objects.filter(pk=entry.pk).update(mailed_at=None)


def _available(variant_id: int) -> int | None:
    """Return how many units can be bought, never below 0; None when they are not counted."""
    stock = Stock.objects.filter(variant_id=variant_id).first()
    return None if stock is None or not stock.is_tracked else max(stock.available, 0)
