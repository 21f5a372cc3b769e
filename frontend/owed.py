"""Paying what an order still owes: from the order's page, or by the link of the mail on any device."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from catalog.orders import selectors
from catalog.orders.errors import OrderNotFound
from catalog.payments.charging import owed_of_token, start_owed_payment
from catalog.payments.collecting import waits_for_shopper
from catalog.payments.errors import PaymentError
from catalog.payments.models import CollectionState
from frontend.shop import Shop, shop_view


@require_POST
@shop_view
def pay_owed(shop: Shop, reference: str) -> HttpResponse:
    """Go to the pay page of what the shopper's own order still owes."""
    try:
        if shop.shopper is None:
            raise OrderNotFound
        order = selectors.find_order(shopper_id=shop.shopper.pk, reference=str(reference))
    except OrderNotFound as error:
        raise Http404("no such order") from error
    owed = waits_for_shopper(order_id=order.pk)
    try:
        if owed is not None:
            return redirect(start_owed_payment(collection_id=owed.pk).url)
    except PaymentError:
        pass  # the page says that it is still owed, with the button
    return redirect("pages:order", merchant_slug=shop.merchant.slug, reference=reference)


@require_http_methods(["GET", "HEAD", "POST"])
@shop_view
def owed(shop: Shop, token: str) -> HttpResponse:
    """Say what is owed for which order, and nothing else of it; the button leads to the pay page.

    The link needs no cookie: whoever has the mail may pay.
    """
    try:
        collection = owed_of_token(token)
    except OrderNotFound as error:
        raise Http404("no such link") from error
    is_open, problem = collection.state == CollectionState.OWED, ""
    if shop.request.method == "POST" and is_open:
        try:
            return redirect(start_owed_payment(collection_id=collection.pk).url)
        except PaymentError as error:
            problem = error.message
    number = collection.order.external_id or collection.order.number
    page = shop.page("owed.html", amount=collection.amount, number=number, is_open=is_open, problem=problem)
    page["Cache-Control"] = "no-store"
    page["Referrer-Policy"] = "no-referrer"
    return page
