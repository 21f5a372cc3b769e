"""The funnel report: from the first view to the payment, how long it took, where it began.

A *person* here is a shopper with one creator: a fan of two creators is counted once with each. People are counted by
the ordered path (conversations.funnel.paths): each step after the one before it, all within FUNNEL_WINDOW_S of the
first, and only events inside the period count. So people never rise from step to step, never exceed the events, and
whoever skips a step (buys from the shelf without asking) is counted up to the step before and no further. Every rate,
sum and time is taken from these same people: "asked, then paid" is the last bar over the second. Times run from the
first view, or the first question after it, that lie within the window before the payment. Test orders count for demo
shops only, and are marked. An event without a creator belongs to no double and is left out.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings

from catalog.accounts.models import Creator, Merchant
from conversations.funnel.durations import described
from conversations.funnel.figures import (
    Report,
    figures_of,
    group_line,
    lines_by,
    seconds_between,
    step_lines,
    surface_label,
)
from conversations.funnel.periods import Period
from conversations.funnel.ports import FunnelQuery
from conversations.funnel.store import store
from conversations.funnel.tables import report_rows

__all__ = ["funnel_report", "report_rows"]

JOURNEYS_SHOWN = 20


def funnel_report(
    *,
    merchant: Merchant,
    start: date,
    end: date,
    creator_id: int | None = None,
    timezone: str = "",
    language: str = "en",
) -> Report:
    """Return the report of the days `start` to `end`, both included, in `timezone` (the merchant's when empty).

    Call inside the merchant's scope. A creator of another merchant has no events here, hence a report of noughts.
    Raises: BadPeriod.
    """
    period = Period(start, end, timezone or merchant.timezone)
    query = _query(merchant, period, creator_id, journeys=JOURNEYS_SHOWN)
    earlier = _query(merchant, period.previous, creator_id, journeys=0)
    source = store()
    counts = source.funnel(query)
    names = {creator.pk: creator.name(language) for creator in Creator.objects.all()}
    return Report(
        merchant=merchant,
        period=period,
        creator=Creator.objects.filter(pk=creator_id).first() if creator_id is not None else None,
        window_s=query.window_s,
        figures=figures_of(counts, source.service(query)),
        before=figures_of(source.funnel(earlier), source.service(earlier)),
        steps=step_lines(counts),
        view_to_payment=described([seconds_between(one.viewed_at, one.paid_at) for one in counts.conversions]),
        by_surface=lines_by(counts, lambda one: one.surface, surface_label),
        by_creator=lines_by(counts, lambda one: str(one.creator_id), lambda key: names.get(int(key), key)),
        total=group_line("", "", counts.groups, counts.conversions),
        journeys=counts.journeys,
        creator_names=names,
    )


def _query(merchant: Merchant, period: Period, creator_id: int | None, *, journeys: int) -> FunnelQuery:
    return FunnelQuery(
        merchant_id=merchant.pk,
        start=period.start,
        end=period.end,
        window_s=settings.FUNNEL_WINDOW_S,
        creator_id=creator_id,
        include_test=merchant.is_demo,
        journeys=journeys,
    )
