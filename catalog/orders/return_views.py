"""The local carrier's label page, marked as a test on every line that matters."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.accounts.scoping import every_merchant
from catalog.orders import return_fake
from catalog.orders.models import ReturnLabel
from catalog.orders.placing import LIVE_KEY_PREFIXES
from catalog.orders.return_carrier import ScanKind
from catalog.orders.return_labels import follow

FAKE = "catalog.orders.return_fake.FakeCarrier"
# Widths of the bars and gaps of a digit (Interleaved 2 of 5, ISO/IEC 16390): n narrow, w wide.
_DIGITS = ["nnwwn", "wnnnw", "nwnnw", "wwnnn", "nnwnw", "wnwnn", "nwwnn", "nnnww", "wnnwn", "nwnwn"]
_NARROW, _WIDE = 2, 5


@never_cache
@require_http_methods(["GET", "POST"])
def label_page(request: HttpRequest, label_id: str) -> HttpResponse:
    """Show a label as it is printed; its buttons let the parcel be seen by the carrier."""
    parcel = return_fake.parcel_of(label_id) if _is_open() else None
    if parcel is None:
        raise Http404("no such label")
    kinds = {kind.value: kind for kind in ScanKind}
    kind = kinds.get(request.POST.get("scan", ""))
    if request.method == "POST" and kind is not None:
        return_fake.scan(label_id, kind)
        with every_merchant():
            labels = list(ReturnLabel.objects.filter(label_id=label_id).select_related("merchant"))
        follow(labels)
        return redirect(request.path)
    number = return_fake.tracking_number(label_id)
    seen = {scan.kind.value for scan in return_fake.FakeCarrier().scans([label_id])}
    bars, width = barcode(number)
    context = {"parcel": parcel, "number": number, "bars": bars, "width": width, "carrier": return_fake.NAME}
    return render(request, "orders/return_label.html", {**context, "seen": seen})


def barcode(digits: str) -> tuple[list[tuple[int, int]], int]:
    """Return (left, width) of every bar of an even number of digits, and the width of all; units are pixels.

    Interleaved 2 of 5: of two digits the first is in the bars, the second in the gaps.
    """
    widths = [_NARROW] * 4
    for first, second in zip(digits[::2], digits[1::2], strict=True):
        for bar, gap in zip(_DIGITS[int(first)], _DIGITS[int(second)], strict=True):
            widths += [_WIDE if bar == "w" else _NARROW, _WIDE if gap == "w" else _NARROW]
    widths += [_WIDE, _NARROW, _NARROW]
    bars, left = [], 0
    for place, width in enumerate(widths):
        if place % 2 == 0:
            bars.append((left, width))
        left += width
    return bars, left


def _is_open() -> bool:
    """Whether the local carrier is the one in use, where only its own people reach it and no real money moves."""
    is_live = settings.STRIPE_SECRET_KEY.startswith(LIVE_KEY_PREFIXES)  # "received" would send real money back
    return bool(settings.RETURN_CARRIER == FAKE and not is_live and (settings.DEBUG or settings.BOUND_TO_LOOPBACK))
