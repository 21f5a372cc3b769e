"""The page behind the link of a sign-in mail: looking at it changes nothing, its button signs in, once."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from catalog.accounts.shoppers import current_shopper, remember_shopper
from catalog.accounts.sign_in import WrongCode, is_our_link
from conversations.chat.signing_in import confirm_link
from frontend.shop import Shop, shop_view


@require_http_methods(["GET", "HEAD", "POST"])
@shop_view
def sign_in(shop: Shop, token: str) -> HttpResponse:
    """Ask for the button; a mail program that looks at links in advance signs nobody in."""
    if not is_our_link(token):
        raise Http404
    if shop.request.method != "POST":
        return _private(shop.page("sign_in.html"))
    guest = shop.shopper or current_shopper(shop.request, shop.merchant)
    try:
        account = confirm_link(merchant=shop.merchant, guest=guest, token=token)
    except WrongCode as error:
        return _private(shop.page("sign_in.html", status=400, problem=error.message))
    response = redirect("pages:shop", merchant_slug=shop.merchant.slug)
    remember_shopper(response, account)
    return response


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a secret for a few minutes: nobody keeps it, no other site is told of it."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
