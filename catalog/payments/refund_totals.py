"""How much of a payment has gone back: our own refunds, and those that somebody made at the provider."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from catalog.money import Money
from catalog.orders import ledger
from catalog.orders.events import order_payload
from catalog.orders.models import LedgerEntry, LedgerKind
from catalog.outbox.services import publish
from catalog.payments.models import Payment, PaymentState, RefundRequest, RefundState


def room_of(payment: Payment) -> int:
    """Return how much of a payment could still go back, in minor units."""
    return payment.amount_minor - max(payment.refunded_minor, _ours(payment) + _outside(payment))


def raise_refunded(payment: Payment) -> None:
    """Raise a payment's total to what the provider has taken over of our own refunds."""
    sent = _sum(payment.refunds.exclude(refund_id="")) + _outside(payment)
    _raise(payment, sent)


@transaction.atomic
def record_total(*, payment_id: int, in_all: Money, at: datetime) -> bool:
    """Take over that `in_all` of a payment has gone back by now; False when that was known.

    A total and not an increment, so that repeated and late reports do no harm.
    """
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    is_new = in_all.minor > payment.refunded_minor
    _raise(payment, in_all.minor)
    book_outside(payment, at=at)
    return is_new


def book_outside(payment: Payment, *, at: datetime) -> None:
    """Book what went back without us: made by a person at the provider. The caller holds the payment's lock.

    Nothing is booked before the payment itself is; settling the payment calls this again.
    """
    payment.refresh_from_db(fields=["state", "refunded_minor"])
    if payment.state != PaymentState.PAID:
        return
    missing = payment.refunded_minor - _ours(payment) - _outside(payment)
    if missing <= 0:
        return
    reference = f"{_reference(payment)}{payment.refunded_minor}"
    amount = Money(missing, payment.currency)
    if ledger.book(order=payment.order, kind=LedgerKind.REFUND, amount=amount, reference=reference, at=at):
        payload = {
            **order_payload(payment.order, at=timezone.now()),
            "ledger_entry_id": payment.order.ledger.get(kind=LedgerKind.REFUND, reference=reference).pk,
            "amount_minor": missing,
            "currency": payment.currency,
            "method_id": None,
        }
        key = f"{payment.order.reference}:{reference}"
        publish("order.refunded", key=key, payload=payload, merchant_id=payment.merchant_id, once=True)


def _raise(payment: Payment, total: int) -> None:
    # One statement: reports may overtake each other. SQLite's MAX and PostgreSQL's GREATEST are both Greatest.
    Payment.objects.filter(pk=payment.pk).update(refunded_minor=Greatest(F("refunded_minor"), Value(total)))


def _reference(payment: Payment) -> str:
    return f"at_provider:{payment.pk}:"


def _outside(payment: Payment) -> int:
    """Return what the ledger holds of refunds made at the provider."""
    made = Q(order_id=payment.order_id, kind=LedgerKind.REFUND, reference__startswith=_reference(payment))
    return int(LedgerEntry.objects.filter(made).aggregate(total=Sum("amount_minor"))["total"] or 0)


def _ours(payment: Payment) -> int:
    """Return what our own refunds come to: all but those of which the provider certainly made nothing."""
    return _sum(payment.refunds.exclude(state=RefundState.FAILED, refund_id="", asked_at=None))


def _sum(refunds: QuerySet[RefundRequest]) -> int:
    return int(refunds.aggregate(total=Sum("amount_minor"))["total"] or 0)
