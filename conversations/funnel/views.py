"""The tracked link's own address."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.accounts.scoping import merchant_scope
from conversations.funnel import links
from conversations.funnel.robots import fetches_ahead, is_click


@require_safe
def follow_link(request: HttpRequest, link_id: str) -> HttpResponse:
    """Record the click with its time and lead to the product.

    A browser that only fetches ahead is turned away (503), so that the real click comes to us again and is counted
    when it happens; HEAD requests and preview robots are led on without being counted.
    """
    link = links.resolve(link_id)
    if link is None:
        raise Http404(_("This link does not exist."))
    if fetches_ahead(request):
        return _private(HttpResponse(status=503))
    with merchant_scope(link.merchant):
        if is_click(request):
            links.click(link=link, view_id=request.GET.get("v", ""))
        return _private(HttpResponseRedirect(links.destination(link)))


def _private(response: HttpResponse) -> HttpResponse:
    # A cached redirect would be a click that nobody hears of.
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
