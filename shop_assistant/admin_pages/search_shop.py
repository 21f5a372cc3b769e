"""Whose searches a page is about: the shop that the address names, or the user's first."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from catalog.accounts.models import Merchant
from catalog.accounts.tenancy import merchants_of, require

AREA = "shop"


def asked_shop(request: HttpRequest) -> Merchant:
    """Return the shop.

    Raises: Http404 for one that is not the user's; PermissionDenied for who works for none, or may not look.
    """
    slug = request.GET.get("shop", "")
    merchant = next((row for row in merchants_of(request.user) if row.slug == slug or not slug), None)
    if merchant is None:
        if slug:
            raise Http404
        raise PermissionDenied
    require(request, area=AREA, merchant_id=merchant.pk)
    return merchant
