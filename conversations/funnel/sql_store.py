"""The analytics store on the app's own database: rows sorted by unit in SQL, each unit's path read in one pass."""

from __future__ import annotations

import heapq
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db.models import QuerySet

from conversations.funnel.models import FunnelEvent
from conversations.funnel.paths import Moment, Path, first_between, furthest
from conversations.funnel.ports import (
    Conversion,
    FunnelCounts,
    FunnelQuery,
    GroupCount,
    Journey,
    PaidOrder,
    ServiceCounts,
)
from conversations.funnel.steps import Step

_CHUNK = 5_000


class _Row(NamedTuple):
    shopper_id: uuid.UUID
    creator_id: int
    step: Step
    at: datetime
    surface: str
    order_id: int | None
    amount_minor: int | None
    currency: str
    is_test: bool


@dataclass(slots=True)
class _Tally:
    """What the stream of units adds up to."""

    query: FunnelQuery
    people: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    events: Counter[Step] = field(default_factory=Counter)
    conversions: list[Conversion] = field(default_factory=list)
    # (time of the last step, a number against ties, journey): the newest stay
    newest: list[tuple[datetime, int, Journey]] = field(default_factory=list)
    units: int = 0

    def add(self, rows: Sequence[_Row]) -> None:
        """Count one unit."""
        steps = self.query.steps
        self.events.update(row.step for row in rows)
        moments = [Moment(steps.index(row.step), row.at) for row in rows]
        path = furthest(moments, steps=len(steps), window=timedelta(seconds=self.query.window_s))
        if not path.level:
            return
        surface = next((row.surface for row in rows if row.surface), "")
        reached = self.people.setdefault((surface, rows[0].creator_id), [0] * len(steps))
        for position in range(path.level):
            reached[position] += 1
        self._keep(Journey(rows[0].shopper_id, rows[0].creator_id, surface, path.times))
        if path.level == len(steps):
            self.conversions.append(self._conversion(rows, moments, path, surface))

    def counts(self) -> FunnelCounts:
        """Return the sums."""
        return FunnelCounts(
            groups=tuple(
                GroupCount(surface, creator_id, tuple(people))
                for (surface, creator_id), people in sorted(self.people.items())
            ),
            events=tuple(self.events[step] for step in self.query.steps),
            conversions=tuple(self.conversions),
            journeys=tuple(journey for _, _, journey in sorted(self.newest, reverse=True)),
        )

    def _keep(self, journey: Journey) -> None:
        self.units += 1
        entry = (journey.times[-1], self.units, journey)
        if len(self.newest) < self.query.journeys:
            heapq.heappush(self.newest, entry)
        elif self.newest:
            heapq.heappushpop(self.newest, entry)

    def _conversion(self, rows: Sequence[_Row], moments: Sequence[Moment], path: Path, surface: str) -> Conversion:
        window = timedelta(seconds=self.query.window_s)
        paid_at = path.times[-1]
        viewed_at = first_between(moments, step=0, since=paid_at - window, until=paid_at)
        asked_at = first_between(moments, step=1, since=viewed_at, until=paid_at)
        orders = tuple(
            PaidOrder(row.order_id, row.at, row.amount_minor or 0, row.currency, row.is_test)
            for row in rows
            if row.step == self.query.steps[-1] and asked_at <= row.at <= asked_at + window
        )
        return Conversion(viewed_at, asked_at, paid_at, surface, rows[0].creator_id, orders)


class SqlStore:
    """Reads FunnelEvent through Django's connection (SQLite, PostgreSQL).

    An event without a creator belongs to no double's funnel and is left out. Time is linear in the events of the
    period: the database sorts them by unit, memory holds one unit at a time and the units that converted.
    """

    def funnel(self, query: FunnelQuery) -> FunnelCounts:
        """Return the funnel of `query`."""
        tally = _Tally(query)
        for unit in _units(_rows(query)):
            tally.add(unit)
        return tally.counts()

    def service(self, query: FunnelQuery) -> ServiceCounts:
        """Return how many conversations asked in the period, and how many of them were handed off in it."""
        events = _events(query).filter(conversation_id__isnull=False)
        asked = events.filter(step=Step.ENQUIRY_SENT).order_by().values("conversation_id")
        handed_off = events.filter(step=Step.HANDED_OFF, conversation_id__in=asked).order_by()
        return ServiceCounts(
            conversations=asked.distinct().count(),
            handed_off=handed_off.values("conversation_id").distinct().count(),
        )


def _events(query: FunnelQuery) -> QuerySet[FunnelEvent]:
    events = FunnelEvent.objects.filter(
        merchant_id=query.merchant_id,
        occurred_at__gte=query.start,
        occurred_at__lt=query.end,
        creator_id__isnull=False,
    )
    if query.creator_id is not None:
        events = events.filter(creator_id=query.creator_id)
    return events if query.include_test else events.filter(is_test=False)


def _rows(query: FunnelQuery) -> Iterator[_Row]:
    rows = (
        _events(query)
        .filter(step__in=query.steps)
        .order_by("shopper_id", "creator_id", "occurred_at", "id")
        .values_list(
            "shopper_id",
            "creator_id",
            "step",
            "occurred_at",
            "surface",
            "order_id",
            "amount_minor",
            "currency",
            "is_test",
        )
    )
    for shopper_id, creator_id, step, at, surface, order_id, amount_minor, currency, is_test in rows.iterator(_CHUNK):
        if creator_id is not None:  # the query leaves those out; the type checker cannot know
            yield _Row(shopper_id, creator_id, Step(step), at, surface, order_id, amount_minor, currency, is_test)


def _units(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    for _, unit in groupby(rows, key=lambda row: (row.shopper_id, row.creator_id)):
        yield list(unit)
