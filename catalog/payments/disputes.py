"""Disputes: the order is flagged, nothing more is sent, the merchant is told, a lost one is booked."""

from __future__ import annotations

from datetime import datetime

from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.accounts.models import Membership, Role
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.money import Money
from catalog.orders import ledger
from catalog.orders.models import LedgerKind, Order
from catalog.outbox.services import publish
from catalog.payments.facts import DisputeFacts
from catalog.payments.models import Dispute, DisputeState, Payment

# https://docs.stripe.com/api/disputes/object#dispute_object-status: what is not here is open.
_DECIDED = {
    "won": DisputeState.WON,
    "warning_closed": DisputeState.WON,  # an inquiry that became no dispute
    "prevented": DisputeState.WON,
    "lost": DisputeState.LOST,
}


@transaction.atomic
def apply_dispute(facts: DisputeFacts, *, at: datetime) -> str:
    """Take over how a dispute stands: open, then won or lost; a late report never opens a decided one again.

    Return disputed, dispute_won, dispute_lost, already, or unknown for a payment that is not ours.
    """
    with every_merchant():
        known = Payment.objects.select_related("merchant").filter(payment_intent_id=facts.payment_intent_id)
        payment = known.first() if facts.payment_intent_id else None
    if payment is None:
        return "unknown"
    with merchant_scope(payment.merchant):
        Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
        dispute, is_new = Dispute.objects.get_or_create(
            dispute_id=facts.dispute_id,
            defaults={
                "merchant_id": payment.merchant_id,
                "order_id": payment.order_id,
                "payment": payment,
                "amount_minor": facts.amount.minor,
                "currency": facts.amount.currency,
                "reason": facts.reason,
                "evidence_due_at": facts.evidence_due_at,
                "opened_at": facts.opened_at,
            },
        )
        if is_new:
            _flag(dispute)
            _tell(dispute, at=at)
        decided = _DECIDED.get(facts.status)
        if decided is None:
            return "disputed" if is_new else "already"
        return _decide(dispute, decided, at=at)


def _decide(dispute: Dispute, state: DisputeState, *, at: datetime) -> str:
    moved = Dispute.objects.filter(pk=dispute.pk, state=DisputeState.OPEN).update(state=state, closed_at=at)
    if not moved:
        return "already"
    dispute.refresh_from_db()
    if state == DisputeState.LOST:
        _book_loss(dispute, at=at)
    _flag(dispute)
    _tell(dispute, at=at)
    return f"dispute_{state.value}"


def _flag(dispute: Dispute) -> None:
    """Hold the order back while a dispute of it is open or lost; let it go when every one was won."""
    stands = Dispute.objects.filter(order_id=dispute.order_id).exclude(state=DisputeState.WON).exists()
    Order.objects.filter(pk=dispute.order_id).update(is_disputed=stands)


def _book_loss(dispute: Dispute, *, at: datetime) -> None:
    """Book that the bank gave the money back; never more than the order still holds."""
    order = dispute.order
    lost = min(dispute.amount_minor, ledger.net_paid(order).minor)
    ledger.book(
        order=order,
        kind=LedgerKind.REFUND,
        amount=Money(max(lost, 0), dispute.currency),
        reference=f"dispute:{dispute.dispute_id}",
        at=at,
    )


def _tell(dispute: Dispute, *, at: datetime) -> None:
    publish(
        "order.disputed",
        key=f"{dispute.dispute_id}:{dispute.state}",
        payload={"dispute_id": dispute.pk, "state": dispute.state, "order_id": dispute.order_id, "at": at.isoformat()},
        merchant_id=dispute.merchant_id,
        once=True,
    )


def write_to_merchant(dispute: Dispute, *, state: str) -> int:
    """Write to the owners and agents of the shop that a dispute was opened, won or lost; return to how many."""
    staff = Membership.objects.filter(merchant_id=dispute.merchant_id, role__in=(Role.OWNER, Role.AGENT))
    addresses = sorted(set(staff.exclude(user__email="").values_list("user__email", flat=True)))
    facts = {
        "number": dispute.order.number,
        "amount": str(Money(dispute.amount_minor, dispute.currency)),
        "reason": dispute.reason,
        "due": f"{dispute.evidence_due_at:%Y-%m-%d}" if dispute.evidence_due_at else "–",
    }
    subject, text = {
        DisputeState.OPEN: (
            _("Order #%(number)s is disputed"),
            _(
                "The cardholder asks the bank to return %(amount)s (%(reason)s). Do not send the goods: the order is on"
                " hold. Answer the bank before %(due)s in your payment provider's dashboard."
            ),
        ),
        DisputeState.WON: (
            _("The dispute about order #%(number)s is won"),
            _("You keep %(amount)s. The order may be sent."),
        ),
        DisputeState.LOST: (
            _("The dispute about order #%(number)s is lost"),
            _("The bank returned %(amount)s to the cardholder. The order stays on hold."),
        ),
    }[DisputeState(state)]
    if addresses:
        send_mail(subject % facts, text % facts, None, addresses)
    return len(addresses)
