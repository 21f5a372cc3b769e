"""What shoppers look for and do not get, with the way to mend it beside each query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from catalog.accounts.admin_fields import LANGUAGE_NAMES
from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.tenancy import merchants_of, role_allows
from catalog.products.unmet_demand import CSV_TIMES, Demand, Kind, unmet_demand
from conversations.funnel.csv import csv_lines
from shop_assistant.admin_pages.search_shop import AREA, asked_shop

_SPANS = ((7, gettext_lazy("Last 7 days")), (28, gettext_lazy("Last 28 days")), (90, gettext_lazy("Last 90 days")))
_USUAL_DAYS = 28
_TITLES: dict[Kind, Any] = {
    "empty": gettext_lazy("Nothing was found"),
    "partly": gettext_lazy("Only some of the words were found"),
    "unopened": gettext_lazy("Found, but hardly ever opened"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for."""

    merchant: Merchant
    days: int
    start: datetime
    end: datetime


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the lists."""
    asked = _asked(request)
    zone = ZoneInfo(asked.merchant.timezone)
    with merchant_scope(asked.merchant):
        lists = [
            {"kind": kind, "title": _TITLES[kind], "rows": [_row(each, zone) for each in found]}
            for kind, found in _demand(asked).items()
        ]
    context = {
        **admin.site.each_context(request),
        "title": _("What shoppers do not find"),
        "asked": asked,
        "merchants": merchants_of(request.user),
        "spans": [{"days": days, "label": label, "is_chosen": days == asked.days} for days, label in _SPANS],
        "lists": lists,
        "low_share": f"{settings.SEARCH_LOW_CLICKS:.0%}",
        "low_searches": settings.SEARCH_LOW_CLICKS_SEARCHES,
        "kept_days": settings.SEARCH_LOG_DAYS,
        "may_change": role_allows(request.user, area=AREA, act="change", merchant_id=asked.merchant.pk),
    }
    return TemplateResponse(request, "shop_admin/search_demand.html", context)


@require_safe
def csv(request: HttpRequest) -> HttpResponse:
    """Send the lists as one file, longer than the page shows them."""
    asked = _asked(request)
    zone = ZoneInfo(asked.merchant.timezone)
    header = [_("Query"), _("Problem"), _("Searches"), _("Without a result"), _("Shoppers"), _("Opened"),
              _("Last searched (%(zone)s)") % {"zone": zone.key}, _("Languages")]  # fmt: skip
    rows = [tuple(header)]
    with merchant_scope(asked.merchant):
        for kind, found in _demand(asked, times=CSV_TIMES).items():
            rows += [_cells(each, str(_TITLES[kind]), zone) for each in found]
    response = HttpResponse("".join(csv_lines(rows)), content_type="text/csv; charset=utf-8")
    name = f"unmet-{asked.merchant.slug}-{asked.days}-days.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: HttpRequest) -> _Asked:
    merchant = asked_shop(request)
    given = request.GET.get("days", "")
    days = int(given) if given in {str(days) for days, _ in _SPANS} else _USUAL_DAYS
    end = timezone.now()
    return _Asked(merchant, days, end - timedelta(days=days), end)


def _demand(asked: _Asked, *, times: int = 1) -> dict[Kind, list[Demand]]:
    limit = settings.SEARCH_DEMAND_ROWS * times
    return unmet_demand(merchant=asked.merchant, start=asked.start, end=asked.end, limit=limit)


def _row(each: Demand, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "demand": each,
        # In the shop's zone; a template would turn the moment into the server's.
        "last_at": date_format(each.last_at.astimezone(zone), _("j M H:i")),
        "languages": [LANGUAGE_NAMES.get(code, code) for code in each.languages],
    }


def _cells(each: Demand, title: str, zone: ZoneInfo) -> tuple[str, ...]:
    last_at = each.last_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    counts = map(str, (each.searches, each.empty, each.shoppers, each.clicks))
    return (each.query, title, *counts, last_at, " ".join(each.languages))
