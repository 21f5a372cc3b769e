"""The report as tables of text: the page and the CSV print these same cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from conversations.funnel.durations import Times, duration_text
from conversations.funnel.figures import ASKED, GroupLine, Report, StepLine, surface_label
from conversations.funnel.kpis import kpis
from conversations.funnel.steps import FUNNEL

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A panel of the report; `total` is the last row, to which the others add up."""

    key: str
    title: str
    note: str
    header: Cells
    rows: tuple[Cells, ...]
    total: Cells = ()


def report_tables(report: Report) -> tuple[Table, ...]:
    """Return the panels in the order of the page."""
    zone = _("Times in %(zone)s") % {"zone": report.period.timezone}
    return (
        _about(report),
        _figures(report),
        _funnel(report, zone),
        _times(report),
        _histogram(report),
        _breakdown("by_surface", _("By first touch"), _("First touch"), report.by_surface, report),
        _breakdown("by_creator", _("By creator"), _("Creator"), report.by_creator, report),
        _journeys(report, zone),
    )


def report_rows(report: Report) -> list[Cells]:
    """Return every line of every panel: title and note, header, rows, total, and an empty line between panels."""
    return [row for table in report_tables(report) for row in _lines(table)]


def _lines(table: Table) -> Iterator[Cells]:
    yield (table.title, table.note) if table.note else (table.title,)
    yield table.header
    yield from table.rows
    if table.total:
        yield table.total
    yield ()


def _about(report: Report) -> Table:
    period, before = report.period, report.period.previous
    rows = (
        (_("Shop"), report.merchant.name),
        (_("From"), period.first.isoformat()),
        (_("To"), period.last.isoformat()),
        (_("Time zone"), period.timezone),
        (_("Creator"), str(report.creator_names.get(report.creator.pk, "")) if report.creator else _("All creators")),
        (_("Compared with"), f"{before.first.isoformat()} – {before.last.isoformat()}"),
        (_("Window from the first view"), duration_text(report.window_s)),
    )
    return Table("about", _("Funnel report"), "", (_("What"), _("Value")), rows)


def _figures(report: Report) -> Table:
    rows = tuple((one.label, one.value, one.change, one.detail) for one in kpis(report))
    return Table("figures", _("Figures"), "", (_("Figure"), _("Value"), pgettext("figure", "Change"), _("Of")), rows)


def _funnel(report: Report, zone: str) -> Table:
    header = (_("Step"), _("People"), _("Events"), _("Step rate"), _("Total rate"), _("Left after"), _("Note"))
    return Table("funnel", _("From view to payment"), zone, header, tuple(_step(line) for line in report.steps))


def _step(line: StepLine) -> Cells:
    return (
        str(line.step.label),
        str(line.people),
        str(line.events),
        line.step_rate.text if line.step_rate else "",
        line.total_rate.text,
        "" if line.left is None else str(line.left),
        _("largest loss after asking") if line.is_largest_loss else "",
    )


def _times(report: Report) -> Table:
    header = (
        _("From … to"),
        _("People"),
        _("Median"),
        _("p90"),
        _("Mean"),
        _("Median (s)"),
        _("p90 (s)"),
        _("Mean (s)"),
    )
    rows = (
        _time_row(_("First question to payment"), report.figures.question_to_payment),
        _time_row(_("First view to payment"), report.view_to_payment),
    )
    return Table("times", _("Time to payment"), _("Percentiles are linear between ranks"), header, rows)


def _time_row(label: str, times: Times) -> Cells:
    values = (times.median_s, times.p90_s, times.mean_s)
    words = ["–" if value is None else duration_text(value) for value in values]
    numbers = ["" if value is None else f"{value:.3f}" for value in values]
    return (label, str(times.count), *words, *numbers)


def _histogram(report: Report) -> Table:
    times = report.figures.question_to_payment
    note = _("People who paid, n = %(n)s") % {"n": times.count}
    rows = tuple((one.label, str(one.count)) for one in times.bins)
    total = (_("All"), str(times.count))
    return Table("histogram", _("Time from first question to payment"), note, (_("Time"), _("People")), rows, total)


def _breakdown(key: str, title: str, first: str, lines: tuple[GroupLine, ...], report: Report) -> Table:
    header = (first, *(str(step.label) for step in FUNNEL), _("Asked, paid"), _("Median time"))
    rows = tuple(_group(line, line.label) for line in lines)
    note = _("Each person counts once, so rows add up")
    return Table(key, title, note, header, rows, _group(report.total, _("All")))


def _group(line: GroupLine, label: str) -> Cells:
    return (label, *(str(number) for number in line.people), line.asked_paid.text, _median(line))


def _median(line: GroupLine) -> str:
    if line.median_s is None:
        return "–"
    return _("too few") if line.people[ASKED] < settings.FUNNEL_SMALL_N else duration_text(line.median_s)


def _journeys(report: Report, zone: str) -> Table:
    header = (_("Shopper"), _("Creator"), _("First touch"), *(str(step.label) for step in FUNNEL))
    local = ZoneInfo(report.period.timezone)
    rows = tuple(
        (
            str(journey.shopper_id)[:8],
            report.creator_names.get(journey.creator_id, str(journey.creator_id)),
            surface_label(journey.surface),
            *(at.astimezone(local).isoformat(sep=" ", timespec="seconds")[:19] for at in journey.times),
            *[""] * (len(FUNNEL) - len(journey.times)),
        )
        for journey in report.journeys
    )
    return Table("journeys", _("Newest journeys"), zone, header, rows)
