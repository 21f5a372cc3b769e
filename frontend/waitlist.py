"""The page behind the link in a waitlist's mail: off the list by one press."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from catalog.orders.waitlist import BadWaitlistToken, entry_of_token, leave_by_link
from frontend.shop import Shop, shop_view


@require_http_methods(["GET", "HEAD", "POST"])
@shop_view
def leave(shop: Shop, token: str) -> HttpResponse:
    """Ask whether to be told nothing more; do it when the button was pressed (mail readers follow links by themselves).

    The link needs no cookie: whoever has the mail may end it.
    """
    try:
        entry = entry_of_token(token)
    except BadWaitlistToken as error:
        raise Http404("no such link") from error
    is_done = shop.request.method == "POST"
    if is_done:
        leave_by_link(entry)
    return shop.page("waitlist.html", is_done=is_done)
