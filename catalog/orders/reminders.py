"""Who may be reminded of a cart he left, and when: only with his own yes, a few times, never at night."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.accounts import consents
from catalog.accounts.models import Consent, Merchant
from catalog.orders.models import Cart, CartLine, CartReminder, Order
from catalog.outbox.services import publish

KIND = "cart_reminders"
WORDING_VERSION = "2026-11"  # raise it whenever the words below change


def consent_wording(*, language: str, shop: str) -> str:
    """Return what a shopper agrees to by ticking the box; kept with the consent."""
    with override(language):
        return _(
            "%(shop)s may write me by e-mail when I leave something in this cart, at most %(most)s times a cart. The"
            " AI double writes it. I can stop it at any time."
        ) % {"shop": shop, "most": settings.CART_REMINDERS_MAX}


def agree(*, merchant: Merchant, shopper_id: uuid.UUID, language: str, source: str) -> Consent:
    """Keep a shopper's yes to reminders."""
    return consents.grant(
        merchant=merchant,
        shopper_id=shopper_id,
        kind=KIND,
        wording=consent_wording(language=language, shop=merchant.name),
        wording_version=WORDING_VERSION,
        language=language,
        source=source,
    )


def stop(*, shopper_id: uuid.UUID, source: str) -> bool:
    """Take the yes back; False when there was none."""
    return consents.withdraw(shopper_id=shopper_id, kind=KIND, source=source)


def agreed(*, shopper_id: uuid.UUID) -> bool:
    """Whether the shopper may be reminded."""
    return consents.standing_consent(shopper_id=shopper_id, kind=KIND) is not None


def are_offered() -> bool:
    """Whether this shop reminds anybody."""
    return bool(settings.CART_REMINDERS_MAX > 0)


def is_quiet(merchant: Merchant, *, at: datetime) -> bool:
    """Whether it is an hour in which the merchant's shoppers are not written to."""
    begins, ends = settings.CART_REMINDER_QUIET
    hour = at.astimezone(ZoneInfo(merchant.timezone)).hour
    return begins <= hour < ends if begins <= ends else hour >= begins or hour < ends


def plan_reminders(merchant: Merchant, *, at: datetime) -> int:
    """Plan the reminders that are due; return how many. Call inside the merchant's scope.

    The row of a reminder is its right to be sent: of two workers at once one writes it.
    """
    if not are_offered() or is_quiet(merchant, at=at):
        return 0
    return sum(_plan(cart, number) for cart, number in _due(at))


def _due(at: datetime) -> Iterator[tuple[Cart, int]]:
    """Yield the carts that are due with the number of the reminder."""
    for cart in _left(at)[: settings.CART_REMINDER_BATCH]:
        known = list(cart.reminders.order_by("number").values_list("number", "planned_at", "skipped"))
        if len(known) >= settings.CART_REMINDERS_MAX:
            continue
        if known and known[-1][1] > at - timedelta(seconds=settings.CART_REMINDER_NEXT_S):
            continue
        yield cart, len(known) + 1


def _left(at: datetime) -> QuerySet[Cart]:
    """Return the carts that were left lately by shoppers who agreed and have an address, the oldest first."""
    agreed_to = Consent.objects.filter(shopper_id=OuterRef("shopper_id"), kind=KIND, withdrawn_at=None)
    ordered_since = Order.objects.filter(shopper_id=OuterRef("shopper_id"), placed_at__gte=OuterRef("updated_at"))
    full = CartReminder.objects.filter(cart_id=OuterRef("pk"), number__gte=settings.CART_REMINDERS_MAX)
    waiting = CartReminder.objects.filter(
        cart_id=OuterRef("pk"), planned_at__gt=at - timedelta(seconds=settings.CART_REMINDER_NEXT_S)
    )
    return (
        Cart.objects.select_related("shopper", "merchant")
        .filter(
            Exists(CartLine.objects.filter(cart_id=OuterRef("pk"))),
            Exists(agreed_to),
            ~Exists(ordered_since),
            ~Exists(full),
            ~Exists(waiting),
            is_open=True,
            updated_at__lte=at - timedelta(seconds=settings.CART_REMINDER_AFTER_S),
            updated_at__gte=at - timedelta(seconds=settings.CART_REMINDER_FORGET_S),
        )
        .exclude(shopper__email="")
        .order_by("updated_at")
    )


@transaction.atomic
def _plan(cart: Cart, number: int) -> bool:
    consent = consents.standing_consent(shopper_id=cart.shopper_id, kind=KIND)
    if consent is None:
        return False
    reminder, is_new = CartReminder.objects.get_or_create(
        cart=cart,
        number=number,
        defaults={
            "merchant_id": cart.merchant_id,
            "consent": consent,
            "language": consent.language or cart.shopper.language,
            "recipient": cart.shopper.email,
        },
    )
    if is_new:
        payload = {"reminder_id": reminder.pk}
        publish("cart.reminder", key=str(reminder.pk), payload=payload, merchant_id=cart.merchant_id, once=True)
    return is_new


def why_not(reminder: CartReminder, *, at: datetime) -> str:
    """Return why a planned reminder is not sent after all; empty when it may go.

    Between plan and mail the shopper may have ordered, emptied the cart, come back to it or taken his yes back.
    """
    cart = reminder.cart
    if reminder.consent.withdrawn_at is not None:
        return "consent_withdrawn"
    if not cart.is_open or Order.objects.filter(shopper_id=cart.shopper_id, placed_at__gte=cart.updated_at).exists():
        return "ordered"
    if cart.updated_at > reminder.planned_at:
        return "cart_touched"
    if not cart.lines.exists():
        return "cart_empty"
    return "quiet_hours" if is_quiet(cart.merchant, at=at) else ""


def take(reminder: CartReminder) -> bool:
    """Take the right to send a reminder; False when it was sent, or is being sent."""
    mine = CartReminder.objects.filter(pk=reminder.pk, sent_at=None, skipped="")
    return bool(mine.update(sent_at=timezone.now()))


def give_back(reminder: CartReminder) -> None:
    """Give that right back: the mail was not taken."""
    CartReminder.objects.filter(pk=reminder.pk).update(sent_at=None)


def skip(reminder: CartReminder, reason: str) -> None:
    """Note that a reminder is not sent."""
    CartReminder.objects.filter(pk=reminder.pk, sent_at=None).update(skipped=reason)
