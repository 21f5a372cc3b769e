"""What a report asks of the place where events lie; every adapter passes `tests/contracts/test_analytics.py`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from conversations.funnel.steps import FUNNEL, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelQuery:
    """Which events count: those of one merchant with start ≤ time < end (both aware).

    `include_test` adds events of test orders. A path of a unit must fit into `window_s` from its first step.
    """

    merchant_id: int
    start: datetime
    end: datetime
    window_s: int
    creator_id: int | None = None
    include_test: bool = False
    steps: tuple[Step, ...] = FUNNEL
    journeys: int = 0  # how many of the newest journeys to return


@dataclass(frozen=True, slots=True)
class PaidOrder:
    """An order that was paid after a question."""

    order_id: int | None
    at: datetime
    amount_minor: int
    currency: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Conversion:
    """A unit that went the whole path: its first view and first question within the window before the payment."""

    viewed_at: datetime
    asked_at: datetime
    paid_at: datetime
    surface: str
    creator_id: int
    orders: tuple[PaidOrder, ...]  # paid from the first question on, within the window


@dataclass(frozen=True, slots=True)
class GroupCount:
    """How many units of one (first surface, creator) reached each step."""

    surface: str
    creator_id: int
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """One unit's path: when it took each step it reached."""

    shopper_id: uuid.UUID
    creator_id: int
    surface: str
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class FunnelCounts:
    """What the events say: counts by group, events by step, the units that converted, the newest journeys."""

    groups: tuple[GroupCount, ...]
    events: tuple[int, ...]
    conversions: tuple[Conversion, ...]
    journeys: tuple[Journey, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceCounts:
    """Conversations with a question, and how many of them a person took over."""

    conversations: int
    handed_off: int


class AnalyticsStore(Protocol):
    """Answers the reports' questions about recorded events."""

    def funnel(self, query: FunnelQuery) -> FunnelCounts:
        """Return the funnel of `query`; the rules are those of conversations.funnel.paths."""
        ...

    def service(self, query: FunnelQuery) -> ServiceCounts:
        """Return how many conversations asked in the period, and how many of them were handed off in it."""
        ...
