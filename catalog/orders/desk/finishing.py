"""What staff do with requests and refunds: goods came back, an exchange was sent, a refund is agreed to."""

from __future__ import annotations

from collections import Counter

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.accounts import audit
from catalog.money import Money
from catalog.orders import ledger, stock
from catalog.orders.errors import OrderDisputed, OrderError
from catalog.orders.events import publish_order
from catalog.orders.models import LedgerEntry, LedgerKind, Order, OrderRequest, PaymentMethod, RefundApproval
from catalog.orders.request_models import RequestKind, RequestState
from catalog.orders.states import Act, move


class RequestClosed(OrderError):
    """It was decided before."""

    code = "request_closed"
    text = _("This was decided before. Nothing more was done.")


@transaction.atomic
def finish_return(*, request_id: int, actor_id: int | None, restock: bool = True) -> Order:
    """Record that the goods came back: the money goes where the shopper chose, the goods on the shelf.

    Args: `restock` False when they cannot be sold again.
    Raises: RequestClosed, OrderStateError, OrderDisputed.
    """
    request = _taken(request_id, RequestKind.RETURN, RequestState.DONE, actor_id)
    order = move(request.order, Act.FINISH_RETURN)
    ledger.book_refund(
        order=order,
        amount=Money(-request.difference_minor, order.currency),
        reference=f"return:{request.pk}",
        at=timezone.now(),
        method=request.method,
    )
    if restock:
        stock.take_back(_old_units(request))
    publish_order("order.return_received", order, at=timezone.now())
    _note(request, "return.finished", actor_id)
    return order


@transaction.atomic
def finish_exchange(*, request_id: int, actor_id: int | None, restock: bool = True) -> Order:
    """Record that the goods came back and the new ones were sent: the difference is booked, the hold ends.

    Raises: RequestClosed, OrderStateError, OrderDisputed, InsufficientBalance.
    """
    request = _taken(request_id, RequestKind.EXCHANGE, RequestState.DONE, actor_id)
    order = move(request.order, Act.FINISH_EXCHANGE)
    _end_hold(request)
    _book_difference(order, request)
    stock.exchange_units(back=_old_units(request) if restock else {}, sent=_held_units(request))
    request.lines.update(holds_stock=False)
    publish_order("order.return_received", order, at=timezone.now())
    _note(request, "exchange.finished", actor_id)
    return order


@transaction.atomic
def refuse_request(*, request_id: int, actor_id: int | None) -> Order:
    """Refuse a return or an exchange: what was held is let go, the order is delivered as before.

    Raises: RequestClosed, OrderStateError.
    """
    request = _taken(request_id, None, RequestState.REFUSED, actor_id)
    order = move(request.order, Act.REFUSE_REQUEST)
    _end_hold(request)
    stock.release_units(_held_units(request))
    request.lines.update(holds_stock=False)
    _note(request, "request.refused", actor_id)
    return order


@transaction.atomic
def approve_refund(*, approval_id: int, actor_id: int | None) -> bool:
    """Agree to a refund above the limit: it is sent now. False when somebody agreed before.

    Raises: OrderDisputed.
    """
    rows = RefundApproval.objects.filter(pk=approval_id, approved_at=None)
    if not rows.update(approved_at=timezone.now(), approved_by_id=actor_id):
        return False
    entry = LedgerEntry.objects.select_related("order").get(approval__pk=approval_id)
    if entry.order.is_disputed:
        raise OrderDisputed(number=entry.order.number)
    ledger.send_refund(entry)
    audit.note(
        merchant_id=entry.merchant_id,
        actor_id=actor_id,
        action="refund.approved",
        subject=f"#{entry.order.number}",
        detail={"ledger_entry": entry.pk, "amount_minor": entry.amount_minor, "currency": entry.currency},
    )
    return True


def _taken(request_id: int, kind: RequestKind | None, state: RequestState, actor_id: int | None) -> OrderRequest:
    """Close the request by one conditional UPDATE: of two people at once, one decides.

    Raises: RequestClosed.
    """
    rows = OrderRequest.objects.filter(pk=request_id, state=RequestState.REQUESTED)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if not rows.update(state=state, decided_at=timezone.now(), decided_by_id=actor_id):
        raise RequestClosed
    return OrderRequest.objects.select_related("order__merchant", "method").get(pk=request_id)


def _end_hold(request: OrderRequest) -> None:
    if request.held_minor and request.method_id:
        PaymentMethod.objects.filter(pk=request.method_id).update(held_minor=F("held_minor") - request.held_minor)


def _book_difference(order: Order, request: OrderRequest) -> None:
    amount = Money(abs(request.difference_minor), order.currency)
    reference, at = f"exchange:{request.pk}", timezone.now()
    if request.difference_minor < 0:
        ledger.book_refund(order=order, amount=amount, reference=reference, at=at, method=request.method)
    elif request.method is not None:
        ledger.book_payment(order=order, amount=amount, reference=reference, at=at, method=request.method)
    else:
        ledger.book(order=order, kind=LedgerKind.PAYMENT, amount=amount, reference=reference, at=at)


def _old_units(request: OrderRequest) -> Counter[int]:
    """Return the units that came back; one whose variant is gone is not counted."""
    pks = request.lines.values_list("line__variant_id", flat=True)
    return Counter(pk for pk in pks if pk is not None)


def _held_units(request: OrderRequest) -> Counter[int]:
    pks = request.lines.filter(holds_stock=True).values_list("new_variant_id", flat=True)
    return Counter(pk for pk in pks if pk is not None)


def _note(request: OrderRequest, action: str, actor_id: int | None) -> None:
    audit.note(
        merchant_id=request.merchant_id,
        actor_id=actor_id,
        action=action,
        subject=f"#{request.order.number}",
        detail={"request": request.pk, "difference_minor": request.difference_minor},
    )
