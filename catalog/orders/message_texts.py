"""What a shopper is told about an order, in the active language; e-mail and conversation say the same sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.languages import in_language
from catalog.money import Money
from catalog.orders.appointments.wording import when_text
from catalog.orders.message_models import MessageKind
from catalog.orders.models import Order, OrderState

TOPICS: Mapping[str, MessageKind] = {
    "order.paid": MessageKind.PAID,
    "order.sent": MessageKind.SENT,
    "order.cancelled": MessageKind.CANCELLED,
    "order.refunded": MessageKind.REFUNDED,
    "order.return_received": MessageKind.RETURN_RECEIVED,
    "order.return_label": MessageKind.RETURN_LABEL,
    "order.owed": MessageKind.OWED,
    "order.charged": MessageKind.CHARGED,
    "order.appointment": MessageKind.APPOINTMENT,
}

_SEVERAL = frozenset({*MessageKind} - {MessageKind.PAID, MessageKind.CANCELLED, MessageKind.RETURN_RECEIVED})


def message_key(kind: MessageKind, event_key: str) -> str:
    """Return what tells several messages of a kind apart: parcels and refunds may be several, the rest happens once."""
    return hashlib.sha256(event_key.encode()).hexdigest()[:32] if kind in _SEVERAL else ""


def subject(kind: MessageKind, order: Order) -> str:
    """Return the subject of the e-mail."""
    if kind == MessageKind.SENT and _has_arrived(order):
        return _("Order #%(number)s was delivered") % {"number": order.number}
    words = {
        MessageKind.PAID: _("Order #%(number)s is paid"),
        MessageKind.SENT: _("Order #%(number)s is on its way"),
        MessageKind.CANCELLED: _("Order #%(number)s is cancelled"),
        MessageKind.REFUNDED: _("Refund for order #%(number)s"),
        MessageKind.RETURN_RECEIVED: _("Your return of order #%(number)s has arrived"),
        MessageKind.RETURN_LABEL: _("The label for your return of order #%(number)s"),
        MessageKind.OWED: _("Order #%(number)s: something is still to pay"),
        MessageKind.CHARGED: _("Order #%(number)s: the difference is paid"),
        MessageKind.APPOINTMENT: _("Your appointment of order #%(number)s"),
    }[kind]
    return words % {"number": order.number}


def sentence(kind: MessageKind, order: Order, payload: Mapping[str, Any]) -> str:
    """Return what happened, in one or two sentences.

    Args: `payload` is the event's: a refund tells its amount, a parcel its tracking numbers.
    """
    facts: dict[str, object] = {"number": order.number}
    match kind:
        case MessageKind.PAID:
            return _paid(order) % facts
        case MessageKind.SENT:
            return _sent(order, payload)
        case MessageKind.RETURN_LABEL:
            return _label(order, payload)
        case MessageKind.OWED | MessageKind.CHARGED | MessageKind.REFUNDED:
            return _money(kind) % {**facts, "amount": Money(int(payload["amount_minor"]), str(payload["currency"]))}
        case MessageKind.APPOINTMENT:
            return _appointment(order, payload)
        case _:
            return _words(kind, order) % facts


def _words(kind: MessageKind, order: Order) -> str:
    if kind == MessageKind.RETURN_RECEIVED:
        return _("Your return of order #%(number)s has arrived. Thank you.")
    if order.cancel_reason == "paid_too_late":
        return _(
            "Your payment for order #%(number)s came after its goods were no longer held, and they are sold"
            " out. The order is cancelled and the money goes back to you."
        )
    return _("Order #%(number)s is cancelled.")


def _sent(order: Order, payload: Mapping[str, Any]) -> str:
    """Return that a parcel was sent; a message may come late, and what has arrived is not on its way."""
    tracking = ", ".join(map(str, payload.get("tracking", ())))
    arrived = _has_arrived(order)
    words = _("Order #%(number)s was delivered.") if arrived else _("Order #%(number)s is on its way.")
    sent = words % {"number": order.number}
    return " ".join([sent, _("Tracking: %(tracking)s.") % {"tracking": tracking}]) if tracking else sent


def _label(order: Order, payload: Mapping[str, Any]) -> str:
    ready = _("The label for your return of order #%(number)s is ready: %(url)s") % {
        "number": order.number,
        "url": payload["label_url"],
    }
    return " ".join([ready, in_language(payload["label_drop_off"], get_language() or "en")])


def _money(kind: MessageKind) -> str:
    if kind == MessageKind.CHARGED:
        return _("The difference of %(amount)s for order #%(number)s is paid.")
    if kind == MessageKind.REFUNDED:
        return _("%(amount)s of order #%(number)s has been sent back to you.")
    return _(
        "%(amount)s of order #%(number)s could not be taken from your saved card. You can pay it on the order's page;"
        " the order is sent once it is paid."
    )


def _paid(order: Order) -> str:
    """Return what comes next: an order of nothing but times and files is ready at once."""
    if order.lines.filter(appointment__isnull=True, downloads__isnull=True).exists():
        return _("Paid. Order #%(number)s is being prepared.")
    if order.downloads.exists():
        return _("Paid. The files of order #%(number)s are ready for you.")
    return _("Paid. Order #%(number)s is booked for you.")


def _appointment(order: Order, payload: Mapping[str, Any]) -> str:
    """Return when an appointment is now, or that it is no more."""
    facts: dict[str, object] = {"number": order.number}
    if payload["act"] != "moved":
        return _("The appointment of order #%(number)s is cancelled.") % facts
    row = order.appointments.get(pk=payload["appointment_id"])
    facts["when"] = when_text(row.starts_at, row.ends_at, ZoneInfo(order.merchant.timezone))
    return _("The appointment of order #%(number)s is now on %(when)s.") % facts


def _has_arrived(order: Order) -> bool:
    return order.state not in (OrderState.PAID, OrderState.PAID_MODIFIED, OrderState.PROCESSED)
