"""What a report consists of, calculated from a store's counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from catalog.accounts.models import Creator, Merchant
from catalog.money import Money
from conversations.funnel.durations import Times, described, percentile
from conversations.funnel.periods import Period
from conversations.funnel.ports import Conversion, FunnelCounts, GroupCount, Journey, ServiceCounts
from conversations.funnel.rates import Rate
from conversations.funnel.steps import FUNNEL, Step

ASKED, PAID = FUNNEL.index(Step.ENQUIRY_SENT), FUNNEL.index(Step.ORDER_PAID)


@dataclass(frozen=True, slots=True)
class StepLine:
    """One bar: people and events, and how many people left before the next."""

    step: Step
    people: int
    events: int
    step_rate: Rate | None  # of the step before; None at the first
    total_rate: Rate  # of the first step
    left: int | None  # people who did not take the next step; None at the last
    is_largest_loss: bool  # the largest of the losses after asking


@dataclass(frozen=True, slots=True)
class Sales:
    """Assisted sales in one currency: orders paid after a question by people who went the whole path."""

    amount: Money
    orders: int
    is_test: bool  # holds test orders: not revenue


@dataclass(frozen=True, slots=True)
class Figures:
    """What is compared with the period before."""

    asked_paid: Rate
    sales: tuple[Sales, ...]
    buyers: int
    orders: int
    without_person: Rate  # conversations that were not handed off, of all that asked
    question_to_payment: Times


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A row of a breakdown; rows add up to the total row, since each person stands in one."""

    key: str  # the surface, or the creator's id
    label: str
    people: tuple[int, ...]
    asked_paid: Rate
    median_s: float | None  # first question to payment


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page and the CSV print."""

    merchant: Merchant
    period: Period
    creator: Creator | None
    window_s: int
    figures: Figures
    before: Figures  # of the same number of days just before
    steps: tuple[StepLine, ...]
    view_to_payment: Times
    by_surface: tuple[GroupLine, ...]
    by_creator: tuple[GroupLine, ...]
    total: GroupLine
    journeys: tuple[Journey, ...]
    creator_names: Mapping[int, str]


def surface_label(surface: str) -> str:
    """Return what people call a surface."""
    labels = {
        "live": _("Live room"),
        "content": _("Content page"),
        "direct": _("Direct message"),
        "api": _("API"),
        "search": _("Search"),
    }
    return labels.get(surface, _("Elsewhere"))


def figures_of(counts: FunnelCounts, service: ServiceCounts) -> Figures:
    """Return the figures of one period."""
    people = _summed(counts.groups)
    return Figures(
        asked_paid=Rate(people[PAID], people[ASKED]),
        sales=_sales(counts.conversions),
        buyers=people[PAID],
        orders=sum(len(one.orders) for one in counts.conversions),
        without_person=Rate(service.conversations - service.handed_off, service.conversations),
        question_to_payment=described(question_times(counts.conversions)),
    )


def step_lines(counts: FunnelCounts) -> tuple[StepLine, ...]:
    """Return one line a step."""
    people = _summed(counts.groups)
    losses = [before - after for before, after in pairwise(people)]
    largest = max(losses[ASKED:])
    worst = losses.index(largest, ASKED) if largest else None
    return tuple(
        StepLine(
            step=step,
            people=people[place],
            events=counts.events[place],
            step_rate=Rate(people[place], people[place - 1]) if place else None,
            total_rate=Rate(people[place], people[0]),
            left=losses[place] if place < len(losses) else None,
            is_largest_loss=place == worst,
        )
        for place, step in enumerate(FUNNEL)
    )


def lines_by(
    counts: FunnelCounts, key: Callable[[GroupCount | Conversion], str], label: Callable[[str], str]
) -> tuple[GroupLine, ...]:
    """Return one line for each value of `key`, most viewed first."""
    groups: defaultdict[str, list[GroupCount]] = defaultdict(list)
    conversions: defaultdict[str, list[Conversion]] = defaultdict(list)
    for group in counts.groups:
        groups[key(group)].append(group)
    for conversion in counts.conversions:
        conversions[key(conversion)].append(conversion)
    lines = [group_line(value, label(value), groups[value], conversions[value]) for value in groups]
    return tuple(sorted(lines, key=lambda line: (-line.people[0], line.label)))


def group_line(key: str, label: str, groups: Sequence[GroupCount], conversions: Sequence[Conversion]) -> GroupLine:
    """Return the line of some groups together."""
    people = _summed(groups)
    return GroupLine(
        key, label, people, Rate(people[PAID], people[ASKED]), percentile(question_times(conversions), 0.5)
    )


def question_times(conversions: Iterable[Conversion]) -> list[float]:
    """Return the seconds from first question to payment."""
    return [seconds_between(one.asked_at, one.paid_at) for one in conversions]


def seconds_between(start: datetime, end: datetime) -> float:
    """Return the seconds from `start` to `end`."""
    return (end - start).total_seconds()


def _summed(groups: Sequence[GroupCount]) -> tuple[int, ...]:
    return tuple(sum(group.people[place] for group in groups) for place in range(len(FUNNEL)))


def _sales(conversions: Iterable[Conversion]) -> tuple[Sales, ...]:
    orders = [order for one in conversions for order in one.orders]
    return tuple(
        Sales(
            amount=Money(sum(order.amount_minor for order in orders if order.currency == currency), currency),
            orders=sum(1 for order in orders if order.currency == currency),
            is_test=any(order.is_test for order in orders if order.currency == currency),
        )
        for currency in sorted({order.currency for order in orders})
    )
