"""The page behind the link of a download: what it is, how often it can be fetched, and the button that fetches it."""

from __future__ import annotations

import logging
from typing import cast

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.orders.digital.errors import LinkExpired, LinkInvalid
from catalog.orders.digital.granting import count_download
from catalog.orders.digital.links import grant_of, view_of_grant
from catalog.orders.digital_models import DownloadGrant
from catalog.orders.errors import OrderError
from frontend.shop import Shop, shop_view

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@shop_view
def download(shop: Shop, token: str) -> HttpResponse:
    """Show the file; send it when the button was pressed: mail readers follow links by themselves, and would count.

    The link needs no cookie: whoever has the mail may fetch the file.
    """
    try:
        grant = grant_of(token)
    except LinkExpired as error:
        return shop.page("download.html", status=410, problem=error.message)
    except LinkInvalid as error:
        return shop.page("download.html", status=404, problem=error.message)
    if shop.request.method != "POST":
        return _page(shop, grant)
    try:
        content = grant.file.file.open("rb")  # before it is counted: a file that is gone costs the shopper nothing
    except OSError:
        log.exception("the file of download %s cannot be opened", grant.pk)
        return _page(shop, grant, problem=_("The file cannot be read right now. This did not count."), status=503)
    try:
        count_download(grant)
    except OrderError as error:
        content.close()
        return _page(shop, grant, problem=error.message, status=410)
    # Django sends the file in pieces and names it; its type is told by the name, and never guessed by the browser.
    response = FileResponse(content, as_attachment=True, filename=grant.file.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return cast("HttpResponse", response)  # sent in pieces; the two share what is done with them here


def _page(shop: Shop, grant: DownloadGrant, *, problem: str = "", status: int = 200) -> HttpResponse:
    view = view_of_grant(grant, merchant_slug=shop.merchant.slug)
    return shop.page("download.html", status=status, file=view, order=grant.order, problem=problem)
