"""Reminders of a cart: the box in the cart, and the page behind the link that ends them."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from catalog.accounts.consents import BadConsentToken, consent_of_token
from catalog.orders import reminders
from frontend.shop import Shop, shop_view


@require_POST
@shop_view
def set_reminders(shop: Shop) -> HttpResponse:
    """Keep what the box says: ticked is a yes, empty takes it back."""
    if shop.shopper is not None:
        if shop.request.POST.get("agree") == "1" and reminders.are_offered():
            reminders.agree(merchant=shop.merchant, shopper_id=shop.shopper.pk, language=shop.language, source="cart")
        else:
            reminders.stop(shopper_id=shop.shopper.pk, source="cart")
    return redirect(f"{reverse('pages:cart', args=[shop.merchant.slug])}#reminders")


# Mail programs end it by one POST without having seen the page (RFC 8058); the signed link is the proof.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@shop_view
def stop_reminders(shop: Shop, token: str) -> HttpResponse:
    """Ask whether to send no more reminders; do it when the button was pressed, or the mail program says so."""
    try:
        consent = consent_of_token(token)
    except BadConsentToken as error:
        raise Http404("no such link") from error
    if shop.request.method == "POST":
        reminders.stop(shopper_id=consent.shopper_id, source="mail")
    return shop.page("reminders.html", is_done=not reminders.agreed(shopper_id=consent.shopper_id))
