"""What a shopper is told about an order, in the active language; e-mail and conversation say the same sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from catalog.money import Money
from catalog.orders.message_models import MessageKind
from catalog.orders.models import Order

TOPICS: Mapping[str, MessageKind] = {
    "order.paid": MessageKind.PAID,
    "order.sent": MessageKind.SENT,
    "order.cancelled": MessageKind.CANCELLED,
    "order.refunded": MessageKind.REFUNDED,
    "order.return_received": MessageKind.RETURN_RECEIVED,
}


def message_key(kind: MessageKind, event_key: str) -> str:
    """Return what tells several messages of a kind apart: parcels and refunds may be several, the rest happens once."""
    several = kind in (MessageKind.SENT, MessageKind.REFUNDED)
    return hashlib.sha256(event_key.encode()).hexdigest()[:32] if several else ""


def subject(kind: MessageKind, order: Order) -> str:
    """Return the subject of the e-mail."""
    words = {
        MessageKind.PAID: _("Order #%(number)s is paid"),
        MessageKind.SENT: _("Order #%(number)s is on its way"),
        MessageKind.CANCELLED: _("Order #%(number)s is cancelled"),
        MessageKind.REFUNDED: _("Refund for order #%(number)s"),
        MessageKind.RETURN_RECEIVED: _("Your return of order #%(number)s has arrived"),
    }[kind]
    return words % {"number": order.number}


def sentence(kind: MessageKind, order: Order, payload: Mapping[str, Any]) -> str:
    """Return what happened, in one or two sentences.

    Args: `payload` is the event's: a refund tells its amount, a parcel its tracking numbers.
    """
    facts: dict[str, object] = {"number": order.number}
    match kind:
        case MessageKind.PAID:
            return _("Paid. Order #%(number)s is being prepared.") % facts
        case MessageKind.SENT:
            tracking = ", ".join(map(str, payload.get("tracking", ())))
            sent = _("Order #%(number)s is on its way.") % facts
            return " ".join([sent, _("Tracking: %(tracking)s.") % {"tracking": tracking}]) if tracking else sent
        case MessageKind.REFUNDED:
            facts["amount"] = Money(int(payload["amount_minor"]), str(payload["currency"]))
            return _("%(amount)s of order #%(number)s has been sent back to you.") % facts
        case MessageKind.CANCELLED if order.cancel_reason == "paid_too_late":
            return (
                _(
                    "Your payment for order #%(number)s came after its goods were no longer held, and they are sold"
                    " out. The order is cancelled and the money goes back to you."
                )
                % facts
            )
        case MessageKind.RETURN_RECEIVED:
            return _("Your return of order #%(number)s has arrived. Thank you.") % facts
        case _:
            return _("Order #%(number)s is cancelled.") % facts
