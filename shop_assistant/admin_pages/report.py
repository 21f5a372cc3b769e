"""The funnel report for analysts; the period, the creator and the shop stand in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.accounts.models import Creator, Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.accounts.tenancy import merchants_of, only_creator_of, require
from catalog.languages import normalise_language
from conversations.funnel.csv import csv_lines
from conversations.funnel.durations import duration_text
from conversations.funnel.figures import Report
from conversations.funnel.kpis import kpis
from conversations.funnel.periods import BadPeriod
from conversations.funnel.reports import funnel_report, report_rows
from conversations.funnel.tables import Table, report_tables
from shop_assistant.admin_pages.histogram import histogram_svg

_SPANS = ((7, gettext_lazy("Last 7 days")), (28, gettext_lazy("Last 28 days")), (90, gettext_lazy("Last 90 days")))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for."""

    merchant: Merchant
    first: date
    last: date
    creator_id: int | None


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the report."""
    asked = _asked(request)
    with merchant_scope(asked.merchant):
        report = _report(asked)
        context = {
            **admin.site.each_context(request),
            "title": _("Funnel report"),
            "asked": asked,
            "merchants": merchants_of(request.user),
            "creators": _creators(request, asked.merchant),
            "spans": _spans(asked.merchant),
            **_panels(report),
        }
    return TemplateResponse(request, "shop_admin/report.html", context)


@require_safe
def csv(request: HttpRequest) -> HttpResponse:
    """Send the same cells as a file."""
    asked = _asked(request)
    with merchant_scope(asked.merchant):
        rows = report_rows(_report(asked))
    response = HttpResponse("".join(csv_lines(rows)), content_type="text/csv; charset=utf-8")
    name = f"funnel-{asked.merchant.slug}-{asked.first}-{asked.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: HttpRequest) -> _Asked:
    """Read the address; what is missing or unreadable falls back to the last seven days of all creators.

    Raises: Http404 for a shop or creator that is not the user's; PermissionDenied for a role without reports.
    """
    merchants = merchants_of(request.user)
    slug = request.GET.get("shop", "")
    merchant = next((row for row in merchants if row.slug == slug or not slug), None)
    if merchant is None:
        if slug:
            raise Http404
        raise PermissionDenied
    require(request, area="insight", merchant_id=merchant.pk)
    today = timezone.now().astimezone(ZoneInfo(merchant.timezone)).date()
    last = _day(request.GET.get("end", "")) or today
    first = _day(request.GET.get("start", "")) or last - timedelta(days=6)
    return _Asked(merchant, min(first, last), max(first, last), _creator_id(request, merchant))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _creator_id(request: HttpRequest, merchant: Merchant) -> int | None:
    only = only_creator_of(request.user)
    text = request.GET.get("creator", "")
    wanted = int(text) if text.isdecimal() and text.isascii() and len(text) < 18 else None
    if wanted is None:
        return only
    allowed = {creator.pk for creator in _creators(request, merchant)}
    if wanted not in allowed:
        raise Http404
    return wanted


def _creators(request: HttpRequest, merchant: Merchant) -> list[Creator]:
    only = only_creator_of(request.user)
    with merchant_scope(merchant):
        rows = Creator.objects.all()
        return list(rows.filter(pk=only) if only is not None else rows)


def _report(asked: _Asked) -> Report:
    try:
        return funnel_report(
            merchant=asked.merchant,
            start=asked.first,
            end=asked.last,
            creator_id=asked.creator_id,
            language=normalise_language(get_language()),
        )
    except (BadPeriod, OverflowError) as error:  # years no calendar has
        raise Http404(str(error)) from error


def _spans(merchant: Merchant) -> list[dict[str, Any]]:
    today = timezone.now().astimezone(ZoneInfo(merchant.timezone)).date()
    return [
        {"label": label, "start": (today - timedelta(days=days - 1)).isoformat(), "end": today.isoformat()}
        for days, label in _SPANS
    ]


def _panels(report: Report) -> dict[str, Any]:
    """Return what the page draws; every number of a table is the CSV's own cell."""
    tables = {table.key: table for table in report_tables(report)}
    most = max([line.people for line in report.steps] or [0]) or 1
    times = report.figures.question_to_payment
    return {
        "report": report,
        "kpis": kpis(report),
        "steps": [
            {
                "label": cells[0],
                "people": f"{line.people:,}",
                "events": f"{line.events:,}",
                "step_rate": cells[3],
                "total_rate": cells[4],
                "width": f"{100 * line.people / most:.2f}",
                "left": "" if line.left is None else f"{line.left:,}",
                "is_worst": line.is_largest_loss,
                "was_worst": place > 0 and report.steps[place - 1].is_largest_loss,
            }
            for place, (line, cells) in enumerate(zip(report.steps, tables["funnel"].rows, strict=True))
        ],
        "zone_note": tables["funnel"].note,
        "times": times,
        "times_note": tables["histogram"].note,
        "histogram": histogram_svg(times),
        "histogram_rows": tables["histogram"].rows,
        "median": duration_text(times.median_s) if times.median_s is not None else "",
        "p90": duration_text(times.p90_s) if times.p90_s is not None else "",
        "breakdowns": [_breakdown(tables["by_surface"]), _breakdown(tables["by_creator"])],
        "journeys": tables["journeys"],
        "small_n": settings.FUNNEL_SMALL_N,
        "window": duration_text(report.window_s),
    }


def _breakdown(table: Table) -> dict[str, Any]:
    def shown(cells: tuple[str, ...]) -> list[str]:
        return [f"{int(cell):,}" if cell.isdecimal() else cell for cell in cells]

    return {
        "title": table.title,
        "note": table.note,
        "header": table.header,
        "rows": [shown(row) for row in table.rows],
        "total": shown(table.total),
    }
