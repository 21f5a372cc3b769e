"""An appointment as a calendar file, for whoever may see its order."""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.orders import selectors
from catalog.orders.appointments.calendar_file import CONTENT_TYPE, calendar_file, file_name
from catalog.orders.errors import OrderNotFound
from frontend.shop import Shop, shop_view


@require_safe
@shop_view
def calendar(shop: Shop, reference: str, appointment_id: int) -> HttpResponse:
    """The appointment of the shopper's own order for a calendar; another shopper's is not found."""
    if shop.shopper is None:
        raise Http404("no such order")
    try:
        order = selectors.find_order(shopper_id=shop.shopper.pk, reference=str(reference))
    except OrderNotFound as error:
        raise Http404("no such order") from error
    rows = order.appointments.select_related("line", "service", "resource", "merchant")
    row = rows.filter(pk=appointment_id).first()
    if row is None or order.paid_at is None:
        raise Http404("no such appointment")
    url = urljoin(settings.PUBLIC_URL, reverse("pages:order", args=[shop.merchant.slug, order.reference]))
    content = calendar_file(row, language=shop.language, url=url, at=timezone.now())
    response = HttpResponse(content, content_type=f"{CONTENT_TYPE}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(row)}"'
    return response
