"""The four figures at the head of the report, in words, with the change since the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from conversations.funnel.durations import Times, duration_text
from conversations.funnel.figures import Report, Sales
from conversations.funnel.rates import Rate, points_changed


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure with what it is of; `change` is empty when nothing can be compared."""

    key: str
    label: str
    value: str
    change: str
    is_better: bool | None  # None = no change to judge
    detail: str


def kpis(report: Report) -> tuple[Kpi, ...]:
    """Return the figures in the order of the page."""
    now, before = report.figures, report.before
    people = _("%(text)s people") % {"text": now.asked_paid.of_text}
    conversations = _("%(text)s conversations") % {"text": now.without_person.of_text}
    return (
        _rate_kpi("asked_paid", _("Asked, then paid"), now.asked_paid, before.asked_paid, people),
        _sales_kpi(report),
        _rate_kpi(
            "without_person", _("Answered without a person"), now.without_person, before.without_person, conversations
        ),
        _time_kpi(now.question_to_payment, before.question_to_payment),
    )


def sales_text(sales: Sequence[Sales]) -> str:
    """Return the sums by currency, test orders marked; `0` when nothing was sold."""
    marked = [_("%(amount)s (test)") % {"amount": one.amount} if one.is_test else str(one.amount) for one in sales]
    return " + ".join(marked) or "0"


def signed(value: float, unit: str) -> str:
    """Return `+0.9 pt`, with a true minus sign when it fell."""
    return f"{'−' if value < 0 else '+'}{abs(value):.1f}{unit}"


def _rate_kpi(key: str, label: str, now: Rate, before: Rate, detail: str) -> Kpi:
    points = points_changed(now, before)
    change = "" if points is None else signed(points, " " + _("pt"))
    return Kpi(key, label, now.text, change, points > 0 if points else None, detail)


def _sales_kpi(report: Report) -> Kpi:
    now, before = report.figures, report.before
    detail = _("%(buyers)s buyers, %(orders)s orders") % {"buyers": f"{now.buyers:,}", "orders": f"{now.orders:,}"}
    growth = _growth(now.sales, before.sales)
    change = "" if growth is None else signed(growth, "%")
    return Kpi("sales", _("Assisted sales"), sales_text(now.sales), change, growth > 0 if growth else None, detail)


def _growth(now: Sequence[Sales], before: Sequence[Sales]) -> float | None:
    """Return the growth in percent; None unless both periods sold in one and the same currency."""
    if len(now) != 1 or len(before) != 1 or now[0].amount.currency != before[0].amount.currency:
        return None
    earlier = before[0].amount.minor
    return 100 * (now[0].amount.minor - earlier) / earlier if earlier else None


def _time_kpi(now: Times, before: Times) -> Kpi:
    label = _("Question to payment")
    if now.median_s is None or now.p90_s is None:
        return Kpi("question_to_payment", label, "–", "", None, _("nobody paid"))
    detail = _("median of %(n)s, p90 %(p90)s") % {"n": f"{now.count:,}", "p90": duration_text(now.p90_s)}
    change, is_better = "", None
    if before.median_s is not None and round(before.median_s) != round(now.median_s):
        is_better = now.median_s < before.median_s
        span = duration_text(abs(now.median_s - before.median_s))
        change = (_("%(span)s faster") if is_better else _("%(span)s slower")) % {"span": span}
    return Kpi("question_to_payment", label, duration_text(now.median_s), change, is_better, detail)
