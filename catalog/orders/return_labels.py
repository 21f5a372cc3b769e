"""Labels for parcels that come back: made after the return was confirmed, followed until the goods are here."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.accounts import audit
from catalog.accounts.scoping import every_merchant, merchant_scope
from catalog.languages import in_language
from catalog.orders.addresses import Address
from catalog.orders.desk.finishing import RequestClosed, finish_return
from catalog.orders.errors import OrderDisputed, OrderStateError
from catalog.orders.events import order_payload
from catalog.orders.models import OrderRequest, ReturnLabel
from catalog.orders.request_models import RequestKind, RequestState
from catalog.orders.return_carrier import (
    CarrierRefused,
    CarrierUnavailable,
    Label,
    ReturnCarrier,
    ReturnParcel,
    Scan,
    ScanKind,
    return_carrier,
)
from catalog.orders.return_models import LabelState
from catalog.outbox.services import publish
from catalog.outbox.subscribers import Event, TryLater, subscriber

logger = logging.getLogger(__name__)
_BATCH = 100
_ON_ITS_WAY = (LabelState.MADE, LabelState.HANDED_IN)


@subscriber(lane="slow")
def on_return_requested(event: Event) -> None:
    """Have a label made for a return or an exchange; a carrier that does not answer is asked again."""
    carrier = return_carrier()
    if carrier is None:
        return
    with event.scope():
        try:
            make_label(request_id=event.payload["request_id"], carrier=carrier)
        except CarrierUnavailable as error:
            raise TryLater(f"the carrier makes no label now: {error}") from error


def make_label(*, request_id: int, carrier: ReturnCarrier) -> ReturnLabel | None:
    """Return the label of a request, asked of the carrier outside a transaction; None for one that was refused.

    Repeating it makes no second label. Raises: CarrierUnavailable.
    """
    request = OrderRequest.objects.select_related("order__merchant", "order__address").get(pk=request_id)
    if request.state == RequestState.REFUSED:
        return None
    row, _created = ReturnLabel.objects.get_or_create(request=request, defaults={"merchant_id": request.merchant_id})
    if row.state != LabelState.ASKED:
        return row
    try:
        label = carrier.make_label(_parcel(request))
    except CarrierRefused as error:
        ReturnLabel.objects.filter(pk=row.pk, state=LabelState.ASKED).update(
            state=LabelState.REFUSED, error=str(error)[:500]
        )
    else:
        _keep(row, request, label)
    row.refresh_from_db()
    return row


def _parcel(request: OrderRequest) -> ReturnParcel:
    order = request.order
    address = getattr(order, "address", None)
    merchant = order.merchant
    receiver = tuple(filter(None, (line.strip() for line in merchant.return_address.splitlines())))
    return ReturnParcel(
        key=f"{order.reference}:{request.pk}",
        order_number=order.external_id or order.number,
        sender=tuple(Address.of(address).lines) if address else (),
        receiver=receiver or (merchant.name,),
        contents=tuple(f"{line.title} · {line.sku}" for line in request.lines.all()),
        language=order.language,
    )


@transaction.atomic
def _keep(row: ReturnLabel, request: OrderRequest, label: Label) -> None:
    """Write the label and have the shopper told, once."""
    made = ReturnLabel.objects.filter(pk=row.pk, state=LabelState.ASKED).update(
        state=LabelState.MADE,
        carrier=label.carrier,
        label_id=label.label_id,
        tracking_number=label.tracking_number,
        url=label.url,
        drop_off=dict(label.drop_off),
        made_at=timezone.now(),
    )
    if not made:
        return
    order = request.order
    payload = {
        **order_payload(order, at=timezone.now()),
        "request_id": request.pk,
        "label_url": label.url,
        "label_drop_off": dict(label.drop_off),
    }
    key = f"{order.reference}:{request.pk}"
    publish("order.return_label", key=key, payload=payload, merchant_id=order.merchant_id, once=True)


@shared_task(name="catalog.orders.follow_returns", time_limit=120, ignore_result=True)
def follow_returns() -> int:
    """Ask the carrier about parcels on their way back; return how many scans were new."""
    with every_merchant():
        waiting = ReturnLabel.objects.filter(state__in=_ON_ITS_WAY).select_related("merchant")
        settled = timezone.now() - timedelta(seconds=settings.RETURN_CHECK_S)
        due = list(waiting.exclude(checked_at__gt=settled).order_by("checked_at", "id")[:_BATCH])
    return follow(due)


def follow(labels: list[ReturnLabel]) -> int:
    """Take over what the carrier has seen of these labels' parcels; return how many scans were new."""
    carrier = return_carrier()
    if carrier is None or not labels:
        return 0
    by_id: Mapping[str, ReturnLabel] = {label.label_id: label for label in labels}
    with every_merchant():
        ReturnLabel.objects.filter(pk__in=[label.pk for label in labels]).update(checked_at=timezone.now())
    try:
        scans = carrier.scans(list(by_id))
    except CarrierUnavailable as error:
        logger.warning("the carrier does not tell where parcels are: %s", error)
        return 0
    new = 0
    for scan in scans:
        label = by_id[scan.label_id]
        with merchant_scope(label.merchant):
            new += take_scan(label_id=label.pk, scan=scan)
    return new


@transaction.atomic
def take_scan(*, label_id: int, scan: Scan) -> bool:
    """Take over one scan; False when it was known. A return that is received ends (RETURN_SCAN_ENDS_RETURN).

    Its money goes the way of every return, limits included. Whether the goods can be sold again is for people to see.
    """
    below = [LabelState.MADE] if scan.kind == ScanKind.HANDED_IN else list(_ON_ITS_WAY)
    at = {"received_at": scan.at} if scan.kind == ScanKind.RECEIVED else {}
    if not ReturnLabel.objects.filter(pk=label_id, state__in=below).update(state=scan.kind.value, **at):
        return False
    if scan.kind == ScanKind.RECEIVED:
        _received(ReturnLabel.objects.select_related("request__order").get(pk=label_id))
    return True


def _received(label: ReturnLabel) -> None:
    request = label.request
    ends = settings.RETURN_SCAN_ENDS_RETURN and request.kind == RequestKind.RETURN
    audit.note(
        merchant_id=label.merchant_id,
        actor_id=None,
        action="return.parcel_received",
        subject=f"#{request.order.number}",
        detail={"request": request.pk, "tracking_number": label.tracking_number, "ends_return": ends},
    )
    if not ends:
        return
    try:
        with transaction.atomic():
            finish_return(request_id=request.pk, actor_id=None, restock=False)
    except (RequestClosed, OrderStateError) as error:
        logger.info("return %s was decided before its parcel came: %s", request.pk, error.code)
    except OrderDisputed:
        logger.info("the goods of return %s are here, and the bank decides who has the money", request.pk)


def drop_off_in(label: ReturnLabel, language: str) -> str:
    """Return where the parcel is handed in, in `language`."""
    return in_language(label.drop_off, language)
