"""Who may fetch which file: granted with the payment, taken back with the money."""

from __future__ import annotations

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from catalog.orders.digital.errors import AlreadyDownloaded, DownloadRevoked, DownloadsUsedUp
from catalog.orders.digital_models import DigitalFile, DownloadGrant
from catalog.orders.models import Order


def grant(order: Order) -> None:
    """Grant the files of `order`'s lines, which were paid for; a second call gives back what was taken, and no more."""
    lines = {line.variant_id: line for line in order.lines.all() if line.variant_id is not None}
    files = DigitalFile.objects.filter(variant__in=lines, is_active=True)
    DownloadGrant.objects.bulk_create(
        [
            DownloadGrant(
                merchant_id=order.merchant_id,
                line=lines[file.variant_id],
                order=order,
                file=file,
                allowed=settings.DOWNLOADS_MAX * lines[file.variant_id].quantity,
            )
            for file in files
        ],
        ignore_conflicts=True,  # granted before: the order was paid, ended and paid again
    )
    DownloadGrant.objects.filter(order=order).update(revoked_at=None)


def revoke(order: Order) -> None:
    """Take every download of `order` back; a second call changes nothing."""
    DownloadGrant.objects.filter(order=order, revoked_at=None).update(revoked_at=timezone.now())


def revoke_unfetched(order: Order) -> None:
    """Take every download of `order` back before its shopper is paid back. Call inside a transaction.

    The UPDATE comes first: it waits for a download that is being counted, and lets no other begin.
    Raises: AlreadyDownloaded; the caller's transaction must then roll back.
    """
    revoke(order)
    fetched = was_fetched(order)
    if fetched is not None:
        raise AlreadyDownloaded(title=fetched.line.title)


def count_download(grant: DownloadGrant) -> None:
    """Count one download, by one conditional UPDATE: of two at once the last one allowed goes to one.

    Raises: DownloadRevoked, DownloadsUsedUp.
    """
    rows = DownloadGrant.objects.filter(pk=grant.pk, revoked_at=None, used__lt=F("allowed"))
    if rows.update(used=F("used") + 1, last_used_at=timezone.now()):
        return
    grant.refresh_from_db()
    if grant.revoked_at is not None:
        raise DownloadRevoked
    raise DownloadsUsedUp(limit=grant.allowed)


def was_fetched(order: Order) -> DownloadGrant | None:
    """Return a download of the order that was fetched, or None."""
    return DownloadGrant.objects.filter(order=order, used__gt=0).select_related("line").first()
