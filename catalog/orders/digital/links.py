"""Signed links to downloads: they name one grant, expire, and say nothing else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from catalog.orders.digital.errors import LinkExpired, LinkInvalid
from catalog.orders.digital_models import DownloadGrant
from catalog.orders.models import Order

_SALT = "catalog.orders.digital.links"


@dataclass(frozen=True, slots=True)
class DownloadView:
    """A file of an order as its shopper sees it; `path` is where it is fetched, without the host."""

    name: str
    size_bytes: int
    left: int
    is_revoked: bool
    path: str


def token_of(grant: DownloadGrant) -> str:
    """Return the signed name of a grant, good for DOWNLOAD_LINK_S from now on."""
    return signing.dumps(grant.pk.hex, salt=_SALT)


def grant_of(token: str) -> DownloadGrant:
    """Return the grant that a link names. Call inside the merchant's scope.

    Raises: LinkExpired; LinkInvalid for anything else, another shop's grant included.
    """
    try:
        pk = uuid.UUID(signing.loads(token, salt=_SALT, max_age=settings.DOWNLOAD_LINK_S))
    except signing.SignatureExpired:
        raise LinkExpired from None
    except (signing.BadSignature, ValueError):
        raise LinkInvalid from None
    grant = DownloadGrant.objects.select_related("file", "order", "line").filter(pk=pk).first()
    if grant is None:
        raise LinkInvalid
    return grant


def downloads_of(order: Order) -> tuple[DownloadView, ...]:
    """Return the files of an order with fresh links; none before it is paid."""
    grants = DownloadGrant.objects.filter(order=order).select_related("file")
    return tuple(view_of_grant(grant, merchant_slug=order.merchant.slug) for grant in grants)


def view_of_grant(grant: DownloadGrant, *, merchant_slug: str) -> DownloadView:
    """Return one file of an order as its shopper sees it."""
    return DownloadView(
        name=grant.file.name,
        size_bytes=grant.file.size_bytes,
        left=grant.allowed - grant.used,
        is_revoked=grant.revoked_at is not None,
        path=f"/s/{merchant_slug}/downloads/{token_of(grant)}/",
    )
