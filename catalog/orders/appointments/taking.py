"""Taking time and giving it back: the cells' unique constraint and the seats' UPDATE have the last word."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from catalog.orders.appointment_models import GRID_MINUTES, BookedCell, BookedSlot, Resource, Service

GRID = timedelta(minutes=GRID_MINUTES)
_TRIES = 3  # a slot may be given back, and be gone, between the look and the UPDATE


def take(*, resource_id: int, service: Service, starts_at: datetime, seats: int) -> BookedSlot | None:
    """Take `seats` of a resource from `starts_at` on; None when somebody was faster. Call inside a transaction.

    A slot is made once by its cells, of which the database takes each once a resource; its seats are counted by one
    conditional UPDATE. Whoever comes second waits at the constraint until the first has committed.
    """
    for _try in range(_TRIES):
        slot = BookedSlot.objects.filter(resource_id=resource_id, service=service, starts_at=starts_at).first()
        if slot is None:
            slot = _made(resource_id, service, starts_at)
        if slot is None:
            if BookedSlot.objects.filter(resource_id=resource_id, service=service, starts_at=starts_at).exists():
                continue  # the same time, made by somebody else just now: it may have seats left
            return None
        if BookedSlot.objects.filter(pk=slot.pk, taken__lte=F("seats") - seats).update(taken=F("taken") + seats):
            slot.refresh_from_db()
            return slot
        if BookedSlot.objects.filter(pk=slot.pk).exists():
            return None  # full
    return None


def lock_resources(service_ids: Collection[int]) -> None:
    """Lock whatever these services use, in the order of ids, until the end of the transaction.

    Whoever takes or gives back more than one time calls it first: two who swap their times would else each hold what
    the other waits for. What refers to a resource can still be written meanwhile. (SQLite locks the whole database.)
    """
    rows = Resource.objects.filter(pk__in=Resource.objects.filter(services__in=service_ids).values("pk"))
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def give_back(*, slot_id: int, seats: int) -> None:
    """Give seats back; a slot without any is deleted, and its cells with it.

    The UPDATE locks the row until the end of the transaction: nobody takes a seat of what is being deleted.
    """
    BookedSlot.objects.filter(pk=slot_id).update(taken=F("taken") - seats)
    BookedSlot.objects.filter(pk=slot_id, taken=0).delete()


def cells_of(start: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the cells that a stretch of time touches, in order."""
    seconds = GRID.total_seconds()
    at = datetime.fromtimestamp(start.timestamp() // seconds * seconds, tz=UTC)
    while at < until:
        yield at
        at += GRID


def _made(resource_id: int, service: Service, starts_at: datetime) -> BookedSlot | None:
    """Make the slot with its cells; None when one of them is taken."""
    ends_at = starts_at + timedelta(minutes=service.duration_minutes)
    busy_until = ends_at + timedelta(minutes=service.buffer_minutes)
    seats = Resource.objects.values_list("seats", flat=True).get(pk=resource_id)
    owned = {"merchant_id": service.merchant_id, "resource_id": resource_id}
    try:
        with transaction.atomic():
            slot = BookedSlot.objects.create(
                **owned, service=service, starts_at=starts_at, ends_at=ends_at, busy_until=busy_until, seats=seats
            )
            BookedCell.objects.bulk_create(
                BookedCell(**owned, slot=slot, at=at) for at in cells_of(starts_at, busy_until)
            )
    except IntegrityError:
        return None
    return slot
