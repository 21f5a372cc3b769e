"""The cart with its checkout, and an order's page. Forms post here; the services decide."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.accounts.senders import sender_of
from catalog.accounts.shoppers import BadEmail, remember_email
from catalog.orders import cart_choices, carts, selectors, services
from catalog.orders.addresses import LENGTHS, address_form, deliverable_countries
from catalog.orders.cart_views import CartView
from catalog.orders.errors import AddressInvalid, OrderError, OrderNotFound
from catalog.payments import services as payments
from catalog.payments.collecting import waits_for_shopper
from catalog.payments.errors import PaymentError
from frontend.shop import Shop, shop_view

ADDRESS_FIELDS = (
    "recipient",
    "email",
    "phone",
    "country",
    "postal_code",
    "city",
    "state",
    "line1",
    "line2",
)
AUTOCOMPLETE = {
    "recipient": "name",
    "email": "email",
    "phone": "tel",
    "country": "country",
    "postal_code": "postal-code",
    "city": "address-level2",
    "state": "address-level1",
    "line1": "address-line1",
    "line2": "address-line2",
}


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the address form with what was typed and what is wrong with it."""

    name: str
    label: str
    value: str
    error: str
    autocomplete: str
    is_optional: bool
    is_hidden: bool  # nobody in that country fills it in


@require_safe
@shop_view
def cart(shop: Shop) -> HttpResponse:
    """The cart, where it goes and what it comes to."""
    return _cart_page(shop)


@require_POST
@shop_view
def set_line(shop: Shop) -> HttpResponse:
    """Set how many of a variant there shall be; 0 removes it."""
    if shop.shopper is None:
        return _to_cart(shop)
    try:
        carts.set_quantity(
            merchant=shop.merchant,
            shopper_id=shop.shopper.pk,
            variant_id=_number(shop, "variant"),
            quantity=_number(shop, "quantity"),
        )
    except OrderError as error:
        return _cart_page(shop, problem=error.message, status=409)
    return _to_cart(shop)


@require_POST
@shop_view
def save_address(shop: Shop) -> HttpResponse:
    """Keep the delivery address, or show what is wrong beside each field."""
    if shop.shopper is None:
        return _to_cart(shop)
    given = {name: shop.request.POST.get(name, "").strip() for name in ADDRESS_FIELDS}
    errors: dict[str, str] = {}
    try:
        remember_email(shopper_id=shop.shopper.pk, email=given["email"])
    except BadEmail:
        errors["email"] = _("E-mail: it looks like name@example.com.")
    try:
        fields = {name: given[name] for name in LENGTHS}
        if "line1" in shop.request.POST:  # a cart of which nothing travels asks for the e-mail alone
            services.save_address(merchant=shop.merchant, shopper_id=shop.shopper.pk, fields=fields)
    except AddressInvalid as error:
        errors.update(error.errors)
    except OrderError as error:
        return _cart_page(shop, problem=error.message, status=409)
    if errors:
        return _cart_page(shop, given=given, errors=errors, status=422)
    return redirect(f"{reverse('pages:cart', args=[shop.merchant.slug])}#pay")


@require_POST
@shop_view
def set_code(shop: Shop) -> HttpResponse:
    """Enter a promotion code, or take one out."""
    if shop.shopper is None:
        return _to_cart(shop)
    code, gone = shop.request.POST.get("code", ""), shop.request.POST.get("remove", "")
    try:
        if gone:
            cart_choices.remove_code(merchant=shop.merchant, shopper_id=shop.shopper.pk, code=gone)
        elif code.strip():
            client = sender_of(shop.request)
            cart_choices.apply_code(merchant=shop.merchant, shopper_id=shop.shopper.pk, code=code, client=client)
    except OrderError as error:
        return _cart_page(shop, code_problem=error.message, code=code, status=409)
    return redirect(f"{reverse('pages:cart', args=[shop.merchant.slug])}#pay")


@require_POST
@shop_view
def set_delivery(shop: Shop) -> HttpResponse:
    """Choose the delivery method."""
    if shop.shopper is None:
        return _to_cart(shop)
    try:
        code = shop.request.POST.get("delivery", "")
        cart_choices.choose_delivery(merchant=shop.merchant, shopper_id=shop.shopper.pk, code=code)
    except OrderError as error:
        return _cart_page(shop, problem=error.message, status=409)
    return redirect(f"{reverse('pages:cart', args=[shop.merchant.slug])}#pay")


@require_POST
@shop_view
def pay(shop: Shop) -> HttpResponse:
    """Place the order the shopper saw and go to its pay page."""
    if shop.shopper is None:
        return _to_cart(shop)
    try:
        order = services.place_order(
            merchant=shop.merchant,
            shopper_id=shop.shopper.pk,
            cart_id=_cart_id(shop),
            cart_version=_number(shop, "version"),
            language=shop.language,
            shown_minor=_number(shop, "total"),
        )
        payment = payments.start_checkout(order_id=order.pk)
    except (OrderError, PaymentError) as error:
        return _cart_page(shop, problem=error.message, status=409)
    return redirect(payment.url)


@require_safe
@shop_view
def order(shop: Shop, reference: str) -> HttpResponse:
    """An order and how far it has come; another shopper's is not found."""
    if shop.shopper is None:
        raise Http404("no such order")
    try:
        view = selectors.order_view(shopper_id=shop.shopper.pk, reference=str(reference), language=shop.language)
    except OrderNotFound as error:
        raise Http404("no such order") from error
    owed = waits_for_shopper(order_id=view.order_id)
    return shop.page("order.html", order=view, tax_later=settings.STRIPE_TAX and view.can_pay, owed=owed)


@require_POST
@shop_view
def pay_again(shop: Shop, reference: str) -> HttpResponse:
    """Go back to the pay page of an order that waits for its payment."""
    if shop.shopper is None:
        raise Http404("no such order")
    try:
        found = selectors.find_order(shopper_id=shop.shopper.pk, reference=str(reference))
        payment = payments.start_checkout(order_id=found.pk)
    except OrderNotFound as error:
        raise Http404("no such order") from error
    except (OrderError, PaymentError):
        return redirect("pages:order", merchant_slug=shop.merchant.slug, reference=reference)
    return redirect(payment.url)


def _cart_page(
    shop: Shop,
    *,
    problem: str = "",
    given: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    code: str = "",
    code_problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the cart as it is now, with what went wrong."""
    view = None
    email = ""
    if shop.shopper is not None:
        view = selectors.cart_view(shopper_id=shop.shopper.pk, language=shop.language, currency=shop.currency)
        email = shop.shopper.email
    address = view.address if view else None
    values = given or {**(address.as_dict() if address else {}), "email": email}
    countries = deliverable_countries(currency=view.currency if view else shop.currency)
    return shop.page(
        "cart.html",
        status=status,
        cart=view,
        problem=problem,
        address=address,
        travels=_travels(view),
        email=email,
        # The form folds into a summary once it is complete; "Change" opens it again.
        edits_address=bool(errors) or not _is_reachable(view, email) or "edit" in shop.request.GET,
        address_fields=_form_fields(
            values, errors or {}, country=shop.merchant.country, names=ADDRESS_FIELDS if _travels(view) else ("email",)
        ),
        countries=[(code, name, _form_json(code)) for code, name in countries],
        regions=address_form(values.get("country") or shop.merchant.country).regions,
        code=code,
        code_problem=code_problem,
        tax_later=settings.STRIPE_TAX,
    )


def _is_reachable(view: CartView | None, email: str) -> bool:
    """Whether the shop knows where to send goods and receipt; goods picked up need no address."""
    if view is None or not email or view.needs_address:
        return False
    return view.address is not None or not view.lines or not _travels(view)


def _travels(view: CartView | None) -> bool:
    """Whether anything in the cart is sent or picked up; times and files are not."""
    return view is None or not view.lines or any(line.is_shipped for line in view.lines)


def _form_json(country: str) -> str:
    """Return how an address is asked for in a country, for the page's script."""
    form = address_form(country)
    return json.dumps(
        {"labels": form.labels, "required": form.required, "hidden": form.hidden, "regions": form.regions},
        ensure_ascii=False,
    )


def _form_fields(
    values: Mapping[str, str], errors: Mapping[str, str], *, country: str, names: Sequence[str] = ADDRESS_FIELDS
) -> list[FormField]:
    filled = {"country": country, **{name: value for name, value in values.items() if value}}
    form = address_form(filled["country"])
    labels = {**form.labels, "email": _("E-mail for the receipt")}
    return [
        FormField(
            name=name,
            label=labels[name],
            value=filled.get(name, ""),
            error=errors.get(name, ""),
            autocomplete=AUTOCOMPLETE[name],
            is_optional=name not in (*form.required, "email"),
            is_hidden=name in form.hidden and not errors.get(name),
        )
        for name in names
    ]


def _to_cart(shop: Shop) -> HttpResponse:
    return redirect("pages:cart", merchant_slug=shop.merchant.slug)


def _number(shop: Shop, name: str) -> int:
    """Return a whole number of the form; anything else is -1, which no service accepts."""
    text = shop.request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1


def _cart_id(shop: Shop) -> uuid.UUID:
    """Return the cart of the form; a broken one names a cart that does not exist."""
    try:
        return uuid.UUID(shop.request.POST.get("cart", ""))
    except ValueError:
        return uuid.UUID(int=0)
