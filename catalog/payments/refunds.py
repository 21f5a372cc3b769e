"""Money that goes back: what the ledger says is sent through the provider, once, and followed until it has arrived."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.orders.events import order_payload
from catalog.orders.models import LedgerEntry, LedgerKind, PaymentMethodKind
from catalog.outbox.services import publish
from catalog.payments import collecting, stripe_gateway
from catalog.payments.errors import GatewayRefused, GatewayUnavailable
from catalog.payments.facts import RefundReport
from catalog.payments.models import Payment, PaymentState, RefundRequest, RefundState
from catalog.payments.refund_totals import raise_refunded, room_of

# References of ledger entries whose money has gone already: they ask nothing of the provider.
GONE_ALREADY = ("at_provider:", "dispute:", "import:")
ALL_PAYMENTS = "all"  # what the key of `refund.due` says instead of a payment
_DUE = "due:"
NEVER_COLLECTED = "never_collected: this much was still owed; the two cancel each other out"
NO_PAYMENT = "no_payment: there is no payment at the provider to send this back to; send it another way"
# The provider forgets idempotency keys after a day; past that a repetition looks first whether it was done.
_KEY_LASTS = timedelta(hours=23)
_STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}  # what else there is (pending, requires_action) is on its way
_BELOW = {
    RefundState.PENDING: [RefundState.REQUESTED],
    RefundState.SUCCEEDED: [RefundState.REQUESTED, RefundState.PENDING],
    RefundState.FAILED: [RefundState.REQUESTED, RefundState.PENDING, RefundState.SUCCEEDED],
}


@transaction.atomic
def request_refund(*, entry_id: int, payment_reference: str = "") -> list[RefundRequest]:
    """Write how a refund of the ledger goes back: one row, or one a payment where no single one holds enough.

    Args: `payment_reference` limits it to the payment with that id at the provider; empty, the entry says which.
    A gift card's refund is done with the ledger's entry. Repeated, it returns the rows there are.
    """
    entry = LedgerEntry.objects.select_related("order", "method").get(pk=entry_id)
    payment_reference = payment_reference or _named(entry)
    # The payments' rows are the lock: two refunds of one order do not plan with the same money.
    payments = list(
        Payment.objects.select_for_update(of=("self",))
        .select_related("collection__entry")
        .filter(order_id=entry.order_id, state=PaymentState.PAID)
        .filter(Q(payment_intent_id=payment_reference) if payment_reference else Q())
        .order_by("pk")
    )
    rows = list(RefundRequest.objects.filter(entry=entry).order_by("part"))
    if rows or entry.reference.startswith(GONE_ALREADY):
        return rows
    if entry.method is not None and entry.method.kind == PaymentMethodKind.GIFT_CARD:
        row = _row(entry, part=0, amount=entry.amount_minor, state=RefundState.SUCCEEDED, finished_at=timezone.now())
        _announce(row)
        return [row]
    if collecting.holds_back(entry):
        return []  # `charge.ended` asks again
    return _shares(entry, payments)


def due_reference(key: str) -> str:
    """Return the ledger's reference for money that the order of `refund.due` may not keep."""
    return f"{_DUE}{key}"


def _named(entry: LedgerEntry) -> str:
    """Return the payment that an entry for `refund.due` names: a refund that had to wait is asked for without it."""
    if not entry.reference.startswith(_DUE):
        return ""
    reference = entry.reference.rpartition(":")[2]
    return "" if reference == ALL_PAYMENTS else reference


def waiting_refunds(*, order_id: int) -> list[int]:
    """Return the order's ledger entries of refunds that nobody has asked the provider for, though they may go."""
    entries = LedgerEntry.objects.filter(order_id=order_id, kind=LedgerKind.REFUND, refund_requests=None)
    asked = entries.exclude(approval__isnull=False, approval__approved_at=None).order_by("pk")
    return [entry.pk for entry in asked if not entry.reference.startswith(GONE_ALREADY)]


def _shares(entry: LedgerEntry, payments: list[Payment]) -> list[RefundRequest]:
    """Spread a refund over payments, the newest first; what none of them holds is a failed row for people to see."""
    rows: list[RefundRequest] = []
    struck = collecting.drop_what_a_refund_covers(entry)
    left = entry.amount_minor - struck
    if struck:
        rows.append(
            _row(
                entry,
                part=0,
                amount=struck,
                state=RefundState.SUCCEEDED,
                error=NEVER_COLLECTED,
                finished_at=timezone.now(),
            )
        )
    for payment in _own_first(entry, payments):
        share = min(left, room_of(payment))
        if share > 0:
            rows.append(_row(entry, part=len(rows), amount=share, payment=payment))
            left -= share
    if left:
        now = timezone.now()
        rows.append(
            _row(entry, part=len(rows), amount=left, state=RefundState.FAILED, error=NO_PAYMENT, finished_at=now)
        )
    return rows


def _own_first(entry: LedgerEntry, payments: list[Payment]) -> list[Payment]:
    """Return the payments a refund may go to: those of its own method first, the newest of them first.

    Who changed how he pays has his old payment sent back, not the new one.
    """
    is_change = entry.reference == collecting.CHANGED_PAYMENT
    open_to = [
        payment
        for payment in payments
        if not (is_change and payment.collection and payment.collection.entry.reference == entry.reference)
    ]

    def other_method(payment: Payment) -> bool:
        made_by = payment.collection.entry.method_id if payment.collection else None
        return made_by != entry.method_id

    return sorted(open_to, key=lambda payment: (other_method(payment), -payment.attempt))


def _row(
    entry: LedgerEntry,
    *,
    part: int,
    amount: int,
    payment: Payment | None = None,
    state: RefundState = RefundState.REQUESTED,
    error: str = "",
    finished_at: datetime | None = None,
) -> RefundRequest:
    return RefundRequest.objects.create(
        merchant_id=entry.merchant_id,
        order_id=entry.order_id,
        entry=entry,
        part=part,
        payment=payment,
        state=state,
        amount_minor=amount,
        currency=entry.currency,
        error=error,
        due_at=timezone.now(),
        finished_at=finished_at,
    )


def push(request: RefundRequest) -> RefundState:
    """Bring a refund one step on at the provider, if it is due; return its state then.

    What the provider cannot take now is tried again later, later each time, up to REFUND_TRIES_MAX times.
    """
    now = timezone.now()
    due = RefundRequest.objects.filter(
        pk=request.pk, due_at__lte=now, state__in=(RefundState.REQUESTED, RefundState.PENDING), payment__isnull=False
    )
    wait_s = min(settings.REFUND_RETRY_BASE_S * 2**request.tries, settings.REFUND_RETRY_MAX_S)
    taken = due.update(tries=F("tries") + 1, due_at=now + timedelta(seconds=wait_s), asked_at=Coalesce("asked_at", now))
    request = RefundRequest.objects.select_related("payment").get(pk=request.pk)
    if not taken:
        return RefundState(request.state)
    try:
        apply_report(_ask(request), at=timezone.now())
    except GatewayUnavailable as error:
        is_over = request.tries >= settings.REFUND_TRIES_MAX and not request.refund_id
        _note(request, f"unavailable: {error.__cause__ or error}", fails=is_over)
    except GatewayRefused as error:
        _note(request, f"refused: {error}", fails=not request.refund_id, asked_at=None)  # certainly nothing was made
    return RefundState(RefundRequest.objects.values_list("state", flat=True).get(pk=request.pk))


def _ask(request: RefundRequest) -> RefundReport:
    """Send a refund, or ask how the one that was sent stands.

    Raises: GatewayUnavailable, GatewayRefused.
    """
    payment = request.payment
    assert payment is not None  # noqa: S101 (push() takes only rows that have one)
    is_old = request.asked_at is not None and timezone.now() - request.asked_at > _KEY_LASTS
    # After a failure the key is a new one: what the last one made, unheard, would be made once more.
    if request.refund_id or is_old or request.round:
        for report in stripe_gateway.refunds_of(payment.payment_intent_id):
            if report.request_id == request.pk and report.refund_id == (request.refund_id or report.refund_id):
                return report
    return stripe_gateway.refund(
        payment_intent_id=payment.payment_intent_id,
        amount=request.amount,
        idempotency_key=request.idempotency_key,
        request_id=request.pk,
    )


def _note(request: RefundRequest, error: str, *, fails: bool, **changes: object) -> None:
    """Keep what went wrong; the refund fails, for people to see, when no repetition will help."""
    if fails:
        changes |= {"state": RefundState.FAILED, "finished_at": timezone.now()}
    waiting = (RefundState.REQUESTED, RefundState.PENDING)
    RefundRequest.objects.filter(pk=request.pk, state__in=waiting).update(error=error[:500], **changes)


@transaction.atomic
def apply_report(report: RefundReport, *, at: datetime) -> str:
    """Take over what the provider says of a refund we asked for. Safe to repeat, in any order.

    Return requested, pending, succeeded, failed, or already, or unknown for a refund that is not ours.
    """
    if report.request_id is None:
        return "unknown"  # made at the provider: its total is told by charge.refunded
    request = RefundRequest.objects.select_related("payment").filter(pk=report.request_id).first()
    if request is None or request.payment is None or request.payment.payment_intent_id != report.payment_intent_id:
        return "unknown"
    # Payments before refunds: everybody locks in this order.
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=request.payment.pk)
    state = _STATES.get(report.status, RefundState.PENDING)
    # A failure of ours (no answer came) gives way to what the provider knows; the provider's own is final.
    may_move = Q(state__in=_BELOW[state]) | Q(state=RefundState.FAILED, refund_id="")
    is_over = state != RefundState.PENDING
    moved = RefundRequest.objects.filter(may_move, pk=request.pk).update(
        state=state,
        refund_id=report.refund_id,
        error=report.error[:500],
        finished_at=at if is_over else None,
    )
    raise_refunded(payment)
    if not moved:
        return "already"
    if state == RefundState.SUCCEEDED:
        _announce(request)
    return state.value


@transaction.atomic
def try_again(*, request_id: int) -> bool:
    """Ask the provider once more for a refund that it never made; False when there is nothing to try."""
    failed = RefundRequest.objects.filter(pk=request_id, state=RefundState.FAILED, refund_id="", payment__isnull=False)
    return bool(
        failed.update(
            state=RefundState.REQUESTED,
            round=F("round") + 1,
            tries=0,
            error="",
            due_at=timezone.now(),
            asked_at=None,
            finished_at=None,
        )
    )


@transaction.atomic
def settle_by_hand(*, request_id: int) -> bool:
    """Record that a failed refund was sent another way, such as a bank transfer; False when it had not failed."""
    request = RefundRequest.objects.filter(pk=request_id).first()
    done = RefundRequest.objects.filter(pk=request_id, state=RefundState.FAILED).update(
        state=RefundState.SUCCEEDED, error="sent another way", finished_at=timezone.now()
    )
    if request is not None and done:
        _announce(request)
    return bool(done)


def _announce(request: RefundRequest) -> None:
    """Tell the house that money has gone back, once a refund."""
    entry, order = request.entry, request.order
    payload = {
        **order_payload(order, at=timezone.now()),
        "ledger_entry_id": entry.pk,
        "amount_minor": request.amount_minor,
        "currency": request.currency,
        "method_id": entry.method_id,
    }
    key = f"{order.reference}:{entry.pk}:{request.part}"
    publish("order.refunded", key=key, payload=payload, merchant_id=order.merchant_id, once=True)
